# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures in the kernel that runs: a real machine's, in a network namespace of its own.

The module xt_pknock must not be in use there, as the one measured is the checkout's. What was
loaded is unloaded in the end.
"""

import dataclasses
import os
import platform
import subprocess
from pathlib import Path

from harness import HarnessError, progress

from jobs import tell

BENCH = Path(__file__).resolve().parent
LOADED = ["xt_bench", "xt_pknock", "xt_pknock_addons", "xt_recent", "xt_set"]


@dataclasses.dataclass(frozen=True)
class Running:
    """The kernel that runs, and its headers."""

    release: str

    def make(self, log: Path, *words: str | Path) -> None:
        """Run make in the headers."""
        progress.run(["nice", "make", "-C", f"/lib/modules/{self.release}/build", *words], log)


def running() -> Running:
    """The kernel that runs; HarnessError if it cannot be measured."""
    found = Running(platform.release())
    if not Path(f"/lib/modules/{found.release}/build").exists():
        raise HarnessError(f"no headers of {found.release}, the kernel that runs, are installed")
    if Path("/sys/module/xt_pknock").exists() or Path("/sys/module/xt_recent").exists():
        raise HarnessError("xt_pknock or xt_recent is loaded: unload it, it is to be measured")
    return found


def _unload() -> None:
    for module in LOADED:
        subprocess.run([*_as_root(), "rmmod", module], check=False, stderr=subprocess.DEVNULL)


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo"]


def run(exchange: Path) -> None:
    """As process.run()."""
    command = [*_as_root(), "unshare", "--net", "/usr/bin/python3", "-B",
               str(BENCH / "inside/measure.py"), str(exchange)]
    try:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True) as program:
            for line in program.stdout:
                tell(line)
    finally:
        _unload()
    if program.returncode:
        raise HarnessError(f"the measurement failed ({program.returncode})")
