# SPDX-License-Identifier: GPL-2.0-or-later
"""The disk of a guest that has xtables-addons in place of the checkout's packages.

Its module and its plugin have the names of ours: the two cannot be installed together. DKMS
compiles theirs in the root as it does ours.
"""

from pathlib import Path

from harness import boot, cache, image, overlay, progress
from harness.kernels import Kernel

PACKAGES = "xtables-addons-dkms xtables-addons-common"
# What is not there afterwards was not compiled, whatever status DKMS ended with.
INSTALL = f"""
apt-get install -y --no-install-recommends {PACKAGES}
modinfo -k "$(ls /lib/modules)" -F filename xt_pknock
"""


def _image(kernel: Kernel, base: Path) -> Path:
    def build(layer: Path) -> None:
        boot.extract(base, layer / "boot")
        with overlay.workshop(base, layer) as root:
            with progress.step("Installing xtables-addons, DKMS building its modules"):
                root.run(INSTALL)
            with progress.step("Making the disk image"):
                root.make_disk(layer / "disk.img")

    key = cache.key(base.parent.name, INSTALL, overlay.MAKE_DISK, boot.MODULES)
    return cache.layer(f"addons-image-{kernel.name}", key, build)


def build(kernel: Kernel) -> image.Image:
    """The image, with what the kernel's release has of xtables-addons. Context: root."""
    with cache.lock("addons"):
        with cache.lock(kernel.name):
            base = image.base_root(kernel)
        return image.Image(_image(kernel, base))
