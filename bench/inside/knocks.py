# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of packets that change tables: knocks and tokens. Each round needs sources of its own."""

import hashlib
import hmac
import struct
import time
from collections.abc import Callable, Sequence

import packets
from cases import Results, filled, of_lanes, result
from driver import Extension, Session, Timing
from lanes import Lane
from rivals import INSIDE, KNOCK, SECOND, Rival, insert_all

ROUNDS = 9
ROUNDS_LARGEST = 3  # of the largest tables: memory is short
LARGE = 1_000_000

SECRET = "a-secret-of-some-length"
# Letters and digits in no order, as in a true one.
WRONG = hashlib.sha256(b"wrong").hexdigest().encode() + b"\n"
SHORT = b"no token at all"
TOKENS = 256
SPA_SOURCES = 16
MINUTE = 60


def _table(family: int, size: int, number: int) -> str:
    return f"n{family}s{size}r{number}"


def _syn(family: int, port: int) -> list[bytes]:
    return [packets.tcp(family, port, packets.SYN)]


def _sequence_of_knocks(rival: Rival, family: int, size: int, name: str) -> dict[str, Timing]:
    """All sources knock once, then all once more."""
    rule = rival.knock(family, name)
    if not rule:
        return {}
    session = Session(rule)
    timings = {}
    for case, port in ("first", KNOCK), ("next", SECOND):
        timings[case] = insert_all(session.packets(_syn(family, port)), size)
    session.close()
    return timings


def _insertion(rival: Rival, family: int, size: int, name: str) -> dict[str, Timing]:
    rule = rival.insert(family, name)
    if not rule:
        return {}
    session = Session(rule)
    timing = insert_all(session.packets(_syn(family, KNOCK)), size)
    session.close()
    return {"open": timing}


def _fresh(rival: Rival, family: int, size: int, name: str,
           measured: Callable[[Rival, int, int, str], dict[str, Timing]]) -> dict[str, Timing]:
    rival.create(family, name, size)
    try:
        return measured(rival, family, size, name)
    finally:
        rival.destroy(name)


def knock(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """The table fills: by first knocks of a sequence, by openings; and the knock after the first.

    The mean counts, not the median: a table that grows makes a few packets pay for all.
    """
    for size in sizes:
        found = {}
        suitable = [rival for rival in rivals
                    if family in rival.families and size <= rival.fillable]
        for number in range(ROUNDS_LARGEST if size >= LARGE else ROUNDS):
            first = number % len(suitable)
            for rival in [*suitable[first:], *suitable[:first]]:
                for kind, measured in ("k", _sequence_of_knocks), ("o", _insertion):
                    name = _table(family, size, number) + kind
                    for case, timing in _fresh(rival, family, size, name, measured).items():
                        found.setdefault((case, rival.name), []).append(timing.mean)
        for (case, name), rounds in found.items():
            yield result(case, family, size, name, rounds)


def _hmac(family: int, count: int) -> Extension:
    info = SECRET.encode().ljust(32, b"\0") + struct.pack("=II", count, 0)
    return Extension("match", family, 0, "bench_hmac", 0, info)


def _tokens(family: int, first: int) -> list[bytes]:
    minute = struct.pack("<I", int(time.time()) // MINUTE)
    made = []
    for last in range(first, first + TOKENS):
        digest = hmac.digest(SECRET.encode(), packets.source(family, last) + minute, hashlib.sha256)
        made.append(packets.udp(family, KNOCK, digest.hex().encode() + b"\n", last))
    return made


def _opened(rival: Rival, family: int, name: str, first: int) -> bool:
    session = Session(rival.check(family, name)).packets(_syn(family, KNOCK))
    timing = session.sources(first, TOKENS).run(1, TOKENS)
    session.close()
    return timing.matched == TOKENS


def _right_tokens(family: int, name: str, rules: dict[Rival, Extension]) -> Results:
    """Tokens of new sources, none sent twice. Theirs holds for the present minute only."""
    for rival, rule in rules.items():
        rounds = []
        session = Session(rule)
        first = INSIDE
        while len(rounds) < ROUNDS:
            if time.time() % MINUTE > MINUTE - 2:
                time.sleep(2)
            first += TOKENS
            timing = session.packets(_tokens(family, first)).run(1, TOKENS)
            if not _opened(rival, family, name, first):
                raise RuntimeError(f"{rival.name}: true tokens did not open the door")
            rounds.append(timing.mean)
        session.close()
        yield result("spa-right", family, 0, rival.name, rounds)


def spa(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """Tokens, true and false, beside as many HMACs as they cost and nothing else."""
    able = {rival.name: rival for rival in rivals
            if hasattr(rival, "spa") and family in rival.families}
    ours, addons = able["pknock"], able.get("addons")
    # In the first minute after boot xtables-addons takes every source for one that has logged in
    # during it, and looks at no token.
    time.sleep(max(0.0, MINUTE + 1 - time.monotonic()))
    wrong = packets.udp(family, KNOCK, WRONG)

    def lane(name: str, rule: Extension) -> Lane:
        return Lane(name, Session(rule).packets([wrong]).sources(INSIDE, SPA_SOURCES))

    with filled(list(able.values()), family, 0) as name:
        lanes = [lane("pknock", ours.spa(family, name, SECRET, 0)), lane("hmac", _hmac(family, 1))]
        if addons:
            lanes.append(lane("addons", addons.spa(family, name, SECRET)))
        lanes[1].matches = None
        yield from of_lanes("spa-wrong", family, 0, lanes)
        lanes = [lane("pknock", ours.spa(family, name, SECRET, 1)), lane("hmac", _hmac(family, 3))]
        if addons:
            lanes.append(lane("addons", addons.spa(family, name, SECRET)))
        lanes[1].matches = None
        yield from of_lanes("spa-wrong-skew1", family, 0, lanes)
    with filled(list(able.values()), family, 1) as name:
        rules = {ours: ours.spa(family, name, SECRET, 1)}
        if addons:
            rules[addons] = addons.spa(family, name, SECRET)
        yield from _right_tokens(family, name, rules)


def other_length(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """A datagram to the knock port that cannot be a token, beside a look-up in the same table."""
    [ours] = [rival for rival in rivals if rival.name == "pknock"]
    for size in [0, *sizes]:
        with filled([ours], family, size) as name:
            short = packets.udp(family, KNOCK, SHORT)
            miss = packets.tcp(family, KNOCK, packets.SYN)
            rules = [("pknock", ours.spa(family, name, SECRET, 1), short),
                     ("checkip", ours.check(family, name), miss)]
            yield from of_lanes("spa-length", family, size, [
                Lane(title, Session(rule).packets([packet]).sources(INSIDE + LARGE, size or 1000))
                for title, rule, packet in rules])


ALL = (knock, spa, other_length)
