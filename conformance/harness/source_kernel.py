# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels from Debian's sources: configured for a purpose, built once, cached."""

import dataclasses
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from harness import HarnessError, cache, progress
from harness.archive import Archive, kernel_suite

PACKAGE = "linux-source-6.12"
SOURCE = "kernel-source"
JOBS = 2


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What a kernel is built of.

    A purpose has one architecture: it names the kind of layers, PURPOSE-kernel. The configuration
    is tinyconfig's but for what the fragments say, and words are for make.
    """

    purpose: str
    architecture: str
    fragments: Sequence[Path]
    words: Sequence[str] = ()

    @property
    def settings(self) -> str:
        """All fragments, one after the other."""
        return "".join(fragment.read_text() for fragment in self.fragments)


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A built tree: modules are built against objects."""

    source: Path
    objects: Path
    version: str
    architecture: str

    @property
    def release(self) -> str:
        """The kernel's version, as uname -r says it."""
        return (self.objects / "include/config/kernel.release").read_text().strip()

    def make(self, log: Path, *words: str | Path) -> None:
        """Run make in the tree."""
        progress.run(["make", "-C", self.source, f"O={self.objects}",
                      f"ARCH={self.architecture}", f"-j{JOBS}", *words], log)


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


def _build(kernel: Kernel, recipe: Recipe) -> None:
    objects, log = kernel.objects, kernel.objects / "log"
    fragment = objects / "fragment"
    fragment.write_text(recipe.settings)
    with progress.step(f"Building the kernel for {recipe.purpose}"):
        kernel.make(log, f"KCONFIG_ALLCONFIG={fragment}", "tinyconfig")
        progress.run([kernel.source / "scripts/kconfig/merge_config.sh", "-m", "-O", objects,
                      objects / ".config", fragment], log, cwd=kernel.source)
        kernel.make(log, "olddefconfig")
        _check_config((objects / ".config").read_text(), recipe.settings)
        kernel.make(log, *recipe.words, "all")


def fetch() -> tuple[Path, str]:
    """The tree of the kernel's sources, and its version."""
    with cache.lock(SOURCE):
        fetched = cache.layer(SOURCE, cache.key(PACKAGE, kernel_suite()), _fetch)
    return fetched / PACKAGE, (fetched / "version").read_text()


def build(recipe: Recipe) -> Kernel:
    """The kernel of a recipe; minutes the first time."""
    source, version = fetch()
    kind = f"{recipe.purpose}-kernel"

    def make(layer: Path) -> None:
        _build(Kernel(source, layer, version, recipe.architecture), recipe)

    with cache.lock(kind):
        objects = cache.layer(kind, cache.key(version, recipe.settings, *recipe.words), make)
    return Kernel(source, objects, version, recipe.architecture)
