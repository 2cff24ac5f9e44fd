# SPDX-License-Identifier: GPL-2.0-or-later
"""A server to be: a Debian root whose only apt source lies in itself.

    kernels     a newer kernel for the release and its headers, as .debs
    server      the row's root with a repository of them and of the checkout's packages, in the
                checkout's version and the next; and another DKMS module, the witness
    installed   the same with the packages installed, as a disk

What happens to a server after that needs no network, in a chroot or in a guest.
"""

import dataclasses
import shutil
import subprocess
from pathlib import Path

from harness import cache, chroot, compilers, image, mirror, overlay, progress, sources
from harness.kernels import Kernel

# Where a release gets a newer kernel from.
NEWER = {"bookworm": "bookworm-backports", "trixie": "trixie-backports"}
PACKAGES = ["portknocko", "portknocko-dkms", "portknocko-client"]
# Installed with these options, a kernel does not take along what is of the same source: headers.
ALONE = ["-o", "APT::Get::Upgrade-By-Source-Package=false"]
REPOSITORY = "srv/repository"
SOURCE = f"deb [trusted=yes] file:/{REPOSITORY} ./\n"
DOWNLOAD = """
mv /src/newer.list /etc/apt/sources.list.d/
apt-get update
apt-get install -y --download-only {packages}
mv /var/cache/apt/archives/*.deb /src
"""
# What the packages need and a server without systemd may lack, from where it is for all; and the
# compiler's cache.
NEEDED = f"""
apt-get update
apt-get install -y --no-install-recommends {compilers.PACKAGE} \
    "$(apt-cache pkgnames systemd-standalone-sysusers | grep . || echo systemd)"
"""
# The witness is a module that has nothing to do with ours and must never suffer from it.
WITNESS = """
mkdir /usr/src/witness-1.0
cd /usr/src/witness-1.0
cat >dkms.conf <<end
PACKAGE_NAME=witness
PACKAGE_VERSION=1.0
BUILT_MODULE_NAME[0]=witness
DEST_MODULE_LOCATION[0]=/updates/dkms
AUTOINSTALL=yes
end
echo 'obj-m := witness.o' >Makefile
printf '#include <linux/module.h>\\nMODULE_LICENSE("GPL");\\n' >witness.c
dkms add -m witness -v 1.0
for kernel in /lib/modules/*; do
    dkms install -m witness -v 1.0 -k "${kernel##*/}"
done
"""
# A server that is thrown away needs no care for its disk.
FURNISH = "echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/unsafe-io\napt-get update\n" + WITNESS
# The modules of all versions, into a cache for the emulated machine.
COMPILE = f"""
export {compilers.MODULES}
for package in /{REPOSITORY}/portknocko-dkms_*.deb; do
    version=$(dpkg-deb --field "$package" Version)
    dpkg-deb --fsys-tarfile "$package" | tar -x -C / ./usr/src
    dkms build "portknocko/$version" -k "$(ls /lib/modules)"
    dkms remove "portknocko/$version" --all
    rm -r "/usr/src/portknocko-$version"
done
"""
INSTALL = "apt-get install -y --no-install-recommends {packages}"


def with_version(version: str) -> list[str]:
    """All packages, as apt-get names a version."""
    return [f"{package}={version}" for package in PACKAGES]


@dataclasses.dataclass(frozen=True)
class Layers:
    """The directories of what tests of a package's life start from."""

    server: Path
    installed: Path

    @property
    def root(self) -> Path:
        """A server without the packages, as a tree."""
        return self.server / "root"

    @property
    def disk(self) -> Path:
        """A server with the packages in the checkout's version."""
        return self.installed / "disk.img"


def _newer_kernel(kernel: Kernel, base: Path) -> Path:
    """A directory with the .debs of a newer kernel that the root lacks."""
    suite = NEWER[kernel.name]
    lines = mirror.sources([suite])
    script = DOWNLOAD.format(packages=f"{kernel.image}/{suite} {kernel.headers}/{suite}")

    def build(layer: Path) -> None:
        (layer / "debs").mkdir()
        (layer / "debs/newer.list").write_text("\n".join([*lines, ""]))
        with progress.step(f"Downloading a kernel of {suite}"):
            with overlay.workshop(base, layer) as root:
                root.run(script, layer / "debs")

    return cache.layer(f"kernels-{kernel.name}", cache.key(base.parent.name, lines, script), build)


def _server(kernel: Kernel, base: Path, debs: list[Path]) -> Path:
    def build(layer: Path) -> None:
        root, log = layer / "root", layer / "log"
        with progress.step("Making a server with a repository"):
            image.copy_tree(base, root, log)
            chroot.run(root, NEEDED, log)
            repository = root / REPOSITORY
            repository.mkdir()
            for deb in debs:
                shutil.copy(deb, repository)
            with (repository / "Packages").open("wb") as index:
                subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=repository,
                               check=True, stdout=index, stderr=subprocess.DEVNULL)
            shutil.rmtree(root / "etc/apt/sources.list.d")
            (root / "etc/apt/sources.list").write_text(SOURCE)
            chroot.run(root, FURNISH, log)

    name = cache.key(base.parent.name, image.content(debs), NEEDED, SOURCE, FURNISH)
    return cache.layer(f"server-{kernel.name}", name, build)


def _installed(kernel: Kernel, server: Path, version: str) -> Path:
    install = INSTALL.format(packages=" ".join(with_version(version)))
    script = COMPILE + install

    def build(layer: Path) -> None:
        with overlay.workshop(server / "root", layer) as root:
            with progress.step(f"Installing version {version} on it"):
                root.run(script)
            with progress.step("Making its disk"):
                root.make_disk(layer / "disk.img")

    name = cache.key(server.name, script, overlay.MAKE_DISK)
    return cache.layer(f"installed-{kernel.name}", name, build)


def build(kernel: Kernel) -> Layers:
    """A server, before and after the checkout's packages were installed.

    Context: root.
    """
    with cache.lock(kernel.name):
        base = image.base_root(kernel)
        now = image.make_debs(kernel, base, kernel.builder)
        then = image.make_debs(kernel, base, kernel.builder, sources.next_version())
        newer = _newer_kernel(kernel, base) / "debs" if kernel.name in NEWER else None
        debs = [deb for place in (now, then, newer) if place for deb in sorted(place.glob("*.deb"))]
        server = _server(kernel, base, debs)
        return Layers(server, _installed(kernel, server, sources.version()))
