# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures in a stock Debian kernel that qemu emulates, a row of conformance/kernels.toml.

The guest's disk has nothing of the checkout. What is measured, and what measures, is sent to it.
"""

import contextlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

from harness import HarnessError, cache, privilege
from harness.agent import Agent
from harness.image import Image
from harness.kernels import Kernel
from harness.progress import step
from harness.vm import Hardware, Vm

from jobs import tell

BENCH = Path(__file__).resolve().parent
PLACE = "/run/bench"
PLUGINS = "/usr/lib/x86_64-linux-gnu/xtables"
MEASURE = f"/usr/bin/python3 -B {PLACE}/inside/measure.py {PLACE} >/dev/ttyS0 2>&1"
PATIENCE = 3600
LOOK = 1  # seconds between two looks at the progress

# Where things lie must not change from boot to boot, nor the code that the boot has chosen.
EXACT = Hardware(memory="3G", processors=1, accelerator="icount", parameters="nokaslr")
TWO_PROCESSORS = Hardware(memory="2G", processors=2)


class Compilers:
    """Those of the row's release, with the headers of the row's kernel; as modules.Builder."""

    def __init__(self, row: Kernel, image: Image) -> None:
        self.purpose = f"bench-{row.name}"
        self._row = row
        self.key = image.directory.name
        self._release = image.boot.release

    def module(self, tree: Path, folder: str, log: Path) -> None:
        """As Builder."""
        self._run(tree, f"make -C /lib/modules/{self._release}/build M=/src/{folder} modules", log)

    def compile(self, tree: Path, words: list[str], log: Path) -> None:
        """As Builder."""
        self._run(tree, f"cd /src; cc {' '.join(words)}", log)

    def _run(self, tree: Path, script: str, log: Path) -> None:
        with log.open("a") as file:
            file.write(f"{script}\n")
        privilege.compile_for(self._row, tree, script)


def seen(part: str) -> str:
    """Where a part is in the guest."""
    return f"{PLACE}/{part}"


def _packed(parts: dict[str, Path]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(BENCH / "inside", "inside", filter=lambda item: None
                    if item.name.endswith("__pycache__") else item)
        for name, layer in parts.items():
            archive.add(layer, name)
    return buffer.getvalue()


def _follow(console: Path, done: threading.Event) -> None:
    """Show what is measured; what else is said stays in the console's file."""
    with console.open(errors="replace") as file:
        file.seek(0, io.SEEK_END)
        line = ""
        while not done.wait(LOOK):
            while piece := file.readline():
                line += piece
                if line.endswith("\n"):
                    tell(line)
                    line = ""


class Guest:
    """One that runs, with the parts that it measures with: layers by name."""

    def __init__(self, image: Image, hardware: Hardware, parts: dict[str, Path]) -> None:
        with contextlib.ExitStack() as undo, step(f"Booting {image.boot.release}"):
            self._vm = Vm(image, hardware)
            undo.callback(self._vm.stop)
            self._agent = Agent(self._vm, PATIENCE)
            undo.callback(self._agent.close)
            if hardware.processors > 1:
                self._vm.pin()
            self._agent.run(f"mkdir {PLACE} && tar -x --no-same-owner -C {PLACE}",
                            stdin=_packed(parts), timeout=PATIENCE)
            self.accelerator = self._vm.accelerator
            self._undo = undo.pop_all()

    def measure(self, job: dict) -> dict:
        """What inside/measure.py finds."""
        self._agent.write(f"{PLACE}/job.json", json.dumps(job))
        done = threading.Event()
        follower = threading.Thread(target=_follow, args=(self._vm.console, done), daemon=True)
        follower.start()
        try:
            result = self._agent.run(MEASURE, check=False, timeout=PATIENCE)
        finally:
            done.set()
            follower.join()
        if result.rc:
            raise HarnessError(f"the measurement failed; {self._vm.obituary()}")
        return json.loads(self._agent.read(f"{PLACE}/results.json"))

    def forget(self) -> None:
        """Unload what was measured, so that something else can be."""
        self._agent.run("iptables-legacy -X && ip6tables-legacy -X && rmmod xt_bench xt_pknock")

    def stop(self) -> None:
        """Switch it off."""
        self._undo.close()


@contextlib.contextmanager
def booted(image: Image, hardware: Hardware, parts: dict[str, Path]) -> Iterator[Guest]:
    """A guest for a while."""
    cache.lease(image.directory)
    guest = Guest(image, hardware, parts)
    try:
        yield guest
    finally:
        guest.stop()
