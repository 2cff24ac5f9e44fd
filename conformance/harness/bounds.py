# SPDX-License-Identifier: GPL-2.0-or-later
"""The one way to skip a test: @pytest.mark.kernel(min="5.15", reason="…").

The matrix fails a test that every kernel skips, so that a bound cannot outlive its kernels.
"""

import re
from collections.abc import Callable, Generator

import pytest


def version(release: str) -> tuple[int, ...]:
    """The numbers that a kernel release starts with: 6.1.0-44-cloud-amd64 is 6, 1, 0."""
    match = re.match(r"\d+(\.\d+)*", release)
    if not match:
        raise ValueError(f"not a kernel release: {release!r}")
    return tuple(map(int, match[0].split(".")))


class KernelBounds:
    """A pytest plugin: skips tests outside their bounds, and fails any other skip."""

    def __init__(self, release: Callable[[], str]) -> None:
        self._release = release

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip what the running kernel cannot do."""
        for mark in item.iter_markers("kernel"):
            if version(self._release()) < version(mark.kwargs["min"]):
                pytest.skip(f"kernel before {mark.kwargs['min']}: {mark.kwargs['reason']}")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, None, None]:
        """A skip without a bound is a failure."""
        outcome = yield
        report = outcome.get_result()
        if report.skipped and not item.get_closest_marker("kernel"):
            report.outcome = "failed"
            report.longrepr = f"a skip names a kernel bound (harness/bounds.py): {report.longrepr}"
