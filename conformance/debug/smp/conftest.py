# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the lane with two CPUs. Its tests are for its kernels, which debug/smp/run boots."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.firewall import Firewall
from harness.guest import Guest
from harness.net import V4, V6, Family
from harness.source_kernel import Recipe
from recipes import RECIPES
from street import Street


def _is_of(recipe: Recipe, config: pytest.Config) -> bool:
    """Whether this kernel was built so."""
    image = config.getoption("--image")
    return bool(image) and image.directory.parent.name == f"{recipe.purpose}-image"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """On the kernels of the suite they would take minutes and show next to nothing."""
    return None if any(_is_of(recipe, config) for recipe in RECIPES.values()) else True


# KCSAN sleeps until it is told to watch.
WATCH = """
set -e
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
echo on >/sys/kernel/debug/kcsan
"""
WATCHED = re.compile(r"^enabled: 1$.*^setup_watchpoints: [1-9]", re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def races(guest: Guest, request: pytest.FixtureRequest) -> Iterator[None]:
    """Data races are looked for, if this kernel is the one for that."""
    watches = _is_of(RECIPES["kcsan"], request.config)
    if watches:
        guest.run(WATCH)
    yield
    if watches:
        assert WATCHED.search(guest.agent.read("/sys/kernel/debug/kcsan"))


@pytest.fixture(params=[("nft", V4), ("legacy", V6)], ids=["nft-v4", "legacy-v6"])
def side(request: pytest.FixtureRequest) -> tuple[str, Family]:
    """Each backend and each family once: the module is the same behind them."""
    return request.param


@pytest.fixture
def firewall(guest: Guest, side: tuple[str, Family]) -> Firewall:
    """The rules of a backend and family; none at first, everything accepted."""
    return Firewall(guest, *side)


@pytest.fixture
def street(guest: Guest, side: tuple[str, Family]) -> Street:
    """Where storms come from."""
    return Street(guest, side[1])
