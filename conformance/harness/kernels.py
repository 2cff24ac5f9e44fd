# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels that the suite knows: the rows of kernels.toml."""

import dataclasses
import tomllib
from pathlib import Path

TABLE = Path(__file__).parent.parent / "kernels.toml"
DEFAULT = "bookworm"


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A Debian release and one of its kernel packages."""

    name: str
    suite: str
    image: str
    headers: str


def load() -> dict[str, Kernel]:
    """All rows, by name."""
    rows = tomllib.loads(TABLE.read_text())
    return {name: Kernel(name=name, **row) for name, row in rows.items()}
