# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's other files: the conformance tests that concern them, with a kernel as a process.

The module is built once. Of a mutant only its file is compiled, as kbuild does, and linked with the
rest; a process of its own boots a guest with it and runs tests until one fails.
"""

import collections
import contextlib
import dataclasses
import io
import multiprocessing
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from harness import HarnessError, kernels, privilege, process_image, progress, selection
from harness.process_image import ProcessImage
from harness.sources import REPOSITORY
from mutation.mutants import Mutant
from mutation.suite import KILLED, SURVIVED, Verdict

CONFORMANCE = REPOSITORY / "conformance"
CONFIGURATION = "plain"
MODULE = "xt_pknock"
# Many times what the slowest of the selections takes.
TIMEOUT = 900

# What looks at a file, quickest to fail first.
TESTS = {
    "door.c": ["test_lifetime.py", "test_expiry.py", "test_proc.py", "test_pknockctl.py",
               "test_pknockctl_monitor.py", "test_sequence.py", "test_netlink.py",
               "test_replay.py"],
    "doors.c": ["test_lifetime.py", "test_proc.py", "test_netlink.py", "test_pknockctl.py",
                "test_module.py"],
    "half_open.c": ["test_sequence.py", "test_strict.py", "test_peer_limits.py", "test_proc.py",
                    "test_lifetime.py", "test_netlink.py"],
    "match.c": ["test_sequence.py", "test_spa_door.py", "test_packets.py", "test_strict.py",
                "test_replay.py", "test_expiry.py", "test_rules.py", "test_netlink.py",
                "test_peer_limits.py"],
    "peer_table.c": ["test_sequence.py", "test_expiry.py", "test_peer_limits.py", "test_proc.py",
                     "test_netlink.py", "test_pknockctl.py", "test_pknockctl_monitor.py",
                     "test_lifetime.py"],
    "rule.c": ["test_sequence.py", "test_rules.py", "test_spa_door.py", "test_lifetime.py",
               "test_kernel_checks.py", "test_expiry.py", "test_peer_limits.py"],
    "source.c": ["test_sequence.py", "test_rules.py"],
    "tokens.c": ["test_spa_door.py", "test_replay.py", "test_lifetime.py"],
}
FILES = sorted(TESTS)


class Told:
    """A pytest plugin: which image the guest boots from, which tests come first; what failed."""

    def __init__(self, image: ProcessImage, first: list[str]) -> None:
        self._image = image
        self._turns = {name: turn for turn, name in enumerate(first)}
        self.failed = ""

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
        """Remember the first failure."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def _run_tests(image: ProcessImage, words: list[str], first: list[str],
               answer: Connection) -> None:
    """In a process of its own: whatever the guest does to it is nobody else's."""
    os.chdir(CONFORMANCE)
    told = Told(image, first)
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        status = pytest.main(words, plugins=[told])
    answer.send((int(status), told.failed, output.getvalue()))


@dataclasses.dataclass(frozen=True)
class Tree:
    """The module's sources, built, and what kbuild did to build them."""

    source: Path
    objects: Path

    def _command(self, name: str) -> list[str]:
        """How kbuild made a file."""
        line = (self.source / f".{name}.cmd").read_text().splitlines()[0]
        return shlex.split(re.sub(r"^savedcmd_\S+ := ", "", line).split(" ; ")[0])

    def _run(self, command: list[str], places: dict[Path, Path]) -> bool:
        """With other files in some files' places; whether it went well."""
        names = {str(place): str(other) for place, other in places.items()}
        words = [names.get(word, word) for word in command if not word.startswith("-Wp,-MMD")]
        return subprocess.run(words, cwd=self.objects, check=False,
                              stderr=subprocess.DEVNULL).returncode == 0

    def compile(self, source: Path, target: Path) -> bool:
        """Of a file of the same name as one of the module's."""
        name = source.with_suffix(".o").name
        return self._run([*self._command(name), "-w"], {
            self.source / source.name: source, self.source / name: target})

    def link(self, mutant: Path, target: Path) -> bool:
        """The module, with another object in the place of that of its name."""
        whole, objects = target.with_suffix(".o"), target.with_suffix(".mod")
        names = (self.source / f"{MODULE}.mod").read_text().split()
        objects.write_text("\n".join(str(mutant) if Path(name).name == mutant.name else name
                                     for name in names))
        made = {self.source / f"{MODULE}.o": whole}
        return (self._run([word.replace(f"@{self.source / MODULE}.mod", f"@{objects}")
                           for word in self._command(f"{MODULE}.o")], made)
                and self._run(self._command(f"{MODULE}.ko"),
                              made | {self.source / f"{MODULE}.ko": target}))


class Glue:
    """Builds and boots."""

    jobs = 2

    def __init__(self, build: Path) -> None:
        disk = privilege.build_image(kernels.load()[kernels.DEFAULT])
        self._image = process_image.build(CONFIGURATION, disk)
        self._tree = self._build(build)
        # Of each file, how many mutants a test found.
        self._found: dict[str, collections.Counter[str]] = collections.defaultdict(
            collections.Counter)
        # Processes come from one that has imported it all, and has no threads.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["mutation.glue", "harness.lab", "scapy.all"])

    def _build(self, build: Path) -> Tree:
        """A copy of the sources, and all that kbuild makes of it."""
        shutil.rmtree(build, ignore_errors=True)
        build.mkdir(parents=True)
        source = build / "module"
        shutil.copytree(process_image.MODULE_SOURCES, source)
        with progress.step("Building the module"):
            self._image.kernel.make(build / "log", f"M={source}", "modules")
        return Tree(source, self._image.kernel.objects)

    def prepare(self, file: str) -> None:
        """The tests of a file pass with the module as it is."""
        sound = self._test(self._image, file)
        if sound.outcome != SURVIVED:
            raise HarnessError(f"the tests of {file} fail without a mutant: {sound.by}")

    def code(self, source: str, file: str) -> bytes | None:
        """As kbuild compiles it; the kernel's configuration has no debug information."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            path = Path(name) / file
            path.write_text(source)
            target = path.with_suffix(".o")
            return target.read_bytes() if self._tree.compile(path, target) else None

    def verdict(self, mutant: Mutant) -> Verdict:
        """Build, boot, run tests."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            folder = Path(name)
            source = folder / mutant.file
            source.write_text(mutant.source)
            target = source.with_suffix(".o")
            module = folder / f"{MODULE}.ko"
            if not (self._tree.compile(source, target) and self._tree.link(target, module)):
                raise HarnessError(f"{mutant.name} does not link")
            return self._test(self._with(module, folder), mutant.file)

    def _with(self, module: Path, folder: Path) -> ProcessImage:
        """The image, with another module in the place of ours."""
        modules = folder / "modules"
        shutil.copytree(self._image.modules, modules, symlinks=True,
                        ignore=shutil.ignore_patterns("log", "work"))
        [installed] = modules.rglob(module.name)
        shutil.copy(module, installed)
        return dataclasses.replace(self._image, modules=modules)

    def _test(self, image: ProcessImage, file: str) -> Verdict:
        words = ["-x", "-q", "--logs", str(self._tree.source.parent / "logs"), *TESTS[file]]
        # What has found many is likely to find the next.
        first = [name for name, _ in self._found[file].most_common()]
        answer, end = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_run_tests, args=(image, words, first, end))
        process.start()
        end.close()
        try:
            if not answer.poll(TIMEOUT):
                return Verdict(KILLED, f"no end after {TIMEOUT} s")
            status, failed, output = answer.recv()
        except EOFError:
            raise HarnessError("the tests ended without a word") from None
        finally:
            process.kill()
            process.join()
        if status == pytest.ExitCode.OK:
            return Verdict(SURVIVED)
        if status != pytest.ExitCode.TESTS_FAILED:
            raise HarnessError(f"the tests could not be run:\n{output}")
        self._found[file][failed] += 1
        return Verdict(KILLED, failed)
