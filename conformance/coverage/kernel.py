# SPDX-License-Identifier: GPL-2.0-or-later
"""The module, under the conformance suite in a kernel as a process that counts: CONFIG_GCOV_KERNEL.

The compiler optimizes the kernel, and counts what is left: a branch here is one of the machine's,
and not always one that the source shows.
"""

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.guest import Guest
from harness.process_image import ProcessImage
from lines import Line, Lines

# The kernel keeps what a module counted that is unloaded, and adds up.
READ = """
mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug
cd /sys/kernel/debug/gcov
find . -name '*.gcda' -path '*/work/*' | while read -r file; do
    echo "$file $(base64 -w 0 <"$file")"
done
"""


class Module:
    """Counts what of the module is run in a guest."""

    def __init__(self) -> None:
        self._counters: dict[str, bytes] = {}
        self._work = Path()

    def place(self, _guest: Guest) -> None:
        """Nothing: the kernel counts since it was booted."""

    def read(self, guest: Guest, image: ProcessImage) -> None:
        """What the module's files have counted, by the name of the file of counters."""
        lines = guest.run(READ).stdout.splitlines()
        self._counters = {Path(name).name: base64.b64decode(content)
                          for name, content in (line.split() for line in lines)}
        self._work = image.modules / "work"

    def lines(self) -> dict[str, Lines]:
        """Of each of the module's files, by number."""
        found: dict[str, Lines] = {}
        for entry in _report(self._work, self._counters):
            if path := ours(entry["file"], self._work):
                _merge(found, path, entry)
        return found


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


def _merge(found: dict[str, Lines], path: Path, entry: dict) -> None:
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
