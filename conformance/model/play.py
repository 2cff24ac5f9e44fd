# SPDX-License-Identifier: GPL-2.0-or-later
"""A history is played: each step happens in the guest and in the model, and they must agree."""

import dataclasses
import itertools
import time

from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest, Peer
from harness.spa import digest
from harness.spa_door import MINUTE, set_minute
from model.choices import Choices, explore
from model.door import Line, Packet, Token, World
from model.moments import Moment
from model.rules import SECRETS, Rule, restore
from model.steps import (SOURCES, Again, Clock, History, Knock, Load, Rest, Segment, Spa, Step,
                         Wait)

MARGIN = 0.3
SOON = 3
REST = 2.5   # the module collects every second
MOST_WORLDS = 500
SECOND = 5  # of the minute, after the clock was set
_numbers = itertools.count(1)
_ports = itertools.cycle(range(20000, 60000))

Listing = dict[str, list[Peer]]


class Divergence(AssertionError):
    """The module does what the model does not allow."""


def _told(listing: Listing) -> str:
    return "\n".join(f"    {name}: {peer}" for name, peers in sorted(listing.items())
                     for peer in peers) or "    nobody"


def _fits(line: Line, peer: Peer, now: Moment) -> bool:
    if (line.status, line.count) != (peer.status, peer.count):
        return False
    if line.protocol and line.protocol.upper() != peer.proto:
        return False
    pairs = (line.expires, peer.expires), (line.autoclose, peer.autoclose)
    return all(shown is None if moment is None else moment.shows(now, shown)
               for moment, shown in pairs)


def explained(lines: list[tuple[str, Line]], peers: list[Peer], now: Moment) -> bool:
    """Whether each peer is a line, and each certain line a peer."""
    missing = list(peers)
    for source, line in sorted(lines, key=lambda entry: not entry[1].certain):
        found = next((peer for peer in missing if peer.src == source and _fits(line, peer, now)),
                     None)
        if found:
            missing.remove(found)
        elif line.certain:
            return False
    return not missing


class Player:
    """The guest and the worlds in which the model may be, during one history."""

    def __init__(self, guest: Guest, history: History) -> None:
        self._guest = guest
        self._history = history
        self._firewall = Firewall(guest, "nft", history.family)
        self._clients = [Client(guest.wire, history.family, source)
                         for source in SOURCES[history.family]]
        # Nobody has knocked at these doors: there is nothing to clean up.
        self._suffix = f"-{next(_numbers)}"
        self._doors: set[str] = set()
        self._rules: list[Rule] = []
        self._packets = itertools.count(1)
        self._syns: dict[int, tuple[Packet, bytes]] = {}
        self._clock = (0, Moment(0, 0))
        self._worlds = [World()]
        self._before: list[World] = []   # as of the last packet

    def play(self) -> None:
        """All steps; raises Divergence."""
        self._set_clock(0)
        self._load(0)
        for number, step in enumerate(self._history.steps, 1):
            start = time.monotonic()
            packet, passed = self._take(step)
            middle = time.monotonic()
            listing = {name: self._guest.door(name + self._suffix) for name in self._doors}
            self._agree(Moment(start, middle), packet, passed)
            self._compare(Moment(middle, time.monotonic()), listing)
            if not self._worlds:
                raise Divergence(self._report(number, step, packet, passed, listing))
            assert len(self._worlds) < MOST_WORLDS, self._history

    # The guest

    def _take(self, step: Step) -> tuple[Packet | None, bool]:
        """What the step does in the guest: the packet, if there was one, and if it got through."""
        if isinstance(step, Clock):
            self._set_clock(step.minute)
        elif isinstance(step, Load):
            self._load(step.rules, step.flush)
        elif isinstance(step, Wait):
            self._wait(step.after)
        elif isinstance(step, Rest):
            time.sleep(REST)
        elif not isinstance(step, Again):
            return self._send(step, *self._make(step))
        elif step.client in self._syns:
            return self._send(step, *self._syns[step.client])
        return None, False

    def _set_clock(self, minute: int) -> None:
        start = time.monotonic()
        set_minute(self._guest, MINUTE + minute, SECOND)
        self._clock = minute, Moment(start, time.monotonic())

    def _load(self, number: int, flush: bool = False) -> None:
        self._rules = self._history.rules[number]
        self._doors |= {rule.name for rule in self._rules}
        renamed = [dataclasses.replace(rule, name=rule.name + self._suffix)
                   for rule in self._rules]
        if flush:
            self._firewall.flush()
        self._firewall.restore(restore(renamed))

    def _wait(self, after: bool) -> None:
        now = time.monotonic()
        ends = [grant.ends for world in self._worlds for grant in world.grants.values()
                if grant.ends]
        ends += [progress.since + lasts for world in self._worlds
                 for progress in world.half.values()
                 for lasts in (progress.lasts, *(rule.lasts() for rule in self._rules))]
        coming = [end for end in ends if now < end.low - MARGIN < now + SOON]
        if coming:
            end = min(coming, key=lambda moment: moment.low)
            time.sleep((end.high + MARGIN if after else end.low - MARGIN) - now)

    def _make(self, step: Knock | Segment | Spa) -> tuple[Packet, object]:
        client = self._clients[step.client]
        protocol, _, port = step.port.partition("/")
        number = next(self._packets)
        packet = Packet(number, client.address, protocol, int(port), identity=number)
        sport = next(_ports)
        if isinstance(step, Spa):
            owner = self._clients[step.client if step.stolen is None else step.stolen]
            token = Token(step.kind, step.secrets, owner.address, step.minute)
            secret = SECRETS[step.secrets][token.kind == "close"]
            payload = digest(secret, owner.address, MINUTE + step.minute) + b"\n"
            return (dataclasses.replace(packet, token=token),
                    client.udp(packet.port, payload, sport))
        if protocol == "udp":
            return packet, client.udp(packet.port, sport=sport)
        flags = step.flags if isinstance(step, Segment) else "S"
        return dataclasses.replace(packet, flags=flags), client.tcp(packet.port, flags, sport)

    def _send(self, step: Step, packet: Packet, frame: object) -> tuple[Packet, bool]:
        if packet.protocol == "tcp" and packet.knocks:
            self._syns[step.client] = packet, frame
        client = self._clients[step.client]
        answer = client.answer(frame, client.wire.replies(frame))
        packet = dataclasses.replace(packet, number=next(self._packets))
        return packet, answer is not Answer.SILENCE

    # The model

    def _minutes(self, now: Moment) -> tuple[int, int]:
        minute, since = self._clock
        low, high = now.low - since.high + SECOND, now.high - since.low + SECOND
        return minute + int(low // 60), minute + int(high // 60)

    def _agree(self, now: Moment, packet: Packet | None, passed: bool) -> None:
        """Keep the worlds in which this packet fares so."""
        def outcome(world: World, choices: Choices) -> World | None:
            world = world.at(now, self._minutes(now), choices)
            if packet is None:
                return world
            expected = world.passes(packet, self._rules)
            return world if expected == passed else None

        self._branch(outcome)

    def _compare(self, now: Moment, listing: Listing) -> None:
        """Keep the worlds in which /proc says this."""
        self._before = self._worlds

        def outcome(world: World, choices: Choices) -> World | None:
            world = world.at(now, self._minutes(now), choices)
            fits = all(explained(world.lines(name), peers, now)
                       for name, peers in listing.items())
            return world if fits else None

        self._branch(outcome)

    def _branch(self, outcome) -> None:
        kept: list[World] = []
        for world in self._worlds:
            for found in explore(lambda choices, world=world: outcome(world, choices)):
                if found and found not in kept:
                    kept.append(found)
        self._worlds = kept

    def _report(self, number: int, step: Step, packet: Packet | None, passed: bool,
                listing: Listing) -> str:
        played = dataclasses.replace(self._history, steps=self._history.steps[:number])
        lines = [f"{played!r}", f"step {number}, {step!r}"]
        if packet:
            lines.append(f"  the packet {'got through' if passed else 'was dropped'}"
                         f"{'' if self._before else ', and should not have been'}")
        lines += ["  /proc says", _told(listing)]
        if self._before:
            lines.append("  the model says")
            world = self._before[0]
            lines += [f"    {name}: {source} {line}" for name in sorted(listing)
                      for source, line in world.lines(name)] or ["    nobody"]
        return "\n".join(lines)


def play(guest: Guest, history: History) -> None:
    """Play a history; a Divergence has it, as text."""
    Player(guest, history).play()
