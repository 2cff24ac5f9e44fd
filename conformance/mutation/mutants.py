# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutants of a file, each with a name that lasts as long as the text that it changes."""

import collections
import dataclasses
import random
import re
from pathlib import Path

from harness.sources import REPOSITORY
from mutation import functions, operators

SOURCES = REPOSITORY / "src/kernel"


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A file with one change."""

    file: str
    function: str
    change: str  # the line as a word diff: if (a [-<-]{+<=+} b)
    line: int
    source: str = dataclasses.field(repr=False)

    @property
    def name(self) -> str:
        """Unique; does not tell where in the file the function is."""
        return f"{self.file} {self.function}: {self.change}"


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _line(source: str, change: operators.Change) -> str:
    start, end, other = change
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", end)
    new = f"{{+{_words(other)}+}}" if other else ""
    shown = f"{source[first:start]}[-{source[start:end]}-]{new}{source[end:last]}"
    return _words(re.sub(r"/\*.*?\*/", "", shown)).strip()


def of_file(path: Path) -> list[Mutant]:
    """All mutants of a file, in the order of its text."""
    source = path.read_text()
    found = []
    for function in functions.read(source):
        seen = collections.Counter()
        for change in operators.changes(function):
            start, end, other = change
            shown = _line(source, change)
            seen[shown] += 1
            again = f" #{seen[shown]}" if seen[shown] > 1 else ""
            # Lines stay where they are, as the compiler's __LINE__ does.
            kept = other + "\n" * source.count("\n", start, end)
            found.append(Mutant(path.name, function.name, shown + again,
                                source.count("\n", 0, start) + 1,
                                source[:start] + kept + source[end:]))
    return found


def sample(found: list[Mutant], count: int, seed: str) -> list[Mutant]:
    """Some of them, the same ones for the same seed, in their order."""
    if count >= len(found):
        return found
    chosen = random.Random(seed).sample(range(len(found)), count)
    return [found[index] for index in sorted(chosen)]
