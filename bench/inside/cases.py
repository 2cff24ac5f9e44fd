# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured. A case yields results, each of one rival at one size of the table."""

import contextlib
from collections.abc import Iterator, Sequence

import packets
from driver import Session
from lanes import Lane, measure
from rivals import INSIDE, OUTSIDE, Rival

HTTPS = 443
Results = Iterator[dict]


def result(case: str, family: int, size: int, rival: str, rounds: Sequence[float],
           unit: str = "ns") -> dict:
    """An entry of the results."""
    return {"case": case, "family": family, "size": size, "rival": rival, "unit": unit,
            "rounds": list(rounds)}


def of_lanes(case: str, family: int, size: int, lanes: Sequence[Lane]) -> Results:
    """Measure the lanes of a case, and close them."""
    measure(lanes)
    for lane in lanes:
        yield result(case, family, size, lane.rival, lane.rounds)
        lane.session.close()


def suitable_for(rivals: Sequence[Rival], family: int, size: int) -> list[Rival]:
    """Those that have tables of this size."""
    return [rival for rival in rivals if family in rival.families and size <= rival.largest]


@contextlib.contextmanager
def filled(rivals: Sequence[Rival], family: int, size: int) -> Iterator[str]:
    """Tables of all rivals with so many sources; their name."""
    table = f"t{family}s{size}"
    kept = []
    for rival in rivals:
        rival.create(family, table, size)
        # Its own rule keeps an empty table, too.
        kept.append(Session(rival.check(family, table)))
        if size:
            rival.fill(family, table, size)
    try:
        yield table
    finally:
        for session in kept:
            session.close()
        for rival in rivals:
            rival.destroy(table)


def checks(rivals: Sequence[Rival], family: int, table: str, hit: bool, count: int
           ) -> list[Lane]:
    """Is the source in the table? It is, or it is not."""
    syn = packets.tcp(family, HTTPS, packets.SYN)
    return [Lane(rival.name, Session(rival.check(family, table)).packets([syn])
                 .sources(INSIDE if hit else OUTSIDE, count),
                 hit and rival.name != "null") for rival in rivals]


def other_traffic(rivals: Sequence[Rival], family: int, table: str, count: int) -> list[Lane]:
    """A segment of a connection, from someone unknown, at the rule that waits for knocks."""
    ack = packets.tcp(family, HTTPS, packets.ACK)
    lanes = []
    for rival in rivals:
        rule = rival.knock(family, table)
        if rule:
            lanes.append(Lane(rival.name, Session(rule).packets([ack]).sources(OUTSIDE, count)))
    return lanes


def lookup(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """Who is asked for is in the table, or not; and what passes by."""
    for size in [0, *sizes]:
        suitable = suitable_for(rivals, family, size)
        count = size or 1000
        with filled(suitable, family, size) as table:
            yield from of_lanes("miss", family, size,
                                checks(suitable, family, table, False, count))
            if size:
                yield from of_lanes("hit", family, size,
                                    checks(suitable, family, table, True, count))
            yield from of_lanes("other", family, size,
                                other_traffic(suitable, family, table, count))


ALL = (lookup,)
