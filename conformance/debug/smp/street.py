# SPDX-License-Identifier: GPL-2.0-or-later
"""The street in front of the guest: where storms come from, on all of its CPUs at once.

It is a network namespace of the guest's machine. What is sent there goes through the guest's
firewall on the CPU that sends it.
"""

import dataclasses
import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from harness import progress
from harness.agent import Job
from harness.guest import Guest
from harness.net import Family

HERE = Path(__file__).resolve().parent
PROGRAM = "/run/storm"
GATE_MAC = "52:54:00:67:61:74"
CPUS = 2
# What comes on top of a storm's seconds, in a kernel that is slow on a machine that is busy.
PATIENCE = 120

SETUP = f"""
set -e
ip netns add street
ip link add gate address {GATE_MAC} type veth peer name street netns street
ip link set gate up
ip -n street link set street up
"""


@functools.cache
def _program() -> bytes:
    with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        program = Path(scratch) / "storm"
        progress.run(["cc", "-O2", "-static", "-pthread", "-D_GNU_SOURCE", "-o", program,
                      HERE / "storm.c", HERE / "packet.c"], Path(scratch) / "log")
        return program.read_bytes()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How many packets were sent, and for how many sources; one is counted as often as it came."""

    packets: int
    rounds: int


class Storm:
    """One that blows."""

    def __init__(self, job: Job, seconds: int) -> None:
        self._job = job
        self._seconds = seconds

    def end(self) -> Outcome:
        """Wait for its end."""
        result = self._job.wait(self._seconds + PATIENCE)
        return Outcome(*map(int, result.stdout.split()))


class Street:
    """The street. Guest.reset() takes it away."""

    def __init__(self, guest: Guest, family: Family) -> None:
        self.guest = guest
        self._family = family
        # In place of the one that may still blow after a test that failed.
        guest.agent.write(f"{PROGRAM}.new", _program())
        guest.run(f"chmod 755 {PROGRAM}.new; mv {PROGRAM}.new {PROGRAM}; {SETUP}")

    def address(self, number: int = 0) -> str:
        """The first source of all storms, or one that comes after it."""
        return self._family.client(number + 1)

    def storm(self, *steps: str, sources: int = 1, seconds: int = 60, apart: bool = False,
              first: int = 0, payloads: Sequence[bytes] = ()) -> Storm:
        """Begin to send, as storm.c tells; the first source is number first."""
        options = ["-c", str(CPUS), "-n", str(sources), "-t", str(seconds)]
        if apart:
            options.append("-a")
        if payloads:
            self.guest.agent.write("/run/payloads", b"".join(payloads))
            options += ["-p", "/run/payloads"]
        words = ["ip", "netns", "exec", "street", PROGRAM, *options, "street", GATE_MAC,
                 self.address(first), self._family.guest, *steps]
        return Storm(self.guest.agent.start(words), seconds)
