# SPDX-License-Identifier: GPL-2.0-or-later
"""The fuzzers of fuzz/targets: built by clang with libFuzzer and sanitizers, run, and understood.

Below the checkout's build/fuzz are the programs (targets/), the inputs that were found worth
keeping (corpus/TARGET/), which a later run begins with, and those that ended a program (crashes/).
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import HarnessError, progress
from harness.sources import REPOSITORY

LONGEST_INPUT = 2048
SLOWEST_INPUT = 20  # seconds, then it is a fault
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}

RUNS = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
PEAK = re.compile(r"^stat::peak_rss_mb: +(\d+)", re.MULTILINE)
STATE = re.compile(r"^#\d+\t.* cov: (\d+) .*?corp: (\d+)/", re.MULTILINE)
WRITTEN = re.compile(r"Test unit written to (\S+)")
CAUSE = re.compile(r"^(.*: does not hold: .*|SUMMARY: .*|.*: runtime error: .*"
                   r"|==\d+==.*ERROR: .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What a fuzzer did with its time, and the input that ended it, if one did."""

    target: str
    failed: bool
    output: str
    seconds: float
    input: Path | None

    def _number(self, pattern: re.Pattern[str], group: int = 1) -> int:
        found = pattern.findall(self.output)
        if not found:
            return 0
        return int(found[-1][group - 1] if isinstance(found[-1], tuple) else found[-1])

    @property
    def runs(self) -> int:
        """How many inputs were tried."""
        return self._number(RUNS)

    @property
    def peak(self) -> int:
        """Memory that it took, in megabytes."""
        return self._number(PEAK)

    @property
    def edges(self) -> int:
        """Edges of the program's control flow that were gone along."""
        return self._number(STATE, 1)

    @property
    def inputs(self) -> int:
        """Inputs that differ in what they reach."""
        return self._number(STATE, 2)

    @property
    def cause(self) -> str:
        """Why it failed, in a line."""
        found = CAUSE.search(self.output)
        return found[1] if found else "ended without a word"


def names(tree: Path = REPOSITORY) -> list[str]:
    """All targets."""
    return sorted(path.stem for path in (tree / "conformance/fuzz/targets").glob("*.cpp"))


def build(targets: Sequence[str], tree: Path = REPOSITORY) -> None:
    """Compile these targets in the tree's build/fuzz."""
    for program in "clang", "clang++":
        if not shutil.which(program):
            raise HarnessError(f"{program} is not installed; scripts/setup check installs it")
    log = tree / "build/fuzz/build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    if not (tree / "build/fuzz/build.ninja").exists():  # else it sees by itself what has changed
        progress.run(["cmake", "--preset", "fuzz"], log, cwd=tree)
    progress.run(["cmake", "--build", "build/fuzz", "--target",
                  *(f"fuzz-{target}" for target in targets)], log, cwd=tree)


def _command(target: str, tree: Path) -> list[str]:
    crashes = tree / "build/fuzz/crashes"
    crashes.mkdir(parents=True, exist_ok=True)
    return [str(tree / "build/fuzz/targets" / target), f"-max_len={LONGEST_INPUT}",
            f"-timeout={SLOWEST_INPUT}", f"-artifact_prefix={crashes}/{target}-",
            "-print_funcs=0"]  # which takes seconds


def fuzz(target: str, seconds: int, tree: Path = REPOSITORY, seed: int = 0) -> Outcome:
    """Run a target for so long, or until it fails; with a seed other than 0, as the last time."""
    found = tree / "build/fuzz/corpus" / target
    found.mkdir(parents=True, exist_ok=True)
    seeds = tree / "conformance/fuzz/corpus" / target
    words = tree / "conformance/fuzz/dictionaries" / target
    command = [*_command(target, tree), f"-max_total_time={seconds}", f"-seed={seed}",
               "-print_final_stats=1"]
    command += [f"-dict={words}"] if words.exists() else []
    command += [str(found)]  # the first is the one that new inputs go to
    command += [str(seeds)] if seeds.is_dir() else []
    start = time.monotonic()
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                            env={**os.environ, **ENVIRONMENT})
    written = WRITTEN.findall(result.stdout)
    return Outcome(target, result.returncode != 0, result.stdout.replace(f"{tree}/", ""),
                   time.monotonic() - start, Path(written[-1]) if written else None)


def merge(target: str, tree: Path = REPOSITORY) -> int:
    """Make the tree's corpus of the fewest inputs that reach all that is reached; its bytes."""
    seeds = tree / "conformance/fuzz/corpus" / target
    found = tree / "build/fuzz/corpus" / target
    merged = tree / "build/fuzz/merged" / target
    shutil.rmtree(merged, ignore_errors=True)
    for folder in merged, found, seeds:
        folder.mkdir(parents=True, exist_ok=True)
    # Edges alone: how often each was gone along would keep ten times as many inputs.
    progress.run([*_command(target, tree), "-merge=1", "-use_counters=0", merged, seeds, found],
                 tree / "build/fuzz/merge.log", env={**os.environ, **ENVIRONMENT})
    shutil.rmtree(seeds)
    shutil.move(merged, seeds)
    return sum(path.stat().st_size for path in seeds.iterdir())


def forget(target: str, tree: Path = REPOSITORY) -> None:
    """Begin again with what is in the tree."""
    shutil.rmtree(tree / "build/fuzz/corpus" / target, ignore_errors=True)


def how_to_reproduce(outcome: Outcome, tree: Path = REPOSITORY) -> str:
    """The command that makes it fail once more."""
    program = Path("build/fuzz/targets") / outcome.target
    if outcome.input is None:
        return str(program)
    return f"{program} {outcome.input.relative_to(tree)}"
