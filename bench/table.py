# SPDX-License-Identifier: GPL-2.0-or-later
"""Results as a table in Markdown: a row a case and size, a column a rival."""

import statistics

TITLES = {"pknock": "PortKnocko", "set": "ipset", "sized": "ipset, sized", "recent": "recent",
          "addons": "xtables-addons", "hmac": "HMAC alone",
          "checkip": "checkip", "null": "nothing"}


class Results:
    """The medians over all rounds."""

    def __init__(self, measured: dict) -> None:
        self._values = {}
        self.rows = {}
        for item in measured["results"]:
            row = (item["case"], item["family"], item["size"])
            self.rows[row] = item["unit"]
            self._values[*row, item["rival"]] = statistics.median(item["rounds"])

    def get(self, case: str, family: int, size: int, rival: str) -> float | None:
        """The median, or None if it was not measured."""
        return self._values.get((case, family, size, rival))

    def rivals(self) -> list[str]:
        """All that were measured, in the order of the columns."""
        names = {key[-1] for key in self._values}
        return [name for name in TITLES if name in names] + sorted(names - set(TITLES))


def number(value: float | None) -> str:
    """Three digits that count, at least."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def render(measured: dict) -> str:
    """The table."""
    results = Results(measured)
    rivals = results.rivals()
    head = ["case", "family", "size", *(TITLES.get(name, name) for name in rivals), "unit"]
    rows = [[case, f"IPv{family}", f"{size:,}",
             *(number(results.get(case, family, size, rival)) for rival in rivals), unit]
            for (case, family, size), unit in results.rows.items()]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [" | ".join(cell.ljust(width) if column < 2 else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths)))
             for row in [head, *rows]]
    rule = " | ".join("-" * (width - 1) + ("-" if column < 2 else ":")
                      for column, width in enumerate(widths))
    lines.insert(1, rule)
    return "\n".join(f"| {line} |" for line in lines)
