# SPDX-License-Identifier: GPL-2.0-or-later
"""A second guest, whose first minute counts: doors were opened in it at once.

What has to wait a minute does so in it, while the first guest goes on.
"""

import contextlib
import dataclasses
from collections.abc import Iterator

from harness import comeback, verdict
from harness.client import Client
from harness.comeback import Comeback
from harness.firewall import Firewall
from harness.genetlink import Family
from harness.guest import Guest
from harness.held import Held
from harness.image import Image
from harness.net import FAMILIES
from harness.spa_door import MINUTE, PORT, door, knock_rule, open_door, rule_set, set_minute

LINGERING = {"SHORT": (3000, "--skew 0"), "LONG": (3001, "--skew 5"), "LATE": (3002, "--skew 5"),
             "OVER": (3004, "--skew 5")}
PLAIN = "PLAIN"  # opened by a knock
PLAIN_PORT = 3003


@dataclasses.dataclass(frozen=True)
class Newborn:
    """A guest that took tokens soon after its boot, and then lost the rules of most doors."""

    guest: Guest
    family: Family
    clients: list[Client]
    uptime: float
    doors: dict[str, set[str]]
    comeback: Comeback
    held: Held


def restore(guest: Guest, rules: str) -> None:
    """Load rules in both families."""
    for family in FAMILIES:
        Firewall(guest, "nft", family).restore(rules)


def _open_doors(guest: Guest) -> Newborn:
    clients = [guest.client(family) for family in FAMILIES]
    guest.set_parameter("gc_interval", 1)
    set_minute(guest)
    lingering = (knock_rule(options, name=name, port=port, target="")
                 for name, (port, options) in LINGERING.items())
    plain = f"-p udp -m pknock --knockports {PLAIN_PORT} --name {PLAIN}"
    restore(guest, rule_set(*lingering, plain, knock_rule()))
    for client in clients:
        client.datagram(PLAIN_PORT, b"")
        for port in (PORT, *(port for port, _ in LINGERING.values())):
            open_door(client, port=port)
    uptime = guest.uptime()
    doors = {name: {peer.src for peer in guest.door(name)} for name in guest.doors()}
    restore(guest, door())
    # However long the other tests take, no window ends before a test sets the clock for it.
    set_minute(guest, MINUTE - 600)
    begun = comeback.begin(guest)
    return Newborn(guest, Family(guest), clients, uptime, doors, begun, Held(guest))


@contextlib.contextmanager
def born(image: Image) -> Iterator[Newborn]:
    """The guest, which is to be as before when it goes."""
    guest = Guest(image)
    try:
        newborn = _open_doors(guest)
        yield newborn
        newborn.held.end()
        assert verdict.faults(guest) == []
    finally:
        guest.stop()
