# SPDX-License-Identifier: GPL-2.0-or-later
"""The disk of a guest that has other software beside the checkout's packages, or in their place.

    NAME-root    the base root, and that software
    NAME-image   the same with the checkout's .debs installed, as a file system
"""

import shutil
from pathlib import Path

from harness import boot, cache, chroot, image, overlay, progress
from harness.kernels import Kernel

# For docs/recipes; for bench/latency; for bench/run and bench/gate, which bring their own modules;
# for service/, which boots systemd.
PACKAGES = {"recipes": "firewalld ufw", "knocking": "fwknop-client fwknop-server knockd",
            "measuring": "ipset python3", "service": "apparmor iptables-persistent systemd-sysv"}
INSTALL = "apt-get install -y --no-install-recommends {packages}"


def _root(base: Path, kernel: Kernel, name: str) -> Path:
    script = INSTALL.format(packages=PACKAGES[name])

    def build(layer: Path) -> None:
        with progress.step(f"Adding {PACKAGES[name]} to a copy of it"):
            image.copy_tree(base, layer / "root", layer / "log")
            chroot.run(layer / "root", script, layer / "log")

    key = cache.key(base.parent.name, script)
    return cache.layer(f"{name}-root-{kernel.name}", key, build) / "root"


def _image(root: Path, debs: list[Path], kernel: Kernel, name: str) -> Path:
    def build(layer: Path) -> None:
        (layer / "debs").mkdir()
        for deb in debs:
            shutil.copy(deb, layer / "debs")
        boot.extract(root, layer / "boot")
        with overlay.workshop(root, layer) as guest_root:
            if debs:
                with progress.step("Installing the packages beside them"):
                    guest_root.run(image.INSTALL_DEBS, layer / "debs")
            with progress.step("Making the disk image"):
                guest_root.make_disk(layer / "disk.img")

    key = cache.key(root.parent.name, image.content(debs),
                    image.INSTALL_DEBS, overlay.MAKE_DISK, boot.MODULES)
    return cache.layer(f"{name}-image-{kernel.name}", key, build)


def build(kernel: Kernel, name: str) -> image.Image:
    """The image with the checkout's packages and those of PACKAGES[name]. Context: root."""
    with cache.lock(name):
        with cache.lock(kernel.name):
            base = image.base_root(kernel)
            debs = image.debs_to_test(kernel, base)
        return image.Image(_image(_root(base, kernel, name), debs, kernel, name))


def build_without_ours(kernel: Kernel, name: str) -> image.Image:
    """The image with those of PACKAGES[name] alone, which no change of the checkout makes anew.

    Context: root.
    """
    with cache.lock(name):
        with cache.lock(kernel.name):
            base = image.base_root(kernel)
        return image.Image(_image(_root(base, kernel, name), [], kernel, name))
