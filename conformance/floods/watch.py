# SPDX-License-Identifier: GPL-2.0-or-later
"""What is watched during a flood: the kernel's memory and time, and people who only want in."""

import contextlib
import dataclasses
import statistics
import threading
import time
from collections.abc import Iterator

from scapy.layers.inet import TCP
from scapy.packet import Packet

from harness.client import Client
from harness.guest import Guest
from harness.slab import HALF_OPEN, OPEN
from harness.wire import Silence

INTERVAL = 0.25
PATIENCE = 10
CACHES = {"half open": HALF_OPEN, "open": OPEN}


@dataclasses.dataclass(frozen=True)
class Sample:
    """The kernel at a moment. Memory that is freed a grace period later counts."""

    memory: int               # bytes of slabs that stay, and of vmalloc
    objects: dict[str, int]   # by kind, in use, or free but held by a CPU: some dozens
    busy: float               # seconds of all processors


def _meminfo(guest: Guest) -> int:
    values = dict(line.split(":") for line in guest.agent.read("/proc/meminfo").splitlines())
    return sum(int(values[name].split()[0]) << 10 for name in ("SUnreclaim", "VmallocUsed"))


def sample(guest: Guest) -> Sample:
    """Look."""
    ticks = [int(word) for word in guest.agent.read("/proc/stat").split()[1:9]]
    objects = {kind: int(guest.agent.read(f"/sys/kernel/slab/{cache}/objects").split()[0])
               for kind, cache in CACHES.items()}
    return Sample(_meminfo(guest), objects, (sum(ticks) - ticks[3] - ticks[4]) / 100)


class Watch:
    """Looks all the time, until the end of watching()."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self.samples = [sample(guest)]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(INTERVAL):
            self.samples.append(sample(self._guest))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Look meanwhile, and once more at the end."""
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()
            self.samples.append(sample(self._guest))

    def memory(self) -> int:
        """How much more the kernel had at the worst."""
        return max(one.memory for one in self.samples) - self.samples[0].memory

    def most(self, kind: str) -> int:
        """The most objects of a kind."""
        return max(one.objects[kind] for one in self.samples)

    def busy(self) -> float:
        """Seconds that processors were busy."""
        return self.samples[-1].busy - self.samples[0].busy


@dataclasses.dataclass
class Visits:
    """How people fared: seconds from the first packet to the open port, or None."""

    seconds: list[float | None] = dataclasses.field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many there were."""
        return len(self.seconds)

    @property
    def came_in(self) -> int:
        """How many were let in."""
        return self.tried - self.seconds.count(None)

    def median(self) -> float:
        """Of those who were let in."""
        found = [seconds for seconds in self.seconds if seconds is not None]
        return statistics.median(found) if found else float("nan")

    def longest(self) -> float:
        """Likewise."""
        return max((seconds for seconds in self.seconds if seconds is not None),
                   default=float("nan"))


def visit(client: Client, before: list[Packet]) -> float | None:
    """Send what opens the door and ask for a connection, all at once; how long that took."""
    attempt = client.tcp(22)
    mark = client.wire.mark()
    start = time.monotonic()
    client.wire.send(*before, attempt)

    def answers(packet: Packet) -> bool:
        return TCP in packet and packet[TCP].dport == attempt[TCP].sport

    try:
        reply = client.wire.expect(answers, mark, PATIENCE)
    except Silence:
        return None
    taken = time.monotonic() - start
    client.answer(attempt, [reply])  # hangs up
    return taken
