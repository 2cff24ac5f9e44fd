# SPDX-License-Identifier: GPL-2.0-or-later
"""match.c as a process, with sanitizers: what it makes of a packet, thousands in a second."""

import random
import shutil
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

from harness.sources import REPOSITORY

HERE = Path(__file__).parent
KERNEL = REPOSITORY / "src/kernel"
UNIT = REPOSITORY / "conformance/unit/kernel"
# Of the kernel's headers these have no namesake among those for programs; kernel.h is for all.
EMPTY = ["linux/skbuff.h", "net/ip.h", "net/ipv6.h"]
FLAGS = ["-std=gnu11", "-O1", "-g", "-w", "-fsanitize=address,undefined",
         "-fno-sanitize-recover=all", "-DOPENSSL_SUPPRESS_DEPRECATED"]


def build(directory: Path) -> Path:
    """Compile the program; its path."""
    for name in EMPTY:
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).touch()
    # Beside src/kernel's own door.h it would take that.
    shutil.copy(KERNEL / "match.c", directory)
    program = directory / "reader"
    sources = [HERE / "reader.c", HERE / "headers.c", KERNEL / "knock.c", KERNEL / "spa.c"]
    words = ["cc", *FLAGS, "-include", HERE / "kernel.h", *(
        f"-I{path}" for path in (directory, HERE, UNIT, KERNEL)), *sources, "-lcrypto",
        "-o", program]
    subprocess.run(words, check=True)
    return program


def _record(packet: bytes) -> bytes:
    """A packet as the program reads it; the stack has its IP header in the head, and any more."""
    family = packet[0] >> 4
    least = 40 if family == 6 else (packet[0] & 15) * 4
    return struct.pack("=III", family, len(packet), random.randint(least, len(packet))) + packet


def read(program: Path, packets: Iterable[bytes], minute: int, secret: str) -> list[str]:
    """The program's lines, one for each packet."""
    result = subprocess.run([program, str(minute), secret], check=False, capture_output=True,
                            input=b"".join(map(_record, packets)))
    assert result.returncode == 0, result.stderr.decode(errors="replace")
    return result.stdout.decode().splitlines()
