# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of Debian packages in scripts/packages."""

from harness import HarnessError
from harness.sources import REPOSITORY

LIST = REPOSITORY / "scripts" / "packages"


def section(name: str) -> list[str]:
    """The packages under [name]."""
    current = None
    found = []
    for line in LIST.read_text().splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif line and not line.startswith("#") and current == name:
            found.append(line)
    if not found:
        raise HarnessError(f"{LIST}: no packages under [{name}]")
    return found
