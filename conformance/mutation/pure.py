# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's pure files, in a process: conformance/unit, under the preset's sanitizers."""

import json
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from harness import HarnessError, progress
from harness.sources import REPOSITORY
from mutation.mutants import Mutant
from mutation.suite import KILLED, SURVIVED, Verdict

FILES = ["check.c", "knock.c", "replay.c", "spa.c"]
TARGET = "pknock_kernel_test"
PRESET = "asan"
TIMEOUT = 20
FAILED = re.compile(r"^TEST CASE: +(.*)|^(?:.*: )?(runtime error: .*)|^==\d+==ERROR: (.*)",
                    re.MULTILINE)


class Pure:
    """The unit tests, built once; each mutant is compiled and linked with them."""

    jobs = 2

    def __init__(self, build: Path) -> None:
        self._build = build
        build.mkdir(parents=True, exist_ok=True)
        log = build / "log"
        with progress.step("Building the unit tests"):
            progress.run(["cmake", "-S", REPOSITORY, "-B", build, "--preset", PRESET], log,
                         cwd=REPOSITORY)
            progress.run(["nice", "cmake", "--build", build, "--target", TARGET], log)
        database = json.loads((build / "compile_commands.json").read_text())
        self._compile = {Path(entry["file"]).name: entry["command"] for entry in database
                         if Path(entry["file"]).name in FILES}
        self._link = self._link_command()
        sound = self._run(build / "conformance/unit" / TARGET)
        if sound.outcome != SURVIVED:
            raise HarnessError(f"the unit tests fail without a mutant: {sound.by}")

    def _link_command(self) -> list[str]:
        shown = subprocess.run(["ninja", "-C", self._build, "-t", "commands", TARGET], check=True,
                               capture_output=True, text=True).stdout
        # Between the colons that cmake puts around it.
        words = shlex.split(shown.splitlines()[-1])
        return [word for word in words if word not in (":", "&&")] + ["-Wl,--strip-debug"]

    def _compile_command(self, file: str, source: Path, target: Path) -> list[str]:
        """As the build compiles the file, but this one in its place, and warnings are none."""
        words = shlex.split(self._compile[file])
        output, original = words.index("-o") + 1, words.index("-c") + 1
        words[output], words[original] = str(target), str(source)
        return [*words, "-w"]

    def code(self, source: str, file: str) -> bytes | None:
        """As a release is compiled: sanitizers would see differences that nobody else does."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            path, target = Path(name) / file, Path(name) / "object"
            path.write_text(source)
            words = [word for word in self._compile_command(file, path, target)
                     if not word.startswith(("-fsanitize", "-g"))]
            compiled = subprocess.run([*words, "-O2", "-g0"], cwd=self._build, check=False,
                                      stderr=subprocess.DEVNULL)
            return target.read_bytes() if compiled.returncode == 0 else None

    def verdict(self, mutant: Mutant) -> Verdict:
        """Compile, link, run."""
        with tempfile.TemporaryDirectory(prefix="portknocko-mutant-") as name:
            source, target = Path(name) / mutant.file, Path(name) / "mutant.o"
            program = Path(name) / TARGET
            source.write_text(mutant.source)
            words = list(self._link)
            words[words.index("-o") + 1] = str(program)
            # Before the library that has the file as it was, which nobody asks for any more.
            words.insert(words.index("-o"), str(target))
            for command in self._compile_command(mutant.file, source, target), words:
                subprocess.run(command, cwd=self._build, check=True, stderr=subprocess.DEVNULL)
            return self._run(program)

    def _run(self, program: Path) -> Verdict:
        try:
            result = subprocess.run([program, "--abort-after=1"], check=False, timeout=TIMEOUT,
                                    capture_output=True, text=True, errors="replace")
        except subprocess.TimeoutExpired:
            return Verdict(KILLED, f"no end after {TIMEOUT} s")
        if result.returncode == 0:
            return Verdict(SURVIVED)
        found = FAILED.search(result.stdout + result.stderr)
        by = next(filter(None, found.groups())) if found else f"status {result.returncode}"
        return Verdict(KILLED, by.strip())
