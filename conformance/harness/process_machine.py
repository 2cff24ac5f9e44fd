# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine whose kernel is a process of this one: ARCH=um. It boots in a second, at full speed.

The disk is copied on write, and forgets. The wire is a socket between the kernel's vector driver
and the harness, the agent's port a serial line that is another; the modules are the host's folder.
"""

import os
import re
import socket
import subprocess
import threading
from pathlib import Path

from harness.machine import Machine
from harness.net import GUEST_MAC
from harness.process_image import ProcessImage
from harness.wire import enlarge

CHUNK = 1 << 16
# A kernel that is killed leaves the guest's processes behind, which are processes here. So somebody
# else waits for the end of the harness, however that comes, and kills the whole group, $0.
GUARD = "read -r end; kill -s KILL -- -$0"
HERE = Path(__file__).parent
# As of vm.py: nothing that the kernel complains of is survived.
COMMAND_LINE = "loglevel=5 panic=-1 panic_on_warn=1 oops=panic slab_nomerge random.trust_cpu=on"
# The image's busybox mounts the folder of the harness; the rest is a file there. There are no
# quotes within quotes, and the kernel is not to take a word for a parameter of its own.
FIRST = ("init=/bin/busybox", "--", "sh", "-c",
         f'"busybox mount -t hostfs -o {HERE} none /mnt && exec /mnt/process/init"')


class ProcessMachine(Machine):
    """A kernel that runs as a process."""

    program = "linux"
    accelerator = "process"
    # The kernel's terminal takes 4095, and the driver of its serial line, once told to hold back
    # what comes after, never goes on.
    agent_room = 3000

    def __init__(self, image: ProcessImage) -> None:
        super().__init__(image)
        self._agent, agent = socket.socketpair()
        self._wire, wire = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # The kernel's driver drops what does not find room in there, and the sentinel with it.
        enlarge(wire)
        with agent, wire:
            # A pipe, as the kernel cannot wait for a file to take what it says.
            self._start(self._command(agent.fileno(), wire.fileno()), subprocess.PIPE,
                        (agent.fileno(), wire.fileno()))
        self._guard = subprocess.Popen(["sh", "-c", GUARD, str(self._process.pid)],
                                       stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       start_new_session=True)
        self._writer = threading.Thread(target=self._keep_console, daemon=True)
        self._writer.start()

    def _keep_console(self) -> None:
        with self.console.open("wb", buffering=0) as file:
            while said := os.read(self._process.stdout.fileno(), CHUNK):
                file.write(said)

    def _disk(self) -> str:
        disk = self._image.disk
        return f"ubd0={disk}" if self._image.keeps else f"ubd0={self.directory / 'written'},{disk}"

    def _command(self, agent: int, wire: int) -> list[str | Path]:
        image = self._image
        return [image.kernel.objects / "linux", f"mem={image.configuration.memory}",
                f"umid=portknocko-{self.directory.name}", f"uml_dir={self.directory}",
                self._disk(), "root=/dev/ubda", "rootfstype=ext4", "rw",
                f"vec0:transport=fd,fd={wire},mac={GUEST_MAC},mtu=1500",
                "con=null", "con0=null,fd:1", "ssl=null", f"ssl0=fd:{agent}",
                *COMMAND_LINE.split(), *image.parameters.split(),
                f"pknock_modules={image.modules / 'lib/modules'}",
                *FIRST]

    def connect_agent(self) -> socket.socket:
        """As Machine has it."""
        return self._agent

    def connect_wire(self) -> socket.socket:
        """As Machine has it."""
        return self._wire

    def peak_memory(self) -> int:
        """The most that kernel and guest have had of this machine's memory so far, in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        [kilobytes] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        return int(kilobytes) * 1024

    def obituary(self) -> str:
        """As Machine has it, when all that was said is written."""
        if not self.alive:
            self._writer.join()
        return super().obituary()

    def stop(self) -> None:
        """As Machine has it."""
        super().stop()
        self._guard.stdin.close()
        self._guard.wait()
        self._writer.join()
        self._process.stdout.close()
        self._agent.close()
        self._wire.close()
