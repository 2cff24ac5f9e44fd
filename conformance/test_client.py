# SPDX-License-Identifier: GPL-2.0-or-later
"""The knock client of the packages, from a host on the far side of the wire."""

import pytest

from harness.firewall import Firewall
from harness.guest import Guest, Peer
from harness.net import Family
from harness.spa_door import (CLOSE, MINUTE, NAME, OPEN, PORT, check_rule, door, knock_rule,
                              rule_set, set_minute)
from harness.visitor import Visitor

KNOCK_SH = "/usr/lib/portknocko-client/knock.sh"


@pytest.fixture
def backend() -> str:
    """Packets do not differ between backends."""
    return "nft"


@pytest.fixture
def visitor(guest: Guest) -> Visitor:
    """The host that the client runs on. Its clock is the guest's and shows MINUTE."""
    set_minute(guest)
    return Visitor(guest)


def is_open(guest: Guest, visitor: Visitor, family: Family, door_name: str = NAME) -> bool:
    """Whether the door is open for the visitor, and for nobody else."""
    peers = guest.door(door_name)
    opened = Peer(visitor.address(family), "UDP", "ALLOWED", 1, None, None)
    assert peers in ([], [opened])
    return bool(peers)


@pytest.mark.spec("S1", "M7")
def test_client_opens_and_closes(visitor: Visitor, firewall: Firewall, guest: Guest,
                                 family: Family) -> None:
    firewall.restore(door())
    host = f"{family.guest} --port {PORT}"
    visitor.run(f"umask 077; printf '%s\\n' {OPEN} >/tmp/open")
    visitor.run(f"pknock open {host} --secret-file /tmp/open")
    assert visitor.greeting(family) == "portknocko conformance\n"
    visitor.run(f"PKNOCK_SECRET={CLOSE} pknock close {host}")
    assert not is_open(guest, visitor, family)

    visitor.run(f"pknock open {host} --secret-file /tmp/open")
    assert not is_open(guest, visitor, family), "a second token of one minute is the first's replay"
    set_minute(guest, MINUTE + 1)
    visitor.run(f"pknock open {host} --secret-file /tmp/open")
    assert is_open(guest, visitor, family)


@pytest.mark.spec("S1")
def test_client_makes_the_token_for_its_source_option(visitor: Visitor, firewall: Firewall,
                                                      guest: Guest, family: Family) -> None:
    firewall.restore(door())
    command = f"PKNOCK_SECRET={OPEN} pknock open {family.guest} --port {PORT} --source"
    elsewhere = guest.client(family).address
    visitor.run(f"{command} {elsewhere}")
    assert not is_open(guest, visitor, family)
    visitor.run(f"{command} {visitor.address(family)}")
    assert is_open(guest, visitor, family)


@pytest.mark.spec("M1", "M2")
def test_client_knocks_a_sequence(visitor: Visitor, firewall: Firewall, guest: Guest,
                                  family: Family) -> None:
    firewall.restore(rule_set(f"-m pknock --knockports tcp/2002,udp/2001,tcp/2004 --name {NAME}"
                              " --strict -j DROP", check_rule()))
    visitor.run(f"pknock seq {family.guest} 2002 2001 2004 --delay 0")
    assert [peer.status for peer in guest.door(NAME)] == ["INIT"]
    visitor.run(f"pknock seq {family.guest} 2002 udp/2001 2004 --delay 0")
    assert guest.door(NAME) == [Peer(visitor.address(family), "TCP", "ALLOWED", 3, None, None)]


@pytest.mark.spec("S1", "M7")
def test_knock_sh_takes_arguments_in_both_orders(visitor: Visitor, firewall: Firewall,
                                                 guest: Guest, family: Family) -> None:
    source = visitor.address(family)
    commands = {
        2000: f"{KNOCK_SH} {source} 2000 %s {family.guest}",
        2001: f"{KNOCK_SH} {source} {family.guest} 2001 %s",
        2002: f"PKNOCK_HOST={family.guest} {KNOCK_SH} {source} 2002 %s",
    }
    firewall.restore(rule_set(*(knock_rule(name=f"D{port}", port=port, open_secret=f"o{port}",
                                           close_secret=f"c{port}") for port in commands)))
    for port, command in commands.items():
        visitor.run(command % f"o{port}")
        assert is_open(guest, visitor, family, f"D{port}"), command
        visitor.run(command % f"c{port}")
        assert not is_open(guest, visitor, family, f"D{port}"), command
