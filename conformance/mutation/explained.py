# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutants that no test can kill, or none should, and why: explained.toml.

An equivalent mutant does what the original does, whoever looks; it does not count. An accepted one
differs, and counts as one that survived.
"""

import dataclasses
import tomllib
from collections.abc import Iterable
from pathlib import Path

from harness import HarnessError

DOCUMENT = Path(__file__).resolve().with_name("explained.toml")
EQUIVALENT, ACCEPTED = "equivalent", "accepted"


@dataclasses.dataclass(frozen=True)
class Explanation:
    """Of one mutant, by its name."""

    kind: str
    reason: str


def read(text: str) -> dict[str, Explanation]:
    """Explanations by the name of the mutant."""
    found = {}
    for entry in tomllib.loads(text).get("mutants", []):
        kinds = [kind for kind in (EQUIVALENT, ACCEPTED) if kind in entry]
        if len(kinds) != 1 or not entry[kinds[0]].strip():
            raise HarnessError(f"{entry}: one of {EQUIVALENT} and {ACCEPTED}, with a reason")
        for change in entry["changes"]:
            name = f"{entry['file']} {entry['function']}: {change}"
            if name in found:
                raise HarnessError(f"{name}: explained twice")
            found[name] = Explanation(kinds[0], entry[kinds[0]])
    return found


def load() -> dict[str, Explanation]:
    """Those of the tree."""
    return read(DOCUMENT.read_text())


def faults(explanations: dict[str, Explanation], known: Iterable[str],
           survivors: dict[str, bool]) -> list[str]:
    """What is wrong, in sentences.

    known are the names of all mutants of the files that were looked at, survivors those that were
    run, and whether they survived.
    """
    known = set(known)
    files = {name.split()[0] for name in known}
    mine = [name for name in explanations if name.split()[0] in files]
    found = [f"{name}: explained, but there is no such mutant" for name in mine
             if name not in known]
    found += [f"{name}: explained, but it does not survive" for name in mine
              if survivors.get(name) is False]
    found += [f"{name}: survives, and is not explained" for name, survived in survivors.items()
              if survived and name not in explanations]
    return found
