# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels that run as a process: Debian's sources, configured for a purpose, built once, cached."""

import dataclasses
import re
import shutil
from pathlib import Path

from harness import HarnessError, cache, progress
from harness.archive import Archive, kernel_suite

PACKAGE = "linux-source-6.12"
JOBS = 2


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A built tree: modules are built against objects, and objects/linux is the program."""

    source: Path
    objects: Path
    version: str

    def make(self, log: Path, *words: str | Path) -> None:
        """Run make in the tree."""
        _make(self.source, self.objects, log, *words)


def _make(source: Path, objects: Path, log: Path, *words: str | Path) -> None:
    progress.run(["nice", "make", "-C", source, f"O={objects}", "ARCH=um", f"-j{JOBS}", *words],
                 log)


def _fetch(layer: Path) -> None:
    log = layer / "log"
    with progress.step(f"Fetching {PACKAGE}"):
        apt = layer / "apt"
        version = Archive(apt, kernel_suite(), log).package(PACKAGE, layer)
        progress.run(["tar", "-C", layer, "-xf", layer / f"usr/src/{PACKAGE}.tar.xz"], log)
        shutil.rmtree(layer / "usr")
        shutil.rmtree(apt)
        (layer / "version").write_text(version)


def _check_config(written: str, wanted: str) -> None:
    """What kconfig dropped silently would be missed much later."""
    for line in wanted.splitlines():
        is_setting = re.match(r"CONFIG_\w+=", line)
        if is_setting and line not in written.splitlines():
            raise HarnessError(f"the kernel's configuration did not take {line}")


def _build(source: Path, fragment: Path, objects: Path) -> None:
    log = objects / "log"
    with progress.step("Building the kernel as a process"):
        _make(source, objects, log, f"KCONFIG_ALLCONFIG={fragment}", "tinyconfig")
        progress.run([source / "scripts/kconfig/merge_config.sh", "-m", "-O", objects,
                      objects / ".config", fragment], log, cwd=source)
        _make(source, objects, log, "olddefconfig")
        _check_config((objects / ".config").read_text(), fragment.read_text())
        _make(source, objects, log, "all")


def fetch() -> tuple[Path, str]:
    """The tree of the kernel's sources, and its version. Context: the lock of process-kernel."""
    fetched = cache.layer("kernel-source", cache.key(PACKAGE, kernel_suite()), _fetch)
    return fetched / PACKAGE, (fetched / "version").read_text()


def build(purpose: str, fragment: Path) -> Kernel:
    """The kernel of a configuration, in layers PURPOSE-kernel; minutes the first time."""
    with cache.lock("process-kernel"):
        source, version = fetch()
        objects = cache.layer(f"{purpose}-kernel", cache.key(version, fragment.read_text()),
                              lambda layer: _build(source, fragment, layer))
    return Kernel(source, objects, version)
