# SPDX-License-Identifier: GPL-2.0-or-later
"""REQUIREMENTS.md names the tests that there are."""

import subprocess

import requirements

DOCUMENT = """# Title

## M1

> First.

- `test_a.py::test_one`

## M2

> Second.
"""
TESTS = {"M1": {"test_a.py::test_one"}, "M2": {"test_b.py::test_two", "test_a.py::test_one"}}


def test_document_names_the_tests_of_the_suite() -> None:
    check = subprocess.run([requirements.HERE / "requirements.py"], capture_output=True, text=True,
                           check=False)
    assert check.returncode == 0, check.stderr


def test_lists_are_written_from_the_suite() -> None:
    written = requirements.rewrite(DOCUMENT, TESTS)
    assert written == DOCUMENT + "\n- `test_a.py::test_one`\n- `test_b.py::test_two`\n"
    assert requirements.rewrite(written, TESTS) == written
    assert requirements.faults(written, TESTS) == []


def test_gaps_are_found() -> None:
    [untested] = requirements.faults(DOCUMENT, {"M1": TESTS["M1"]})
    assert untested == "M2: no test names this sentence"
    [outdated] = requirements.faults(DOCUMENT, TESTS)
    assert outdated.startswith("the lists of tests differ")
    unknown = requirements.faults(DOCUMENT, TESTS | {"X9": {"test_c.py::test_three"}})
    assert "X9: no such sentence, but test_c.py::test_three" in unknown
