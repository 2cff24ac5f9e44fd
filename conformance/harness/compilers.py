# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds packages in a root, compiling only what no build of the release has compiled before.

A release's packages are built several times: for another version, another format, another kernel.
ccache sees that it is the same code, compiler and options, and gives what came of it.
"""

from pathlib import Path

from harness import cache, chroot, progress
from harness.kernels import Kernel

PACKAGE = "ccache"
ENVIRONMENT = {
    **chroot.ENVIRONMENT,
    "CMAKE_C_COMPILER_LAUNCHER": "ccache",
    "CMAKE_CXX_COMPILER_LAUNCHER": "ccache",
    "CCACHE_DIR": "/var/cache/ccache",
    "CCACHE_COMPILERCHECK": "content",
    "CCACHE_MAXSIZE": "300M",
}

# For a root in which DKMS compiles a module again and again, or in an emulated machine, where that
# takes a hundred times as long. Debian's headers heed the first of these.
MODULES = "DEBIAN_KERNEL_USE_CCACHE=1 CCACHE_DIR=/var/cache/ccache CCACHE_COMPILERCHECK=content"

# $0 root, $1 the cache; the rest is the command. The mount goes with its namespace.
LEND = f"""
set -e
mkdir -p "$0{ENVIRONMENT['CCACHE_DIR']}"
mount --bind "$1" "$0{ENVIRONMENT['CCACHE_DIR']}"
shift
exec "$@"
"""


def lend(kind: str, root: Path, command: list[str | Path]) -> list[str | Path]:
    """The command, for root and a mount namespace of its own, for which a root has such a cache."""
    compiled = cache.directory() / f"compiled-{kind}"
    compiled.mkdir(exist_ok=True)
    return ["sh", "-c", LEND, root, compiled, *command]


def run(kernel: Kernel, root: Path, script: str, log: Path, source: Path) -> None:
    """Run a shell script in a root of the kernel's release; source is its /src. Context: root."""
    command = lend(kernel.release, root, chroot.command(root, script, source))
    progress.run(["unshare", "--mount", *command], log, env=ENVIRONMENT)
