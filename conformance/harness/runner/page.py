# SPDX-License-Identifier: GPL-2.0-or-later
"""The run as one HTML page that needs nothing else: kernel × test, times, failures, logs."""

import ast
import dataclasses
import datetime
import itertools
from pathlib import Path

import jinja2

from harness.privilege import CONFORMANCE
from harness.runner.plan import HOST
from harness.runner.results import FAILED, PASSED, SKIPPED, WORST_LAST, Case, Row
from harness.runner.summary import clock

NAME = "matrix.html"
TEMPLATES = Path(__file__).parent
# Columns of the table of kernels, and what the name of the fact starts with.
FACTS = {"kernel": "uname -r", "compiler": "gcc-", "iptables": "iptables", "dkms": "dkms",
         "glibc": "libc6"}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A test, or one variant of it, on one kernel."""

    cases: list[Case]

    @property
    def outcome(self) -> str:
        """The worst of its variants; nothing if it was not to run here."""
        return max((case.outcome for case in self.cases), key=WORST_LAST.index, default="")

    @property
    def seconds(self) -> str:
        """How long it took, to three digits at most."""
        seconds = sum(case.seconds for case in self.cases)
        return f"{seconds:.1f}" if seconds < 9.95 else f"{seconds:.0f}"


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of the table: a test with its variants, or a variant without more."""

    name: str
    host: bool
    cells: list[Cell]
    spec: str = ""
    variants: list["Line"] = dataclasses.field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether it failed anywhere."""
        return any(cell.outcome == FAILED for cell in self.cells)


@dataclasses.dataclass(frozen=True)
class Section:
    """The tests of a file."""

    name: str
    about: str
    lines: list[Line]


def _read_module(module: str) -> tuple[str, dict[str, int]]:
    """The first sentence that a file of tests says of itself, and the lines of its tests."""
    path = CONFORMANCE / f"{module.replace('.', '/')}.py"
    tree = ast.parse(path.read_text() if path.exists() else "")
    about = (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")
    return about, {node.name: node.lineno for node in tree.body
                   if isinstance(node, ast.FunctionDef)}


def _line(name: str, keys: list[tuple], rows: dict[str, dict[tuple, Case]],
          kernels: list[str]) -> Line:
    host = any(key in rows.get(HOST, {}) for key in keys)
    columns = [HOST] if host else kernels
    cells = [Cell([rows[column][key] for key in keys if key in rows[column]])
             for column in columns]
    return Line(name, host, cells)


def sections(rows: list[Row]) -> list[Section]:
    """The table, file by file and test by test."""
    cases = {row.name: {case.key: case for case in row.cases} for row in rows}
    kernels = [row.name for row in rows if row.name != HOST]
    keys = sorted({key for row in cases.values() for key in row})
    found = []
    for module, of_module in itertools.groupby(keys, key=lambda key: key[0]):
        about, numbers = _read_module(module)
        in_order = sorted(of_module, key=lambda key: (numbers.get(key[1], 0), key))
        lines = []
        for test, group in itertools.groupby(in_order, key=lambda key: key[1]):
            of_test = list(group)
            variants = [_line(key[2], [key], cases, kernels) for key in of_test if key[2]]
            spec = next(row[key].spec for row in cases.values() for key in of_test if key in row)
            line = _line(test, of_test, cases, kernels)
            lines.append(dataclasses.replace(line, spec=spec, variants=variants))
        found.append(Section(module, about, lines))
    return found


def _versions(rows: list[Row]) -> str:
    """What is tested: one version, unless rows differ."""
    found = dict.fromkeys(row.facts.get("portknocko", "") for row in rows)
    return ", ".join(filter(None, found))


def _facts(row: Row) -> list[str]:
    return [next((value for name, value in row.facts.items() if name.startswith(prefix)), "")
            for prefix in FACTS.values()]


def _lanes(rows: list[Row]) -> list[list]:
    """What ran side by side, lane by lane."""
    outcomes = sorted((outcome for row in rows for outcome in row.outcomes),
                      key=lambda outcome: (outcome.lane, outcome.start))
    return [list(lane) for _, lane in itertools.groupby(outcomes, key=lambda run: run.lane)]


def render(rows: list[Row], seconds: float, folder: Path) -> str:
    """The page; it lies in folder, which the logs are below."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True,
                                     trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters["clock"] = clock
    return environment.get_template("page.html.j2").render(
        rows=rows, kernels=[row for row in rows if row.name != HOST], sections=sections(rows),
        facts={row.name: _facts(row) for row in rows}, headings=list(FACTS),
        logs=lambda job: sorted(path.name for path in (folder / job.directory).iterdir()),
        lanes=_lanes(rows), seconds=seconds,
        versions=_versions(rows),
        counts={word: sum(row.count(word) for row in rows) for word in (PASSED, FAILED, SKIPPED)},
        signs={PASSED: "✓", FAILED: "✗", SKIPPED: "–", "": ""},
        when=datetime.datetime.now().astimezone().strftime("%d %B %Y, %H:%M %Z"))
