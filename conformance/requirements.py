#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps REQUIREMENTS.md true: under each sentence stand exactly the tests that name its id.

Sentences are written by hand, lists of tests by `requirements.py --write`. Without --write, says
what is wrong: a list that differs, a sentence without a test, an id without a sentence.
"""

import argparse
import contextlib
import io
import re
import sys
from pathlib import Path

import pytest

from harness.report import spec_ids

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE / "REQUIREMENTS.md"
HEADING = re.compile(r"## (\w+)$")
ENTRY = re.compile(r"- `test_\w+\.py::\w+`$")


class Collector:
    """A pytest plugin: which tests name which sentence."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tests by name, whatever they are parametrised with."""
        for item in session.items:
            for name in spec_ids(item):
                test = f"{item.path.name}::{item.originalname}"
                self.tests.setdefault(name, set()).add(test)


def collect() -> dict[str, set[str]]:
    """The tests of each sentence, found by collecting the suite."""
    collector = Collector()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(["--collect-only", "-q", str(HERE)], plugins=[collector])
    if status:
        raise SystemExit(output.getvalue())
    return collector.tests


def _sections(document: str) -> list[list[str]]:
    """The lines of each section, the first of which precedes all headings."""
    sections: list[list[str]] = [[]]
    for line in document.splitlines():
        if HEADING.match(line):
            sections.append([])
        sections[-1].append(line)
    return sections


def rewrite(document: str, tests: dict[str, set[str]]) -> str:
    """The document with the lists of tests that it should have."""
    written = []
    for section in _sections(document):
        heading = HEADING.match(section[0])
        named = tests.get(heading[1], set()) if heading else set()
        prose = "\n".join(line for line in section if not ENTRY.match(line)).strip("\n")
        written += [prose, "\n".join(f"- `{test}`" for test in sorted(named))]
    return "\n\n".join(block for block in written if block) + "\n"


def faults(document: str, tests: dict[str, set[str]]) -> list[str]:
    """What is wrong with the document, in sentences."""
    named = [match[1] for line in document.splitlines() if (match := HEADING.match(line))]
    found = [f"{name}: no test names this sentence" for name in named if name not in tests]
    found += [f"{name}: no such sentence, but {', '.join(sorted(tests[name]))}"
              for name in sorted(tests.keys() - set(named))]
    if rewrite(document, tests) != document:
        found.append("the lists of tests differ from the suite: run requirements.py --write")
    return found


def main() -> int:
    """Check, or write and check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the lists of tests")
    arguments = parser.parse_args()
    tests = collect()
    document = DOCUMENT.read_text()
    if arguments.write:
        document = rewrite(document, tests)
        DOCUMENT.write_text(document)
    found = faults(document, tests)
    for fault in found:
        print(f"{DOCUMENT.name}: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
