# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs and the plugin, under all that ctest runs, and then under the conformance suite.

LLVM's coverage counts the source's own branches. In the guest the programs that count replace the
packages'.
"""

import base64
import itertools
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness import HarnessError, progress
from harness.guest import Guest
from harness.image import Image
from harness.sources import REPOSITORY
from lines import Line, Lines

PRESET = "coverage"
BUILD = REPOSITORY / "build/coverage"
# Where all programs leave what they have counted, as CMakePresets.json has it: one file each.
PROFILES = BUILD / "profiles"
STAGE = REPOSITORY / "build/coverage-stage"
LOG = BUILD / "log"
ELF = b"\x7fELF"
# Who is not root counts, too, into the files that each program leaves when it is first run; in a
# folder with a sticky bit he could not open them.
PLACE = """
mkdir -p {profiles}
mount -t tmpfs -o mode=0777 none {profiles}
mount -t hostfs -o {stage} none /mnt
(cd /mnt && cp --parents {files} /)
umount /mnt
{first}
chmod 666 {profiles}/*
"""
FIRST = ["pknock --version", "pknockctl --version", "pknockd --version"]


def _is_linked(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(18)
    return head[:4] == ELF and head[16] in (2, 3)  # executable or shared


def _linked(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*")
                  if path.is_file() and not path.is_symlink() and _is_linked(path))


def _is_counted(path: Path) -> bool:
    """Not the tests, and not the kernel's files, which the kernel is better at counting."""
    return path.parts[:2] != ("src", "kernel") and not path.stem.endswith("_test") and (
        path.stem not in ("test_main", "parse_rule"))


def records(report: str) -> Iterator[tuple[Path, list[tuple[str, str]]]]:
    """Each file of a report in lcov's format, and what is said of it: keys and values."""
    for part in report.split("end_of_record\n"):
        pairs = [tuple(line.split(":", 1)) for line in part.splitlines() if ":" in line]
        if pairs:
            yield Path(dict(pairs)["SF"]), pairs


def read_lines(texts: list[str], pairs: Iterable[tuple[str, str]]) -> Lines:
    """A file's lines of what a report in lcov's format says of it: DA:LINE,COUNT and
    BRDA:LINE,BLOCK,BRANCH,TAKEN."""
    counts: dict[int, int] = {}
    branches: dict[int, list[int]] = {}
    for key, value in pairs:
        if key == "DA":
            number, count, *_ = value.split(",")
            counts[int(number)] = int(count)
        elif key == "BRDA":
            number, _, _, taken = value.split(",")
            branches.setdefault(int(number), []).append(0 if taken == "-" else int(taken))
    return {number: Line("", texts[number - 1].strip(), count, tuple(branches.get(number, ())))
            for number, count in counts.items()}


class Programs:
    """Counts what of the programs is run: by ctest at once, then in guests."""

    def __init__(self) -> None:
        BUILD.mkdir(parents=True, exist_ok=True)
        with progress.step("Building the programs and their tests with counters"):
            progress.run(["cmake", "--preset", PRESET], LOG, cwd=REPOSITORY)
            progress.run(["cmake", "--build", "--preset", PRESET], LOG, cwd=REPOSITORY)
        for folder in (PROFILES, STAGE):
            shutil.rmtree(folder, ignore_errors=True)
        progress.run(["env", f"DESTDIR={STAGE}", "cmake", "--install", BUILD], LOG)
        with progress.step("Running the unit tests"):
            progress.run(["ctest", "--preset", PRESET], LOG, cwd=REPOSITORY)

    def place(self, guest: Guest) -> None:
        """Let the guest's programs be those that count."""
        files = [str(path.relative_to(STAGE)) for path in _linked(STAGE)]
        guest.run(PLACE.format(profiles=PROFILES, stage=STAGE, files=" ".join(files),
                               first="\n".join(f"{command} >/dev/null" for command in FIRST)))

    def read(self, guest: Guest, _image: Image) -> None:
        """Bring what was counted to what ctest left."""
        for name in guest.run(["ls", str(PROFILES)]).stdout.split():
            content = guest.run(["base64", "-w", "0", f"{PROFILES}/{name}"]).stdout
            (PROFILES / f"guest-{name}").write_bytes(base64.b64decode(content))

    def lines(self) -> dict[str, Lines]:
        """Of each file, relative to the repository, by number."""
        profile = BUILD / "all.profdata"
        progress.run(["llvm-profdata", "merge", "-sparse", "-o", profile,
                      *sorted(PROFILES.glob("*.profraw"))], LOG)
        first, *others = _linked(BUILD)
        objects = itertools.chain(*(("-object", path) for path in others))
        exported = subprocess.run(["llvm-cov", "export", "-format=lcov",
                                   f"-instr-profile={profile}", first, *objects,
                                   REPOSITORY / "src"],
                                  check=False, capture_output=True, text=True)
        if exported.returncode:
            raise HarnessError(f"llvm-cov: {exported.stderr.strip()}")
        found = {}
        for path, pairs in records(exported.stdout):
            name = path.resolve().relative_to(REPOSITORY)
            if _is_counted(name):
                found[str(name)] = read_lines(path.read_text().splitlines(), pairs)
        return found
