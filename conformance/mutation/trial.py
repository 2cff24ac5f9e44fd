# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the conformance suite, until one fails, in a guest whose kernel is a process."""

import contextlib
import dataclasses
import io
import multiprocessing
import os
from multiprocessing.connection import Connection

import pytest

from harness import HarnessError, selection
from harness.process_image import ProcessImage
from harness.sources import REPOSITORY
from mutation.suite import KILLED, SURVIVED, Verdict

CONFORMANCE = REPOSITORY / "conformance"
# Many times what the slowest of the selections takes.
TIMEOUT = 900

# Processes come from one that has imported it all, and has no threads.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["mutation.trial", "harness.lab", "scapy.all"])


class Told:
    """A pytest plugin: which image the guest boots from, which tests come first; what failed."""

    def __init__(self, image: ProcessImage, first: list[str]) -> None:
        self._image = image
        self._turns = {name: turn for turn, name in enumerate(first)}
        self.failed = self.said = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """As if --image had named it, and --process its kernel."""
        config.option.image = self._image
        config.pluginmanager.register(selection.ForProcess(), "for-process")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """First those that were asked for, then all others as ever."""
        items.sort(key=lambda item: self._turns.get(item.nodeid, len(self._turns)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember the first failure, and what it says."""
        if report.failed and not self.failed:
            self.failed = report.nodeid
            crash = getattr(report.longrepr, "reprcrash", None)
            self.said = crash.message.splitlines()[0] if crash else str(report.longrepr)


def _run_tests(image: ProcessImage, words: list[str], first: list[str],
               answer: Connection) -> None:
    """In a process of its own: whatever the guest does to it is nobody else's."""
    os.chdir(CONFORMANCE)
    told = Told(image, first)
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            status = pytest.main(words, plugins=[told])
        except Exception:
            # After the first failure fixtures of the session end outside of any test.
            if not told.failed:
                raise
            status = pytest.ExitCode.TESTS_FAILED
    answer.send((int(status), told.failed, told.said, output.getvalue()))


@dataclasses.dataclass(frozen=True)
class Trial:
    """Which tests, as pytest's arguments name them, and those that are to come first."""

    words: list[str]
    first: list[str]

    def run(self, image: ProcessImage) -> Verdict:
        """Boot the image, and see."""
        answer, end = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=_run_tests, args=(image, self.words, self.first, end))
        process.start()
        end.close()
        try:
            if not answer.poll(TIMEOUT):
                return Verdict(KILLED, f"no end after {TIMEOUT} s")
            status, failed, said, output = answer.recv()
        except EOFError:
            raise HarnessError("the tests ended without a word") from None
        finally:
            process.kill()
            process.join()
        if status == pytest.ExitCode.OK:
            return Verdict(SURVIVED)
        if status != pytest.ExitCode.TESTS_FAILED:
            raise HarnessError(f"the tests could not be run:\n{output}")
        return Verdict(KILLED, failed, said)
