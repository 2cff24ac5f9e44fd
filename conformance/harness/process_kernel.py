# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels that run as a process: objects/linux is the program."""

from pathlib import Path

from harness import source_kernel
from harness.source_kernel import Kernel

ARCHITECTURE = "um"


def build(purpose: str, fragment: Path) -> Kernel:
    """The kernel of a configuration, in layers PURPOSE-kernel; minutes the first time."""
    return source_kernel.build(source_kernel.Recipe(purpose, ARCHITECTURE, [fragment]))
