# SPDX-License-Identifier: GPL-2.0-or-later
"""Layers on disk, each named by the hash of what it is made of.

A layer is a directory KIND/KEY. It appears by rename, complete or not at all. Whoever builds holds
the lock of what the kinds are for, so that two runs never build the same layer twice.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

KEEP_PER_KIND = 2


def directory() -> Path:
    """The cache folder of the project."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "portknocko"


def key(*parts: object) -> str:
    """The name of a layer that is made of these parts."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]


@contextlib.contextmanager
def lock(purpose: str) -> Iterator[None]:
    """Keep other processes from building or pruning the kinds that are for this purpose."""
    directory().mkdir(parents=True, exist_ok=True)
    with (directory() / f"lock-{purpose}").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def lease(layer_path: Path) -> int:
    """A descriptor that keeps a layer from being pruned for as long as it is open."""
    descriptor = os.open(layer_path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _remove_unless_leased(layer_path: Path) -> None:
    descriptor = os.open(layer_path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(layer_path)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def _prune(kind: Path) -> None:
    """Keep the layers used last, and nothing of builds that were cut off."""
    layers = sorted((path for path in kind.iterdir() if not path.name.startswith(".")),
                    key=lambda path: path.stat().st_mtime, reverse=True)
    for path in layers[KEEP_PER_KIND:]:
        _remove_unless_leased(path)
    for path in kind.glob(".*"):
        shutil.rmtree(path)


def layer(kind: str, name: str, build: Callable[[Path], None]) -> Path:
    """The layer's directory, built when it is not there. Context: the lock is held."""
    path = directory() / kind / name
    if not path.exists():
        unfinished = path.with_name(f".{name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        build(unfinished)
        unfinished.rename(path)
    os.utime(path)
    _prune(path.parent)
    return path
