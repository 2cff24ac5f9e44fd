# SPDX-License-Identifier: GPL-2.0-or-later
"""What the runs of pytest found, read from the JUnit XML of each and put together by kernel."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from harness.runner.pool import Outcome

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
WORST_LAST = [PASSED, SKIPPED, FAILED]
TAGS = {"failure": FAILED, "error": FAILED, "skipped": SKIPPED}

JUNIT = "junit.xml"
OUTPUT = "output.txt"
TAIL_LINES = 40
# Of pytest's exit statuses.
TESTS_FAILED, NO_TESTS = 1, 5


@dataclasses.dataclass(frozen=True)
class Case:
    """One test with one set of parameters on one kernel."""

    module: str
    test: str
    variant: str
    outcome: str
    seconds: float
    spec: str = ""
    text: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same on another kernel."""
        return self.module, self.test, self.variant

    @property
    def name(self) -> str:
        """As pytest takes it."""
        variant = f"[{self.variant}]" if self.variant else ""
        return f"{self.module.replace('.', '/')}.py::{self.test}{variant}"

    @property
    def reason(self) -> str:
        """One line of the text: pytest marks with E what went wrong."""
        lines = self.text.splitlines() or [""]
        return next((line[1:].strip() for line in lines if line.startswith("E ")), lines[0])


@dataclasses.dataclass
class Row:
    """All that is known of a kernel, or of what ran without one."""

    name: str
    cases: list[Case] = dataclasses.field(default_factory=list)
    facts: dict[str, str] = dataclasses.field(default_factory=dict)
    outcomes: list[Outcome] = dataclasses.field(default_factory=list)

    def count(self, outcome: str) -> int:
        """How many cases ended so."""
        return sum(case.outcome == outcome for case in self.cases)

    def seconds(self, build: bool) -> float:
        """How long its builds took, or its tests."""
        return sum(outcome.seconds for outcome in self.outcomes
                   if outcome.job.is_build == build)


def _case(element: ElementTree.Element) -> Case:
    test, _, variant = element.attrib["name"].partition("[")
    outcome, texts = PASSED, []
    for child in element:
        if child.tag in TAGS:
            outcome = TAGS[child.tag]
            # The text of a skip is a place in a file; its message is the reason.
            message = child.get("message", "")
            texts.append(message if outcome == SKIPPED else child.text or message)
    spec = element.find("properties/property[@name='spec']")
    return Case(element.attrib["classname"], test, variant.removesuffix("]"), outcome,
                float(element.attrib["time"]), "" if spec is None else spec.attrib["value"],
                "\n".join(texts))


def read(path: Path) -> tuple[list[Case], dict[str, str]]:
    """The cases and the facts in a JUnit XML file of pytest's."""
    root = ElementTree.parse(path).getroot()
    facts = {entry.attrib["name"]: entry.attrib["value"]
             for entry in root.iterfind("testsuite/properties/property")}
    return [_case(element) for element in root.iter("testcase")], facts


def _joined(first: Case, second: Case) -> Case:
    """Two reports on one case, such as of its call and of its teardown."""
    return dataclasses.replace(
        first, outcome=max(first.outcome, second.outcome, key=WORST_LAST.index),
        seconds=first.seconds + second.seconds,
        text="\n".join(text for text in (first.text, second.text) if text))


def merge(cases: Iterable[Case]) -> list[Case]:
    """Each case once, with the worst that happened to it."""
    found: dict[tuple, Case] = {}
    for case in cases:
        found[case.key] = _joined(found[case.key], case) if case.key in found else case
    return [found[key] for key in sorted(found)]


def _own_case(outcome: Outcome, directory: Path, cases: list[Case]) -> list[Case]:
    """A job as a case, if it is a build or has failed though no test says so."""
    job = outcome.job
    module, test = (f"harness.{job.part}", "build") if job.is_build else ("job", job.part)
    told = outcome.status == TESTS_FAILED and any(case.outcome == FAILED for case in cases)
    if not job.is_build and (outcome.status in (0, NO_TESTS) or told):
        return []
    if outcome.status == 0:
        return [Case(module, test, "", PASSED, outcome.seconds)]
    lines = (directory / OUTPUT).read_text(errors="replace").splitlines()[-TAIL_LINES:]
    text = "\n".join([f"{job} ended with status {outcome.status}", *lines])
    printable = "".join(letter for letter in text if letter.isprintable() or letter in "\t\n")
    return [Case(module, test, "", FAILED, outcome.seconds, text=printable)]


def gather(name: str, outcomes: Sequence[Outcome], folder: Path) -> Row:
    """The row of a kernel from what its jobs left in their directories below folder."""
    row = Row(name, outcomes=list(outcomes))
    cases = []
    for outcome in outcomes:
        directory = folder / outcome.job.directory
        junit = directory / JUNIT
        found, facts = read(junit) if junit.exists() else ([], {})
        row.facts |= facts
        cases += found + _own_case(outcome, directory, found)
    row.cases = merge(cases)
    return row


def fail_unrun(rows: list[Row]) -> None:
    """Fail the cases that every kernel skipped: nothing proves what they say."""
    ran = {case.key for row in rows for case in row.cases if case.outcome != SKIPPED}
    for row in rows:
        row.cases = [case if case.key in ran else dataclasses.replace(
            case, outcome=FAILED, text=f"no kernel of the matrix runs this test: {case.text}")
            for case in row.cases]
