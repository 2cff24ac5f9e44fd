# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of qemu: a disk that forgets, a console that is kept, a wire, an agent's port."""

import contextlib
import dataclasses
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from harness import HarnessError, accel
from harness.image import Image
from harness.net import GUEST_MAC

INITRAMFS = Path(__file__).parent / "initramfs" / "guest"
LIFETIME = 3600
TAIL_LINES = 60
# How long qemu may take to end after its connections did.
ENDING_SECONDS = 5

# A warning is a panic and a panic ends qemu: nothing that the kernel complains of is survived.
# Slab caches are not merged, so that one that the module leaves behind has its name. Programs are
# always at the same addresses: the emulator then knows their code, and starts them 4 times faster.
# On a busy machine emulated clocks drift apart, and a timer that is late at boot is a panic: the
# kernel is not to look.
COMMAND_LINE = ("console=ttyS0 loglevel=5 rdinit=/init panic=-1 panic_on_warn=1 oops=panic "
                "slab_nomerge random.trust_cpu=on norandmaps tsc=reliable "
                "no_timer_check")


class VmDied(HarnessError):
    """The guest is gone; the message is the end of its console."""


@dataclasses.dataclass(frozen=True)
class Hardware:
    """What qemu emulates. The accelerator is one of accel.ARGUMENTS; None is the best that works.

    The parameters are more of the kernel's command line.
    """

    memory: str = "1G"
    processors: int = 2
    accelerator: str | None = None
    parameters: str = ""


class Vm:
    """A running guest. Its directory holds console.log and the sockets."""

    def __init__(self, image: Image, hardware: Hardware = Hardware()) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="portknocko-vm-"))
        self.console = self.directory / "console.log"
        self.agent_socket = self.directory / "agent"
        self.wire_socket = self.directory / "wire"
        self.guest_socket = self.directory / "guest"
        self.accelerator = hardware.accelerator or accel.choose(image.boot)
        self._image = image
        self._hardware = hardware
        self._complaints = self.directory / "qemu.log"
        with self._complaints.open("wb") as complaints:
            self._process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=complaints)
        self._watchdog = threading.Timer(LIFETIME, self._process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    def _command(self) -> list[str]:
        initramfs = self._image.boot.initramfs(INITRAMFS, self.directory / "initramfs")
        # What is kept has to survive the end of the guest, not of this machine.
        writes = "cache=unsafe" if self._image.keeps else "snapshot=on"
        parameters = [COMMAND_LINE, self._hardware.parameters, self._image.parameters]
        words = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64",
                 "-name", "portknocko,debug-threads=on",
                 *accel.ARGUMENTS[self.accelerator], "-machine", "q35",
                 "-smp", str(self._hardware.processors), "-m", self._hardware.memory,
                 "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                 "-kernel", self._image.boot.kernel, "-initrd", initramfs,
                 "-append", " ".join(filter(None, parameters)),
                 "-serial", f"file:{self.console}",
                 "-drive", f"file={self._image.disk},format=raw,if=virtio,{writes}",
                 "-device", "virtio-rng-pci",
                 "-device", "virtio-serial-pci",
                 "-chardev", f"socket,id=agent,path={self.agent_socket},server=on,wait=off",
                 "-device", "virtserialport,chardev=agent,name=portknocko.agent",
                 "-netdev", f"dgram,id=wire,local.type=unix,local.path={self.guest_socket},"
                            f"remote.type=unix,remote.path={self.wire_socket}",
                 "-device", f"virtio-net-pci,netdev=wire,mac={GUEST_MAC},romfile="]
        return [str(word) for word in words]

    @property
    def alive(self) -> bool:
        """Whether qemu still runs; a guest that panicked does not."""
        return self._process.poll() is None

    def obituary(self) -> str:
        """What the guest said last; what qemu complained of, and how it ended, if it has."""
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        lines = text.splitlines()[-TAIL_LINES:]
        complaints = self._complaints.read_text(errors="replace").splitlines()
        status = self._process.poll()
        end = "still runs" if status is None else f"ended with status {status}"
        return "\n".join(["the guest's console ends with:", *lines, *complaints, f"qemu {end}"])

    def pin(self) -> None:
        """Keep each emulated processor on a core of its own."""
        cores = sorted(os.sched_getaffinity(0))
        for thread in Path(f"/proc/{self._process.pid}/task").iterdir():
            kind, _, number = (thread / "comm").read_text().partition("/")[0].partition(" ")
            if kind == "CPU":
                os.sched_setaffinity(int(thread.name), {cores[int(number) % len(cores)]})

    def wait(self, timeout: float) -> None:
        """Wait until the guest has switched itself off."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise HarnessError(f"still on after {timeout:.0f} s; {self.obituary()}") from error

    def check(self, patience: float = 0) -> None:
        """Raise VmDied unless the guest runs, and goes on to for so many seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
            raise VmDied(self.obituary())

    def stop(self) -> None:
        """End qemu and remove its directory."""
        self._watchdog.cancel()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
