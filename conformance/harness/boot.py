# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest boots from: Debian's kernel, and an initramfs of our own.

The initramfs carries busybox, the few modules that lead to the disk, and the guest's first
program. It is 20 times smaller than Debian's, which is what an emulated machine feels.
"""

import lzma
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness import HarnessError

# To the disk, the agent's port and the wire.
MODULES = ["virtio_pci", "virtio_blk", "ext4", "virtio_console", "virtio_net"]


class Files:
    """A directory with a kernel, busybox and numbered modules."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.kernel = directory / "vmlinuz"

    @property
    def release(self) -> str:
        """The kernel's version, as uname -r says it."""
        return (self.directory / "release").read_text().strip()

    def initramfs(self, scripts: Path, destination: Path) -> Path:
        """Pack the initramfs with all files of the directory scripts at its root."""
        with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
            tree = Path(scratch)
            shutil.copytree(self.directory / "tree", tree, dirs_exist_ok=True)
            shutil.copytree(scripts, tree, dirs_exist_ok=True)
            names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
            with destination.open("wb") as output:
                subprocess.run(["cpio", "--create", "--format=newc", "--quiet"], cwd=tree,
                               check=True, input=names.encode(), stdout=output)
        return destination


def _closure(modules: Path) -> list[Path]:
    """MODULES and what they need, in the order in which they load."""
    needs: dict[str, list[str]] = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        name, _, dependencies = line.partition(":")
        needs[name] = dependencies.split()
    builtin = (modules / "modules.builtin").read_text()
    by_name = {Path(path).name.split(".")[0].replace("-", "_"): path for path in needs}
    order: list[str] = []
    for name in MODULES:
        if name in by_name:
            # modules.dep lists the nearest dependency first.
            order += [*reversed(needs[by_name[name]]), by_name[name]]
        elif f"/{name}.ko" not in builtin:
            raise HarnessError(f"{modules}: no module {name}")
    return [modules / path for path in dict.fromkeys(order)]


def _plain(module: Path) -> bytes:
    data = module.read_bytes()
    return lzma.decompress(data) if module.suffix == ".xz" else data


def extract(root: Path, destination: Path) -> None:
    """Take the boot files out of a root that has one kernel."""
    [modules] = (root / "usr/lib/modules").iterdir()
    tree = destination / "tree"
    for name in ("bin", "dev", "lib", "proc", "root"):
        (tree / name).mkdir(parents=True)
    shutil.copy(root / "boot" / f"vmlinuz-{modules.name}", destination / "vmlinuz")
    (destination / "release").write_text(f"{modules.name}\n")
    shutil.copy(root / "usr/bin/busybox", tree / "bin")
    for index, module in enumerate(_closure(modules)):
        (tree / "lib" / f"{index:02}-{module.name.split('.')[0]}.ko").write_bytes(_plain(module))
