# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the suite on all kernels, or on some, and writes build/conformance/matrix.html."""

import argparse
import collections
import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest

from harness import cache, kernels
from harness.lab import LOGS
from harness.runner import junit, page, results, summary
from harness.runner.plan import HOST, IMAGE, plan
from harness.runner.pool import Outcome, Pool
from harness.runner.start import Starter
from harness.selection import place

LANES = min(2, os.cpu_count() or 1)
JOB_SECONDS = 45 * 60


class Collector:
    """A pytest plugin: how many tests run in each place."""

    def __init__(self) -> None:
        self.tests: collections.Counter[str] = collections.Counter()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what was selected."""
        self.tests.update(map(place, session.items))


def count_tests(arguments: list[str]) -> Mapping[str, int]:
    """Collect the suite as the jobs will; exits if that fails or leaves nothing to run."""
    collector = Collector()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(["--collect-only", "-q", *arguments], plugins=[collector])
    if status:
        sys.stderr.write(output.getvalue())
        raise SystemExit(int(status))
    return collector.tests


def run_jobs(rows: list[str], lanes: int, arguments: list[str]) -> list[Outcome]:
    """Run all jobs, and tell of each as it ends."""
    tests = count_tests(arguments)
    for name in [*rows, HOST]:
        shutil.rmtree(LOGS / name, ignore_errors=True)
    starter = Starter(LOGS, arguments)
    outcomes = []
    jobs = plan(rows, tests, module=not arguments)
    for outcome in Pool(lanes, JOB_SECONDS, starter.start).run(jobs):
        outcomes.append(outcome)
        if outcome.job.part == IMAGE and outcome.status == 0:
            starter.lease(outcome.job.row)
        print(summary.job_line(outcome, results.gather("", [outcome], LOGS)), flush=True)
    return outcomes


def report(rows: list[results.Row], seconds: float) -> bool:
    """Write and print what was found; whether all is well."""
    for row in rows:
        junit.write(LOGS / row.name / results.JUNIT, [row])
    junit.write(LOGS / results.JUNIT, rows)
    (LOGS / page.NAME).write_text(page.render(rows, seconds, LOGS))
    print("", *summary.failures(rows), "", *summary.table(rows, seconds), "", sep="\n")
    print(f"{LOGS / page.NAME}")
    # Roots that are being made at this moment have other file systems mounted, and vanish.
    subprocess.run(["du", "--summarize", "--human-readable", "--one-file-system",
                    cache.directory()], check=False, stderr=subprocess.DEVNULL)
    return not any(row.count(results.FAILED) for row in rows)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def parse(words: list[str]) -> argparse.Namespace:
    """The command line; what follows -- is pytest's."""
    split = words.index("--") if "--" in words else len(words)
    table = kernels.load()
    parser = argparse.ArgumentParser(prog="matrix", description=__doc__)
    parser.add_argument("kernels", nargs="*", metavar="NAME", help=f"one of {', '.join(table)}")
    parser.add_argument("--jobs", type=int, default=LANES, metavar="N",
                        help="how many runs with virtual machines at a time, here %(default)s")
    arguments = parser.parse_args(words[:split])
    for name in arguments.kernels:
        if name not in table:
            parser.error(f"no such kernel: {name} (but {', '.join(table)})")
    arguments.complete = not arguments.kernels
    arguments.kernels = list(dict.fromkeys(arguments.kernels)) or list(table)
    arguments.pytest = words[split + 1:]
    return arguments


def main() -> int:
    """Run the suite on the kernels that are named."""
    arguments = parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, _end)
    # Jobs are ended by SIGINT, which whatever is started in the background would ignore.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    start = time.monotonic()
    try:
        outcomes = run_jobs(arguments.kernels, arguments.jobs, arguments.pytest)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    by_row = {name: [outcome for outcome in outcomes if outcome.job.row == name]
              for name in [*arguments.kernels, HOST]}
    rows = [results.gather(name, found, LOGS) for name, found in by_row.items() if found]
    if arguments.complete:
        results.fail_unrun(rows)
    return 0 if report(rows, time.monotonic() - start) else 1


if __name__ == "__main__":
    sys.exit(main())
