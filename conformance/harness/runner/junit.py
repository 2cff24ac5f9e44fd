# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes JUnit XML: a suite for each kernel."""

from pathlib import Path
from xml.etree import ElementTree

from harness.runner.results import FAILED, SKIPPED, Case, Row


def _case(suite: ElementTree.Element, row: Row, case: Case) -> None:
    variant = f"[{case.variant}]" if case.variant else ""
    element = ElementTree.SubElement(suite, "testcase", classname=f"{row.name}.{case.module}",
                                     name=case.test + variant, time=f"{case.seconds:.3f}")
    if case.spec:
        properties = ElementTree.SubElement(element, "properties")
        ElementTree.SubElement(properties, "property", name="spec", value=case.spec)
    tag = {FAILED: "failure", SKIPPED: "skipped"}.get(case.outcome)
    if tag:
        ElementTree.SubElement(element, tag, message=case.reason).text = case.text


def _suite(row: Row) -> ElementTree.Element:
    seconds = row.seconds(build=False)
    suite = ElementTree.Element(
        "testsuite", name=row.name, tests=str(len(row.cases)), failures=str(row.count(FAILED)),
        errors="0", skipped=str(row.count(SKIPPED)), time=f"{seconds:.3f}")
    properties = ElementTree.SubElement(suite, "properties")
    times = {f"seconds, {outcome.job.part}": f"{outcome.seconds:.0f}" for outcome in row.outcomes}
    for name, value in {**row.facts, **times}.items():
        ElementTree.SubElement(properties, "property", name=name, value=value)
    for case in row.cases:
        _case(suite, row, case)
    return suite


def write(path: Path, rows: list[Row]) -> None:
    """Write the suites of these rows into one file."""
    root = ElementTree.Element("testsuites")
    root.extend(_suite(row) for row in rows)
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
