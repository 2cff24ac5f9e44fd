# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found, as a table in Markdown."""

from floods.scene import Finding
from floods.watch import Visits

HEADS = ["flood", "", "sent", "a second", "CPU each", "memory", "peers", "visitors",
         "calm", "median", "longest", "insider", "back after", "note"]


def _milliseconds(seconds: float, tried: int) -> str:
    return f"{1000 * seconds:.0f} ms" if tried else ""


def _share(visits: Visits) -> str:
    return f"{visits.came_in}/{visits.tried}" if visits.tried else ""


def row(finding: Finding) -> list[str]:
    """The cells of a line."""
    visits = finding.visits
    return [finding.name, finding.family, f"{finding.count:,}",
            f"{finding.count / finding.seconds:,.0f}",
            f"{1e6 * finding.busy / finding.count:.1f} µs", f"{finding.memory / 2**20:.1f} MiB",
            f"{finding.objects:,}", _share(visits),
            _milliseconds(finding.calm.median(), finding.calm.tried),
            _milliseconds(visits.median(), visits.tried),
            _milliseconds(visits.longest(), visits.tried), _share(finding.insider),
            "" if finding.recovery is None else f"{finding.recovery:.1f} s", finding.note]


def line(cells: list[str]) -> str:
    """Cells, as Markdown has them."""
    return f"| {' | '.join(cells)} |"


def written(facts: dict[str, str], findings: list[Finding]) -> str:
    """The whole table, and where it comes from."""
    lines = map(line, [HEADS, ["---"] * len(HEADS), *map(row, findings)])
    return "\n".join([f"Linux {facts['uname -r']}, {facts['accelerator']}", "", *lines, ""])
