# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs, under all that ctest runs: LLVM's coverage, which counts the source's own branches.

What only a kernel with the module makes them do, conformance/test_pknockctl*.py and
test_pknockd.py look at in a machine; that is not in here.
"""

import json
import shutil
import subprocess
from pathlib import Path

from counts import Counts
from harness import HarnessError, progress
from harness.sources import REPOSITORY

PRESET = "coverage"
BUILD = REPOSITORY / "build/coverage"
PROFILES = BUILD / "profiles"
ELF = b"\x7fELF"


def _programs() -> list[Path]:
    """All that was linked: programs, tests and the plugin."""
    def is_linked(path: Path) -> bool:
        with path.open("rb") as file:
            head = file.read(18)
        return head[:4] == ELF and head[16] in (2, 3)  # executable or shared
    return sorted(path for path in BUILD.rglob("*")
                  if path.is_file() and not path.is_symlink() and is_linked(path))


def _export(profile: Path) -> dict:
    first, *others = _programs()
    objects = [word for path in others for word in ("-object", str(path))]
    exported = subprocess.run(["llvm-cov", "export", "-summary-only",
                               f"-instr-profile={profile}", str(first), *objects,
                               str(REPOSITORY / "src")],
                              check=False, capture_output=True, text=True)
    if exported.returncode:
        raise HarnessError(f"llvm-cov: {exported.stderr.strip()}")
    return json.loads(exported.stdout)["data"][0]


def _is_counted(path: Path) -> bool:
    """Not the tests, and not the kernel's files, which the kernel is better at counting."""
    return path.parts[:2] != ("src", "kernel") and not path.stem.endswith("_test") and (
        path.stem not in ("test_main", "parse_rule"))


def measure() -> dict[str, Counts]:
    """Build, test, count: by file, relative to the repository."""
    BUILD.mkdir(parents=True, exist_ok=True)
    log = BUILD / "log"
    with progress.step("Building the programs and their tests with counters"):
        progress.run(["cmake", "--preset", PRESET], log, cwd=REPOSITORY)
        progress.run(["cmake", "--build", "--preset", PRESET], log, cwd=REPOSITORY)
    shutil.rmtree(PROFILES, ignore_errors=True)
    with progress.step("Running the unit tests"):
        progress.run(["ctest", "--preset", PRESET], log, cwd=REPOSITORY)
    profile = BUILD / "all.profdata"
    progress.run(["llvm-profdata", "merge", "-sparse", "-o", profile,
                  *sorted(PROFILES.glob("*.profraw"))], log)
    found = {}
    for file in _export(profile)["files"]:
        path = Path(file["filename"]).resolve().relative_to(REPOSITORY)
        if _is_counted(path):
            lines, branches = file["summary"]["lines"], file["summary"]["branches"]
            found[str(path)] = Counts(lines["count"], lines["covered"],
                                      branches["count"], branches["covered"])
    return found
