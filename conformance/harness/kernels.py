# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels that the suite knows: the rows of kernels.toml."""

import dataclasses
import tomllib
from pathlib import Path

TABLE = Path(__file__).parent.parent / "kernels.toml"
DEFAULT = "bookworm"


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A Debian release, and a kernel package of it or of a suite beside it."""

    name: str
    suites: list[str]
    image: str
    headers: str
    compat: list[str]
    also: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    builder: str = "cpack"
    processors: int = 1
    bootstrap: list[str] = dataclasses.field(default_factory=list)
    borrow: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    @property
    def release(self) -> str:
        """The suite that all but the kernel is of."""
        return self.suites[0]

    @property
    def packages(self) -> list[str]:
        """Kernel and headers, as apt-get install names a package of a certain suite."""
        return [f"{package}/{self.suites[-1]}" for package in (self.image, self.headers)]


def load() -> dict[str, Kernel]:
    """All rows, by name."""
    rows = tomllib.loads(TABLE.read_text())
    return {name: Kernel(name=name, **row) for name, row in rows.items()}
