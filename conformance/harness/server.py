# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that lives: what it writes to its disk is there after a reboot.

A boot takes the kernel from the disk, as a boot loader would: the newest, or the one named. Its
modules for the way to the disk come from there, too, into the harness's own initramfs.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness import boot, progress
from harness.guest import Guest
from harness.image import Image

OFF_SECONDS = 60
# Every file system read-only, then the power off, without a word to processes.
SWITCH_OFF = "sync; echo u >/proc/sysrq-trigger; echo o >/proc/sysrq-trigger"


def _natural(release: str) -> list:
    """A key that sorts 6.12 after 6.1."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", release)]


class Server:
    """A disk, and the guest that runs on it, if any."""

    def __init__(self, disk: Path) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="portknocko-server-"))
        self._disk = self.directory / "disk.img"
        subprocess.run(["cp", "--sparse=always", disk, self._disk], check=True)
        self._guest: Guest | None = None

    def _debugfs(self, request: str) -> str:
        """Read the disk of a server that is off, without mounting it."""
        return subprocess.run(["debugfs", "-R", request, self._disk], check=True, text=True,
                              capture_output=True).stdout

    def kernels(self) -> list[str]:
        """The releases of installed kernels, the newest first."""
        listing = self._debugfs("ls -p /boot")
        releases = re.findall(r"/vmlinuz-([^/]+)/", listing)
        return sorted(releases, key=_natural, reverse=True)

    def _extract(self, release: str) -> None:
        """Take what boots a kernel off the disk."""
        with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
            for path in (f"/boot/vmlinuz-{release}", f"/usr/lib/modules/{release}",
                         "/usr/bin/busybox"):
                target = Path(scratch, path[1:]).parent
                target.mkdir(parents=True, exist_ok=True)
                self._debugfs(f"rdump {path} {target}")
            shutil.rmtree(self.directory / "boot", ignore_errors=True)
            boot.extract(Path(scratch), self.directory / "boot")

    def boot(self, release: str | None = None, parameters: str = "") -> Guest:
        """Switch it on, or reboot it; without a release, into the newest kernel."""
        self.off()
        release = release or self.kernels()[0]
        self._extract(release)
        with progress.step(f"Booting the server into {release}"):
            self._guest = Guest(Image(self.directory, keeps=True, parameters=parameters))
        return self._guest

    def off(self, command: str = SWITCH_OFF) -> None:
        """Shut it down, so that all is on the disk that should be."""
        guest, self._guest = self._guest, None
        if not guest:
            return
        try:
            guest.agent.start(command)
            guest.vm.wait(OFF_SECONDS)
        finally:
            guest.stop()

    def close(self) -> None:
        """Switch it off for good."""
        guest, self._guest = self._guest, None
        if guest:
            guest.stop()
        shutil.rmtree(self.directory)
