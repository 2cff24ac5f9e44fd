# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lanes share: how much of them to do, and the figures that they tell."""

from collections.abc import Callable, Iterator

import pytest

from harness.lab import Lab

# What a lane did, for the summary of debug/run.
DONE = "done: "


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", type=float, default=1.0,
                     help="of all loops, to do so many times as many")


@pytest.fixture
def share(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How often to do what is to be done so often."""
    return lambda rounds: max(4, round(rounds * request.config.getoption("--share")))


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say what was done."""
    return lambda text: _say(request, text)


def _say(request: pytest.FixtureRequest, text: str) -> None:
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{DONE}{text}", flush=True)


@pytest.fixture(scope="session")
def peak(lab: Lab, request: pytest.FixtureRequest) -> Iterator[None]:
    """In the end, tell how much memory guest and kernel took."""
    yield
    if lab.booted and lab.guest().vm.alive:
        _say(request, f"peak memory {lab.guest().vm.peak_memory() >> 20} MB")
