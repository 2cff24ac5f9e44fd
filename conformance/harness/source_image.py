# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's disk under another kernel: one from source, and the checkout's module built for it.

The disk is as it always is. Kernel and module come in the initramfs, whose first program copies the
module onto the disk.
"""

import hashlib
import shutil
from pathlib import Path

from harness import cache, privilege, progress, source_kernel
from harness.image import Image
from harness.kernels import Kernel as Row
from harness.sources import REPOSITORY

MODULE = REPOSITORY / "src/kernel"
BINARY = "arch/x86/boot/bzImage"


def _digest(folder: Path) -> str:
    """The hash of all files below."""
    sha = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sha.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()


def _install_modules(kernel: source_kernel.Kernel, tree: Path, log: Path) -> None:
    """The kernel's own modules, if it has any, and ours."""
    destination = f"INSTALL_MOD_PATH={tree}"
    work = tree / "work"
    shutil.copytree(MODULE, work)
    kernel.make(log, f"M={work}", "modules")
    kernel.make(log, destination, "modules_install")
    kernel.make(log, f"M={work}", destination, "modules_install")
    shutil.rmtree(work)
    (tree / "lib/modules" / kernel.release / "build").unlink()


def _boot_files(kernel: source_kernel.Kernel, disk: Image, layer: Path) -> None:
    log = layer / "log"
    boot = layer / "boot"
    tree = boot / "tree"
    with progress.step(f"Building the module for {kernel.release}"):
        shutil.copytree(disk.boot.directory / "tree", tree, ignore=shutil.ignore_patterns("*.ko"))
        shutil.copy(kernel.objects / BINARY, boot / "vmlinuz")
        (boot / "release").write_text(f"{kernel.release}\n")
        _install_modules(kernel, tree, log)
    (layer / "disk.img").symlink_to(disk.disk)
    (layer / "debs").symlink_to(disk.directory / "debs")


def build(row: Row, recipe: source_kernel.Recipe) -> Image:
    """The image of a row of kernels.toml with the kernel of a recipe.

    Its layers are leased for as long as this process runs.
    """
    disk = privilege.build_image(row)
    cache.lease(disk.directory)
    kernel = source_kernel.build(recipe)
    cache.lease(kernel.objects)
    kind = f"{recipe.purpose}-image"
    with cache.lock(kind):
        layer = cache.layer(kind, cache.key(str(disk.directory), kernel.objects.name,
                                            _digest(MODULE)),
                            lambda layer: _boot_files(kernel, disk, layer))
        cache.lease(layer)
    return Image(layer)
