# SPDX-License-Identifier: GPL-2.0-or-later
"""What the packages are made of: the checkout without what only tests or shows it."""

import hashlib
import re
import shutil
from pathlib import Path

from harness import HarnessError

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_PACKAGED = {"bench", "build", "conformance", "demo", "scripts", "test"}


def _left_out(directory: str, names: list[str]) -> set[str]:
    top = Path(directory) == REPOSITORY
    return {name for name in names
            if name == "__pycache__" or top and (name in NOT_PACKAGED or name.startswith("."))}


VERSION = re.compile(r"(?<=^  VERSION )\d+\.\d+\.\d+", re.MULTILINE)


def version() -> str:
    """The checkout's version."""
    found = VERSION.search((REPOSITORY / "CMakeLists.txt").read_text())
    if not found:
        raise HarnessError("CMakeLists.txt: no VERSION")
    return found[0]


def next_version() -> str:
    """What the version after the checkout's may be."""
    major, minor, patch = version().split(".")
    return f"{major}.{minor}.{int(patch) + 1}"


def digest(folder: Path) -> str:
    """The hash of all that is in a folder."""
    sha = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        kind = "link" if path.is_symlink() else "file" if path.is_file() else None
        if kind:
            body = str(path.readlink()).encode() if kind == "link" else path.read_bytes()
            mode = "" if kind == "link" else f"{path.stat().st_mode & 0o111:o}"
            head = f"{kind} {path.relative_to(folder)} {mode} {len(body)}\n"
            sha.update(head.encode() + body)
    return sha.hexdigest()


def snapshot(destination: Path, renumber: str | None = None) -> str:
    """Copy the sources; the hash of the copy, so that what is named is what is built.

    With renumber, the copy is as a release of that version would be.
    """
    shutil.copytree(REPOSITORY, destination, symlinks=True, ignore=_left_out)
    if renumber:
        top = destination / "CMakeLists.txt"
        top.write_text(VERSION.sub(renumber, top.read_text(), count=1))
    return digest(destination)
