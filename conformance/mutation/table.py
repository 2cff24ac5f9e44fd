# SPDX-License-Identifier: GPL-2.0-or-later
"""Results as a table."""

import collections

from harness import markdown
from mutation.campaign import Result
from mutation.explained import ACCEPTED, EQUIVALENT, Explanation
from mutation.suite import DUPLICATE, INVALID, KILLED, SAME, SURVIVED

HEAD = ["file", "date", "commit", "mutants", "tested",
        "killed", "equivalent", "accepted", "unexplained", "score"]


def score(killed: int, tested: int, equivalent: int) -> float:
    """Of a hundred mutants that do something else than the original, how many were killed."""
    return 100 * killed / max(tested - equivalent, 1)


def row(kept: dict, results: list[Result],
        explanations: dict[str, Explanation]) -> list[str]:
    """A file's, but for its name."""
    count = collections.Counter(result.outcome for result in results)
    kinds = collections.Counter(
        explanations[result.name].kind if result.name in explanations else None
        for result in results if result.outcome == SURVIVED)
    tested = len(results) - count[INVALID] - count[SAME] - count[DUPLICATE]
    numbers = [len(results), tested, count[KILLED], kinds[EQUIVALENT], kinds[ACCEPTED],
               kinds[None]]
    return [kept["when"], kept["commit"], *map(str, numbers),
            f"{score(count[KILLED], tested, kinds[EQUIVALENT]):.1f} %"]


def render(kept: dict[str, dict], explanations: dict[str, Explanation]) -> str:
    """What was kept of each file, in Markdown."""
    rows = []
    for file, run in kept.items():
        results = [Result(**result) for result in run["results"]]
        name = f"{file} (a sample)" if run["sampled"] else file
        rows.append([name, *row(run, results, explanations)])
    return markdown.table(HEAD, rows)
