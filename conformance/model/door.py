# SPDX-License-Identifier: GPL-2.0-or-later
"""The model: what becomes of packets, and what /proc shows, by the sentences of the specification.

Where they leave something open, the model asks its choices, and both ways are right.
"""

import dataclasses
import ipaddress

from model.choices import Choices
from model.moments import Moment
from model.rules import PROBE, Rule

MOST_SKEW = 5
MINUTE = 60


@dataclasses.dataclass(frozen=True)
class Token:
    """Who a token is made for, with which key, for which minute."""

    kind: str      # "open", "close"
    secrets: int
    address: str
    minute: int


@dataclasses.dataclass(frozen=True)
class Packet:
    """What the match can see of a packet; the number tells it from all others."""

    number: int
    source: str
    protocol: str
    port: int
    flags: str = "S"
    identity: int = 0   # equal in a TCP segment and its retransmission
    token: Token | None = None

    @property
    def place(self) -> str:
        """The port as rules write it."""
        return f"{self.protocol}/{self.port}"

    @property
    def knocks(self) -> bool:
        """M3."""
        return self.protocol == "udp" or self.flags == "S"


@dataclasses.dataclass(frozen=True)
class Source:
    """Who is the same for a door: with --mask, a network."""

    door: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclasses.dataclass(frozen=True)
class Grant:
    """The door is open for a source."""

    protocol: str
    count: int
    ends: Moment | None


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a source is in a sequence."""

    count: int
    protocol: str
    since: Moment
    lasts: int
    packet: Packet       # the last that was accepted, or that was wrong
    last: Packet         # the last that was accepted


@dataclasses.dataclass(frozen=True)
class Line:
    """A line that /proc shows, or perhaps shows."""

    status: str
    count: int
    protocol: str | None
    expires: Moment | None = None
    autoclose: Moment | None = None
    certain: bool = True


@dataclasses.dataclass
class World:
    """All that the module has to know. Context: `now`, `minute` and `choices` are set."""

    grants: dict[Source, Grant] = dataclasses.field(default_factory=dict)
    half: dict[tuple[Source, tuple[str, ...]], Progress] = dataclasses.field(default_factory=dict)
    spent: frozenset[tuple[str, Token]] = frozenset()
    # By door, the highest minute of a token that may have been forgotten.
    floor: dict[str, int] = dataclasses.field(default_factory=dict)
    opened_by: dict[tuple[Source, tuple[str, ...]], int] = dataclasses.field(default_factory=dict)
    now: Moment = dataclasses.field(default=Moment(0, 0), compare=False)
    minutes: tuple[int, int] = dataclasses.field(default=(0, 0), compare=False)
    choices: Choices = dataclasses.field(default_factory=lambda: Choices([]), compare=False)

    def at(self, now: Moment, minutes: tuple[int, int], choices: Choices) -> "World":
        """A copy, in which it is a certain time."""
        world = dataclasses.replace(self, grants=dict(self.grants), half=dict(self.half),
                                    floor=dict(self.floor), opened_by=dict(self.opened_by),
                                    now=now, minutes=minutes, choices=choices)
        world._let_go()
        return world

    def _let_go(self) -> None:
        """A4: from when its minute is out of every window, a token may be forgotten."""
        for name, token in self.spent:
            if self.minutes[1] > token.minute + MOST_SKEW:
                self.floor[name] = max(token.minute, self.floor.get(name, token.minute))

    # Packets

    def passes(self, packet: Packet, rules: list[Rule]) -> bool:
        """Whether one of the rules lets it through; each sees what those before it did not."""
        return any(self._accepts(rule, packet) for rule in rules)

    def _accepts(self, rule: Rule, packet: Packet) -> bool:
        guarded = (packet.protocol, packet.port) == ("tcp", PROBE)
        if rule.protocol not in ("", packet.protocol) or rule.guard == "before" and not guarded:
            return False
        return self._matches(rule, packet) and (rule.guard != "after" or guarded)

    def _matches(self, rule: Rule, packet: Packet) -> bool:
        network = ipaddress.ip_network(packet.source)
        if rule.mask is not None:
            network = network.supernet(new_prefix=rule.mask)
        source = Source(rule.name, network)
        if not rule.ports:
            matched = self.is_open(source)
        elif rule.secrets is None:
            matched = self._sequence(rule, source, packet)
        else:
            matched = self._tokens(rule, source, packet)
        if matched and rule.once:
            del self.grants[source]
        return matched

    def is_open(self, source: Source) -> bool:
        """M6: to the second."""
        grant = self.grants.get(source)
        if grant and grant.ends and self.now.after(grant.ends, self.choices):
            del self.grants[source]
        return source in self.grants

    def _open(self, rule: Rule, source: Source, packet: Packet) -> None:
        """M13: the rule that opens decides how long for."""
        ends = self.now + rule.ttl if rule.ttl else None
        self.grants[source] = Grant(packet.protocol, len(rule.ports), ends)

    # Sequences

    def _sequence(self, rule: Rule, source: Source, packet: Packet) -> bool:
        """M1: an open source's packets match, unless they knock."""
        if self.is_open(source):
            return not (packet.knocks and packet.place in rule.ports)
        if packet.knocks:
            self._knock(rule, source, packet)
        return False

    def _knock(self, rule: Rule, source: Source, packet: Packet) -> None:
        key = source, rule.ports
        before = self.half.get(key)
        # A packet that several rules see is one knock.
        if before and before.packet.number == packet.number:
            return
        if self.opened_by.get(key) == packet.number and self.choices.either():
            return
        live = before is not None and not self._late(before, rule)
        if before and self._retransmission(before, packet) and (
                live and before.count or self.choices.either()):
            return
        count = before.count if live else 0
        if packet.place == rule.ports[count]:
            self._advance(rule, source, packet, count + 1)
        elif rule.strict and packet.protocol in rule.protocols() and before:
            # Too late here is not yet too late for every rule of the sequence.
            if live or self.choices.either():
                self.half[key] = dataclasses.replace(before, count=0, packet=packet,
                                                     since=self.now, lasts=rule.lasts())

    def _late(self, progress: Progress, rule: Rule) -> bool:
        """M5. Who comes too late for the rule of the last knock may have been forgotten."""
        if self.now.after(progress.since + rule.lasts(), self.choices):
            return True
        return (progress.lasts < rule.lasts()
                and self.now.after(progress.since + progress.lasts, self.choices)
                and self.choices.either())

    @staticmethod
    def _retransmission(progress: Progress, packet: Packet) -> bool:
        """M4."""
        return packet.protocol == "tcp" and packet.identity == progress.last.identity

    def _advance(self, rule: Rule, source: Source, packet: Packet, count: int) -> None:
        key = source, rule.ports
        if count < len(rule.ports):
            self.half[key] = Progress(count, packet.protocol, self.now, rule.lasts(), packet,
                                      packet)
            return
        self.half.pop(key, None)
        self._open(rule, source, packet)
        self.opened_by[key] = packet.number

    # Tokens

    def _tokens(self, rule: Rule, source: Source, packet: Packet) -> bool:
        is_open = self.is_open(source)
        at_port = packet.place in rule.ports
        token = self._genuine(rule, packet)
        if token and token.kind == "open" and at_port:
            if self._fresh(rule, token):
                self.spent |= {(rule.name, token)}
                self._open(rule, source, packet)
            return False
        if token and token.kind == "close" and is_open:
            if self._fresh(rule, token):
                self.spent |= {(rule.name, token)}
                del self.grants[source]
                return False
            # Whether what was a token once is a knock still is said nowhere.
            return not at_port and self.choices.either()
        return is_open and not at_port

    def _genuine(self, rule: Rule, packet: Packet) -> Token | None:
        """The packet's token, if it is one for this rule, from where it says, in the window."""
        token = packet.token
        if not token or token.secrets != rule.secrets or token.address != packet.source:
            return None
        inside = [abs(minute - token.minute) <= rule.window() for minute in self.minutes]
        return token if all(inside) or any(inside) and self.choices.either() else None

    def _fresh(self, rule: Rule, token: Token) -> bool:
        """A2, A4: at or below the floor, what is not spent may be refused for those that are."""
        if (rule.name, token) in self.spent:
            return False
        return token.minute > self.floor.get(rule.name, -1) or self.choices.either()

    # /proc

    def lines(self, name: str) -> list[tuple[str, Line]]:
        """What is listed of a door: sources and their lines, some of which may be missing.

        Who is in has one line: what was begun elsewhere does not count.
        """
        found = []
        for source in list(self.grants):
            if source.door == name and self.is_open(source):
                grant = self.grants[source]
                found.append((source, Line("ALLOWED", grant.count, grant.protocol,
                                           autoclose=grant.ends)))
        for (source, _), progress in self.half.items():
            if source.door == name and source not in self.grants:
                found += [(source, line) for line in self._half_lines(progress)]
        return [(_written(source.network), line) for source, line in found]

    def _half_lines(self, progress: Progress) -> list[Line]:
        ends = progress.since + progress.lasts
        late = self.now.after(ends, self.choices)
        if progress.count == 0:
            # How long someone is remembered who is back at the start is said nowhere.
            return [Line("INIT", 0, None, certain=not late)]
        return [] if late else [Line("MATCHING", progress.count, progress.protocol, expires=ends)]


def _written(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    """As /proc shows a source: the length of a mask only where there is one."""
    whole = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if whole else str(network)
