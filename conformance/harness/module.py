# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles the checkout's module for all headers of a row of kernels.toml, the strictest way."""

import json
import shutil
import tempfile
from pathlib import Path

from harness import HarnessError, cache, chroot, image, mirror, progress, sources
from harness.kernels import Kernel

ADD_HEADERS = """
apt-get update
apt-get install -y {package}
"""
COMPILE = """
make -C /lib/modules/{release}/build M=/src W=1 C=2 KCFLAGS=-Werror CF=-Wsparse-error modules
modinfo -F compat /src/xt_pknock.ko >/src/compat.txt
"""


def _releases(root: Path) -> set[str]:
    """The kernels whose headers are in a root."""
    return {path.name for path in (root / "usr/lib/modules").iterdir()
            if (path / "build").is_symlink()}


def _add_headers(root: Path, package: str, log: Path) -> str:
    """Install a package of headers, of any suite; the release that it is for."""
    before = _releases(root)
    _, _, suite = package.partition("/")
    if suite:
        listing = root / "etc/apt/sources.list.d" / f"{suite}.list"
        listing.write_text("\n".join([*mirror.sources([suite]), ""]))
    chroot.run(root, ADD_HEADERS.format(package=package), log)
    [release] = _releases(root) - before
    return release


def _with_headers(kernel: Kernel, compilers: Path) -> tuple[Path, dict[str, str]]:
    """A root with all headers of the row, and the release that each package brought."""
    [own] = _releases(compilers)
    if not kernel.also:
        return compilers, {kernel.headers: own}

    def build(layer: Path) -> None:
        root, log = layer / "root", layer / "log"
        with progress.step(f"Adding {', '.join(kernel.also)} to a copy of it"):
            image.copy_tree(compilers, root, log)
            releases = {package: _add_headers(root, package, log) for package in kernel.also}
        (layer / "releases.json").write_text(json.dumps(releases))

    name = cache.key(compilers.parent.name, list(kernel.also), ADD_HEADERS)
    layer = cache.layer(f"headers-{kernel.name}", name, build)
    further = json.loads((layer / "releases.json").read_text())
    return layer / "root", {kernel.headers: own, **further}


def _adapted(root: Path, release: str, module: Path) -> list[str]:
    """Compile the module in a copy of its sources, unless these headers had them already.

    Returns what compat/ had to adapt. Context: the row's lock.
    """
    def build(layer: Path) -> None:
        copy = layer / "module"
        shutil.copytree(module, copy)
        with progress.step(f"Compiling the module for {release}"):
            chroot.run(root, COMPILE.format(release=release), layer / "log", copy)
        shutil.copy(copy / "compat.txt", layer)
        shutil.rmtree(copy)

    name = cache.key(root.parent.name, COMPILE, sources.digest(module))
    layer = cache.layer(f"module-{release}", name, build)
    return (layer / "compat.txt").read_text().split()


def check(kernel: Kernel) -> None:
    """Compile for the row's headers with more warnings, as errors, and sparse.

    Context: root. Raises HarnessError, too, when compat/ adapts other than the row says.
    """
    with cache.lock(kernel.name), tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        compilers = image.build_root(kernel, image.base_root(kernel))
        root, releases = _with_headers(kernel, compilers)
        tree = Path(scratch) / "src"
        sources.snapshot(tree)
        for package, expected in {kernel.headers: kernel.compat, **kernel.also}.items():
            adapted = _adapted(root, releases[package], tree / "src/kernel")
            if adapted != expected:
                raise HarnessError(f"{kernel.name}, {package}: compat/ adapts {adapted}, "
                                   f"kernels.toml says {expected}")
