# SPDX-License-Identifier: GPL-2.0-or-later
"""Results as a table, and a place for it in docs/testing.md."""

import collections
import re
from pathlib import Path

from harness import HarnessError
from harness.sources import REPOSITORY
from mutation.campaign import Result
from mutation.explained import ACCEPTED, EQUIVALENT, Explanation
from mutation.suite import DUPLICATE, INVALID, KILLED, SAME, SURVIVED

DOCUMENT = REPOSITORY / "docs/testing.md"
HEAD = ["file", "date", "commit", "mutants", "tested", "killed", "equivalent", "accepted", "unexplained", "score"]


def score(killed: int, tested: int, equivalent: int) -> float:
    """Of the mutants that do something else than the original, how many in a hundred were killed."""
    return 100 * killed / max(tested - equivalent, 1)


def row(kept: dict, results: list[Result], explanations: dict[str, Explanation]) -> list[str]:
    """A file's, but for its name."""
    count = collections.Counter(result.outcome for result in results)
    kinds = collections.Counter(
        explanations[result.name].kind if result.name in explanations else None
        for result in results if result.outcome == SURVIVED)
    tested = len(results) - count[INVALID] - count[SAME] - count[DUPLICATE]
    return [kept["when"], kept["commit"], str(len(results)), str(tested), str(count[KILLED]), str(kinds[EQUIVALENT]),
            str(kinds[ACCEPTED]), str(kinds[None]),
            f"{score(count[KILLED], tested, kinds[EQUIVALENT]):.1f} %"]


def render(kept: dict[str, dict], explanations: dict[str, Explanation]) -> str:
    """What was kept of each file, in Markdown."""
    rows = [HEAD]
    for file, run in kept.items():
        results = [Result(**result) for result in run["results"]]
        name = f"{file} (a sample)" if run["sampled"] else file
        rows.append([name, *row(run, results, explanations)])
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    lines = ["| " + " | ".join(cell.rjust(width) if index else cell.ljust(width)
                               for index, (cell, width) in enumerate(zip(cells, widths))) + " |"
             for cells in rows]
    rule = "|" + "|".join("-" * (width + 1) + (":" if index else "-")
                          for index, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def write(table: str, document: Path = DOCUMENT) -> None:
    """Replace what stands between the markers of docs/testing.md."""
    text, count = re.subn(r"(<!-- mutation -->\n).*?(<!-- /mutation -->)",
                          lambda found: f"{found[1]}\n{table}\n\n{found[2]}",
                          document.read_text(), flags=re.DOTALL)
    if count != 1:
        raise HarnessError(f"{document}: no place for the table of mutants")
    document.write_text(text)
