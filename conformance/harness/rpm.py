# SPDX-License-Identifier: GPL-2.0-or-later
"""The disk of a guest in which dnf installed the .rpms.

    rpm-root    the compilers' root, and rpm, dnf, createrepo_c: .rpms are made and installed there
    rpms        three repositories: the checkout's .rpms; those of a version after it; shims, which
                say in rpm's words what this Debian has (scripts/rpm/shims.sh). And the .debs
    rpm-image   rpm-root after what a package goes through, at native speed (scripts/rpm/life.sh),
                with the .rpms installed at the end, as a file system

Debian stands in for Fedora and its like: dnf, rpm and dkms are the same programs.
"""

import shutil
import tempfile
from pathlib import Path

from harness import boot, cache, chroot, compilers, image, overlay, packages, progress, sources
from harness.kernels import Kernel

SCRIPTS = Path(__file__).parent / "scripts" / "rpm"
REPOSITORIES = ("current", "next", "shims")


def _script(*names: str) -> str:
    """Files of scripts/rpm/, as one."""
    return "".join((SCRIPTS / name).read_text() for name in names)


def _root(kernel: Kernel) -> Path:
    """Context: the lock of the row, whose roots this is made of."""
    build_root = image.build_root(kernel, image.base_root(kernel))
    names = [*packages.section("rpm"), "createrepo-c", "dnf"]
    script = f"apt-get install -y {' '.join(names)}"

    def build(layer: Path) -> None:
        with progress.step("Adding rpm and dnf to a copy of it"):
            image.copy_tree(build_root, layer / "root", layer / "log")
            chroot.run(layer / "root", script, layer / "log")

    name = cache.key(build_root.parent.name, script)
    return cache.layer(f"rpm-root-{kernel.name}", name, build) / "root"


def _repositories(kernel: Kernel, root: Path) -> Path:
    script = _script("build.sh", "shims.sh")

    def build(layer: Path) -> None:
        with progress.step("Building the .rpms and those of a next version"):
            compilers.run(kernel, root, script, layer / "log", tree)
        for name in (*REPOSITORIES, "debs"):
            shutil.copytree(tree / "build" / name, layer / name)

    with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        tree = Path(scratch) / "src"
        name = cache.key(root.parent.name, sources.snapshot(tree), script, compilers.ENVIRONMENT)
        return cache.layer(f"rpms-{kernel.name}", name, build)


def _image(kernel: Kernel, root: Path, repositories: Path) -> Path:
    script = f"export {compilers.MODULES}\n" + _script("life.sh")

    def build(layer: Path) -> None:
        for name in (*REPOSITORIES, "debs"):
            shutil.copytree(repositories / name, layer / name)
        boot.extract(root, layer / "boot")
        with overlay.workshop(root, layer) as guest_root:
            with progress.step("Installing, reinstalling, upgrading, removing the .rpms"):
                guest_root.run(script, layer)
            with progress.step("Making the disk image"):
                guest_root.make_disk(layer / "disk.img")

    name = cache.key(repositories.name, script, overlay.MAKE_DISK, boot.MODULES)
    return cache.layer(f"rpm-image-{kernel.name}", name, build)


def build(kernel: Kernel) -> image.Image:
    """The image with the checkout's .rpms. Context: root."""
    with cache.lock("rpm"):
        with cache.lock(kernel.name):
            root = _root(kernel)
        return image.Image(_image(kernel, root, _repositories(kernel, root)))
