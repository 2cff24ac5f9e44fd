# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines and branches, counted; tables of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from harness import markdown

HEAD = ["lines", "run", "", "branches", "taken", ""]


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many there are, and how many of them were run or taken."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_taken: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(mine + its for mine, its in zip(dataclasses.astuple(self),
                                                        dataclasses.astuple(other))))


def by_folder(files: dict[str, Counts]) -> dict[str, Counts]:
    """Sums over the files of each folder, without those of its own folders."""
    return grouped(files, lambda path: str(Path(path).parent))


def grouped(files: dict[str, Counts], group: Callable[[str], str]) -> dict[str, Counts]:
    """Sums over the files of each group, in the order of the groups' names."""
    found: dict[str, Counts] = {}
    for path in sorted(files):
        found[group(path)] = found.get(group(path), Counts()) + files[path]
    return dict(sorted(found.items()))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _row(name: str, counts: Counts) -> list[str]:
    return [name, str(counts.lines), str(counts.lines_run), _share(counts.lines_run, counts.lines),
            str(counts.branches), str(counts.branches_taken),
            _share(counts.branches_taken, counts.branches)]


def table(title: str, groups: dict[str, Counts]) -> str:
    """In Markdown, with a sum as the last row."""
    rows = [*(_row(name, counts) for name, counts in groups.items()),
            _row("all", sum(groups.values(), Counts()))]
    return markdown.table([title, *HEAD], rows)
