# SPDX-License-Identifier: GPL-2.0-or-later
"""What has to be done, in which order: images are made while the kernels before are tested."""

import dataclasses
from collections.abc import Mapping, Sequence

from harness.selection import GUEST, HOST, MACHINES

# Commands of the harness; all other parts are shards of the suite.
IMAGE, MODULE = "image", "module"

# A shard costs a boot, and a job that is long keeps one core idle at the end.
SHARDS = 2
TESTS_WORTH_A_BOOT = 20


@dataclasses.dataclass(frozen=True)
class Job:
    """A process to run: a command of the harness, or one run of pytest."""

    row: str
    part: str
    needs: "Job | None" = None

    def __str__(self) -> str:
        return f"{self.row} {self.part}"

    @property
    def is_build(self) -> bool:
        """Whether it is a command of the harness."""
        return self.part in (IMAGE, MODULE)

    @property
    def place(self) -> str:
        """Where its tests run, as pytest --only has it."""
        if self.row != HOST:
            return GUEST
        return MACHINES if self.part.startswith(MACHINES) else HOST

    @property
    def shard(self) -> str:
        """Which of its tests it runs, as pytest --shard has it."""
        return self.part.split()[-1]

    @property
    def boots(self) -> bool:
        """Whether it runs virtual machines."""
        return not self.is_build and self.place != HOST

    @property
    def directory(self) -> str:
        """Where its output is kept, below the folder of the run."""
        return f"{self.row}/{self.part.replace('/', 'of').replace(' ', '-')}"


def _shards(count: int) -> list[str]:
    return [f"{shard}/{count}" for shard in range(1, count + 1)]


def plan(rows: Sequence[str], tests: Mapping[str, int], module: bool) -> list[Job]:
    """All jobs, in the order in which they should start; module asks for that check, too.

    Tests is how many there are in each place.
    """
    host = [Job(HOST, "1/1")] if tests[HOST] else []
    machines = [Job(HOST, f"{MACHINES} {shard}")
                for shard in _shards(min(SHARDS, tests[MACHINES]))]
    images = [Job(row, IMAGE) for row in rows] if tests[GUEST] else []
    count = SHARDS if tests[GUEST] >= TESTS_WORTH_A_BOOT else 1
    shards = [Job(image.row, shard, image) for image in images for shard in _shards(count)]
    modules = [Job(image.row, MODULE, image) for image in images] if module else []
    return [*images, *host, *modules, *machines, *shards]
