# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's disk: a Debian root in which the built packages were installed.

    base     mmdebstrap: the release, its kernel and headers, dkms, iptables
    build    base and the compilers: where the .debs are made
    debs     the .debs of the checkout, made by one of builders.py
    image    base with the .debs installed by apt, as a file system

Every layer is cached under the hash of what goes into it (cache.py). The .debs are installed by
their own maintainer scripts: DKMS compiles the module in the root, for the root's kernel.
"""

import dataclasses
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from harness import (boot, builders, cache, chroot, compilers, mirror, overlay, packages, progress,
                     sources)
from harness.kernels import Kernel

# dkms and iptables are what the packages build on; the rest is the harness's hands and ears:
# an agent to command, services to connect to, tools to look with.
GUEST_PACKAGES = ["ca-certificates", "dkms", "iptables", "nftables", "iproute2", "kmod", "procps",
                  "conntrack", "ethtool", "socat", "busybox-static"]

PREBUILT = "PORTKNOCKO_DEBS"

INSTALL_DEBS = """
apt-get install -y /src/*.deb
dkms status
"""


@dataclasses.dataclass(frozen=True)
class Image:
    """A disk with what boots it, and on how many processors.

    It forgets what a guest wrote, unless it keeps it.
    """

    directory: Path
    keeps: bool = False
    parameters: str = ""
    processors: int = 1

    @property
    def disk(self) -> Path:
        """The root file system, raw."""
        return self.directory / "disk.img"

    @property
    def boot(self) -> boot.Files:
        """Kernel and early modules."""
        return boot.Files(self.directory / "boot")

    @property
    def packages(self) -> list[Path]:
        """The .debs that were installed."""
        return sorted(self.directory.glob("debs/*.deb"))


def _bootstrap_command(kernel: Kernel) -> list[str]:
    options = [f"--aptopt={line}" for line in mirror.options()]
    wanted = ",".join([*kernel.packages, *GUEST_PACKAGES])
    return ["mmdebstrap", "--variant=minbase", "--skip=cleanup/apt/lists",
            "--aptopt=APT::Install-Recommends \"false\"", *options, *kernel.bootstrap,
            f"--include={wanted}", kernel.release, "root", *mirror.sources(kernel.suites)]


def base_root(kernel: Kernel) -> Path:
    """The release with its kernel and headers, as a directory. Context: the row's lock."""
    command = _bootstrap_command(kernel)

    def build(layer: Path) -> None:
        with progress.step(f"Bootstrapping Debian {kernel.name} with {kernel.image}"):
            # The guest has an initramfs of its own; making Debian's would take half a minute.
            progress.run(command, layer / "log", cwd=layer, env={**os.environ, "INITRD": "No"})

    return cache.layer(f"base-{kernel.name}", cache.key(command), build) / "root"


def copy_tree(source: Path, destination: Path, log: Path) -> None:
    """Copy a root with all that it has."""
    progress.run(["cp", "--archive", "--reflink=auto", source, destination], log)


def build_root(kernel: Kernel, base: Path) -> Path:
    """The release with the compilers, too."""
    names = [*packages.section("build"), *packages.section("annotations"), compilers.PACKAGE]
    borrow = [mirror.borrow(suite, wanted) for suite, wanted in kernel.borrow.items()]
    script = "\n".join([*borrow, f"apt-get install -y {' '.join(names)}", builders.DEPENDENCIES])
    debian = sources.REPOSITORY / "packaging"

    def build(layer: Path) -> None:
        with progress.step("Adding the compilers to a copy of it"):
            copy_tree(base, layer / "root", layer / "log")
            chroot.run(layer / "root", script, layer / "log", debian)

    name = cache.key(base.parent.name, script, (debian / "debian/control").read_text())
    return cache.layer(f"build-{kernel.name}", name, build) / "root"


def make_debs(kernel: Kernel, base: Path, builder: str, version: str | None = None) -> Path:
    """The directory of the checkout's .debs, in its own version or as if it had another."""
    root = build_root(kernel, base)
    script = builders.SCRIPTS[builder]
    kind = f"{builder}-debs-{kernel.name}{'-next' if version else ''}"
    title = f"Building the packages{f' as {version}' if version else ''} ({builder})"

    def build(layer: Path) -> None:
        with progress.step(title):
            compilers.run(kernel, root, script, layer / "log", tree)
        for package in (tree / "build/packages").glob("*.*deb"):
            shutil.copy(package, layer)

    with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        tree = Path(scratch) / "src"
        name = cache.key(root.parent.name, sources.snapshot(tree, version), script,
                         compilers.ENVIRONMENT)
        return cache.layer(kind, name, build)


def debs_to_test(kernel: Kernel, base: Path) -> list[Path]:
    """The .debs of the checkout, or those that PORTKNOCKO_DEBS names."""
    prebuilt = os.environ.get(PREBUILT)
    directory = Path(prebuilt) if prebuilt else make_debs(kernel, base, kernel.builder)
    return sorted(directory.glob("*.deb"))


def content(debs: list[Path]) -> list[str]:
    """What stands for packages in the name of a layer."""
    return [f"{deb.name} {hashlib.sha256(deb.read_bytes()).hexdigest()}" for deb in debs]


def _image(kernel: Kernel, base: Path, debs: list[Path]) -> Path:
    def build(layer: Path) -> None:
        (layer / "debs").mkdir()
        for deb in debs:
            shutil.copy(deb, layer / "debs")
        boot.extract(base, layer / "boot")
        with overlay.workshop(base, layer) as root:
            with progress.step("Installing the packages, DKMS building the module"):
                root.run(INSTALL_DEBS, layer / "debs")
            with progress.step("Making the disk image"):
                root.make_disk(layer / "disk.img")

    name = cache.key(base.parent.name, content(debs), INSTALL_DEBS, overlay.MAKE_DISK,
                     boot.MODULES)
    return cache.layer(f"image-{kernel.name}", name, build)


def build(kernel: Kernel) -> Image:
    """The image with the checkout's packages, or with those in the directory PORTKNOCKO_DEBS.

    Context: root, for the device nodes and owners of a Debian root.
    """
    with cache.lock(kernel.name):
        base = base_root(kernel)
        return Image(_image(kernel, base, debs_to_test(kernel, base)))


def build_debs(kernel: Kernel) -> dict[str, Path]:
    """For each of builders.py the directory of the checkout's packages as it makes them.

    Context: root.
    """
    with cache.lock(kernel.name):
        base = base_root(kernel)
        return {builder: make_debs(kernel, base, builder) for builder in builders.SCRIPTS}


def compile_for(kernel: Kernel, directory: Path, script: str) -> None:
    """Run a shell script where the row's packages are compiled; the directory is its /src.

    Context: root.
    """
    with cache.lock(kernel.name), tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        root = build_root(kernel, base_root(kernel))
        chroot.run(root, script, Path(scratch) / "log", directory)
