# SPDX-License-Identifier: GPL-2.0-or-later
"""The module, under the conformance suite in a kernel as a process that counts: CONFIG_GCOV_KERNEL.

The compiler optimizes the kernel, and counts what is left: a branch here is one of the machine's,
and not always one that the source shows.
"""

import base64
import dataclasses
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from counts import Counts
from harness import HarnessError
from harness.guest import Guest
from harness.lab import LAB

CONFORMANCE = Path(__file__).resolve().parent.parent
CONFIGURATION = "coverage"
# The kernel keeps what a module counted that is unloaded, and adds up.
READ = """
mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug
cd /sys/kernel/debug/gcov
find . -name '*.gcda' -path '*/work/*' | while read -r file; do
    echo "$file $(base64 -w 0 <"$file")"
done
"""


@dataclasses.dataclass(frozen=True)
class Line:
    """Of a function: how often each of its branches was taken."""

    function: str
    text: str
    count: int
    branches: tuple[int, ...]


class Reader:
    """A pytest plugin: takes the counters out of the guest before it is switched off."""

    def __init__(self) -> None:
        self.counters: dict[str, bytes] = {}
        self.work = Path()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Before the verdict, which ends the guest."""
        lab = session.config.stash[LAB]
        if lab.booted:
            self.counters = read(lab.guest())
            self.work = lab.image.modules / "work"
        yield


def read(guest: Guest) -> dict[str, bytes]:
    """What the module's files have counted, by the name of the file of counters."""
    lines = guest.run(READ).stdout.splitlines()
    return {Path(name).name: base64.b64decode(content)
            for name, content in (line.split() for line in lines)}


def _report(work: Path, counters: dict[str, bytes]) -> Iterator[dict]:
    """What gcov makes of each file's counters; work has the notes that the compiler left."""
    with tempfile.TemporaryDirectory(prefix="portknocko-coverage-") as name:
        for file, content in counters.items():
            (Path(name) / file).write_bytes(content)
            note = (work / file).with_suffix(".gcno")
            (Path(name) / note.name).write_bytes(note.read_bytes())
            shown = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout",
                                    file], cwd=name, check=True, capture_output=True, text=True)
            yield from json.loads(shown.stdout)["files"]


def ours(file: str, work: Path) -> Path | None:
    """Where a file is now that was compiled; None for a header of the kernel's.

    A layer of the cache has another name while it is built.
    """
    built = work.parent.with_name(f".{work.parent.name}") / work.name
    return work / Path(file).relative_to(built) if built in Path(file).parents else None


def _merge(found: dict[str, dict[int, Line]], path: Path, entry: dict) -> None:
    """Add an entry of gcov's: a header's lines are there once for each file that includes it."""
    texts = path.read_text().splitlines()
    lines = found.setdefault(path.name, {})
    for line in entry["lines"]:
        number = line["line_number"]
        branches = tuple(branch["count"] for branch in line["branches"])
        former = lines.get(number)
        if former:
            count = former.count + line["count"]
            same = len(former.branches) == len(branches)
            branches = tuple(map(sum, zip(former.branches, branches))) if same else max(
                former.branches, branches, key=lambda all: sum(map(bool, all)))
        else:
            count = line["count"]
        lines[number] = Line(line.get("function_name", ""), texts[number - 1].strip(), count,
                             branches)


def lines(work: Path, counters: dict[str, bytes]) -> dict[str, dict[int, Line]]:
    """Of each of the module's files, by number."""
    found: dict[str, dict[int, Line]] = {}
    for entry in _report(work, counters):
        if path := ours(entry["file"], work):
            _merge(found, path, entry)
    return found


def count(file: dict[int, Line]) -> Counts:
    """A file's."""
    branches = [taken for line in file.values() for taken in line.branches]
    return Counts(len(file), sum(line.count > 0 for line in file.values()),
                  len(branches), sum(taken > 0 for taken in branches))


def gaps(files: dict[str, dict[int, Line]]) -> dict[str, str]:
    """Lines that were not run, or not left by all of their branches: what is missing, by name.

    The name does not tell the line's number, so that it lasts.
    """
    found = {}
    for file, its in sorted(files.items()):
        for _, line in sorted(its.items()):
            missed = sum(not taken for taken in line.branches)
            name = f"{file} {line.function}: {line.text}"
            if not line.count:
                found[name] = "never run"
            elif missed:
                found.setdefault(name, f"{missed} of {len(line.branches)} branches never taken")
    return found


def measure(words: list[str]) -> dict[str, dict[int, Line]]:
    """Run the suite, or what of it words choose, as arguments of pytest do."""
    reader = Reader()
    status = pytest.main(["--rootdir", str(CONFORMANCE), "-q", "--process", CONFIGURATION,
                          *(words or [str(CONFORMANCE)])], plugins=[reader])
    if status != pytest.ExitCode.OK:
        raise HarnessError("the suite fails: what it ran is no measure")
    return lines(reader.work, reader.counters)
