# SPDX-License-Identifier: GPL-2.0-or-later
"""What a mutant meets: a compiler, then tests. pure.py and glue.py have the two kinds."""

import dataclasses
from typing import Protocol

from mutation.mutants import Mutant

KILLED, SURVIVED = "killed", "survived"
# No mutants at all: not C; the code of the original; the code of a mutant that was seen before.
INVALID, SAME, DUPLICATE = "invalid", "same", "duplicate"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of a mutant, what told, and in which words."""

    outcome: str
    by: str = ""
    said: str = ""


class Suite(Protocol):
    """Tests that mutants of certain files meet."""

    jobs: int  # mutants at a time

    def prepare(self, file: str) -> None:
        """Before anything is asked of a file's mutants; its tests have to pass without one."""

    def code(self, source: str, file: str) -> bytes | None:
        """What an optimizing compiler makes of a file; None if it is not C."""

    def verdict(self, mutant: Mutant) -> Verdict:
        """Run tests until one fails: KILLED, else SURVIVED."""
