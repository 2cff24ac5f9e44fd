# SPDX-License-Identifier: GPL-2.0-or-later
"""Verdicts as Markdown."""

import collections
from collections.abc import Iterator

from harness.report import in_order

# As verdicts are counted and explained; the plugin names them.
ORDER = ("passes", "not offered", "fails", "hangs", "panics", "not run")
SHOWN = {"fails": "**fails**", "panics": "**panics**", "hangs": "**hangs**"}


def _title(measured: dict) -> str:
    return f"{measured['product']} {measured['version']}"


def _grid(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |"
                     for line in lines)


def about(contests: list[dict]) -> str:
    """Versions and date."""
    lines = [f"- {_title(one)}: Linux {one['facts']['uname -r']}, "
             f"iptables {one['facts'].get('iptables', '?')}; {one['when']}, "
             f"{one['minutes']} minutes" for one in contests]
    lines.append(f"- the suite: commit {contests[0]['commit']}")
    return "\n".join(lines)


def summary(contests: list[dict]) -> str:
    """How many tests got which verdict."""
    counts = [collections.Counter(test["verdict"] for test in one["tests"].values())
              for one in contests]
    used = [verdict for verdict in ORDER if any(count[verdict] for count in counts)]
    rows = [[_title(one), *(str(count[verdict]) for verdict in used), str(count.total())]
            for one, count in zip(contests, counts)]
    return _grid(["", *used, "tests"], rows)


def _names(contests: list[dict]) -> list[str]:
    """All tests, by the sentence that they name first, then as the suite has them."""
    specs: dict[str, list[str]] = {}
    for one in contests:
        for name, test in one["tests"].items():
            specs.setdefault(name, test["spec"])
    ranks = {sentence: rank for rank, sentence in
             enumerate(in_order({spec[0] for spec in specs.values() if spec}))}
    return sorted(specs, key=lambda name: ranks[specs[name][0]] if specs[name] else len(ranks))


def verdicts(contests: list[dict]) -> str:
    """A row a test, a column a contestant."""
    rows = []
    for name in _names(contests):
        found = [one["tests"].get(name) for one in contests]
        spec = next(test["spec"] for test in found if test)
        shown = [SHOWN.get(test["verdict"], test["verdict"]) if test else "" for test in found]
        rows.append([" ".join(spec), f"`{name}`", *shown])
    return _grid(["sentences", "test", *map(_title, contests)], rows)


def _reasons(contests: list[dict]) -> Iterator[list[str]]:
    for name in _names(contests):
        said: dict[str, list[str]] = {}
        for one in contests:
            test = one["tests"].get(name)
            if test and test["detail"]:
                said.setdefault(test["detail"], []).append(one["version"])
        for detail, versions in said.items():
            yield [f"`{name}`", ", ".join(versions), f"`{detail.replace('`', chr(39))}`"]


def details(contests: list[dict]) -> str:
    """What each verdict but a pass rests on."""
    return _grid(["test", "version", "seen"], list(_reasons(contests)))


def failures(contests: list[dict]) -> list[str]:
    """What of our own does not pass, or was not run: there must be none."""
    return [f"{name}: {test['verdict']}: {test['detail']}" for one in contests if one["ours"]
            for name, test in one["tests"].items() if test["verdict"] != "passes"]
