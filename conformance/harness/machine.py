# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's machine, of whatever kind: a program that runs, its console, its wire, its agent."""

import abc
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from harness import HarnessError
from harness.image import Image

LIFETIME = 3600
TAIL_LINES = 60
# How long the program may take to end after its connections did.
ENDING_SECONDS = 5


class VmDied(HarnessError):
    """The guest is gone; the message is the end of its console."""


class Machine(abc.ABC):
    """A running guest. Its directory holds console.log and what the program needs."""

    program: str
    accelerator: str
    # How many bytes may be on their way to the agent, if there is a limit.
    agent_room: int | None = None

    def __init__(self, image: Image) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="portknocko-vm-"))
        self.console = self.directory / "console.log"
        self._image = image

    def _start(self, command: Sequence[str | Path], output: IO[bytes] | int,
               descriptors: Sequence[int] = ()) -> None:
        """Run the program, which inherits the descriptors, and ends with the harness."""
        words = ["setpriv", "--pdeathsig", "KILL", *map(str, command)]
        # In a group of its own: what it starts goes with it, and a signal of it stays there.
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output,
                                         stderr=subprocess.STDOUT, pass_fds=descriptors,
                                         start_new_session=True)
        self._watchdog = threading.Timer(LIFETIME, self._kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    @abc.abstractmethod
    def connect_agent(self) -> socket.socket:
        """The stream to the agent; it may have to be waited for."""

    @abc.abstractmethod
    def connect_wire(self) -> socket.socket:
        """The far end of the guest's interface: a frame a message. Context: the agent is there."""

    def nudge(self) -> None:
        """Have the program look anew at whatever it may have missed; the guest notices nothing."""

    @property
    def alive(self) -> bool:
        """Whether the program still runs; that of a guest that panicked does not."""
        return self._process.poll() is None

    def obituary(self) -> str:
        """What the guest said last, and how the program ended, if it has."""
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        lines = text.splitlines()[-TAIL_LINES:]
        status = self._process.poll()
        end = "still runs" if status is None else f"ended with status {status}"
        return "\n".join(["the guest's console ends with:", *lines, f"{self.program} {end}"])

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
        """End the program and remove its directory."""
        self._watchdog.cancel()
        self._kill()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
