# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's pure files, in a process: conformance/unit, under the preset's sanitizers."""

import json
import os
import re
import shlex
import signal
import subprocess
import tempfile
from pathlib import Path

from harness import HarnessError, progress
from harness.sources import REPOSITORY
from mutation.mutants import SOURCES, Mutant
from mutation.suite import KILLED, SURVIVED, Verdict

# Which tests of conformance/unit look at a file, the quickest first.
TABLE = ["table_test.cpp", "table_race_test.cpp"]
TESTS = {"bucket.c": ["bucket_test.cpp", *TABLE], "check.c": ["check_test.cpp"],
         "knock.c": ["knock_test.cpp"], "replay.c": ["replay_test.cpp"], "spa.c": ["spa_test.cpp"],
         "table.c": TABLE, "table_walk.c": TABLE}
FILES = list(TESTS)
TARGET = "pknock_kernel_test"
LIBRARY = "libmutant.so"
PRESET = "asan"
# Many times what any of the tests take.
CPU_SECONDS = 30
TIMEOUT = 300
NONE_RAN = re.compile(r"test cases: +0 ")
FAILED = re.compile(r"^TEST CASE: +(.*)|^(?:.*: )?(runtime error: .*)|^==\d+==ERROR: (.*)",
                    re.MULTILINE)


class Pure:
    """The unit tests, built once, with the file that is broken in a library of its own.

    To link the library, instead of the tests, takes a tenth of the time.
    """

    jobs = 2

    def __init__(self, build: Path) -> None:
        self._build = build
        self._log = build / "log"
        build.mkdir(parents=True, exist_ok=True)
        with progress.step("Building the unit tests"):
            progress.run(["cmake", "-S", REPOSITORY, "-B", build, "--preset", PRESET], self._log,
                         cwd=REPOSITORY)
            progress.run(["cmake", "--build", build, "--target", TARGET], self._log)
        database = json.loads((build / "compile_commands.json").read_text())
        self._compile = {Path(entry["file"]).name: shlex.split(entry["command"])
                         for entry in database if Path(entry["file"]).name in FILES}
        self._programs: dict[str, Path] = {}

    def prepare(self, file: str) -> None:
        """Link the tests with a library of the file as it is; they have to pass."""
        folder = self._build / "programs" / file
        folder.mkdir(parents=True, exist_ok=True)
        library = folder / LIBRARY
        self._make_library(SOURCES / file, library)
        program = self._programs[file] = folder / TARGET
        words = self._link_command()
        words[words.index("-o") + 1] = str(program)
        # Before the archive, which has the file, too: now nobody asks for that one.
        words[words.index("-o"):words.index("-o")] = [str(library), "-rdynamic"]
        progress.run(words, self._log, cwd=self._build)
        sound = self._run(file, library)
        if sound.outcome != SURVIVED:
            raise HarnessError(f"the tests of {file} fail without a mutant: {sound.by}")

    def _link_command(self) -> list[str]:
        shown = subprocess.run(["ninja", "-C", self._build, "-t", "commands", TARGET], check=True,
                               capture_output=True, text=True).stdout
        # Between the colons that cmake puts around it.
        words = shlex.split(shown.splitlines()[-1])
        return [word for word in words if word not in (":", "&&")]

    def _compile_command(self, source: Path, target: Path) -> list[str]:
        """As the build compiles the file of that name, but warnings are none."""
        words = list(self._compile[source.name])
        words[words.index("-o") + 1] = str(target)
        words[words.index("-c") + 1] = str(source)
        return [*words, "-w", "-fPIC"]

    def _make_library(self, source: Path, library: Path) -> None:
        target = library.with_suffix(".o")
        progress.run(self._compile_command(source, target), self._log, cwd=self._build)
        sanitizers = [word for word in self._compile[source.name]
                      if word.startswith("-fsanitize")]
        progress.run(["cc", "-shared", f"-Wl,-soname,{LIBRARY}", *sanitizers, "-o", library,
                      target], self._log)

    def code(self, source: str, file: str) -> bytes | None:
        """As a release is compiled: sanitizers would see differences that nobody else does."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            path, target = Path(name) / file, Path(name) / "object"
            path.write_text(source)
            words = [word for word in self._compile_command(path, target)
                     if not word.startswith(("-fsanitize", "-g"))]
            compiled = subprocess.run([*words, "-O2"], cwd=self._build, check=False,
                                      stderr=subprocess.DEVNULL)
            return target.read_bytes() if compiled.returncode == 0 else None

    def verdict(self, mutant: Mutant) -> Verdict:
        """Compile, link, run."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            source, library = Path(name) / mutant.file, Path(name) / LIBRARY
            source.write_text(mutant.source)
            self._make_library(source, library)
            return self._run(mutant.file, library)

    def _run(self, file: str, library: Path) -> Verdict:
        for tests in TESTS[file]:
            verdict = self._run_some(tests, self._programs[file], library)
            if verdict.outcome != SURVIVED:
                return verdict
        return Verdict(SURVIVED)

    @staticmethod
    def _run_some(tests: str, program: Path, library: Path) -> Verdict:
        try:
            result = subprocess.run(
                ["prlimit", f"--cpu={CPU_SECONDS}:{CPU_SECONDS + 1}", program,
                 "--abort-after=1", f"--source-file=*/{tests}"], check=False, timeout=TIMEOUT,
                capture_output=True, text=True, errors="replace",
                env={**os.environ, "LD_LIBRARY_PATH": str(library.parent)})
        except subprocess.TimeoutExpired:
            return Verdict(KILLED, f"no end after {TIMEOUT} s")
        if NONE_RAN.search(result.stdout):
            raise HarnessError(f"{tests}: no tests")
        if result.returncode == -signal.SIGXCPU:
            return Verdict(KILLED, f"no end after {CPU_SECONDS} s of the processor's time")
        if result.returncode == 0:
            return Verdict(SURVIVED)
        found = FAILED.search(result.stdout + result.stderr)
        by = next(filter(None, found.groups())) if found else f"status {result.returncode}"
        return Verdict(KILLED, by.strip())
