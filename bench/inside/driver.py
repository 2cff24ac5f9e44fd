# SPDX-License-Identifier: GPL-2.0-or-later
"""Speaks with /proc/xt_bench."""

import dataclasses
import math
import statistics
from collections.abc import Iterable

CONTROL = "/proc/xt_bench"


@dataclasses.dataclass(frozen=True)
class Extension:
    """A match or target as x_tables gets it: what iptables made of words."""

    kind: str
    family: int
    protocol: int
    name: str
    revision: int
    info: bytes


@dataclasses.dataclass(frozen=True)
class Timing:
    """What a run took."""

    calls: int
    matched: int
    batches: list[int]

    @property
    def median(self) -> float:
        """Nanoseconds a packet, in the median batch: what interrupts us does not count."""
        return statistics.median(self.batches) * len(self.batches) / self.calls

    @property
    def mean(self) -> float:
        """Nanoseconds a packet, all of them: of work that is rare and long, a share."""
        return sum(self.batches) / self.calls


@dataclasses.dataclass(frozen=True)
class Share:
    """What one processor did while others did the same."""

    cpu: int
    calls: int
    matched: int
    nanoseconds: int

    @property
    def rate(self) -> float:
        """Packets a nanosecond."""
        return self.calls / self.nanoseconds


class Session:
    """One subject and its packets."""

    def __init__(self, extension: Extension) -> None:
        self._file = open(CONTROL, "r+b", buffering=0)
        self._tell(f"{extension.kind} {extension.family} {extension.protocol} {extension.name} "
                   f"{extension.revision} {extension.info.hex()}")

    def _tell(self, command: str) -> None:
        self._file.write(command.encode())

    def packets(self, packets: Iterable[bytes]) -> "Session":
        """Show these from now on."""
        self._tell("drop")
        for packet in packets:
            self._tell(f"packet {packet.hex()}")
        return self

    def sources(self, first: int, count: int) -> "Session":
        """Let the packets come from these sources, in an order without locality."""
        stride = max(1, int(count * (math.sqrt(5) - 1) / 2))
        while math.gcd(stride, count) != 1:
            stride += 1
        self._tell(f"sources {first} {count} {stride}")
        return self

    def _result(self) -> str:
        self._file.seek(0)
        return self._file.read(1 << 22).decode()

    def share(self, cpus: Iterable[int], milliseconds: int) -> list[Share]:
        """Show the packets on several processors at once, each with sources of its own."""
        self._tell(f"share {sum(1 << cpu for cpu in cpus)} {milliseconds}")
        return [Share(*map(int, line.split())) for line in self._result().splitlines()]

    def run(self, batches: int, calls: int) -> Timing:
        """Show the packets, and time it."""
        self._tell(f"run {batches} {calls}")
        matched, *times = map(int, self._result().split())
        return Timing(batches * calls, matched, times)

    def close(self) -> None:
        """Release the rule."""
        self._file.close()
