# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest with other firewalls in it. It does not depend on --kernel: one run is enough."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import cache, kernels, privilege
from harness.guest import Guest
from harness.image import Image
from harness.lab import LOGS, Lab

ROW = kernels.load()[kernels.DEFAULT]


@pytest.fixture(scope="session")
def disk() -> Image:
    """The disk (harness/beside.py)."""
    image = privilege.build_image_beside(ROW, "recipes")
    cache.lease(image.directory)
    return image


@pytest.fixture(scope="module")
def recipes_lab(request: pytest.FixtureRequest, disk: Image) -> Iterator[Lab]:
    """The owner of the guest; at the end, its verdict."""
    logs: Path = request.config.getoption("--logs") or LOGS
    lab = Lab(ROW, logs / "recipes", disk)
    yield lab
    faults = lab.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def guest(request: pytest.FixtureRequest, recipes_lab: Lab) -> Iterator[Guest]:
    """The guest as after boot."""
    with recipes_lab.lend(request.node.name) as machine:
        yield machine
