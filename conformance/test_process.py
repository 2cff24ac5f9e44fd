# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest whose kernel is a process is made of, and which tests it gets."""

import contextlib
import dataclasses
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import selection
from harness.agent import Agent
from harness.process_image import CONFIGURATIONS, FOLDER
from harness.process_machine import ProcessMachine

AGENT = Path(selection.__file__).parent / "initramfs" / "guest" / "agent"
# What a terminal keeps of what nobody has read yet; and the patience for its kernel's worker
# that brings it there.
TERMINAL_ROOM = 4095
CARRIED_SECONDS = 10


@dataclasses.dataclass
class Item:
    """What of a test its selection looks at."""

    fixturenames: list[str]
    marks: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)

    __hash__ = object.__hash__

    def get_closest_marker(self, name: str) -> SimpleNamespace | None:
        """As pytest has it."""
        return SimpleNamespace(kwargs=self.marks[name]) if name in self.marks else None


def test_what_no_process_can_run_is_dropped_and_told() -> None:
    fits = Item(["lab"])
    virtual = Item(["lab"], {"virtual": {"reason": "two CPUs"}})
    items = [Item([]), fits, Item([], {"machine": {}}), virtual]
    dropped: list[Item] = []
    lines: list[str] = []
    config = SimpleNamespace(hook=SimpleNamespace(
        pytest_deselected=lambda items: dropped.extend(items)))
    plugin = selection.ForProcess()
    plugin.pytest_collection_modifyitems(config, items)
    plugin.pytest_terminal_summary(SimpleNamespace(section=lines.append, line=lines.append))
    assert items == [fits]
    assert len(dropped) == 3
    assert lines[1:] == ["    2 does not run in the guest", "    1 two CPUs"]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_fragments_of_a_configuration_agree(name: str) -> None:
    settings: dict[str, str] = {}
    for fragment in CONFIGURATIONS[name].fragments:
        for line in (FOLDER / fragment).read_text().splitlines():
            off = re.fullmatch(r"# (\w+) is not set", line)
            key, value = (off[1], "n") if off else line.partition("=")[::2]
            if key.startswith("CONFIG_"):
                assert settings.setdefault(key, value) == value, key
    # The module is the only one: all else that rules need is built in.
    assert "m" not in settings.values()
    assert settings["CONFIG_HOSTFS"] == settings["CONFIG_UML_NET_VECTOR"] == "y"


class Terminal:
    """A machine that is no more than a terminal of this one, and the agent at it."""

    agent_room = ProcessMachine.agent_room

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._agent = subprocess.Popen(["perl", AGENT, os.ttyname(self._slave)])
        self._near, self._far = socket.socketpair()
        self.most_unread = 0
        for copy in (self._to_agent, self._from_agent):
            threading.Thread(target=copy, daemon=True).start()

    def _to_agent(self) -> None:
        while data := self._far.recv(1 << 16):
            # It is to read after what is unread has been counted.
            self._agent.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self._agent.pid, os.WSTOPPED)
            os.write(self._master, data)
            self.most_unread = max(self.most_unread, self._unread(len(data)))
            self._agent.send_signal(signal.SIGCONT)

    def _unread(self, written: int) -> int:
        """What the agent has to read, once the kernel has brought what was written to it."""
        deadline = time.monotonic() + CARRIED_SECONDS
        while True:
            answer = fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4))
            unread = int.from_bytes(answer, sys.byteorder)
            if unread >= min(written, TERMINAL_ROOM) or time.monotonic() > deadline:
                return unread
            time.sleep(0.001)

    def _from_agent(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._master, 1 << 16):
                self._far.sendall(data)

    def connect_agent(self) -> socket.socket:
        """As Machine has it."""
        return self._near

    def check(self, patience: float = 0) -> None:
        """As Machine has it."""

    def obituary(self) -> str:
        """As Machine has it."""
        return "a terminal"

    def stop(self) -> None:
        """Hang up."""
        self._agent.kill()
        self._agent.wait()
        self._far.close()
        os.close(self._slave)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A terminal with an agent."""
    machine = Terminal()
    yield machine
    machine.stop()


def test_agent_at_a_terminal_is_never_sent_more_than_fits(
        terminal: Terminal) -> None:
    agent = Agent(terminal)
    text = "0123456789abcdef" * 2048
    assert agent.run(["cat"], stdin=text).stdout == text
    assert agent.run("echo here").stdout == "here\n"
    # When it is full, the serial line of a kernel that is a process is lost.
    assert 0 < terminal.most_unread <= ProcessMachine.agent_room
    agent.close()
