# SPDX-License-Identifier: GPL-2.0-or-later
"""The module, built for a kernel from source: layers PURPOSE-modules have lib/modules of it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from harness import cache, progress, sources
from harness.source_kernel import Kernel

SOURCES = sources.REPOSITORY / "src" / "kernel"


def _build(kernel: Kernel, source: Path, flags: Sequence[str], layer: Path) -> None:
    """lib/modules, as depmod leaves it; what is built in has its names there, too."""
    log, work = layer / "log", layer / "work"
    shutil.copytree(source, work)
    (work / "version.mk").write_text(f"PORTKNOCKO_VERSION := {sources.version()}\n")
    kernel.make(log, f"M={work}", *flags, "modules")
    kernel.make(log, f"INSTALL_MOD_PATH={layer}", "modules_install")
    kernel.make(log, f"M={work}", f"INSTALL_MOD_PATH={layer}", "modules_install")
    [installed] = (layer / "lib/modules").iterdir()
    (layer / "release").write_text(f"{installed.name}\n")


def build(purpose: str, kernel: Kernel, source: Path = SOURCES,
          flags: Sequence[str] = ()) -> Path:
    """The layer with the module's sources, built for a kernel; flags go to make."""
    key = cache.key(kernel.objects.name, sources.digest(source), list(flags))
    kind = f"{purpose}-modules"

    def make(layer: Path) -> None:
        with progress.step(f"Building xt_pknock for {purpose}"):
            _build(kernel, source, flags, layer)

    with cache.lock(kind):
        return cache.layer(kind, key, make)
