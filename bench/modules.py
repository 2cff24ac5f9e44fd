# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured, built for a kernel: modules, and the plugins that iptables writes rules with.

xtables-addons names its module, its plugin and its directory in /proc as we do. Here its module
gets another name, so that both can be loaded at once; its code stays as it was released.
"""

import dataclasses
import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from harness import HarnessError, cache, progress
from harness.archive import Archive
from harness.sources import REPOSITORY

KERNEL_SOURCE = "src/kernel"
OTHER_SOURCES = ("src/xtables", "bench/module")
ADDONS = "xtables-addons"
ADDONS_SUITE = "sid"
ADDONS_MODULE = "xt_pknock_addons"
COMPILER = re.compile(rb"GCC: \([^)]+\) [0-9.]+")


class Builder(Protocol):
    """Builds for one kernel, in a tree of sources: paths are relative to it."""

    key: str  # the kernel's

    def module(self, tree: Path, folder: str, log: Path) -> None:
        """Build the module of a folder."""

    def compile(self, tree: Path, words: list[str], log: Path) -> None:
        """Run the C compiler."""


@dataclasses.dataclass(frozen=True)
class Native:
    """Builds with this machine's compiler; make() runs make in the kernel's tree."""

    key: str
    make: Callable[..., None]

    def module(self, tree: Path, folder: str, log: Path) -> None:
        """As Builder."""
        self.make(log, f"M={tree / folder}", "modules")

    def compile(self, tree: Path, words: list[str], log: Path) -> None:
        """As Builder."""
        progress.run(["cc", *words], log, cwd=tree)


def digest(*folders: Path) -> str:
    """The hash of all files below."""
    sha = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            sha.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()


def _plugin(builder: Builder, tree: Path, source: str, includes: list[str], log: Path) -> None:
    (tree / "plugin").mkdir()
    flags = [f"-I{path}" for path in includes]
    builder.compile(tree, ["-O2", "-shared", "-fPIC", *flags, "-o",
                           f"plugin/{Path(source).stem}.so", source], log)


def _keep(layer: Path, tree: Path, *modules: str) -> None:
    """The layer's are modules and the plugin; of the tree nothing else stays."""
    for module in modules:
        shutil.copy(tree / module, layer)
    shutil.move(tree / "plugin", layer)
    shutil.rmtree(tree)


def _build_ours(builder: Builder, kernel_source: Path, layer: Path) -> None:
    log, tree = layer / "log", layer / "tree"
    with progress.step("Building xt_pknock and xt_bench"):
        shutil.copytree(kernel_source, tree / KERNEL_SOURCE)
        for source in OTHER_SOURCES:
            shutil.copytree(REPOSITORY / source, tree / source)
        for name in KERNEL_SOURCE, "bench/module":
            builder.module(tree, name, log)
        _plugin(builder, tree, "src/xtables/libxt_pknock.c", ["src/kernel/uapi"], log)
        _keep(layer, tree, "src/kernel/xt_pknock.ko", "bench/module/xt_bench.ko")


def _fetch_addons(layer: Path) -> None:
    log = layer / "log"
    with progress.step(f"Fetching {ADDONS}"):
        apt, unpacked = layer / "apt", layer / "unpacked"
        unpacked.mkdir()
        tree = Archive(apt, ADDONS_SUITE, log).source(ADDONS, unpacked)
        tree.rename(layer / "source")
        shutil.rmtree(apt)
        shutil.rmtree(unpacked)
        (layer / "version").write_text(tree.name.removeprefix(f"{ADDONS}-"))


def _rename_addons(folder: Path) -> None:
    source = folder / "xt_pknock.c"
    text, renamed = re.subn(r'(proc_(?:mkdir|entry)\()"xt_pknock"', rf'\1"{ADDONS_MODULE}"',
                            source.read_text())
    if renamed != 2:
        raise HarnessError(f"{ADDONS}: its directory in /proc is not where it was")
    source.write_text(text)
    (folder / "Kbuild").write_text(f"obj-m := {ADDONS_MODULE}.o\n"
                                   f"{ADDONS_MODULE}-y := xt_pknock.o\n"
                                   "ccflags-y := -I$(src)/..\n")


def _build_addons(builder: Builder, source: Path, layer: Path) -> None:
    log, tree = layer / "log", layer / "tree"
    with progress.step(f"Building {ADDONS}' xt_pknock"):
        shutil.copytree(source / "extensions", tree)
        _plugin(builder, tree, "pknock/libxt_pknock.c", ["pknock", "."], log)
        _rename_addons(tree / "pknock")
        builder.module(tree, "pknock", log)
        _keep(layer, tree, f"pknock/{ADDONS_MODULE}.ko")


def ours(builder: Builder, purpose: str, kernel_source: Path = REPOSITORY / KERNEL_SOURCE) -> Path:
    """The layer of xt_pknock, its plugin and xt_bench, of the checkout or of another src/kernel."""
    with cache.lock(purpose):
        sources = digest(kernel_source, *(REPOSITORY / name for name in OTHER_SOURCES))
        return cache.layer(f"{purpose}-ours", cache.key(builder.key, sources),
                           lambda layer: _build_ours(builder, kernel_source, layer))


def compiler(layer: Path) -> str:
    """What a layer's xt_pknock was compiled with, as the compiler wrote into it."""
    found = COMPILER.search((layer / "xt_pknock.ko").read_bytes())
    if not found:
        raise HarnessError(f"{layer}: no compiler is named in the module")
    return found[0].decode()


def addons(builder: Builder, purpose: str) -> tuple[Path, str]:
    """The layer of xtables-addons' module and plugin, and their version."""
    with cache.lock(purpose):
        fetched = cache.layer("bench-addons-source", cache.key(ADDONS, ADDONS_SUITE), _fetch_addons)
        layer = cache.layer(f"{purpose}-addons", cache.key(builder.key, str(fetched)),
                            lambda layer: _build_addons(builder, fetched / "source", layer))
    return layer, (fetched / "version").read_text()
