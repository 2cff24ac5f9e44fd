# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest of a whole run: booted when first needed, and anew when a test has killed it."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import HarnessError, cache, privilege, process_image, verdict
from harness.guest import Guest
from harness.image import Image
from harness.kernels import Kernel
from harness.progress import step
from harness.sources import REPOSITORY

LOGS = REPOSITORY / "build" / "conformance"

# What a failure may turn on, told in the report.
FACTS = """
uname -r
dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' \
    portknocko xtables-addons-dkms iptables dkms libc6 'gcc-*' |
    sed -n 's/^ii  //p' | grep -v -e -base
"""


class Lab:
    """Owns the running guest. A guest that goes leaves console and kernel log in a folder."""

    def __init__(self, kernel: Kernel, logs: Path, image: Image | None = None) -> None:
        self.kernel = kernel
        self.facts: dict[str, str] = {}
        self._logs = logs
        self._image = image
        self._adapt: Callable[[Image], Image] | None = None
        self._guest: Guest | None = None
        self._boots = 0

    @property
    def image(self) -> Image:
        """The disk that guests boot from."""
        if not self._image:
            self._image = privilege.build_image(self.kernel)
            # Held to the end of the process: the guest may have to be booted again.
            cache.lease(self._image.directory)
        if self._adapt:
            self._image, self._adapt = self._adapt(self._image), None
        return self._image

    def run_as_process(self, name: str, module: Path) -> None:
        """Let guests have a kernel of process_image.CONFIGURATIONS, and the module built of these
        sources. Context: no guest yet."""
        self._adapt = lambda disk: process_image.build(name, disk, module)

    @property
    def booted(self) -> bool:
        """Whether there is a guest."""
        return self._guest is not None

    def guest(self) -> Guest:
        """A guest that runs."""
        if self._guest and not self._guest.vm.alive:
            self.discard()
        if not self._guest:
            with step(f"Booting {self.image.boot.release}"):
                self._guest = Guest(self.image)
            self._boots += 1
            if not self.facts:
                self.facts = self._learn(self._guest)
        return self._guest

    @contextlib.contextmanager
    def lend(self, test: str) -> Iterator[Guest]:
        """The guest as after boot. The test fails when it dies, complains or cannot be reset."""
        machine = self.guest()
        yield machine
        try:
            complaints = machine.reset()
        except Exception:
            # What a guest that cannot be reset does to the next test says nothing about that test.
            self.discard()
            raise
        assert not complaints, "\n".join(["the kernel complains:", *complaints])

    @staticmethod
    def _learn(guest: Guest) -> dict[str, str]:
        release, *packages = guest.run(FACTS).stdout.splitlines()
        versions = dict(line.split() for line in packages)
        return {"uname -r": release, "accelerator": guest.vm.accelerator, **versions}

    def _keep_logs(self, guest: Guest) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        shutil.copy(guest.vm.console, self._logs / f"console-{self._boots}.log")
        if guest.vm.alive:
            log = guest.run(["dmesg"]).stdout
            (self._logs / f"dmesg-{self._boots}.log").write_text(log)

    def discard(self) -> None:
        """Stop the guest, whatever state it is in."""
        guest, self._guest = self._guest, None
        if guest:
            try:
                self._keep_logs(guest)
            except HarnessError:
                pass  # It no longer answers: what it said on its console has to do.
            finally:
                guest.stop()

    def close(self) -> list[str]:
        """End of the run: what is wrong with the guest after all that it went through."""
        if not self._guest:
            return []
        try:
            return verdict.faults(self._guest)
        finally:
            self.discard()


# Where a session's configuration has its lab.
LAB = pytest.StashKey[Lab]()
