# SPDX-License-Identifier: GPL-2.0-or-later
"""A pytest plugin (-p scoreboard.plugin): the suite as a contest, its verdicts as JSON.

    passes       as the specification has it
    not offered  the match refused an option that the test needs
    fails        the behaviour is another one
    hangs        the guest ran, but answered no more
    panics       the guest died
    not run      there was no guest to run it in, or the run was cut off
"""

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from harness import HarnessError, selection
from harness.agent import AgentTimeout
from harness.guest import Guest
from harness.machine import VmDied
from harness.net import V4
from harness.report import spec_ids
from harness.wire import Silence
from scoreboard.addons import NotOffered, XtablesAddons

NOT_RUN, PASSES, NOT_OFFERED, FAILS, HANGS, PANICS = VERDICTS = (
    "not run", "passes", "not offered", "fails", "hangs", "panics")
# Tests of what the dialect makes up for, and why rules are not translated in them.
LITERAL = {"test_default_time_is_a_minute"}
# Tests that cannot be put to another match: they speak of what only ours has, but not in options.
OURS = {
    "test_kernel_refuses_what_iptables_would": "rules in revision 2's layout",
    "test_kernel_knows_how_long_an_address_is": "rules in revision 2's layout",
}
FIRST_WORDS = ("BUG:", "WARNING:", "RIP:", "Oops:", "Kernel panic", "general protection fault")


def _verdict(error: BaseException) -> str:
    if isinstance(error, NotOffered):
        return NOT_OFFERED
    if isinstance(error, VmDied):
        return PANICS
    return HANGS if isinstance(error, (Silence, AgentTimeout)) else FAILS


def _last_words(text: str) -> list[str]:
    """What a console says of a panic, without the times."""
    lines = [line.partition("] ")[2] or line for line in text.splitlines()]
    return [line.strip() for line in lines if line.strip().startswith(FIRST_WORDS)]


def _detail(call: pytest.CallInfo) -> str:
    """In a line, what went wrong: the line of the test that noticed, or the reason."""
    error = call.excinfo.value
    if isinstance(error, NotOffered):
        return str(error)
    if isinstance(error, VmDied):
        return "; ".join(_last_words(str(error))[:2])
    if "the kernel complains:" in str(error):
        return " ".join(str(error).splitlines()[:2])
    inside = [entry for entry in call.excinfo.traceback
              if Path(entry.path).name.startswith(("test_", "cases"))]
    if not inside:
        return str(error).splitlines()[0]
    statement = " ".join(str(inside[-1].statement).split())
    if isinstance(error, HarnessError):
        return f"{statement}: {str(error).splitlines()[-1]}"
    return statement


def row(item: pytest.Item) -> str:
    """The name of a test in the table: without backend and family, of which there is one."""
    parameters = getattr(item, "callspec", None)
    others = {} if not parameters else {
        name: value for name, value in parameters.params.items()
        if name not in ("backend", "family")}
    words = "-".join(map(str, others.values()))
    return f"{item.path.name}::{item.originalname}{f'[{words}]' if words else ''}"


def _belongs(item: pytest.Item) -> bool:
    """One family and one backend: theirs has IPv4 only, and backends do not differ here."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return (selection.place(item) == selection.GUEST and parameters.get("family", V4) is V4
            and parameters.get("backend", "nft") == "nft")


class Contest:
    """Selects the tests, judges them, keeps the verdicts."""

    def __init__(self, destination: Path, dialect: XtablesAddons | None) -> None:
        self._destination = destination
        self._dialect = dialect
        self._tests: dict[str, dict] = {}
        self._facts: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config,
                                      items: list[pytest.Item]) -> None:
        """Keep what can be compared."""
        kept = [item for item in items if _belongs(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        for item in kept:
            self._tests[row(item)] = {"spec": spec_ids(item), "verdict": NOT_RUN, "detail": "",
                                      "console": []}
        items[:] = kept

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Say how the next test is to be taken."""
        if self._dialect:
            self._dialect.literal = item.originalname in LITERAL
            self._dialect.exact = "M11" in spec_ids(item)
            if item.originalname in OURS:
                raise NotOffered(OURS[item.originalname])

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item,
                                  call: pytest.CallInfo) -> Generator[None, None, None]:
        """Judge: the worst that happened to a test is its verdict."""
        yield
        if "lab" in getattr(item, "funcargs", {}):
            self._facts.update(item.funcargs["lab"].facts)
        entry = self._tests[row(item)]
        if not call.excinfo:
            if call.when == "call" and entry["verdict"] == NOT_RUN:
                entry["verdict"] = PASSES
            return
        error = call.excinfo.value
        if isinstance(error, HarnessError) and "guest" not in item.funcargs:
            entry["detail"] = f"no guest: {str(error).splitlines()[0]}"
            return
        found = _verdict(error)
        if VERDICTS.index(found) > VERDICTS.index(entry["verdict"]):
            console = str(error).splitlines() if found == PANICS else []
            entry.update(verdict=found, detail=_detail(call), console=console)

    def pytest_runtest_logfinish(self) -> None:
        """Write what is known: a run that is cut off has told what it found."""
        self._write()

    def pytest_sessionfinish(self) -> None:
        """Write all of it."""
        self._write()

    def _write(self) -> None:
        self._destination.parent.mkdir(parents=True, exist_ok=True)
        content = {"facts": self._facts, "tests": self._tests}
        self._destination.write_text(json.dumps(content, indent=1) + "\n")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the contest."""
    group = parser.getgroup("scoreboard")
    group.addoption("--verdicts", type=Path, required=True, help="the file for the verdicts")
    group.addoption("--addons", action="store_true", help="the guest has xtables-addons' match")


def pytest_configure(config: pytest.Config) -> None:
    """Put its dialect in place of ours, before there is a guest."""
    dialect = XtablesAddons() if config.getoption("--addons") else None
    if dialect:
        Guest.dialect = dialect
    config.pluginmanager.register(Contest(config.getoption("--verdicts"), dialect), "contest")
