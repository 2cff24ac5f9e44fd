# SPDX-License-Identifier: GPL-2.0-or-later
"""Which part of the suite a run of pytest takes: --only host|guest, --shard I/N."""

import argparse
import itertools
from collections.abc import Iterable

import pytest

GUEST_FIXTURE = "lab"


def needs_guest(item: pytest.Item) -> bool:
    """Whether a test asks for the guest, itself or by a fixture; others do not depend on it."""
    return GUEST_FIXTURE in getattr(item, "fixturenames", ())


def parse_shard(text: str) -> tuple[int, int]:
    """Read I/N."""
    try:
        index, count = map(int, text.split("/"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: not I/N") from None
    if not 1 <= index <= count:
        raise argparse.ArgumentTypeError(f"{text}: no such shard")
    return index, count


def in_shard(index: int, count: int) -> Iterable[bool]:
    """For one test after the other, whether it is in the shard.

    Turns at each end (1 2 3 3 2 1 1 2 …): neighbours, which take equally long, are dealt out, but
    no shard gets all of one family or backend.
    """
    there = list(range(1, count + 1))
    return (number == index for number in itertools.cycle(there + there[::-1]))


class Selection:
    """A pytest plugin: drops the tests that are another run's."""

    def __init__(self, only: str | None, shard: tuple[int, int]) -> None:
        self._only = only
        self._shard = shard

    @pytest.hookimpl(trylast=True)  # after -k and -m: what they leave is dealt out evenly
    def pytest_collection_modifyitems(self, config: pytest.Config,
                                      items: list[pytest.Item]) -> None:
        """Keep what was asked for."""
        mine = [item for item in items
                if self._only is None or needs_guest(item) == (self._only == "guest")]
        mine = list(itertools.compress(mine, in_shard(*self._shard)))
        kept = set(mine)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = mine
