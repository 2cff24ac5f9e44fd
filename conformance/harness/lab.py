# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest of a whole run: booted when first needed, and anew when a test has killed it."""

import shutil

from harness import cache, privilege, verdict
from harness.guest import Guest
from harness.image import Image
from harness.kernels import Kernel
from harness.progress import step
from harness.sources import REPOSITORY

LOGS = REPOSITORY / "build" / "conformance"


class Lab:
    """Owns the running guest. A guest that goes leaves its console in build/conformance."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._image: Image | None = None
        self._guest: Guest | None = None
        self._boots = 0

    def guest(self) -> Guest:
        """A guest that runs."""
        if self._guest and not self._guest.vm.alive:
            self.discard()
        if not self._guest:
            if not self._image:
                self._image = privilege.build_image(self.kernel)
                # Held to the end of the process: the guest may have to be booted again.
                cache.lease(self._image.directory)
            with step(f"Booting {self._image.boot.release}"):
                self._guest = Guest(self._image)
            self._boots += 1
        return self._guest

    def discard(self) -> None:
        """Stop the guest, whatever state it is in."""
        guest, self._guest = self._guest, None
        if guest:
            LOGS.mkdir(parents=True, exist_ok=True)
            shutil.copy(guest.vm.console, LOGS / f"console-{self.kernel.name}-{self._boots}.log")
            guest.stop()

    def close(self) -> list[str]:
        """End of the run: what is wrong with the guest after all that it went through."""
        if not self._guest:
            return []
        try:
            return verdict.faults(self._guest)
        finally:
            self.discard()
