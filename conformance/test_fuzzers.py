# SPDX-License-Identifier: GPL-2.0-or-later
"""What is told of fuzzers: by programs that write what libFuzzer does, and end as it ends."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness import HarnessError, fuzzers
from harness.sources import REPOSITORY

FUZZ = REPOSITORY / "conformance/fuzz"

CLEAN = """\
#2\tINITED cov: 24 ft: 25 corp: 1/1b exec/s: 0 rss: 34Mb
#3461\tDONE   cov: 217 ft: 646 corp: 50/900b lim: 21 exec/s: 494 rss: 101Mb
stat::number_of_executed_units: 3461
stat::peak_rss_mb:              101
"""
BROKEN = """\
#2\tINITED cov: 24 ft: 25 corp: 1/1b exec/s: 0 rss: 34Mb
targets/door.cpp:7: does not hold: open
==9== ERROR: libFuzzer: deadly signal
Test unit written to {crash}
stat::number_of_executed_units: 12
"""


def plant(tree: Path, output: str, status: int) -> Path:
    """A target "door" that writes this and ends so; it notes what it was started with."""
    program = tree / "build/fuzz/targets/door"
    program.parent.mkdir(parents=True)
    (tree / "output").write_text(output)
    program.write_text(f'#!/bin/sh\necho "$@" >{tree}/words\ncat {tree}/output\nexit {status}\n')
    program.chmod(0o755)
    return program


def test_figures_are_the_fuzzer_s_last_ones(tmp_path: Path) -> None:
    plant(tmp_path, CLEAN, 0)
    outcome = fuzzers.fuzz("door", 5, tmp_path)
    assert not outcome.failed
    assert (outcome.runs, outcome.edges, outcome.inputs, outcome.peak) == (3461, 217, 50, 101)


def test_failure_has_a_cause_and_the_input_that_shows_it(tmp_path: Path) -> None:
    crash = tmp_path / "build/fuzz/crashes/door-crash-1"
    plant(tmp_path, BROKEN.format(crash=crash), 77)
    outcome = fuzzers.fuzz("door", 5, tmp_path)
    assert outcome.failed
    assert outcome.runs == 12
    assert outcome.cause == "targets/door.cpp:7: does not hold: open"
    assert fuzzers.how_to_reproduce(outcome, tmp_path) == (
        "build/fuzz/targets/door build/fuzz/crashes/door-crash-1")


def test_program_that_does_not_even_start_has_failed(tmp_path: Path) -> None:
    plant(tmp_path, "", 127)
    assert fuzzers.fuzz("door", 5, tmp_path).failed


def test_new_inputs_go_beside_the_tree_s_corpus(tmp_path: Path) -> None:
    plant(tmp_path, CLEAN, 0)
    seeds = tmp_path / "conformance/fuzz/corpus/door"
    seeds.mkdir(parents=True)
    fuzzers.fuzz("door", 7, tmp_path)
    words = (tmp_path / "words").read_text().split()
    assert "-max_total_time=7" in words
    assert "-seed=0" in words
    found = tmp_path / "build/fuzz/corpus/door"
    assert words[-2:] == [str(found), str(seeds)]  # libFuzzer writes into the first
    (found / "new").touch()
    fuzzers.forget("door", tmp_path)
    assert not found.exists() and seeds.exists()


def test_without_clang_it_is_said_what_is_missing(tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HarnessError, match="scripts/setup check"):
        fuzzers.build(["door"], tmp_path)


def test_unknown_target_is_refused() -> None:
    result = subprocess.run([FUZZ / "run", "no-such-target"], check=False, text=True,
                            capture_output=True, env=os.environ)
    assert result.returncode == 2
    assert "no such target: no-such-target" in result.stderr


def test_every_target_is_built_and_begins_with_something() -> None:
    built = re.findall(r"^add_fuzzer\((\S+)", (FUZZ / "CMakeLists.txt").read_text(), re.MULTILINE)
    assert sorted(built) == fuzzers.names()
    for target in fuzzers.names():
        assert any((FUZZ / "corpus" / target).iterdir()), target


def test_every_plant_names_a_target_and_fits_the_sources() -> None:
    for path in sorted((FUZZ / "plants").glob("*.patch")):
        target = re.search(r"^Target: (\S+)$", path.read_text(), re.MULTILINE)
        assert target and target[1] in fuzzers.names(), path.name
        subprocess.run(["patch", "-p1", "--fuzz=0", "--dry-run", "-i", path], cwd=REPOSITORY,
                       check=True, stdout=subprocess.DEVNULL)
