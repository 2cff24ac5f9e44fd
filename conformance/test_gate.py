# SPDX-License-Identifier: GPL-2.0-or-later
"""bench/gate: what it takes for a regression, and what it knows the baseline's sources by."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness import HarnessError
from harness.sources import REPOSITORY

sys.path.append(str(REPOSITORY / "bench"))
import baseline  # noqa: E402


@pytest.mark.parametrize("after, expected", [
    ({"a": 102.9, "b": 50}, []),
    ({"a": 97.1, "b": 50}, []),
    ({"a": 103.1, "b": 50}, [("a", True)]),
    ({"a": 96.9, "b": 51.6}, [("a", False), ("b", True)]),
    ({"b": 50}, [("a", True)]),
    ({"a": 100, "b": 50, "c": 1}, [("c", False)]),
])
def test_three_percent_are_a_change(after: dict, expected: list) -> None:
    found = baseline.changes({"a": 100, "b": 50}, after)
    assert [(change.case, change.worse) for change in found] == expected


def test_counts_are_those_of_our_match_alone() -> None:
    places = {"case": "miss", "family": 4, "unit": "instructions", "size": 1000}
    measured = {"results": [places | {"rival": "pknock", "rounds": [90, 120, 100.04]},
                            places | {"rival": "null", "rounds": [7]}]}
    assert baseline.counts_of(measured) == {"IPv4 miss 1000": 100.0}


def test_sources_are_found_by_their_name(tmp_path: Path) -> None:
    tree = baseline.present_source()
    baseline.unpack_source(tree, tmp_path)
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "."],
                            cwd=REPOSITORY / baseline.SOURCE, check=True, capture_output=True,
                            text=True).stdout.split()
    expected = {name: (REPOSITORY / baseline.SOURCE / name).read_bytes() for name in listed}
    assert expected == {str(path.relative_to(tmp_path)): path.read_bytes()
                        for path in tmp_path.rglob("*") if path.is_file()}


def test_sources_that_history_lacks_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="fetch the history"):
        baseline.unpack_source("0" * 40, tmp_path)
