# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian root to try things in: a layer, changes to it, commands inside, nothing booted."""

import dataclasses
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from harness import HarnessError, chroot, compilers
from harness.overlay import Overlay

COMMAND_SECONDS = 300
# dpkg as an administrator's terminal would have it, but never asking.
ENVIRONMENT = {**chroot.ENVIRONMENT, "APT_LISTCHANGES_FRONTEND": "none", "INITRD": "No",
               **dict(line.split("=") for line in compilers.MODULES.split())}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a command ended, with all that it wrote, in the order in which it came."""

    text: str
    rc: int


def _as_root(command: list) -> list[str]:
    words = [] if os.geteuid() == 0 else ["sudo"]
    assignments = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    return [*words, "env", "-i", *assignments, *map(str, command)]


class Root:
    """A root over another, which stays as it is; what is changed goes with the object's close().

    The other is a directory, or the layers of a root that is not used meanwhile.
    """

    def __init__(self, *origins: Path) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="portknocko-root-"))
        self._overlay = Overlay(origins, self._directory)
        subprocess.run(_as_root(self._overlay.prepare()), check=True)

    @property
    def layers(self) -> list[Path]:
        """The origins of a root that begins with what is in this one now."""
        return self._overlay.layers

    def run(self, script: str, check: bool = True) -> Outcome:
        """Run a shell script inside; with check, a status other than 0 is an error."""
        command = self._overlay.enter(compilers.lend("modules", self._overlay.root,
                                                     chroot.command(self._overlay.root, script)))
        result = subprocess.run(_as_root(command), text=True, check=False,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS)
        if check and result.returncode:
            raise HarnessError(f"{script}: status {result.returncode}\n{result.stdout}")
        return Outcome(result.stdout, result.returncode)

    def apt(self, *arguments: str) -> str:
        """Run apt-get, which must succeed; what it said."""
        return self.run(shlex.join(["apt-get", "-y", "--no-install-recommends",
                                    "--allow-downgrades", *arguments])).text

    def disk(self) -> Path:
        """A disk with all that is in it now, for a server."""
        disk = self._directory / "disk.img"
        subprocess.run(_as_root(self._overlay.make_disk(disk)), check=True)
        return disk

    def complaints(self) -> str:
        """What dpkg and apt find wanting: packages half installed, or not to be installed."""
        return self.run("dpkg --audit; apt-get -qq check 2>&1 || true").text

    def releases(self) -> set[str]:
        """The kernels that it has, or has modules of."""
        return set(self.run("ls /lib/modules").text.split())

    def kernels(self) -> list[str]:
        """The kernels with headers, that DKMS can build for."""
        return self.run("cd /lib/modules; ls -d */build/include").text.replace(
            "/build/include", "").split()

    def built(self, module: str) -> list[str]:
        """The kernels that have this module from DKMS, in a file that depmod knows."""
        return [kernel for kernel in sorted(self.releases())
                if self.modinfo(module, "name", kernel)]

    def modinfo(self, module: str, field: str, kernel: str) -> str:
        """A field of a module that modprobe would load; empty if there is none."""
        script = f"modinfo -k {kernel} -F {field} {module} 2>/dev/null || true"
        return self.run(script).text.strip()

    def files(self) -> set[str]:
        """Every path outside of what all packages write to: logs, caches, dpkg's own data.

        Nor /etc/shadow- and the like, which are written with a user that stays.
        """
        return set(self.run("find / -xdev -path /srv -prune -o -path /var/cache -prune"
                            " -o -path /var/log -prune -o -path /var/lib/dpkg -prune"
                            " -o -path /var/lib/apt -prune -o -path '/etc/*-' -prune"
                            " -o -print").text.splitlines())

    def close(self) -> None:
        """Remove what was changed."""
        subprocess.run(_as_root(["rm", "-rf", self._directory]), check=True)
