# SPDX-License-Identifier: GPL-2.0-or-later
"""The case of two processors at once: how much more than one of them they do.

Each has sources of its own; table and rule are the same. In each round one processor works alone,
then the other, then both: what they do together is compared with the mean of the two alone.
"""

import os
import statistics
from collections.abc import Sequence

from cases import Results, checks, filled, other_traffic, result, suitable_for
from driver import Share
from lanes import Lane
from rivals import Rival

PROCESSORS = (0, 1)
ROUNDS = 15
MILLISECONDS = 60
SMALLEST = 1000  # sources asked for, of a table that has none


def _share(lane: Lane, cpus: Sequence[int]) -> list[Share]:
    shares = lane.session.share(cpus, MILLISECONDS)
    for share in shares:
        if share.matched != (share.calls if lane.matches else 0):
            raise RuntimeError(f"{lane.rival}: {share.matched} of {share.calls} packets matched")
    return shares


def _round(lane: Lane) -> tuple[float, float]:
    """The throughput of both to that of one; that of the slower to that of the other."""
    alone = [_share(lane, [cpu])[0].rate for cpu in PROCESSORS]
    both = [share.rate for share in _share(lane, PROCESSORS)]
    return sum(both) / statistics.mean(alone), min(both) / max(both)


def _measured(case: str, family: int, size: int, lanes: Sequence[Lane]) -> Results:
    for lane in lanes:
        _round(lane)  # meets cold caches
    found = {lane.rival: [] for lane in lanes}
    for number in range(ROUNDS):
        first = number % len(lanes)
        for lane in [*lanes[first:], *lanes[:first]]:
            found[lane.rival].append(_round(lane))
    for lane in lanes:
        throughput, fairness = zip(*found[lane.rival])
        yield result(f"two-{case}", family, size, lane.rival, throughput, "× one")
        yield result(f"two-{case}-fairness", family, size, lane.rival, fairness, "slower / faster")
        lane.session.close()


def together(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """Look-ups and what passes by, on both processors. A machine with one has no such case."""
    if not set(PROCESSORS) <= os.sched_getaffinity(0):
        return
    for size in [0, *sizes]:
        suitable = suitable_for(rivals, family, size)
        count = max(size, SMALLEST) // len(PROCESSORS)
        with filled(suitable, family, size) as table:
            yield from _measured("miss", family, size,
                                 checks(suitable, family, table, False, count))
            if size:
                yield from _measured("hit", family, size,
                                     checks(suitable, family, table, True, count))
            yield from _measured("other", family, size,
                                 other_traffic(suitable, family, table, count))


ALL = (together,)
