# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs jobs as processes, so many at a time, and leaves none behind."""

import contextlib
import dataclasses
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

from harness.runner.plan import Job

GRACE_SECONDS = 20

Start = Callable[[Job], subprocess.Popen]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A job that ended; the times count from the start of the run."""

    job: Job
    lane: int
    start: float
    end: float
    status: int

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


@dataclasses.dataclass(frozen=True)
class _Running:
    job: Job
    lane: int
    start: float
    process: subprocess.Popen
    descriptor: int

    def signal(self, number: int) -> None:
        """Tell the job and all that it started, but what sudo made root's."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Pool:
    """Jobs in lanes; the processes that start() makes lead their own groups.

    There are so many lanes for jobs that boot machines, and one more for all others, which fill the
    pauses that machines make. These others take a lane of the former, too, that would be free.
    """

    def __init__(self, lanes: int, limit: float, start: Start) -> None:
        self._bench = lanes
        self._free = list(range(lanes + 1))
        self._limit = limit
        self._start = start
        self._running: list[_Running] = []
        self._origin = time.monotonic()

    def run(self, jobs: list[Job]) -> Iterator[Outcome]:
        """Each job as it ends. A job whose need failed, or was not there, is left out."""
        waiting = list(jobs)
        succeeded: set[Job] = set()
        try:
            self._launch(waiting, succeeded)
            while self._running:
                for outcome in self._ended():
                    if outcome.status == 0:
                        succeeded.add(outcome.job)
                    yield outcome
                self._launch(waiting, succeeded)
        finally:
            self._stop()

    def _now(self) -> float:
        return time.monotonic() - self._origin

    def _launch(self, waiting: list[Job], succeeded: set[Job]) -> None:
        ready = [job for job in waiting if job.needs is None or job.needs in succeeded]
        for job in sorted(ready, key=lambda job: not job.boots):
            lanes = [lane for lane in self._free if lane != self._bench or not job.boots]
            if lanes:
                # The bench is the last.
                lane = lanes[0] if job.boots else lanes[-1]
                self._free.remove(lane)
                waiting.remove(job)
                process = self._start(job)
                self._running.append(_Running(job, lane, self._now(), process,
                                              os.pidfd_open(process.pid)))

    def _ended(self) -> list[Outcome]:
        """Wait until something happens; what ended."""
        deadline = min(running.start for running in self._running) + self._limit
        select.select([running.descriptor for running in self._running], [], [],
                      max(0, deadline - self._now()))
        now = self._now()
        for running in self._running:
            if running.process.poll() is None and now >= running.start + self._limit:
                running.signal(signal.SIGKILL)
                running.process.wait()
        return [self._reap(running, now) for running in list(self._running)
                if running.process.poll() is not None]

    def _reap(self, running: _Running, now: float) -> Outcome:
        os.close(running.descriptor)
        self._running.remove(running)
        self._free = sorted([*self._free, running.lane])
        return Outcome(running.job, running.lane, running.start, now, running.process.returncode)

    def _stop(self) -> None:
        """End what still runs as ^C would, and what does not heed that."""
        for running in self._running:
            running.signal(signal.SIGINT)
        deadline = time.monotonic() + GRACE_SECONDS
        for running in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0, deadline - time.monotonic()))
            running.signal(signal.SIGKILL)
            running.process.wait()
            os.close(running.descriptor)
        self._running.clear()
