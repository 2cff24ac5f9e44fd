# SPDX-License-Identifier: GPL-2.0-or-later
"""What packets cost when it was last agreed on, in instructions, and what has changed since.

Instructions depend on the kernel and its compiler, too, and on what the emulated processor has. So
baseline.json names those that it holds for, and the sources of the module that it is of: by git's
name for the tree src/kernel, which stays what it is however commits are rewritten.
"""

import dataclasses
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness import HarnessError
from harness.sources import REPOSITORY

from table import Results, number

FILE = Path(__file__).resolve().parent / "baseline.json"
TOLERANCE = 0.03
SOURCE = "src/kernel"

Counts = Mapping[str, float]


@dataclasses.dataclass(frozen=True)
class Baseline:
    """Instructions by case, where they were counted, and of what."""

    environment: dict[str, str]
    source: str
    counts: Counts


@dataclasses.dataclass(frozen=True)
class Change:
    """A case that costs another than it did, or that one side does not have."""

    case: str
    before: float | None
    after: float | None

    @property
    def worse(self) -> bool:
        """Whether it is to be mended: it costs more, or it is no longer measured."""
        return self.after is None or self.before is not None and self.after > self.before

    def __str__(self) -> str:
        if self.before is None or self.after is None:
            return f"{self.case}: {'only now' if self.before is None else 'no longer'} measured"
        return (f"{self.case}: {number(self.before)} → {number(self.after)} instructions,"
                f" {self.after / self.before - 1:+.1%}")


def counts_of(measured: dict) -> Counts:
    """Our match's medians, by names for people."""
    results = Results(measured)
    return {f"IPv{family} {case} {size}": round(cost, 1)
            for (case, family, size) in results.rows
            if (cost := results.get(case, family, size, "pknock")) is not None}


def changes(before: Counts, after: Counts) -> Iterator[Change]:
    """What differs by more than the tolerance."""
    for case in [*before, *(case for case in after if case not in before)]:
        change = Change(case, before.get(case), after.get(case))
        if change.before is None or change.after is None or (
                abs(change.after - change.before) > TOLERANCE * change.before):
            yield change


def read() -> Baseline:
    """The baseline of the checkout."""
    try:
        return Baseline(**json.loads(FILE.read_text()))
    except FileNotFoundError as error:
        raise HarnessError("there is no baseline yet: bench/gate --update makes one") from error


def write(baseline: Baseline) -> None:
    """Replace it; a line for each case, so that a commit shows what changed."""
    FILE.write_text(json.dumps(dataclasses.asdict(baseline), indent=1) + "\n")


def _git(*words: str, **options) -> bytes:
    result = subprocess.run(["git", "-C", REPOSITORY, *words], check=False, capture_output=True,
                            **options)
    if result.returncode:
        raise HarnessError(f"git {' '.join(words)}: {result.stderr.decode().strip()}")
    return result.stdout


def present_source() -> str:
    """Git's name for what src/kernel is in the checkout, committed or not."""
    with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        environment = os.environ | {"GIT_INDEX_FILE": f"{scratch}/index"}
        _git("add", "--", SOURCE, env=environment)
        return _git("write-tree", f"--prefix={SOURCE}/", env=environment).decode().strip()


def unpack_source(tree: str, destination: Path) -> None:
    """The sources of that name, from git's history."""
    try:
        archive = _git("archive", tree)
    except HarnessError as error:
        raise HarnessError(
            "the baseline is of another kernel or compiler than this one's, and the history here "
            f"lacks its {SOURCE} ({tree}), to count its instructions anew: fetch the history, or "
            "look what has changed since by other means and make a baseline by bench/gate --update"
        ) from error
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(destination)
