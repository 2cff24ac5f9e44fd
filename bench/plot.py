# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws what a look-up costs against how large the table is: ours beside each of the others."""

import io
from pathlib import Path

import matplotlib

from table import TITLES, Results

matplotlib.use("svg")
# Text stays text, and the same results make the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "portknocko",
                            "font.size": 9, "axes.grid": True, "grid.alpha": 0.3})

LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"
CASES = {"hit": "source in the table", "miss": "source not in the table"}
STYLES = {"pknock": ("#b3261e", "o", 2.2), "set": ("#1f5fa8", "s", 1.3),
          "sized": ("#6fa3d8", "D", 1.3), "recent": ("#4d8f3a", "^", 1.3),
          "addons": ("#5b5b5b", "v", 1.3), "null": ("#a0a0a0", ".", 1.0)}


def _draw(axes: "matplotlib.axes.Axes", results: Results, case: str, family: int) -> None:
    sizes = sorted({size for name, of, size in results.rows if (name, of) == (case, family)
                    and size})
    for rival in results.rivals():
        points = [(size, cost) for size in sizes
                  if (cost := results.get(case, family, size, rival)) is not None]
        if points:
            colour, marker, width = STYLES[rival]
            axes.loglog(*zip(*points), label=TITLES[rival], color=colour, marker=marker,
                        linewidth=width, markersize=4)
    axes.set_title(f"IPv{family}, {CASES[case]}", fontsize=9)
    axes.set_xlabel("sources in the table")


def draw(measured: dict, destination: Path) -> None:
    """Write the plot, an SVG."""
    from matplotlib import pyplot
    results = Results(measured)
    families = sorted({family for _, family, _ in results.rows})
    figure, grid = pyplot.subplots(len(families), len(CASES), squeeze=False, sharey=True,
                                   figsize=(8, 3.4 * len(families)))
    for row, family in zip(grid, families):
        for axes, case in zip(row, CASES):
            _draw(axes, results, case, family)
        row[0].set_ylabel("nanoseconds a packet")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=len(labels), frameon=False)
    figure.tight_layout(rect=(0, 0.12 / len(families), 1, 1))
    drawing = io.StringIO()
    figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    declaration, _, rest = drawing.getvalue().partition("\n")
    destination.write_text("\n".join([declaration, "<!--", LICENCE, "-->", rest]))
