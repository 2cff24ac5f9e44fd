# SPDX-License-Identifier: GPL-2.0-or-later
"""Why the tests do not reach some of the code: unreached/."""

import dataclasses
import re
import tomllib
from pathlib import Path

from harness import HarnessError

FOLDER = Path(__file__).resolve().with_name("unreached")


@dataclasses.dataclass(frozen=True)
class Entry:
    """Why a line is not reached, named as lines.gaps() does, with a star for whatever is there;
    whether it may be nevertheless, by chance."""

    name: str
    reason: str
    by_chance: bool = False

    def covers(self, name: str) -> bool:
        """Whether this is the line, or one of those, that is meant."""
        return re.fullmatch(re.escape(self.name).replace(r"\*", ".*"), name) is not None


def read(text: str) -> list[Entry]:
    """What a file says."""
    found = []
    for gaps in tomllib.loads(text).get("gaps", []):
        if not gaps["reason"].strip():
            raise HarnessError(f"{gaps}: no reason")
        found += [Entry(name, gaps["reason"], gaps.get("by_chance", False))
                  for name in gaps["lines"]]
    return found


def load(part: str) -> list[Entry]:
    """What the tree says of the programs, or of the module."""
    return read((FOLDER / f"{part}.toml").read_text())


def faults(entries: list[Entry], gaps: dict[str, str]) -> list[str]:
    """What is wrong, in sentences."""
    found = [f"{name}: {what}, and no reason is given" for name, what in gaps.items()
             if not any(entry.covers(name) for entry in entries)]
    return found + [f"{entry.name}: has a reason, but was run, or is gone" for entry in entries
                    if not entry.by_chance and not any(map(entry.covers, gaps))]
