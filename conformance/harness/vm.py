# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of qemu: a disk that forgets, a console that is kept, a wire, an agent's port."""

import dataclasses
import os
import socket
import time
from pathlib import Path

from harness import accel, qmp
from harness.image import Image
from harness.machine import Machine
from harness.net import GUEST_MAC

INITRAMFS = Path(__file__).parent / "initramfs" / "guest"

# A warning is a panic and a panic ends qemu: nothing that the kernel complains of is survived.
# Slab caches are not merged, so that one that the module leaves behind has its name. Programs are
# always at the same addresses: the emulator then knows their code, and starts them 4 times faster.
# On a busy machine emulated clocks drift apart, and a timer that is late at boot is a panic: the
# kernel is not to look.
COMMAND_LINE = ("console=ttyS0 loglevel=5 rdinit=/init panic=-1 panic_on_warn=1 oops=panic "
                "slab_nomerge random.trust_cpu=on norandmaps tsc=reliable "
                "no_timer_check")


@dataclasses.dataclass(frozen=True)
class Hardware:
    """What qemu emulates. The accelerator is one of accel.ARGUMENTS; None is the best that works.

    The parameters are more of the kernel's command line.
    """

    memory: str = "1G"
    processors: int = 1
    accelerator: str | None = None
    parameters: str = ""


class Vm(Machine):
    """A virtual machine."""

    program = "qemu"

    def __init__(self, image: Image, hardware: Hardware = Hardware()) -> None:
        super().__init__(image)
        self._hardware = hardware
        self._agent_socket = self.directory / "agent"
        self._wire_socket = self.directory / "wire"
        self._guest_socket = self.directory / "guest"
        self._control_socket = self.directory / "control"
        self.accelerator = hardware.accelerator or accel.choose(image.boot)
        self._complaints = self.directory / "qemu.log"
        with self._complaints.open("wb") as complaints:
            self._start(self._command(), complaints)

    def _command(self) -> list[str | Path]:
        initramfs = self._image.boot.initramfs(INITRAMFS, self.directory / "initramfs")
        # What is kept has to survive the end of the guest, not of this machine. Else nobody writes,
        # and guests whose kernel is a process may read the same disk, whatever locks they have.
        writes = "cache=unsafe" if self._image.keeps else "snapshot=on,file.locking=off"
        parameters = [COMMAND_LINE, self._hardware.parameters, self._image.parameters]
        return ["qemu-system-x86_64", "-name", "portknocko,debug-threads=on",
                *accel.ARGUMENTS[self.accelerator], "-machine", "q35",
                "-smp", str(self._hardware.processors), "-m", self._hardware.memory,
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-kernel", self._image.boot.kernel, "-initrd", initramfs,
                "-append", " ".join(filter(None, parameters)),
                "-serial", f"file:{self.console}",
                "-qmp", f"unix:{self._control_socket},server=on,wait=off",
                "-drive", f"file={self._image.disk},format=raw,if=virtio,{writes}",
                "-device", "virtio-rng-pci",
                "-device", "virtio-serial-pci",
                "-chardev", f"socket,id=agent,path={self._agent_socket},server=on,wait=off",
                "-device", "virtserialport,chardev=agent,name=portknocko.agent",
                "-netdev", f"dgram,id=wire,local.type=unix,local.path={self._guest_socket},"
                           f"remote.type=unix,remote.path={self._wire_socket}",
                "-device", f"virtio-net-pci,netdev=wire,mac={GUEST_MAC},romfile="]

    def obituary(self) -> str:
        """As Machine has it; and what qemu complained of."""
        return f"{super().obituary()}\n{self._complaints.read_text(errors='replace')}".rstrip()

    def connect_agent(self) -> socket.socket:
        """As Machine has it: wait for qemu to listen."""
        line = socket.socket(socket.AF_UNIX)
        while True:
            self.check()
            try:
                line.connect(str(self._agent_socket))
                return line
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.02)

    def connect_wire(self) -> socket.socket:
        """As Machine has it."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        line.bind(str(self._wire_socket))
        line.connect(str(self._guest_socket))
        return line

    def nudge(self) -> None:
        """As Machine has it: every device takes up its queues again when qemu goes on."""
        qmp.execute(self._control_socket, "stop", "cont")

    def pin(self) -> None:
        """Keep each emulated processor on a core of its own."""
        cores = sorted(os.sched_getaffinity(0))
        for thread in Path(f"/proc/{self._process.pid}/task").iterdir():
            kind, _, number = (thread / "comm").read_text().partition("/")[0].partition(" ")
            if kind == "CPU":
                os.sched_setaffinity(int(thread.name), {cores[int(number) % len(cores)]})
