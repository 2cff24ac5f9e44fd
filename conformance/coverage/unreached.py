# SPDX-License-Identifier: GPL-2.0-or-later
"""Why the suite does not reach some of the kernel code: unreached.toml."""

import dataclasses
import tomllib
from pathlib import Path

from harness import HarnessError

DOCUMENT = Path(__file__).resolve().with_name("unreached.toml")


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why a line is not reached; whether it may be nevertheless, by chance."""

    text: str
    by_chance: bool = False


def read(text: str) -> dict[str, Reason]:
    """Reasons by the name that kernel.gaps() gives to a line."""
    found = {}
    for entry in tomllib.loads(text).get("lines", []):
        if not entry["reason"].strip():
            raise HarnessError(f"{entry}: no reason")
        for line in entry["text"]:
            found[f"{entry['file']} {entry['function']}: {line}"] = Reason(
                entry["reason"], entry.get("by_chance", False))
    return found


def load() -> dict[str, Reason]:
    """Those of the tree."""
    return read(DOCUMENT.read_text())


def faults(reasons: dict[str, Reason], gaps: dict[str, str]) -> list[str]:
    """What is wrong, in sentences."""
    found = [f"{name}: {what}, and no reason is given" for name, what in gaps.items()
             if name not in reasons]
    return found + [f"{name}: has a reason, but was run, or is gone"
                    for name, reason in reasons.items()
                    if name not in gaps and not reason.by_chance]
