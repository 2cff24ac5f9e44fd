# SPDX-License-Identifier: GPL-2.0-or-later
"""The module as kbuild built it, and how one file of it is compiled and linked again."""

import dataclasses
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from harness import process_image, progress
from harness.process_image import ProcessImage

MODULE = "xt_pknock"


@dataclasses.dataclass(frozen=True)
class Tree:
    """The module's sources, built, and what kbuild did to build them."""

    source: Path
    objects: Path

    @classmethod
    def build(cls, image: ProcessImage, folder: Path) -> "Tree":
        """Copy the sources, and let kbuild make of them what there is to make."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        source = folder / "module"
        shutil.copytree(process_image.MODULE_SOURCES, source)
        with progress.step(f"Building {MODULE}"):
            image.kernel.make(folder / "log", f"M={source}", *image.configuration.flags, "modules")
        return cls(source, image.kernel.objects)

    def _command(self, name: str) -> list[str]:
        """How kbuild made a file."""
        line = (self.source / f".{name}.cmd").read_text().splitlines()[0]
        return shlex.split(re.sub(r"^savedcmd_\S+ := ", "", line).split(" ; ")[0])

    def _run(self, command: list[str], places: dict[Path, Path]) -> bool:
        """With other files in some files' places; whether it went well."""
        names = {str(place): str(other) for place, other in places.items()}
        words = [names.get(word, word) for word in command if not word.startswith("-Wp,-MMD")]
        return subprocess.run(words, cwd=self.objects, check=False,
                              stderr=subprocess.DEVNULL).returncode == 0

    def compile(self, source: Path, target: Path) -> bool:
        """Of a file of the same name as one of the module's."""
        name = source.with_suffix(".o").name
        return self._run([*self._command(name), "-w"], {
            self.source / source.name: source, self.source / name: target})

    def link(self, mutant: Path, target: Path) -> bool:
        """The module, with another object in the place of that of its name."""
        whole, objects = target.with_suffix(".o"), target.with_suffix(".mod")
        names = (self.source / f"{MODULE}.mod").read_text().split()
        objects.write_text("\n".join(str(mutant) if Path(name).name == mutant.name else name
                                     for name in names))
        made = {self.source / f"{MODULE}.o": whole}
        return (self._run([word.replace(f"@{self.source / MODULE}.mod", f"@{objects}")
                           for word in self._command(f"{MODULE}.o")], made)
                and self._run(self._command(f"{MODULE}.ko"),
                              made | {self.source / f"{MODULE}.ko": target}))
