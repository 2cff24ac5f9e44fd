# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured, built for a kernel: modules, and the plugins that iptables writes rules with.

xtables-addons names its module, its plugin and its directory in /proc as we do. Here its module
gets another name, so that both can be loaded at once; its code stays as it was released.
"""

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from harness import HarnessError, cache, progress
from harness.archive import Archive
from harness.sources import REPOSITORY

SOURCES = ("src/kernel", "src/xtables", "bench/module")
ADDONS = "xtables-addons"
ADDONS_SUITE = "sid"
ADDONS_MODULE = "xt_pknock_addons"

Make = Callable[..., None]


def digest(*folders: Path) -> str:
    """The hash of all files below."""
    sha = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            sha.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()


def _plugin(source: Path, includes: list[Path], destination: Path, log: Path) -> None:
    destination.mkdir(parents=True)
    flags = [f"-I{path}" for path in includes]
    progress.run(["cc", "-O2", "-shared", "-fPIC", *flags, "-o", destination / f"{source.stem}.so",
                  source], log)


def _keep(layer: Path, *modules: Path) -> None:
    for module in modules:
        shutil.copy(module, layer)


def _build_ours(make: Make, layer: Path) -> None:
    log = layer / "log"
    with progress.step("Building xt_pknock and xt_bench"):
        work = layer / "work"
        for source in SOURCES:
            shutil.copytree(REPOSITORY / source, work / source)
        for name in "src/kernel", "bench/module":
            make(log, f"M={work / name}", "modules")
        _plugin(work / "src/xtables/libxt_pknock.c", [work / "src/kernel/uapi"],
                layer / "plugin", log)
        _keep(layer, work / "src/kernel/xt_pknock.ko", work / "bench/module/xt_bench.ko")
        shutil.rmtree(work)


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


def _build_addons(make: Make, source: Path, layer: Path) -> None:
    log = layer / "log"
    with progress.step(f"Building {ADDONS}' xt_pknock"):
        work = layer / "work"
        shutil.copytree(source / "extensions", work)
        folder = work / "pknock"
        _plugin(folder / "libxt_pknock.c", [folder, work], layer / "plugin", log)
        _rename_addons(folder)
        make(log, f"M={folder}", "modules")
        _keep(layer, folder / f"{ADDONS_MODULE}.ko")
        shutil.rmtree(work)


def build(make: Make, target: str, purpose: str) -> dict[str, str | Path]:
    """Modules and plugins for the kernel that make() is for; target is that kernel's own key."""
    with cache.lock(purpose):
        sources = digest(*(REPOSITORY / name for name in SOURCES))
        ours = cache.layer(f"{purpose}-ours", cache.key(target, sources),
                           lambda layer: _build_ours(make, layer))
        fetched = cache.layer("bench-addons-source", cache.key(ADDONS, ADDONS_SUITE), _fetch_addons)
        addons = cache.layer(f"{purpose}-addons", cache.key(target, str(fetched)),
                             lambda layer: _build_addons(make, fetched / "source", layer))
    return {"ours": ours, "addons": addons, "addons_version": (fetched / "version").read_text()}
