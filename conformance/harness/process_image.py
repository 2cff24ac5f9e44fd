# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest boots from whose kernel is a process: the disk as ever, that kernel, its modules.

    NAME-kernel     Debian's sources in the configuration NAME
    NAME-modules    the checkout's module, built for that kernel

On the disk are the installed packages: plugin, tools, manuals. Only the module is not DKMS's.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from harness import boot, built_module, cache, process_kernel, source_kernel
from harness.image import Image
from harness.source_kernel import Kernel

FOLDER = Path(__file__).parent / "process"
MODULE_SOURCES = built_module.SOURCES
# What a function forgets to set is not zero by luck.
PATTERN = "KCFLAGS=-ftrivial-auto-var-init=pattern"


@dataclasses.dataclass(frozen=True)
class Configuration:
    """A kernel: fragments of Kconfig, of FOLDER; its memory; what make gets for the module."""

    fragments: list[str]
    memory: str = "1G"
    flags: list[str] = dataclasses.field(default_factory=list)


CONFIGURATIONS = {
    "plain": Configuration(["plain.config"], flags=[PATTERN]),
    "debug": Configuration(["plain.config", "debug.config"], flags=[PATTERN]),
    "coverage": Configuration(["plain.config", "coverage.config"], flags=["GCOV_PROFILE=y"]),
}


@dataclasses.dataclass(frozen=True)
class ProcessImage(Image):
    """A disk, and the process that uses it."""

    configuration: Configuration | None = None
    kernel: Kernel | None = None
    modules: Path = Path()

    @property
    def boot(self) -> boot.Files:
        """The release of the kernel; there are no other files."""
        return boot.Files(self.modules)


def build_kernel(name: str) -> Kernel:
    """The kernel of a configuration."""
    fragments = [FOLDER / fragment for fragment in CONFIGURATIONS[name].fragments]
    return source_kernel.build(source_kernel.Recipe(f"process-{name}", process_kernel.ARCHITECTURE,
                                                    fragments))


def build_modules(name: str, kernel: Kernel, source: Path = MODULE_SOURCES,
                  flags: Sequence[str] = ()) -> Path:
    """The module's sources, built for a kernel; flags go to make."""
    return built_module.build(f"process-{name}", kernel, source, flags)


def build(name: str, disk: Image, source: Path = MODULE_SOURCES,
          flags: Sequence[str] = ()) -> ProcessImage:
    """The disk, for a guest whose kernel is a process. Held to the end of this process."""
    kernel = build_kernel(name)
    modules = build_modules(name, kernel, source, [*CONFIGURATIONS[name].flags, *flags])
    for layer in (disk.directory, kernel.objects, modules):
        cache.lease(layer)
    return ProcessImage(disk.directory, disk.keeps, disk.parameters,
                        configuration=CONFIGURATIONS[name], kernel=kernel, modules=modules)
