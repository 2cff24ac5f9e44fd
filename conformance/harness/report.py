# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of pytest tells beyond its tests: sentences of the specification, the verdict."""

import collections
import re
from collections.abc import Iterable

import pytest


def spec_ids(item: pytest.Item) -> list[str]:
    """The sentences that a test names with @pytest.mark.spec("M1", …)."""
    return [name for mark in item.iter_markers("spec") for name in mark.args]


def in_order(ids: Iterable[str]) -> list[str]:
    """Sorted as people count: A1, A2, M2, M10."""
    return sorted(ids, key=lambda name: [int(part) if part.isdigit() else part
                                         for part in re.split(r"(\d+)", name)])


def verdict(faults: list[str], seconds: float) -> pytest.TestReport:
    """The verdict on the guest, as the report of a test."""
    file, name = "harness/verdict.py", "guest_is_as_before"
    return pytest.TestReport(f"{file}::{name}", (file, None, name), {},
                             "failed" if faults else "passed", "\n".join(faults) or None, "call",
                             duration=seconds)


class SpecReport:
    """A pytest plugin: the table at the end of a run."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}
        self._outcomes: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember which test proves what, and have JUnit XML say so."""
        self._ids = {item.nodeid: spec_ids(item) for item in items}
        for item in items:
            if self._ids[item.nodeid]:
                item.user_properties.append(("spec", " ".join(self._ids[item.nodeid])))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst that happened to a test."""
        if report.outcome != "passed" or report.when == "call":
            if self._outcomes.get(report.nodeid) != "failed":
                self._outcomes[report.nodeid] = report.outcome

    def pytest_terminal_summary(self, terminalreporter) -> None:
        """One line a sentence."""
        table: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
        for nodeid, outcome in self._outcomes.items():
            for name in self._ids.get(nodeid, []):
                table[name][outcome] += 1
        if table:
            terminalreporter.section("tests per sentence of the specification")
        for name in in_order(table):
            counts = ", ".join(f"{count} {outcome}" for outcome, count in table[name].items())
            terminalreporter.line(f"{name:5} {counts}")
