# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs commands inside a root directory, as its own system would.

The mounts live in a namespace of their own and go with the command: nothing is left mounted in a
tree that is going to be deleted, whatever happens.
"""

from pathlib import Path

from harness import progress

ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}

# $0 root, $1 a directory that appears as /src, or nothing; the rest is the command.
ENTER = """
set -e
cp /etc/resolv.conf "$0/etc/resolv.conf"
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
mount -t tmpfs tmpfs "$0/tmp"
if [ -n "$1" ]; then
    mkdir -p "$0/src"
    mount --bind "$1" "$0/src"
fi
shift
exec chroot "$0" "$@"
"""


def command(root: Path, script: str, source: Path | None = None) -> list[str | Path]:
    """The command, for root, that runs a shell script in the tree."""
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child",
            "sh", "-c", ENTER, root, source or "", "sh", "-e", "-c", script]


def run(root: Path, script: str, log: Path, source: Path | None = None) -> None:
    """Run a shell script in root; source, if any, is its /src."""
    progress.run(command(root, script, source), log, env=ENVIRONMENT)
