# SPDX-License-Identifier: GPL-2.0-or-later
"""Only the making of a Debian root needs root: the tests themselves run as anyone."""

import os
import subprocess
import sys
from pathlib import Path

from harness import cache, image
from harness.kernels import Kernel

CONFORMANCE = Path(__file__).resolve().parent.parent


def with_sudo(command: str, kernel: Kernel) -> Path:
    """What a command of the harness that root must run prints."""
    # The folder is the user's, who keeps more in it than what root builds.
    cache.directory().mkdir(parents=True, exist_ok=True)
    shared = {"XDG_CACHE_HOME": str(cache.directory().parent), "PYTHONDONTWRITEBYTECODE": "1"}
    if image.PREBUILT in os.environ:
        shared[image.PREBUILT] = os.environ[image.PREBUILT]
    words = [f"{name}={value}" for name, value in shared.items()]
    result = subprocess.run(
        ["sudo", "env", *words, sys.executable, "-m", "harness", command, "--kernel", kernel.name],
        cwd=CONFORMANCE, check=True, stdout=subprocess.PIPE, text=True)
    return Path(result.stdout.strip())


def is_root() -> bool:
    """Whether sudo is not needed."""
    return os.geteuid() == 0


def build_image(kernel: Kernel) -> image.Image:
    """The image of a kernel with the checkout's packages installed."""
    return image.build(kernel) if is_root() else image.Image(with_sudo("image", kernel))
