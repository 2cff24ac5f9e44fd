# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables for documents and terminals."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In columns as wide as they need; all but the first are of figures, and flush right."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows)]

    def line(cells: Sequence[str]) -> str:
        others = [cell.rjust(width) for cell, width in zip(cells, widths)][1:]
        return " | ".join([cells[0].ljust(widths[0]), *others]).join(("| ", " |"))

    rule = "|".join("-" * (width + 1) + (":" if index else "-")
                    for index, width in enumerate(widths))
    return "\n".join([line(head), f"|{rule}|", *map(line, rows)])
