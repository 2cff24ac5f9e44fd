# SPDX-License-Identifier: GPL-2.0-or-later
"""The strangers: programs in the guest that send as much as they can, from a namespace beside it.

The wire takes some ten thousand frames a second; what is to be flooded has to be nearer.
"""

import dataclasses
import gzip
import re
import subprocess
import tempfile
from pathlib import Path

from harness.agent import Job
from harness.guest import Guest
from harness.net import V4, Family

INSIDE = Path(__file__).parent / "inside"
PROGRAMS = ("packets", "requests")
NAMESPACE, NEAR, FAR = "strangers", "flood0", "flood1"
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups"
LONGEST = 1800

NETWORK = f"""
set -e
modprobe xt_pknock
ip netns add {NAMESPACE}
ip link add {NEAR} type veth peer name {FAR} netns {NAMESPACE}
sysctl -q -w net.ipv6.conf.{NEAR}.accept_dad=0 net.ipv4.conf.{NEAR}.rp_filter=0
ip link set {NEAR} up
ip -n {NAMESPACE} link set {FAR} up
cat /sys/class/net/{NEAR}/address
"""


def install(guest: Guest) -> None:
    """Compile the programs, and copy them there."""
    with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        for name in PROGRAMS:
            program = Path(scratch, name)
            subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-s", "-static", "-o", program,
                            INSIDE / f"{name}.c"], check=True)
            guest.run(["sh", "-c", 'gzip -d >"$0" && chmod 755 "$0"', f"/run/{name}"],
                      stdin=gzip.compress(program.read_bytes()))


@dataclasses.dataclass(frozen=True)
class Sent:
    """What a flood came to."""

    count: int
    seconds: float
    answers: int = 0
    errors: int = 0


def sent(job: Job) -> Sent:
    """Wait for a flood to end."""
    count, nanoseconds, *more = map(int, job.wait(LONGEST).stdout.split())
    return Sent(count, nanoseconds / 1e9, *more)


class Strangers:
    """Everybody else, in a namespace of the guest."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._mac = guest.run(NETWORK).stdout.strip()

    def packets(self, kind: str, family: Family, count: int, port: int,
                order: str = "scattered") -> Job:
        """Start a flood of packets: "syn" or "token"."""
        return self._guest.agent.start(
            ["ip", "netns", "exec", NAMESPACE, "/run/packets", FAR, self._mac, kind,
             "4" if family is V4 else "6", order, str(count), str(port)])

    def _number(self, pattern: str) -> str:
        described = self._guest.run("genl ctrl get name pknock").stdout
        return str(int(re.search(pattern, described)[1], 16))

    def requests(self, count: int, flags: int, bodies: list[bytes], user: str = "") -> Job:
        """Start a flood of requests to the family pknock."""
        words = [*user.split(), "/run/requests", self._number(r"ID: (0x\w+) "), str(count),
                 str(flags), *(body.hex() for body in bodies)]
        return self._guest.agent.start(words)

    def deafen(self, sockets: int) -> int:
        """Let nobody join the group of events so many times, and listen to none; a process."""
        group = self._number(r"ID-(0x\w+) +name: events")
        self._guest.run(f"{NOBODY} /run/requests deaf {group} {sockets} >/run/deaf 2>&1 &\n"
                        "pid=$!; until [ -s /run/deaf ]; do sleep 0.1; done; cat /run/deaf >&2; "
                        "grep -q joined /run/deaf && echo $pid >/run/deaf.pid")
        return int(self._guest.agent.read("/run/deaf.pid"))
