# SPDX-License-Identifier: GPL-2.0-or-later
"""Orders to a running qemu: the QEMU Machine Protocol, one JSON object a line."""

import json
import socket
from pathlib import Path
from typing import Any, TextIO

from harness import HarnessError

ANSWER_SECONDS = 20


def execute(path: Path, *commands: str) -> None:
    """Have the qemu whose control socket this is obey commands without arguments, in order."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_SECONDS)
            line.connect(str(path))
            with line.makefile("rw") as stream:
                json.loads(stream.readline())  # its greeting
                for command in ("qmp_capabilities", *commands):
                    print(json.dumps({"execute": command}), file=stream, flush=True)
                    _expect_success(command, stream)
    except (OSError, json.JSONDecodeError) as error:
        raise HarnessError(f"qemu does not take orders: {error}") from error


def _expect_success(command: str, stream: TextIO) -> None:
    answer: dict[str, Any] = {"event": None}
    while "event" in answer:
        answer = json.loads(stream.readline())
    if "return" not in answer:
        raise HarnessError(f"qemu, to {command}: {answer}")
