# SPDX-License-Identifier: GPL-2.0-or-later
"""The disk of a guest with the firewalls that docs/recipes/ is about.

    recipes-root    the base root, and firewalld and ufw
    recipes-image   the same with the checkout's .debs installed, as a file system
"""

import shutil
from pathlib import Path

from harness import boot, cache, chroot, image, overlay, progress
from harness.kernels import Kernel

FIREWALLS = "apt-get install -y --no-install-recommends firewalld ufw"


def _root(base: Path, kernel: Kernel) -> Path:
    def build(layer: Path) -> None:
        with progress.step("Adding firewalld and ufw to a copy of it"):
            image.copy_tree(base, layer / "root", layer / "log")
            chroot.run(layer / "root", FIREWALLS, layer / "log")

    name = cache.key(base.parent.name, FIREWALLS)
    return cache.layer(f"recipes-root-{kernel.name}", name, build) / "root"


def _image(root: Path, debs: list[Path], kernel: Kernel) -> Path:
    def build(layer: Path) -> None:
        (layer / "debs").mkdir()
        for deb in debs:
            shutil.copy(deb, layer / "debs")
        boot.extract(root, layer / "boot")
        with overlay.workshop(root, layer) as guest_root:
            with progress.step("Installing the packages beside them"):
                guest_root.run(image.INSTALL_DEBS, layer / "debs")
            with progress.step("Making the disk image"):
                guest_root.make_disk(layer / "disk.img")

    name = cache.key(root.parent.name, image.content(debs),
                     image.INSTALL_DEBS, overlay.MAKE_DISK, boot.MODULES)
    return cache.layer(f"recipes-image-{kernel.name}", name, build)


def build(kernel: Kernel) -> image.Image:
    """The image with the checkout's packages and the other firewalls. Context: root."""
    with cache.lock("recipes"):
        with cache.lock(kernel.name):
            base = image.base_root(kernel)
            debs = image.debs_to_test(kernel, base)
        return image.Image(_image(_root(base, kernel), debs, kernel))
