# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/apt-repository.md, typed in a root: a repository is made, and apt installs from it.

It stands for both machines, so that the address of the web server becomes a directory.
"""

import re
import shutil
from pathlib import Path

from harness import cache, image, overlay, progress, sources
from harness.kernels import Kernel

RECIPE = sources.REPOSITORY / "docs" / "apt-repository.md"
# The address, the place of the packages, and what apt asks people only.
STAND_INS = {"https://apt.example.org": "file:/srv/apt", "build/packages": "/src/debs",
             "apt install": "apt-get install -y", "apt update": "apt-get update"}
LOOK = """
cd /
apt-cache policy portknocko portknocko-dkms >/src/result
dkms status >>/src/result
"""


def _script() -> str:
    blocks = re.findall(r"^```sh\n(.*?)^```", RECIPE.read_text(), re.MULTILINE | re.DOTALL)
    script = "\n".join([*blocks, LOOK])
    for original, stand_in in STAND_INS.items():
        script = script.replace(original, stand_in)
    return script


def build(kernel: Kernel) -> Path:
    """A directory with result, what apt and dkms say in the end. Context: root."""
    script = _script()
    debs = image.build_debs(kernel)[kernel.builder]

    def follow(layer: Path) -> None:
        shutil.copytree(debs, layer / "debs")
        with progress.step("Making an apt repository, and installing from it"):
            with overlay.workshop(base, layer) as root:
                root.run(script, layer)

    with cache.lock(kernel.name):
        base = image.base_root(kernel)
        name = cache.key(base.parent.name, debs.name, script)
        return cache.layer(f"repository-{kernel.name}", name, follow)
