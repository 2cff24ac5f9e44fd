# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots the kernel that runs as a process, for one run of the measurements."""

import shutil
import subprocess
from pathlib import Path

from harness import HarnessError
from harness.process_kernel import Kernel

from jobs import tell

BENCH = Path(__file__).resolve().parent
MEMORY = "3G"
# Slab caches of like size share pages unless told not to: no counter would be any table's own.
BOOT = ["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "con=null", "con0=null,fd:1",
        "ssl=null", "quiet", "slab_nomerge"]
TAIL = 30


def _follow(program: subprocess.Popen, log: Path) -> None:
    """Show what is measured; what else the kernel says goes to the log only."""
    with log.open("w") as file:
        for line in program.stdout:
            file.write(line)
            file.flush()
            tell(line)


def run(kernel: Kernel, exchange: Path) -> None:
    """Let the program in exchange's job file measure, and write its results there."""
    log = exchange / "console.log"
    setarch = shutil.which("setarch")
    command = [kernel.objects / "linux", f"mem={MEMORY}", *BOOT, f"init={BENCH / 'uml/init'}",
               f"bench_source={BENCH}", f"bench_exchange={exchange}"]
    # Where things lie in memory must not change from run to run.
    prefix = [setarch, "--addr-no-randomize"] if setarch else []
    with subprocess.Popen([str(word) for word in prefix + command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as program:
        _follow(program, log)
    status = exchange / "status"
    if not status.exists() or status.read_text().strip() != "0":
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
        raise HarnessError(f"the measurement failed; the end of what it said:\n{tail}")
