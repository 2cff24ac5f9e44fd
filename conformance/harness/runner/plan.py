# SPDX-License-Identifier: GPL-2.0-or-later
"""What has to be done, in which order: images are made while the kernels before are tested."""

import dataclasses
from collections.abc import Iterable, Sequence

HOST = "host"
# Commands of the harness; all other parts are shards of the suite.
IMAGE, MODULE = "image", "module"

# A shard costs a boot, and a job that is long keeps one core idle at the end.
SHARDS = 2
TESTS_WORTH_A_BOOT = 20
IMAGES_AHEAD = 2


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
    def directory(self) -> str:
        """Where its output is kept, below the folder of the run."""
        return f"{self.row}/{self.part.replace('/', 'of')}"


def plan(rows: Sequence[str], guest_tests: int, host_tests: int, module: bool) -> list[Job]:
    """All jobs, in the order in which they should start; module asks for that check, too."""
    host = [Job(HOST, "1/1")] if host_tests else []
    if not guest_tests:
        return host
    images = [Job(row, IMAGE) for row in rows]
    shards = SHARDS if guest_tests >= TESTS_WORTH_A_BOOT else 1
    jobs = images[:IMAGES_AHEAD] + host
    for index, image in enumerate(images):
        jobs += [Job(image.row, MODULE, image)] if module else []
        jobs += [Job(image.row, f"{shard}/{shards}", image) for shard in range(1, shards + 1)]
        jobs += images[index + IMAGES_AHEAD:index + IMAGES_AHEAD + 1]
    return jobs


def ready(waiting: Iterable[Job], succeeded: set[Job]) -> Job | None:
    """The first job that lacks nothing."""
    return next((job for job in waiting if job.needs is None or job.needs in succeeded), None)
