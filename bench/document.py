# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts results into docs/performance.md, whose prose stays as it is."""

from pathlib import Path

import plot
import table
import targets
from harness import record
from harness.sources import REPOSITORY

# What stands before the names of a place's markers.
PREFIXES = {"process": "", "machine": "", "icount": "instructions-", "two-cpus": "two-cpus-"}
DOCUMENT = REPOSITORY / "docs/performance.md"
PLOT = REPOSITORY / "docs/performance.svg"


def _about(measured: dict) -> str:
    kernel = f"Linux {measured['kernel']} ({measured['machine']}"
    if "source" in measured:
        kernel += f"; as a process, from Debian's {measured['source']}"
    if "row" in measured:
        kernel += f"; Debian's, in qemu, {measured['accelerator']}"
    return (f"{kernel}) on {measured['processor']}; PortKnocko {measured['commit']}, "
            f"xtables-addons {measured['addons']}; {measured['when']}.")


def write(measured: dict, document: Path = DOCUMENT, drawing: Path = PLOT) -> None:
    """Replace what stands between the markers; and the plot, if it is of these results."""
    prefix = PREFIXES[measured["where"]]
    contents = {"about": _about(measured), "table": table.render(measured),
                "targets": targets.render(measured)}
    record.put(document, {prefix + name: content for name, content in contents.items() if content})
    if not prefix:
        plot.draw(measured, drawing)
