# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the lane with two CPUs. Its tests are for its kernels, which debug/smp/run boots."""

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
