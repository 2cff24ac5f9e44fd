# SPDX-License-Identifier: GPL-2.0-or-later
"""What the terminal shows: a line for each job, failures, a table of kernels."""

import itertools
from collections.abc import Iterable

from harness.runner.pool import Outcome
from harness.runner.results import FAILED, PASSED, SKIPPED, Row

HEADINGS = ["kernel", "release", "passed", "failed", "skipped", "builds", "tests"]
# Of a failure's text: what was asserted, or the guest's last words.
TAIL_LINES = 25


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def job_line(outcome: Outcome, row: Row) -> str:
    """What a job came to."""
    counts = {word: row.count(word) for word in (PASSED, FAILED, SKIPPED)}
    found = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    words = found or "nothing to run"
    return f"{clock(outcome.end):>6}  {outcome.job!s:24} {clock(outcome.seconds):>6}  {words}"


def failures(rows: Iterable[Row]) -> list[str]:
    """Each failure: where, which, why; and how its text ends, once for all that share this end."""
    told: dict[str, list[str]] = {}
    for row in rows:
        for case in (case for case in row.cases if case.outcome == FAILED):
            tail = "\n".join(case.text.splitlines()[-TAIL_LINES:])
            told.setdefault(tail, []).extend([f"{row.name}: {case.name}", f"    {case.reason}"])
    return list(itertools.chain.from_iterable(
        [*heads, *(f"    | {line}".rstrip() for line in tail.splitlines()), ""]
        for tail, heads in told.items()))


def table(rows: list[Row], elapsed: float) -> list[str]:
    """Kernels by what their tests came to, and how long they took."""
    body = [[row.name, row.facts.get("uname -r", "")]
            + [str(row.count(word)) for word in (PASSED, FAILED, SKIPPED)]
            + [clock(row.seconds(build)) for build in (True, False)] for row in rows]
    sums = [str(sum(row.count(word) for row in rows)) for word in (PASSED, FAILED, SKIPPED)]
    body.append(["all", "", *sums, "", clock(elapsed)])
    widths = [max(map(len, column)) for column in zip(HEADINGS, *body)]
    return ["  ".join(cell.ljust(width) if index < 2 else cell.rjust(width)
                      for index, (cell, width) in enumerate(zip(line, widths))).rstrip()
            for line in [HEADINGS, *body]]
