# SPDX-License-Identifier: GPL-2.0-or-later
"""A flood against a door, and all that is found out about it."""

import dataclasses
import threading
import time
from collections.abc import Callable

from scapy.packet import Packet

from floods.strangers import Sent, sent
from floods.watch import Visits, Watch, visit
from harness.agent import Job
from harness.client import Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.net import Family
from harness.slab import HALF_OPEN, objects
from harness.spa_door import MINUTE, PORT, knock_rule, rule_set, set_minute, token

KNOCKS = (2002, 2001, 2004)
TIME = 10         # --time of the sequence
CALM_VISITS = 10
BETWEEN = 0.2     # two visits during a flood
SLOWLY = 1.0      # between two knocks of somebody slow
NAME = "SSH"
# How long after a flood all has to be as it was: --time, a collection, and a bit.
RECOVERY = TIME + 10 + 10

SEQUENCE = (f"-p tcp -m pknock --knockports {','.join(map(str, KNOCKS))} --name {NAME}"
            f" --time {TIME} -m tcp --dport 22 -j ACCEPT")
# The door is also open to who is in already, whatever the flood is of.
ONE_KNOCK = f"-p tcp -m pknock --knockports 4000 --name {NAME} -m tcp --dport 22 -j ACCEPT"
TOKENS = knock_rule("--skew 5")
CHECK = f"-p tcp -m pknock --checkip --name {NAME} -m tcp --dport 22 -j ACCEPT"


@dataclasses.dataclass
class Finding:
    """A line of the table, and what is wrong with it."""

    name: str
    family: str = ""
    count: int = 0
    seconds: float = 0
    busy: float = 0
    memory: int = 0
    objects: int = 0
    errors: int = 0
    visits: Visits = dataclasses.field(default_factory=Visits)
    calm: Visits = dataclasses.field(default_factory=Visits)
    slow: Visits = dataclasses.field(default_factory=Visits)
    insider: Visits = dataclasses.field(default_factory=Visits)
    recovery: float | None = None
    note: str = ""
    faults: list[str] = dataclasses.field(default_factory=list)

    def expect(self, right: bool, fault: str) -> None:
        """What must be."""
        if not right:
            self.faults.append(f"{self.name} {self.family}: {fault}")


class Slow:
    """Somebody who takes a second from each knock to the next."""

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make
        self._client = make()
        self._made = 0
        self._next = time.monotonic()
        self.visits = Visits()

    def go_on(self) -> None:
        """Knock, if it is time; after the last knock, ask."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + SLOWLY
        if self._made < len(KNOCKS):
            self._client.wire.send(self._client.tcp(KNOCKS[self._made]))
            self._made += 1
            return
        self.visits.seconds.append(visit(self._client, []))
        self._client, self._made = self._make(), 0


class Scene:
    """A guest with a door, an insider, and visitors of a family."""

    def __init__(self, guest: Guest, family: Family, by_token: bool = False,
                 more_rules: tuple[str, ...] = ()) -> None:
        self.guest = guest
        self.family = family
        self.firewall = Firewall(guest, "nft", family)
        self._by_token = by_token
        self._more_rules = more_rules
        if by_token:
            set_minute(guest)
        self.open_the_door()
        self.insider = guest.client(family)
        self.insider.knock(4000)

    def open_the_door(self) -> None:
        """Load the rules."""
        rules = [TOKENS, CHECK] if self._by_token else [SEQUENCE]
        self.firewall.restore(rule_set(*rules, ONE_KNOCK, *self._more_rules))

    def newcomer(self) -> Client:
        """Somebody new."""
        return self.guest.client(self.family)

    def visit(self) -> float | None:
        """Somebody comes and wants in."""
        client = self.newcomer()
        if self._by_token:
            knocks: list[Packet] = [client.udp(PORT, token(client, MINUTE))]
        else:
            knocks = [client.tcp(port) for port in KNOCKS]
        return visit(client, knocks)

    def endure(self, name: str, flood: Callable[[], Job]) -> Finding:
        """Watch the guest, visitors and the insider during a flood, and what is left of it."""
        finding = Finding(name, self.family.name)
        finding.calm.seconds += [self.visit() for _ in range(CALM_VISITS)]
        slow = Slow(self.newcomer)
        watch = Watch(self.guest)
        with watch.watching():
            result = self._during(flood(), finding, slow)
        finding.count, finding.seconds = result.count, result.seconds
        finding.errors = result.errors
        finding.slow = slow.visits
        finding.busy, finding.memory = watch.busy(), watch.memory()
        finding.objects = watch.most("half open")
        self._judge(finding)
        finding.recovery = self._recovery(finding)
        return finding

    def _during(self, job: Job, finding: Finding, slow: Slow) -> Sent:
        found: list[Sent | Exception] = []

        def wait() -> None:
            try:
                found.append(sent(job))
            except Exception as error:  # pylint: disable=broad-except # raised below
                found.append(error)

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        while waiting.is_alive():
            finding.visits.seconds.append(self.visit())
            finding.insider.seconds.append(visit(self.insider, []))
            if not self._by_token:
                slow.go_on()
            waiting.join(BETWEEN)
        [result] = found
        if isinstance(result, Exception):
            raise result
        return result

    @staticmethod
    def _judge(finding: Finding) -> None:
        """Nobody who knows how is kept out, and nobody who is in."""
        for who, visits in (("visitors", finding.visits), ("insiders", finding.insider)):
            finding.expect(visits.tried > 0, f"no {who} during the flood")
            finding.expect(visits.came_in == visits.tried,
                           f"{visits.came_in} of {visits.tried} {who} came in")

    def _recovery(self, finding: Finding) -> float:
        """Until nobody of the flood is remembered, and it goes as fast as before."""
        start = time.monotonic()
        while objects(self.guest, HALF_OPEN):
            if time.monotonic() - start > RECOVERY:
                finding.expect(False, f"half-open peers are left after {RECOVERY} s")
                break
            time.sleep(0.2)
        taken = time.monotonic() - start
        after = Visits([self.visit() for _ in range(CALM_VISITS)])
        finding.expect(after.came_in == after.tried, "visitors are kept out after the flood")
        finding.expect(after.median() < 3 * finding.calm.median(),
                       f"{after.median() * 1000:.0f} ms a visit after the flood")
        return taken
