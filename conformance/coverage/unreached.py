# SPDX-License-Identifier: GPL-2.0-or-later
"""Why the suite does not reach some of the kernel code: unreached.toml."""

import tomllib
from pathlib import Path

from harness import HarnessError

DOCUMENT = Path(__file__).resolve().with_name("unreached.toml")


def read(text: str) -> dict[str, str]:
    """Reasons by the name that kernel.gaps() gives to a line."""
    found = {}
    for entry in tomllib.loads(text).get("lines", []):
        if not entry["reason"].strip():
            raise HarnessError(f"{entry}: no reason")
        for line in entry["text"]:
            found[f"{entry['file']} {entry['function']}: {line}"] = entry["reason"]
    return found


def load() -> dict[str, str]:
    """Those of the tree."""
    return read(DOCUMENT.read_text())


def faults(reasons: dict[str, str], gaps: dict[str, str]) -> list[str]:
    """What is wrong, in sentences."""
    found = [f"{name}: {what}, and no reason is given" for name, what in gaps.items()
             if name not in reasons]
    return found + [f"{name}: has a reason, but was run, or is gone" for name in reasons
                    if name not in gaps]
