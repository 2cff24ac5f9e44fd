# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts results into docs/performance.md, whose prose stays as it is."""

from pathlib import Path

import plot
import table
import targets
from harness.document import replace
from harness.sources import REPOSITORY

DOCUMENT = REPOSITORY / "docs/performance.md"
PLOT = REPOSITORY / "docs/performance.svg"


def _about(measured: dict) -> str:
    kernel = f"Linux {measured['kernel']} ({measured['machine']}"
    if "source" in measured:
        kernel += f"; as a process, from Debian's {measured['source']}"
    return (f"{kernel}) on {measured['processor']}; PortKnocko {measured['commit']}, "
            f"xtables-addons {measured['addons']}; {measured['when']}.")


def write(measured: dict, document: Path = DOCUMENT, drawing: Path = PLOT) -> None:
    """Replace what stands between the markers, and the plot."""
    for name, content in (("about", _about(measured)), ("table", table.render(measured)),
                          ("targets", targets.render(measured))):
        replace(document, name, content)
    plot.draw(measured, drawing)
