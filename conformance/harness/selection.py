# SPDX-License-Identifier: GPL-2.0-or-later
"""Which part of the suite a run of pytest takes: --only host|machines|guest, --shard I/N."""

import argparse
import collections
from collections.abc import Iterable, Sequence

import pytest

from harness import kernels

PLACES = GUEST, MACHINES, HOST = "guest", "machines", "host"
GUEST_FIXTURE = "lab"
# Fixtures that would cost a boot in every shard that has one of their tests.
SHARED_FIXTURES = {"newborn", "dnf_lab"}


def place(item: pytest.Item) -> str:
    """Where a test runs: in the guest, which it asks for itself or by a fixture; in machines that
    it boots; on the host. Only what runs in the guest depends on the kernel."""
    if GUEST_FIXTURE in getattr(item, "fixturenames", ()):
        return GUEST
    return MACHINES if item.get_closest_marker("machine") else HOST


def parse_shard(text: str) -> tuple[int, int]:
    """Read I/N."""
    try:
        index, count = map(int, text.split("/"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: not I/N") from None
    if not 1 <= index <= count:
        raise argparse.ArgumentTypeError(f"{text}: no such shard")
    return index, count


def weight(item: pytest.Item) -> float:
    """About how many seconds a test takes."""
    mark = item.get_closest_marker("takes")
    return mark.args[0] if mark else 1


def units(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    """Tests that wait for the same, or boot the same, as one; all others apart."""
    found: dict[object, list[pytest.Item]] = {}
    for item in items:
        shared = SHARED_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        found.setdefault(min(shared, default=item), []).append(item)
    return list(found.values())


def deal(weights: Sequence[float], count: int) -> list[int]:
    """For each weight its shard, such that all shards come to about the same.

    The heaviest are dealt first, each to the lightest shard. Among equals the last one is dealt
    to again (1 2 2 1 1 2 …): neighbours, which take equally long, are dealt out, but no shard
    gets all of one family or backend.
    """
    loads = [0.0] * count
    dealt = [0] * count
    shards = [0] * len(weights)
    for turn, at in enumerate(sorted(range(len(weights)), key=lambda at: -weights[at]), 1):
        shard = min(range(count), key=lambda shard: (loads[shard], -dealt[shard], shard))
        loads[shard] += weights[at]
        dealt[shard] = turn
        shards[at] = shard
    return shards


def in_shard(items: list[pytest.Item], index: int, count: int) -> list[pytest.Item]:
    """The tests of a shard."""
    together = units(items)
    shards = deal([sum(map(weight, unit)) for unit in together], count)
    return [item for unit, shard in zip(together, shards) if shard == index - 1 for item in unit]


def turn(item: pytest.Item) -> int:
    """For sorting: tests that begin what others wait for, all others, those that wait for it."""
    return bool(item.get_closest_marker("late")) - bool(item.get_closest_marker("early"))


class Selection:
    """A pytest plugin: drops the tests that are another run's, and lets nobody wait in vain."""

    def __init__(self, only: str | None, shard: tuple[int, int], kernel: str) -> None:
        self._only = only
        self._shard = shard
        self._is_default = kernel == kernels.DEFAULT

    @pytest.hookimpl(trylast=True)  # after -k and -m: what they leave is dealt out evenly
    def pytest_collection_modifyitems(self, config: pytest.Config,
                                      items: list[pytest.Item]) -> None:
        """Keep what was asked for, in the order in which it takes the least time."""
        mine = [item for item in items
                if self._only in (None, place(item))
                and (self._is_default or not item.get_closest_marker("any_kernel"))]
        kept = set(in_shard(mine, *self._shard))
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = sorted((item for item in items if item in kept), key=turn)


class ForProcess:
    """A pytest plugin: keeps what a kernel as a process can run, and tells what it cannot."""

    def __init__(self) -> None:
        self._reasons: collections.Counter[str] = collections.Counter()

    def _reason(self, item: pytest.Item) -> str | None:
        if place(item) != GUEST:
            return "does not run in the guest"
        mark = item.get_closest_marker("virtual")
        return mark.kwargs["reason"] if mark else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config,
                                      items: list[pytest.Item]) -> None:
        """Drop what needs a virtual machine."""
        reasons = {item: self._reason(item) for item in items}
        self._reasons.update(filter(None, reasons.values()))
        config.hook.pytest_deselected(items=[item for item in items if reasons[item]])
        items[:] = [item for item in items if not reasons[item]]

    def pytest_terminal_summary(self, terminalreporter) -> None:
        """How many were dropped, and why."""
        terminalreporter.section("not for a kernel as a process")
        for reason, count in self._reasons.most_common():
            terminalreporter.line(f"{count:5} {reason}")
