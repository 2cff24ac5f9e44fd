# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts the processes of jobs, each with a folder for what it leaves."""

import os
import subprocess
import sys
from pathlib import Path

from harness import cache
from harness.privilege import CONFORMANCE
from harness.runner.plan import HOST, IMAGE, Job
from harness.runner.results import JUNIT, OUTPUT

ANSWER = "answer"


class Starter:
    """Knows the command of each job. Its folder is folder/ROW/PART."""

    def __init__(self, folder: Path, arguments: list[str]) -> None:
        self._folder = folder
        self._arguments = arguments

    def start(self, job: Job) -> subprocess.Popen:
        """Start a job, as the leader of a process group."""
        directory = self._folder / job.directory
        directory.mkdir(parents=True)
        if job.is_build:
            return self._harness(job, directory)
        return self._spawn(job, self._pytest(job, directory), directory / OUTPUT)

    def _spawn(self, job: Job, words: list[str | Path], log: Path, answer: Path | None = None
               ) -> subprocess.Popen:
        # Tests of machines look at the time; what runs beside them has none to keep.
        polite = [] if job.boots else ["nice"]
        with log.open("wb") as output, (answer or log).open("ab") as stdout:
            return subprocess.Popen([*polite, sys.executable, "-m", *words], cwd=CONFORMANCE,
                                    stdin=subprocess.DEVNULL, stdout=stdout, stderr=output,
                                    process_group=0)

    def _harness(self, job: Job, directory: Path) -> subprocess.Popen:
        if os.geteuid():
            # A password is asked for here or not at all: jobs have no terminal.
            subprocess.run(["sudo", "true"], check=True)
        words: list[str | Path] = ["harness", "--kernel", job.row, job.part]
        return self._spawn(job, words, directory / OUTPUT, directory / ANSWER)

    def image_path(self, row: str) -> str:
        """Where the image is that a job has made."""
        return (self._folder / row / IMAGE / ANSWER).read_text().strip()

    def lease(self, row: str) -> None:
        """Keep that image in the cache to the end of this process."""
        cache.lease(Path(self.image_path(row)))

    def _pytest(self, job: Job, directory: Path) -> list[str | Path]:
        # As one word each: pytest takes paths in words of their own for tests, and derives from
        # them what it calls the tests.
        where = ([] if job.row == HOST else
                 [f"--kernel={job.row}", f"--image={self.image_path(job.row)}"])
        return ["pytest", *where, f"--only={job.place}", f"--shard={job.shard}",
                f"--logs={directory}", f"--junit-xml={directory / JUNIT}", *self._arguments]
