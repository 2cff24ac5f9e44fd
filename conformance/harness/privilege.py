# SPDX-License-Identifier: GPL-2.0-or-later
"""Only the making of a Debian root needs root: the tests themselves run as anyone."""

import json
import os
import subprocess
import sys
from pathlib import Path

from harness import HarnessError, beside, cache, image, instead, life, module, repository, rpm
from harness.kernels import Kernel

CONFORMANCE = Path(__file__).resolve().parent.parent


def _with_sudo(command: str, kernel: Kernel, *arguments: str | Path, stdin: str = "") -> str:
    """What a command of the harness that root must run prints."""
    # The folder is the user's, who keeps more in it than what root builds.
    cache.directory().mkdir(parents=True, exist_ok=True)
    shared = {"XDG_CACHE_HOME": str(cache.directory().parent), "PYTHONDONTWRITEBYTECODE": "1"}
    if image.PREBUILT in os.environ:
        shared[image.PREBUILT] = os.environ[image.PREBUILT]
    words = [f"{name}={value}" for name, value in shared.items()]
    result = subprocess.run(
        ["sudo", "env", *words, sys.executable, "-m", "harness", command, "--kernel", kernel.name,
         *arguments], cwd=CONFORMANCE, check=False, input=stdin, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise HarnessError(f"sudo, or what it ran, failed ({result.returncode})")
    return result.stdout.strip()


def check_module(kernel: Kernel) -> None:
    """Compile the checkout's module with all warnings."""
    if os.geteuid() == 0:
        module.check(kernel)
    else:
        _with_sudo("module", kernel)


def build_image(kernel: Kernel) -> image.Image:
    """The image of a kernel with the checkout's packages installed."""
    if os.geteuid() == 0:
        return image.build(kernel)
    return image.Image(Path(_with_sudo("image", kernel)), processors=kernel.processors)


def build_rpm_image(kernel: Kernel) -> image.Image:
    """The image with the checkout's .rpms installed, and what they went through before."""
    if os.geteuid() == 0:
        return rpm.build(kernel)
    return image.Image(Path(_with_sudo("rpm-image", kernel)))


def build_image_beside(kernel: Kernel, name: str) -> image.Image:
    """The image with the checkout's packages beside those of beside.PACKAGES[name]."""
    if os.geteuid() == 0:
        return beside.build(kernel, name)
    return image.Image(Path(_with_sudo(f"{name}-image", kernel)))


def build_measuring_image(kernel: Kernel) -> image.Image:
    """The image with what measures, and nothing of the checkout's."""
    if os.geteuid() == 0:
        return beside.build_without_ours(kernel, "measuring")
    return image.Image(Path(_with_sudo("measuring-image", kernel)))


def compile_for(kernel: Kernel, directory: Path, script: str) -> None:
    """Run a shell script with the row's compilers and headers; the directory is its /src."""
    if os.geteuid() == 0:
        image.compile_for(kernel, directory, script)
    else:
        _with_sudo("compile", kernel, directory, stdin=script)


def build_addons_image(kernel: Kernel) -> image.Image:
    """The image with xtables-addons in place of the checkout's packages."""
    if os.geteuid() == 0:
        return instead.build(kernel)
    return image.Image(Path(_with_sudo("addons-image", kernel)))


def build_debs(kernel: Kernel) -> dict[str, Path]:
    """The checkout's packages, once from each builder, without an image."""
    if os.geteuid() == 0:
        return image.build_debs(kernel)
    return {builder: Path(directory)
            for builder, directory in json.loads(_with_sudo("debs", kernel)).items()}


def build_life(kernel: Kernel) -> life.Layers:
    """What tests of a package's life start from."""
    if os.geteuid() == 0:
        return life.build(kernel)
    return life.Layers(*map(Path, json.loads(_with_sudo("life", kernel))))


def build_repository(kernel: Kernel) -> Path:
    """What became of docs/apt-repository.md."""
    if os.geteuid() == 0:
        return repository.build(kernel)
    return Path(_with_sudo("repository", kernel))
