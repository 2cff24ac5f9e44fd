# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of a source, and how often they were run."""

import dataclasses

from counts import Counts


@dataclasses.dataclass(frozen=True)
class Line:
    """Of a function: how often it was run, and each of its branches taken."""

    function: str
    text: str
    count: int
    branches: tuple[int, ...]


# A file's, by number.
Lines = dict[int, Line]


def count(file: Lines) -> Counts:
    """A file's."""
    branches = [taken for line in file.values() for taken in line.branches]
    return Counts(len(file), sum(line.count > 0 for line in file.values()),
                  len(branches), sum(taken > 0 for taken in branches))


def gaps(files: dict[str, Lines]) -> dict[str, str]:
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
