# SPDX-License-Identifier: GPL-2.0-or-later
"""The conformance suite, in a kernel as a process, where something counts what it runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from harness import HarnessError
from harness.guest import Guest
from harness.image import Image
from harness.lab import LAB, Lab

CONFORMANCE = Path(__file__).resolve().parent.parent


class Counter(Protocol):
    """What counts in a guest."""

    def place(self, guest: Guest) -> None:
        """Make a guest count that has just been booted."""

    def read(self, guest: Guest, image: Image) -> None:
        """Take out of the guest what it has counted, before it is switched off."""


class Counting:
    """A pytest plugin: counters in the guest that tests run in."""

    def __init__(self, counters: Sequence[Counter]) -> None:
        self._counters = counters
        self._guest: Guest | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A test may have killed the guest before."""
        self._counted(item.config.stash[LAB])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Before the verdict, which ends the guest."""
        lab = session.config.stash[LAB]
        if lab.booted:
            for counter in self._counters:
                counter.read(self._counted(lab), lab.image)
        yield

    def _counted(self, lab: Lab) -> Guest:
        guest = lab.guest()
        if guest is not self._guest:
            for counter in self._counters:
                counter.place(guest)
            self._guest = guest
        return guest


def run(counters: Sequence[Counter], kernel: str) -> None:
    """All tests that a kernel can run that is a process, of this configuration."""
    status = pytest.main(["--rootdir", str(CONFORMANCE), "-q", "--process", kernel,
                          str(CONFORMANCE)], plugins=[Counting(counters)])
    if status != pytest.ExitCode.OK:
        raise HarnessError("the suite fails: what it ran is no measure")
