# SPDX-License-Identifier: GPL-2.0-or-later
"""Only the making of a Debian root needs root: the tests themselves run as anyone."""

import os
import subprocess
import sys
from pathlib import Path

from harness import cache, image
from harness.kernels import Kernel

CONFORMANCE = Path(__file__).resolve().parent.parent


def _with_sudo(kernel: Kernel) -> image.Image:
    shared = {"XDG_CACHE_HOME": str(cache.directory().parent), "PYTHONDONTWRITEBYTECODE": "1"}
    if image.PREBUILT in os.environ:
        shared[image.PREBUILT] = os.environ[image.PREBUILT]
    words = [f"{name}={value}" for name, value in shared.items()]
    result = subprocess.run(
        ["sudo", "env", *words, sys.executable, "-m", "harness", "image", "--kernel", kernel.name],
        cwd=CONFORMANCE, check=True, stdout=subprocess.PIPE, text=True)
    return image.Image(Path(result.stdout.strip()))


def build_image(kernel: Kernel) -> image.Image:
    """The image of a kernel with the checkout's packages installed."""
    return image.build(kernel) if os.geteuid() == 0 else _with_sudo(kernel)
