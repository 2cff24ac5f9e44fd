# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands in the guest, through a program of ours there: initramfs/guest/agent."""

import dataclasses
import itertools
import os
import shlex
import socket
import struct
import threading
from collections.abc import Sequence

from harness import HarnessError
from harness.machine import ENDING_SECONDS, Machine

READY_SECONDS = 120
COMMAND_SECONDS = 60
READY = 0  # the number of the guest's first message


class CommandError(HarnessError):
    """A command in the guest ended with a status that was not to be."""


class AgentTimeout(HarnessError):
    """The guest runs, but did not answer in time."""


@dataclasses.dataclass(frozen=True)
class Result:
    """How a command ended."""

    stdout: str
    stderr: str
    rc: int


class Job:
    """A command that runs in the guest."""

    def __init__(self, agent: "Agent", number: int, text: str) -> None:
        self._agent = agent
        self._number = number
        self._text = text

    def wait(self, timeout: float = COMMAND_SECONDS, check: bool = True) -> Result:
        """Wait for its end; with check, a status other than 0 raises CommandError."""
        stdout, stderr, status = self._agent.answer(self._number, timeout, self._text)
        code = os.waitstatus_to_exitcode(int(status))
        result = Result(stdout=stdout.decode(errors="replace"),
                        stderr=stderr.decode(errors="replace"),
                        rc=code if code >= 0 else 128 - code)
        if check and result.rc:
            raise CommandError(f"{self._text}: status {result.rc}\n{result.stdout}{result.stderr}")
        return result


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _pack(strings: Sequence[str | bytes]) -> bytes:
    """A message, as the guest's side describes it."""
    body = b"".join(struct.pack(">I", len(data)) + data for data in map(_bytes, strings))
    return struct.pack(">I", len(body)) + body


def _unpack(body: bytes) -> list[bytes]:
    """The strings of a message."""
    strings = []
    while body:
        [size] = struct.unpack_from(">I", body)
        strings.append(body[4:4 + size])
        body = body[4 + size:]
    return strings


class Agent:
    """The agent of one guest. Safe to use from several threads."""

    def __init__(self, vm: Machine) -> None:
        self._vm = vm
        self._numbers = itertools.count(READY + 1)
        self._sending = threading.Lock()
        self._answers: dict[int, list[bytes]] = {}
        self._gone = False
        self._arrival = threading.Condition()
        self._socket = vm.connect_agent()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.answer(READY, READY_SECONDS, "the guest's boot")

    def _read(self) -> None:
        """Sort answers by their numbers, until the connection ends."""
        stream = self._socket.makefile("rb")
        try:
            while size := stream.read(4):
                number, *strings = _unpack(stream.read(*struct.unpack(">I", size)))
                with self._arrival:
                    self._answers[int(number)] = strings
                    self._arrival.notify_all()
        except OSError:
            pass
        with self._arrival:
            self._gone = True
            self._arrival.notify_all()

    def answer(self, number: int, timeout: float, text: str) -> list[bytes]:
        """Wait for the answer to a message, of which the text tells."""
        with self._arrival:
            if self._arrival.wait_for(lambda: number in self._answers or self._gone, timeout):
                if number in self._answers:
                    return self._answers.pop(number)
        self._report_death()
        reason = "the agent is gone" if self._gone else f"no end after {timeout:.0f} s"
        raise AgentTimeout(f"{text}: {reason}; {self._vm.obituary()}")

    def _report_death(self) -> None:
        """Raise VmDied if that is why the agent does not answer."""
        self._vm.check(ENDING_SECONDS if self._gone else 0)

    def _ask(self, verb: str, *strings: str | bytes) -> int:
        """Send a message; its number."""
        number = next(self._numbers)
        try:
            with self._sending:
                self._socket.sendall(_pack([verb, str(number), *strings]))
        except OSError as error:
            self._gone = True
            self._report_death()
            raise AgentTimeout("the agent's connection broke") from error
        return number

    def start(self, command: str | Sequence[str], stdin: str | bytes = b"") -> Job:
        """Start a command: words, or a line for sh."""
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        number = self._ask("run", stdin, *words)
        return Job(self, number, command if isinstance(command, str) else shlex.join(words))

    def run(self, command: str | Sequence[str], stdin: str | bytes = b"", check: bool = True,
            timeout: float = COMMAND_SECONDS) -> Result:
        """Run a command to its end."""
        return self.start(command, stdin).wait(timeout, check)

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file in the guest."""
        self.run(["sh", "-c", 'cat >"$0"', path], stdin=content)

    def read(self, path: str) -> str:
        """Read a file in the guest, which may be one of /proc."""
        return Job(self, self._ask("read", path), f"reading {path}").wait().stdout

    def set_clock(self, epoch: float) -> None:
        """Set the guest's wall clock."""
        seconds, rest = divmod(round(epoch * 1e9), 10**9)
        Job(self, self._ask("clock", str(seconds), str(rest)), "setting the clock").wait()

    def close(self) -> None:
        """Drop the connection."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()
