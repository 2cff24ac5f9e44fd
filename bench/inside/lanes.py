# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures rivals in turn, round by round: what the machine does meanwhile hits them alike."""

import dataclasses
from collections.abc import Sequence

from driver import Session

ROUNDS = 41
TRIAL_CALLS = 16
BATCH_TIME = 100_000  # nanoseconds; the clock of a kernel that is a process is coarse
BATCHES = 32
CALLS_MAX = 8192


@dataclasses.dataclass
class Lane:
    """One rival's session in a case. matches tells whether its packets must match."""

    rival: str
    session: Session
    matches: bool | None = False
    calls: int = 0
    rounds: list[float] = dataclasses.field(default_factory=list)

    def calibrate(self) -> None:
        """Choose how many packets a batch has."""
        for _ in range(2):  # the first meets cold caches
            trial = self.session.run(4, TRIAL_CALLS)
        self.calls = max(4, min(CALLS_MAX, int(BATCH_TIME / max(1.0, trial.median))))

    def measure(self) -> None:
        """One round."""
        timing = self.session.run(BATCHES, self.calls)
        if self.matches is not None and timing.matched != (timing.calls if self.matches else 0):
            raise RuntimeError(f"{self.rival}: {timing.matched} of {timing.calls} packets matched")
        self.rounds.append(timing.median)


def measure(lanes: Sequence[Lane]) -> None:
    """Rounds of all lanes; who comes first changes."""
    for lane in lanes:
        lane.calibrate()
        lane.measure()
        lane.rounds.clear()
    for number in range(ROUNDS):
        first = number % len(lanes)
        for lane in [*lanes[first:], *lanes[:first]]:
            lane.measure()
