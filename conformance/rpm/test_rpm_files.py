# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the .rpms: the same as in the .debs, each format's papers apart."""

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from harness.image import Image
from harness.sources import REPOSITORY

PACKAGES = ["portknocko", "portknocko-client", "portknocko-dkms"]
# Licences, changelogs and lintian's overrides are where each distribution wants them.
PAPERS = ("/usr/share/doc/", "/usr/share/licenses/", "/usr/share/lintian/")
# What keeps a module that does not build from failing the packages of Debian's kernels.
HOOKS = ("/etc/kernel/", "/usr/libexec/portknocko/")
# iptables looks for its plugins in the library directory, which Debian has one of per architecture;
# zsh keeps what packages bring apart from its own functions in Debian only.
MOVED = {"/usr/lib/x86_64-linux-gnu/xtables/": "/usr/lib64/xtables/",
         "/usr/share/zsh/vendor-completions/": "/usr/share/zsh/site-functions/"}
STRIPPED = "ELF: each format strips in its own way"


def deb_files(package: Path) -> dict[str, tuple[int, str]]:
    """Path → mode, digest of all files."""
    archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True,
                             capture_output=True).stdout
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if not member.isdir():
                data = tar.extractfile(member).read()
                digest = (STRIPPED if data.startswith(b"\x7fELF") else
                          hashlib.sha256(data).hexdigest())
                files[member.name.removeprefix(".")] = (member.mode, digest)
    return files


def query(package: Path, template: str) -> list[str]:
    """The lines of an rpm query."""
    return subprocess.run(["rpm", "--query", "--queryformat", template, "--package", package],
                          check=True, capture_output=True, text=True).stdout.splitlines()


def rpm_files(package: Path) -> dict[str, tuple[int, str]]:
    """As deb_files."""
    files = {}
    for line in query(package, "[%{FILEMODES:octal} %{FILECLASS}\t%{FILEDIGESTS} %{FILENAMES}\n]"):
        described, rest = line.split("\t")
        mode, kind = described.split(" ", 1)
        digest, path = rest.split(" ", 1)
        if kind != "directory":
            files[path] = (int(mode, 8) & 0o7777,
                           STRIPPED if kind.startswith("ELF ") else digest)
    return files


def translated(path: str) -> str:
    """Where a file of a .deb is in the .rpm."""
    for debian, rpm in MOVED.items():
        if path.startswith(debian):
            return rpm + path.removeprefix(debian)
    return path


def rpm_of(disk: Image, name: str) -> Path:
    """The one .rpm of this name."""
    [package] = (path for path in disk.directory.glob("current/*.rpm")
                 if query(path, "%{NAME}") == [name])
    return package


@pytest.mark.parametrize("name", PACKAGES)
def test_files_are_those_of_the_deb(disk: Image, name: str) -> None:
    [deb] = disk.directory.glob(f"debs/{name}_*.deb")
    debs = {translated(path): file for path, file in deb_files(deb).items()
            if not path.startswith(PAPERS + HOOKS)}
    rpms = {path: file for path, file in rpm_files(rpm_of(disk, name)).items()
            if not path.startswith(PAPERS)}
    assert rpms == debs
    assert len(rpms) > 1


@pytest.mark.parametrize("name", PACKAGES)
def test_directories_are_the_packages_own(disk: Image, name: str) -> None:
    listing = query(rpm_of(disk, name), "[%{FILECLASS}\t%{FILENAMES}\n]")
    directories = [line.split("\t")[1] for line in listing if line.startswith("directory\t")]
    assert [path for path in directories if "/portknocko" not in path] == []
    files = rpm_files(rpm_of(disk, name))
    unowned = {str(parent) for path in files for parent in Path(path).parents
               if "/portknocko" in str(parent)} - set(directories)
    assert unowned == set()


def test_debug_information_is_a_package_apart(disk: Image) -> None:
    paths = rpm_files(rpm_of(disk, "portknocko-debuginfo"))
    found = {Path(path).name.split("-0.")[0] for path in paths if path.endswith(".debug")}
    assert {"pknock", "pknockctl", "libxt_pknock.so"} <= found


def test_licences_are_marked(disk: Image) -> None:
    for name in PACKAGES:
        flagged = query(rpm_of(disk, name), "[%{FILEFLAGS:fflags} %{FILENAMES}\n]")
        licences = [Path(line.split()[1]).name for line in flagged if line.startswith("l ")]
        assert "LICENSE" in licences
        assert any(licence.startswith("GPL-2.0") for licence in licences)


def test_rpmlint_finds_nothing(disk: Image) -> None:
    subprocess.run(["rpmlint", "--strict", "--config", REPOSITORY / "packaging/rpm/rpmlint.toml",
                    *disk.directory.glob("current/*.rpm")], check=True)
