# SPDX-License-Identifier: GPL-2.0-or-later
"""Doors that lose their rules, and get most of them back before a minute is over."""

import dataclasses

from harness.agent import Job
from harness.client import Client
from harness.firewall import BACKENDS, Firewall
from harness.guest import PROC, Guest
from harness.net import FAMILIES
from harness.spa_door import rule_set

LINGER = 60
TABLE = "mangle"  # apart from the rules of others
RULES = "/run/comeback"
EVENTS = "/run/comeback-events"  # lines of JSON
# Seconds between two collections: a door that misses its own time is seen to be late by them.
COLLECT = 14
# Says when the rules were back, and when the last of the doors was gone that got none.
WATCH = f"""
set -e
pknockctl monitor --json >{EVENTS} 2>&1 &
sleep {LINGER - 12}
for command; do $command-restore <{RULES}-$command; done
cut -d ' ' -f 1 /proc/uptime
perl -e 'while (my @doors = glob("{PROC}/LOST*")) {{ select(undef, undef, undef, 0.2) }}'
cut -d ' ' -f 1 /proc/uptime
"""


def sequence(ports: str, options: str = "", name: str = "SSH") -> str:
    """A rule that hears knocks, and lets who is in through to port 22."""
    return (f"-p tcp -m pknock --knockports {ports} --name {name} {options}"
            " -m tcp --dport 22 -j ACCEPT")


def _rules(at: int, *more: str) -> str:
    """They see a knock whatever other rules there are."""
    return rule_set(sequence("2002", name=f"KEPT{at}"),
                    sequence("2002,2001", "--time 3600", name=f"HALF{at}"),
                    *more, table=TABLE, policy="ACCEPT")


@dataclasses.dataclass(frozen=True)
class Comeback:
    """Four firewalls at once, for they all have to wait: both backends, both families.

    Each has a door KEPT, which a client opened; HALF, which takes two knocks and got one; and LOST,
    whose rules do not come back. The rules went between before and after, in seconds of uptime.
    """

    firewalls: list[Firewall]
    clients: list[Client]
    before: float
    after: float
    watch: Job

    @property
    def lost(self) -> set[tuple[str, str]]:
        """The doors LOST and who was in, one by one."""
        return {(f"LOST{at}", client.address) for at, firewall in enumerate(self.firewalls)
                for client in self.clients if client.family is firewall.family}

    @property
    def doors(self) -> set[str]:
        """Their names."""
        return {f"{name}{at}" for name in ("KEPT", "HALF", "LOST")
                for at in range(len(self.firewalls))}


def begin(guest: Guest) -> Comeback:
    """Open doors, take their rules, and let the guest put some of these back."""
    firewalls = [Firewall(guest, backend, family) for backend in BACKENDS for family in FAMILIES]
    clients = [guest.client(firewall.family) for firewall in firewalls]
    guest.set_parameter("gc_interval", COLLECT)
    for at, firewall in enumerate(firewalls):
        firewall.restore(_rules(at, sequence("2002", name=f"LOST{at}")))
        guest.agent.write(f"{RULES}-{firewall.command}", guest.dialect.rules(_rules(at)))
    for client in clients:
        client.knock(2002)
    before = guest.uptime()
    for firewall in firewalls:
        firewall.flush(table=TABLE)
    after = guest.uptime()
    guest.agent.write(EVENTS, "")  # for who looks before there are any
    commands = [firewall.command for firewall in firewalls]
    watch = guest.agent.start(["sh", "-c", WATCH, "watch", *commands])
    return Comeback(firewalls, clients, before, after, watch)
