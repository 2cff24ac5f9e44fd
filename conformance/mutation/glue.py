# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's other files: the conformance tests that concern them, with a kernel as a process.

The module is built once for each kernel. Of a mutant only its file is compiled, as kbuild does, and
linked with the rest; a process of its own boots a guest with it and runs tests until one fails.
"""

import collections
import dataclasses
import functools
import shutil
import tempfile
import threading
from pathlib import Path

from harness import HarnessError, kernels, privilege, process_image
from harness.process_image import ProcessImage
from mutation.mutants import Mutant
from mutation.suite import KILLED, SURVIVED, Verdict
from mutation.tree import MODULE, Tree
from mutation.trial import Trial

# Waits a minute, and is about what door.c and tokens.c decide.
NO_MINUTE = "--deselect=test_lifetime.py::test_door_is_kept_for_a_minute"
# What looks at a file, quickest to fail first.
TESTS = {
    "door.c": ["test_sequence.py", "test_expiry.py", "test_proc.py", "test_pknockctl.py",
               "test_pknockctl_monitor.py", "test_netlink.py", "test_replay.py",
               "test_lifetime.py", "test_module.py"],
    "doors.c": ["test_lifetime.py", "test_proc.py", "test_netlink.py", "test_pknockctl.py",
                "test_pknockctl_monitor.py", "test_replay.py", "test_module.py"],
    "half_open.c": ["test_sequence.py", "test_strict.py", "test_peer_limits.py", "test_proc.py",
                    "test_lifetime.py", "test_netlink.py", NO_MINUTE],
    "match.c": ["test_sequence.py", "test_spa_door.py", "test_packets.py", "test_strict.py",
                "test_replay.py", "test_expiry.py", "test_rules.py", "test_netlink.py",
                "test_peer_limits.py"],
    "peer_table.c": ["test_sequence.py", "test_expiry.py", "test_peer_limits.py", "test_proc.py",
                     "test_netlink.py", "test_pknockctl.py", "test_pknockctl_monitor.py",
                     "test_lifetime.py", NO_MINUTE],
    "rule.c": ["test_sequence.py", "test_rules.py", "test_spa_door.py", "test_lifetime.py",
               "test_kernel_checks.py", "test_expiry.py", "test_peer_limits.py",
               "test_pknockctl.py", NO_MINUTE],
    "source.c": ["test_sequence.py", "test_rules.py"],
    "tokens.c": ["test_spa_door.py", "test_replay.py", "test_lifetime.py", "test_peer_limits.py"],
}
FILES = sorted(TESTS)

COMMANDS = "debug/lane_failures.py::test_each_request_of_a_command"
PACKETS = "debug/lane_failures.py::test_each_request_of_a_packet"
OPTIONS = [NO_MINUTE, "--share=0"]
# What looks at those who survive that, in a kernel that sees bad memory and leaks: memory is
# refused to what the file does, and what goes through much of it is done once.
REFUSED = {
    "door.c": [f"{COMMANDS}[module]", f"{COMMANDS}[rule, nft]", f"{COMMANDS}[namespace]",
               f"{COMMANDS}[proc, open]",
               "test_netlink.py::test_flush_is_for_those_who_are_there_when_it_begins",
               "test_netlink.py::test_flush_in_the_middle_of_a_dump_closes_for_all",
               "test_netlink.py::test_door_that_goes_closes_for_all_and_is_not_listed",
               "test_netlink.py::test_open_file_keeps_a_door_but_nobody_in_it",
               "test_lifetime.py", *OPTIONS],
    "doors.c": [f"{COMMANDS}[module]", f"{COMMANDS}[rule, nft]", f"{COMMANDS}[namespace]",
                "test_netlink.py::test_open_file_keeps_a_door_but_nobody_in_it", "test_lifetime.py",
                *OPTIONS],
    "half_open.c": [PACKETS, f"{COMMANDS}[module]", *OPTIONS],
    "match.c": [PACKETS, *OPTIONS],
    "peer_table.c": [PACKETS, f"{COMMANDS}[netlink, allow, first]", f"{COMMANDS}[module]",
                     *OPTIONS],
    "rule.c": [f"{COMMANDS}[{name}]" for name in (
        "rule, nft", "rule, legacy", "rule with secrets, nft", "rule with secrets, legacy")]
    + ["test_sequence.py::test_one_port_and_fifteen_ports", *OPTIONS],
    "source.c": [PACKETS, *OPTIONS],
    "tokens.c": [PACKETS, "test_peer_limits.py::test_tokens_are_remembered_for_their_window",
                 f"{COMMANDS}[rule with secrets, nft]", "test_lifetime.py", *OPTIONS],
}


class Bench:
    """A kernel, the module built for it, and what the tests found there."""

    def __init__(self, configuration: str, build: Path) -> None:
        disk = privilege.build_image(kernels.load()[kernels.DEFAULT])
        self._image = process_image.build(configuration, disk)
        self._tree = Tree.build(self._image, build)
        self._logs = build / "logs"
        # Of each selection of tests, how many mutants which test found.
        self._found: dict[str, collections.Counter[str]] = collections.defaultdict(
            collections.Counter)

    def code(self, source: str, file: str) -> bytes | None:
        """As kbuild compiles it; None if it is not C."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            path = Path(name) / file
            path.write_text(source)
            target = path.with_suffix(".o")
            return target.read_bytes() if self._tree.compile(path, target) else None

    def sound(self, tests: list[str]) -> None:
        """These pass with the module as it is."""
        sound = self._run(tests, self._image)
        if sound.outcome != SURVIVED:
            raise HarnessError(f"without a mutant: {sound.by}")

    def verdict(self, mutant: Mutant, tests: list[str]) -> Verdict:
        """Build, boot, run tests."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            folder = Path(name)
            source = folder / mutant.file
            source.write_text(mutant.source)
            target = source.with_suffix(".o")
            module = folder / f"{MODULE}.ko"
            if not (self._tree.compile(source, target) and self._tree.link(target, module)):
                raise HarnessError(f"{mutant.name} does not link")
            return self._run(tests, self._with(module, folder))

    def _with(self, module: Path, folder: Path) -> ProcessImage:
        """The image, with another module in the place of ours."""
        modules = folder / "modules"
        shutil.copytree(self._image.modules, modules, symlinks=True,
                        ignore=shutil.ignore_patterns("log", "work"))
        [installed] = modules.rglob(module.name)
        shutil.copy(module, installed)
        return dataclasses.replace(self._image, modules=modules)

    def _run(self, tests: list[str], image: ProcessImage) -> Verdict:
        found = self._found[" ".join(tests)]
        # What has found many is likely to find the next.
        first = [name for name, _ in found.most_common()]
        verdict = Trial(["-x", "-q", "--logs", str(self._logs), *tests], first).run(image)
        if verdict.outcome == KILLED:
            found[verdict.by] += 1
        return verdict


class Glue:
    """The tests of a file with a kernel that is quick, then refusals with one that looks."""

    # A guest waits for time to pass more than for a processor.
    jobs = 3

    def __init__(self, build: Path) -> None:
        self._plain = Bench("plain", build / "plain")
        self._debug = functools.cache(lambda: Bench("debug", build / "debug"))
        self._refused = functools.cache(self._prepare_refusals)
        self._making = threading.Lock()

    def prepare(self, file: str) -> None:
        """The tests of a file pass with the module as it is."""
        self._plain.sound(TESTS[file])

    def _prepare_refusals(self, file: str) -> Bench:
        bench = self._debug()
        bench.sound(REFUSED[file])
        return bench

    def code(self, source: str, file: str) -> bytes | None:
        """For the quick kernel, whose configuration has no debug information."""
        return self._plain.code(source, file)

    def verdict(self, mutant: Mutant) -> Verdict:
        """What the first says who finds it."""
        verdict = self._plain.verdict(mutant, TESTS[mutant.file])
        if verdict.outcome == KILLED:
            return verdict
        with self._making:  # when it is first asked for
            bench = self._refused(mutant.file)
        return bench.verdict(mutant, REFUSED[mutant.file])
