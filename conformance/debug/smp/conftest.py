# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the lane with two CPUs. Its tests are for its kernels, which debug/smp/run boots."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.firewall import Firewall
from harness.guest import Guest
from harness.net import V4, V6, Family
from recipes import RECIPES
from street import Street


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """On the kernels of the suite they would take minutes and show next to nothing."""
    image = config.getoption("--image")
    kinds = {f"{recipe.purpose}-image" for recipe in RECIPES.values()}
    return None if image and image.directory.parent.name in kinds else True


# Of a kernel that has it, KCSAN sleeps until it is told to watch.
WATCH = """
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
if [ -e /sys/kernel/debug/kcsan ]; then echo on >/sys/kernel/debug/kcsan; fi
"""
WATCHED = "cat /sys/kernel/debug/kcsan"


@pytest.fixture(autouse=True)
def races(guest: Guest) -> Iterator[None]:
    """Data races are looked for, if this kernel is the one for that."""
    guest.run(WATCH)
    yield
    found = guest.run(WATCHED, check=False).stdout
    assert "enabled: 0" not in found
    assert re.search(r"^setup_watchpoints: 0$", found, re.MULTILINE) is None


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
