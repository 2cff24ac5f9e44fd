# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands in the guest, through qemu's guest agent."""

import base64
import dataclasses
import json
import random
import shlex
import socket
import threading
import time
from collections.abc import Sequence

from harness import HarnessError
from harness.vm import Vm

READY_SECONDS = 120
REPLY_SECONDS = 30
COMMAND_SECONDS = 60
DELIMITER = b"\xff"


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

    def __init__(self, agent: "Agent", pid: int, text: str) -> None:
        self._agent = agent
        self._pid = pid
        self._text = text

    def wait(self, timeout: float = COMMAND_SECONDS, check: bool = True) -> Result:
        """Wait for its end; with check, a status other than 0 raises CommandError."""
        deadline = time.monotonic() + timeout
        pause = 0.005
        while not (status := self._agent.request("guest-exec-status", pid=self._pid))["exited"]:
            if time.monotonic() > deadline:
                raise AgentTimeout(f"{self._text}: not done after {timeout:.0f} s")
            time.sleep(pause)
            pause = min(2 * pause, 0.1)
        result = Result(stdout=_decode(status.get("out-data")),
                        stderr=_decode(status.get("err-data")),
                        rc=status["exitcode"] if "exitcode" in status else 128 + status["signal"])
        if check and result.rc:
            raise CommandError(f"{self._text}: status {result.rc}\n{result.stdout}{result.stderr}")
        return result


def _decode(data: str | None) -> str:
    return base64.b64decode(data or "").decode(errors="replace")


class Agent:
    """The agent of one guest. Safe to use from several threads."""

    def __init__(self, vm: Vm) -> None:
        self._vm = vm
        self._lock = threading.Lock()
        self._pending = b""
        self._in_step = False
        self._socket = socket.socket(socket.AF_UNIX)
        self._connect()
        self._synchronise(READY_SECONDS)

    def _connect(self) -> None:
        """Wait for qemu to listen."""
        while True:
            self._vm.check()
            try:
                return self._socket.connect(str(self._vm.agent_socket))
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.02)

    def _synchronise(self, timeout: float) -> None:
        """Agree on where the next answer starts, whatever was said before."""
        deadline = time.monotonic() + timeout
        while not self._greet():
            if time.monotonic() > deadline:
                raise AgentTimeout(f"no agent after {timeout:.0f} s; {self._vm.obituary()}")
        self._in_step = True

    def _greet(self) -> bool:
        self._vm.check()
        token = random.getrandbits(48)
        self._send({"execute": "guest-sync-delimited", "arguments": {"id": token}}, DELIMITER)
        try:
            while self._receive(0.5) != {"return": token}:
                pass
        except (AgentTimeout, json.JSONDecodeError):
            return False
        return True

    def _send(self, message: dict, prefix: bytes = b"") -> None:
        try:
            self._socket.sendall(prefix + json.dumps(message).encode() + b"\n")
        except OSError:
            self._vm_is_gone()

    def _vm_is_gone(self) -> None:
        """The connection broke: give qemu the moment that it takes to end, then report."""
        time.sleep(0.2)
        self._vm.check()
        raise AgentTimeout("the agent's connection broke")

    def _receive(self, timeout: float) -> dict:
        deadline = time.monotonic() + timeout
        while b"\n" not in self._pending:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self._socket.recv(1 << 20)
            except TimeoutError as error:
                self._vm.check()
                raise AgentTimeout(f"no answer in {timeout:.0f} s") from error
            except OSError:
                data = b""
            if not data:
                self._vm_is_gone()
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        return json.loads(line.rpartition(DELIMITER)[2])

    def request(self, command: str, **arguments):
        """One call of the agent's own protocol."""
        with self._lock:
            if not self._in_step:
                self._synchronise(REPLY_SECONDS)
            self._in_step = False
            self._send({"execute": command, "arguments": arguments})
            answer = self._receive(REPLY_SECONDS)
            self._in_step = True
        if "error" in answer:
            raise CommandError(f"{command}: {answer['error'].get('desc')}")
        return answer["return"]

    def start(self, command: str | Sequence[str], stdin: str | bytes = b"") -> Job:
        """Start a command: words, or a line for sh."""
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        arguments = {"path": words[0], "arg": words[1:], "capture-output": True}
        if stdin:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            arguments["input-data"] = base64.b64encode(data).decode()
        pid = self.request("guest-exec", **arguments)["pid"]
        return Job(self, pid, command if isinstance(command, str) else shlex.join(words))

    def run(self, command: str | Sequence[str], stdin: str | bytes = b"", check: bool = True,
            timeout: float = COMMAND_SECONDS) -> Result:
        """Run a command to its end."""
        return self.start(command, stdin).wait(timeout, check)

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file in the guest."""
        self.run(["sh", "-c", 'cat >"$0"', path], stdin=content)

    def read(self, path: str) -> str:
        """Read a file in the guest; unlike a file transfer, this suits /proc."""
        return self.run(["cat", path]).stdout

    def close(self) -> None:
        """Drop the connection."""
        self._socket.close()
