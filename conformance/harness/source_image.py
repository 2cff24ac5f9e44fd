# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's disk under another kernel: one from source, and the module built for it.

The disk is as it always is. Kernel and module come in the initramfs, whose first program copies the
module onto the disk.
"""

import shutil
from pathlib import Path

from harness import built_module, cache, privilege, source_kernel
from harness.image import Image
from harness.kernels import Kernel as Row

BINARY = "arch/x86/boot/bzImage"


def _boot_files(kernel: source_kernel.Kernel, modules: Path, disk: Image, layer: Path) -> None:
    boot = layer / "boot"
    tree = boot / "tree"
    shutil.copytree(disk.boot.directory / "tree", tree, ignore=shutil.ignore_patterns("*.ko"))
    shutil.copytree(modules / "lib", tree / "lib", dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("build"))
    shutil.copy(kernel.objects / BINARY, boot / "vmlinuz")
    shutil.copy(modules / "release", boot)
    (layer / "disk.img").symlink_to(disk.disk)
    (layer / "debs").symlink_to(disk.directory / "debs")


def build(row: Row, recipe: source_kernel.Recipe, sources: Path = built_module.SOURCES) -> Image:
    """The image of a row of kernels.toml with the kernel of a recipe, and the module of sources.

    Its layers are leased for as long as this process runs.
    """
    disk = privilege.build_image(row)
    kernel = source_kernel.build(recipe)
    modules = built_module.build(recipe.purpose, kernel, sources)
    for layer in (disk.directory, kernel.objects, modules):
        cache.lease(layer)
    kind = f"{recipe.purpose}-image"
    key = cache.key(str(disk.directory), kernel.objects.name, modules.name)
    with cache.lock(kind):
        image = cache.layer(kind, key, lambda layer: _boot_files(kernel, modules, disk, layer))
        cache.lease(image)
    return Image(image)
