# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest, in the words of port knocking: doors, clock, module, kernel log."""

import contextlib
import dataclasses
import itertools
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness import HarnessError
from harness.agent import Agent, Result
from harness.client import Client
from harness.dialect import MODULE, Dialect
from harness.image import Image
from harness.machines import power_on
from harness.net import V4, V6, WIRE_MAC, Family
from harness.wire import Wire

PROC = f"/proc/net/{MODULE}"
SCRIPTS = Path(__file__).parent / "scripts"

# What a busy emulated machine makes a stock kernel complain of, and what it says of any module
# from outside its tree: no word on ours. Nor on malformed requests, which netlink itself refuses,
# and on packets for a device that goes.
EXPECTED = re.compile(r"hrtimer: interrupt took|clocksource: |hogged CPU|sched_clock: "
                      r"|sched: DL replenish lagged"
                      r"|loading out-of-tree module|module verification failed"
                      r"|netlink: (\d+ bytes leftover|'perl': attribute type)"
                      r"|(validate_nla|__nla_validate_parse): \d+ callbacks suppressed"
                      r"|Budget exhausted after napi rescheduled"
                      r"|selects TX queue 0, but real number of TX queues is 0")

PEER = re.compile(
    r"src=(?P<src>\S+) proto=(?P<proto>TCP|UDP) status=(?P<status>INIT|MATCHING|ALLOWED)"
    r" accepted_knock_count=(?P<count>\d+) "
    r"(?:expir_time=(?P<expires>\d+) \[secs\] )?(?:autoclose_time=(?P<autoclose>\d+) \[secs\] )?")

# What may tell why frames get lost: counted twice, it shows whether any still arrive.
INTERFACE = """
ip -s -s link show up
sleep 1
ip -s -s link show up
cat /proc/net/softnet_stat
grep -e virtio -e NET_ /proc/interrupts /proc/softirqs
ip -4 neighbour | wc -l
grep -e MemFree -e MemAvailable /proc/meminfo
"""


def _script(name: str, **environment: str) -> str:
    """A file of scripts/ with some variables set."""
    assignments = [f"{variable}={value}\n" for variable, value in environment.items()]
    return "".join(assignments) + (SCRIPTS / name).read_text()


@dataclasses.dataclass(frozen=True)
class Peer:
    """A line of /proc/net/xt_pknock/NAME."""

    src: str
    proto: str
    status: str
    count: int
    expires: int | None
    autoclose: int | None


def parse_peer(line: str) -> Peer:
    """Read a line, all of it."""
    match = PEER.fullmatch(line)
    if not match:
        raise ValueError(f"not a peer: {line!r}")
    seconds = {name: int(match[name]) if match[name] else None
               for name in ("expires", "autoclose")}
    return Peer(src=match["src"], proto=match["proto"], status=match["status"],
                count=int(match["count"]), **seconds)


class Guest:
    """A machine behind the wire."""

    # Whoever replaces it does so for all guests, before the first.
    dialect = Dialect()

    def __init__(self, image: Image) -> None:
        self.image = image
        self._clients = 0
        with contextlib.ExitStack() as undo:
            self.vm = power_on(image)
            undo.callback(self.vm.stop)
            self.agent = Agent(self.vm)
            undo.callback(self.agent.close)
            self.wire = Wire(self.vm, self._explain_silence)
            undo.callback(self.wire.close)
            self.run(_script("setup.sh", GUEST4=V4.guest, GATEWAY4=V4.gateway,
                             GUEST6=V6.guest, GATEWAY6=V6.gateway, ROUTER=WIRE_MAC))
            self.set_clock(time.time())
            self._undo = undo.pop_all()

    def stop(self) -> None:
        """Switch it off."""
        self._undo.close()

    def run(self, command: str | list[str], **options) -> Result:
        """Run a command to its end: words, or a line for sh. Options as of Agent.run."""
        return self.agent.run(command, **options)

    def _explain_silence(self) -> str:
        try:
            return self.run(INTERFACE, check=False).stdout
        except HarnessError as error:
            return f"not to be asked: {error}"

    # Clients

    def flood(self, frames: Iterable[bytes], part: int) -> None:
        """Send finished frames; after so many of them processes of the guest have their turn.

        KASAN, where it watches, gives back memory only to them.
        """
        left = iter(frames)
        while now := list(itertools.islice(left, part)):
            self.wire.flood(now)
            self.run(["true"])

    def client(self, family: Family) -> Client:
        """A client whose address no one had before."""
        self._clients += 1
        return Client(self.wire, family, family.client(self._clients))

    # The module

    def loaded(self) -> bool:
        """Whether the module is in the kernel."""
        return f"\n{MODULE} " in "\n" + self.agent.read("/proc/modules")

    def set_parameter(self, name: str, value: int) -> None:
        """Change a parameter of the module, which gets loaded."""
        self.dialect.set_parameter(self, name, value)

    def users(self) -> int:
        """How many users the module has: rules, mostly."""
        return int(self.agent.read(f"/sys/module/{MODULE}/refcnt"))

    def door(self, name: str, netns: str | None = None) -> list[Peer]:
        """The peers of a door."""
        path = f"{PROC}/{name}"
        listing = (self.run(["ip", "netns", "exec", netns, "cat", path]).stdout if netns
                   else self.agent.read(path))
        return self.dialect.peers([parse_peer(line) for line in listing.splitlines()])

    def standings(self, name: str) -> dict[str, tuple[str, int]]:
        """Where each source of a door stands: its status, and how many knocks were accepted."""
        return self.dialect.standings({peer.src: (peer.status, peer.count)
                                       for peer in self.door(name)})

    def doors(self) -> set[str]:
        """The names of all doors."""
        return set(self.run(f"if [ -d {PROC} ]; then ls -A {PROC}; fi").stdout.split())

    # The clock

    def now(self) -> float:
        """The guest's wall clock."""
        return float(self.run("date +%s.%N").stdout)

    def set_clock(self, epoch: float) -> None:
        """Set the wall clock."""
        self.agent.set_clock(epoch)

    def step_clock(self, seconds: float) -> None:
        """Step the wall clock, forwards or back."""
        self.set_clock(self.now() + seconds)

    def uptime(self) -> float:
        """Seconds since the guest booted."""
        return float(self.agent.read("/proc/uptime").split()[0])

    # Settings

    @contextlib.contextmanager
    def sysctl(self, name: str, value: str | int) -> Iterator[None]:
        """Change a setting for a while."""
        before = self.run(["sysctl", "-n", name]).stdout.strip()
        self.run(["sysctl", "-q", "-w", f"{name}={value}"])
        try:
            yield
        finally:
            self.run(["sysctl", "-q", "-w", f"{name}={before}"])

    def reset(self) -> list[str]:
        """As after boot: no rules, no namespaces, right time, module unloaded.

        Returns what the kernel complained of since the last reset: warnings and worse.
        """
        self.set_clock(time.time())
        warnings = self.run(_script("reset.sh")).stdout.splitlines()
        self.wire.routes.clear()
        self.wire.settle()
        self.wire.forget()
        return [line for line in warnings if not EXPECTED.search(line)]
