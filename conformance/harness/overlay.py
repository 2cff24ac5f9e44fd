# SPDX-License-Identifier: GPL-2.0-or-later
"""A root to change, made of one that stays as it is: an overlay, which copies what is changed only.

It is mounted for the length of a command, in a namespace of the command's: nothing is left mounted,
however a command or the harness ends. Where the kernel takes no overlay, such as on top of others,
it is a copy.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import chroot, progress

# All of this runs in the overlay's directory. With links, for their names a path of any length,
# with any characters, fits into the options: origin-1 is over origin-2. When a command ends, all
# that this machine has not yet written to its disk would be, if it were not for "volatile"; which
# the kernel marks, lest anybody rely on such changes after a crash.
MOUNT = ('mount -t overlay overlay -o volatile,upperdir=changes,workdir=work,'
         'lowerdir="$(echo origin-* | tr " " :)" root')
FORGET_MARK = "rm -rf work/work/incompat"
PREPARE = f"""
set -e
cd "$0"
mkdir root changes work
if ! unshare --mount {MOUNT} 2>/dev/null; then
    rmdir changes
    cp --archive --reflink=auto origin-1/. root
fi
"""
ENTER = f"""
set -e
cd "$0"
if [ -d changes ]; then
    {FORGET_MARK}
    {MOUNT}
fi
exec "$@"
"""
MAKE_DISK = "mke2fs -q -F -t ext4 -O ^has_journal -E lazy_itable_init=0 -d root \"$0\" 3G"


class Overlay:
    """A root to change. Its directory is the caller's, and the caller removes it, as root.

    It is made of an origin, or of another's layers. These must not change before that.
    """

    def __init__(self, origins: Sequence[Path], directory: Path) -> None:
        self._directory = directory
        self._origins = list(origins)
        for number, origin in enumerate(origins, 1):
            (directory / f"origin-{number}").symlink_to(origin)

    def prepare(self) -> list[str | Path]:
        """The command, for root, that is to run before all others."""
        return ["sh", "-c", PREPARE, self._directory]

    @property
    def layers(self) -> list[Path]:
        """What all that is in it now consists of: others' origins."""
        changes = self._directory / "changes"
        return [changes, *self._origins] if changes.is_dir() else [self.root]

    @property
    def root(self) -> Path:
        """Where it is mounted for a command."""
        return self._directory / "root"

    def command(self, script: str, source: Path | None = None) -> list[str | Path]:
        """The command, for root, that runs a shell script inside; source, if any, is its /src."""
        return self.enter(chroot.command(self.root, script, source))

    def make_disk(self, disk: Path) -> list[str | Path]:
        """The command, for root, that makes a file system of all that is in it then."""
        return self.enter(["sh", "-c", MAKE_DISK, disk])

    def enter(self, words: list[str | Path]) -> list[str | Path]:
        """The command, for root, that runs another, for which the root is mounted."""
        return ["unshare", "--mount", "sh", "-c", ENTER, self._directory, *words]


class Workshop:
    """An overlay for the makers of layers, with the layer's log."""

    def __init__(self, overlay: Overlay, log: Path) -> None:
        self._overlay = overlay
        self._log = log
        progress.run(overlay.prepare(), log)

    def run(self, script: str, source: Path | None = None) -> None:
        """Run a shell script inside; source, if any, is its /src."""
        progress.run(self._overlay.command(script, source), self._log, env=chroot.ENVIRONMENT)

    def make_disk(self, disk: Path) -> None:
        """Make a file system of all that is in it now."""
        progress.run(self._overlay.make_disk(disk), self._log)


@contextlib.contextmanager
def workshop(origin: Path, layer: Path) -> Iterator[Workshop]:
    """An overlay to make a layer in, gone afterwards. Context: root."""
    directory = layer / "overlay"
    directory.mkdir()
    yield Workshop(Overlay([origin], directory), layer / "log")
    shutil.rmtree(directory)
