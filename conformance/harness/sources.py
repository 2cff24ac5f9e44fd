# SPDX-License-Identifier: GPL-2.0-or-later
"""What the packages are made of: the checkout without what only tests or shows it."""

import hashlib
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_PACKAGED = {"bench", "build", "conformance", "demo", "scripts", "test"}


def _left_out(directory: str, names: list[str]) -> set[str]:
    top = Path(directory) == REPOSITORY
    return {name for name in names
            if name == "__pycache__" or top and (name in NOT_PACKAGED or name.startswith("."))}


def snapshot(destination: Path) -> str:
    """Copy the sources; the hash of the copy, so that what is named is what is built."""
    shutil.copytree(REPOSITORY, destination, symlinks=True, ignore=_left_out)
    digest = hashlib.sha256()
    for path in sorted(destination.rglob("*")):
        kind = "link" if path.is_symlink() else "file" if path.is_file() else None
        if kind:
            body = str(path.readlink()).encode() if kind == "link" else path.read_bytes()
            mode = "" if kind == "link" else f"{path.stat().st_mode & 0o111:o}"
            head = f"{kind} {path.relative_to(destination)} {mode} {len(body)}\n"
            digest.update(head.encode() + body)
    return digest.hexdigest()
