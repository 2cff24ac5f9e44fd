# SPDX-License-Identifier: GPL-2.0-or-later
"""The .debs as distributions look at them. It does not depend on --kernel: one run is enough."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from harness import cache, kernels, privilege
from harness.guest import Guest
from harness.sources import REPOSITORY

ROW = kernels.load()[kernels.DEFAULT]
PACKAGES = ["portknocko", "portknocko-client", "portknocko-dkms"]
AUTOPKGTESTS = REPOSITORY / "packaging/debian/tests"

# What hangs on the compiler's options: how large programs are, and which versions of libraries
# they get by with.
VERSION = re.compile(r" \(.*?\)")
# CPack names no source package.
NOT_COMPARED = {"Installed-Size", "Source"}


@pytest.fixture(scope="module")
def made() -> dict[str, Path]:
    """For each of harness/builders.py the directory with its .debs."""
    directories = privilege.build_debs(ROW)
    for directory in directories.values():
        cache.lease(directory)
    return directories


def _dpkg_deb(option: str, package: Path) -> str:
    return subprocess.run(["dpkg-deb", option, package], check=True, capture_output=True,
                          text=True).stdout


def _the(package: str, directory: Path) -> Path:
    [path] = directory.glob(f"{package}_*.deb")
    return path


def _files(package: Path) -> list[tuple[str, str, str]]:
    """Mode, owner and name."""
    lines = [line.split(maxsplit=5) for line in _dpkg_deb("--contents", package).splitlines()]
    return sorted((name, mode, owner) for mode, owner, _size, _date, _time, name in lines)


def _fields(package: Path) -> dict[str, str]:
    control = _dpkg_deb("--field", package)
    fields = dict(re.findall(r"^(\S+): (.*(?:\n .*)*)", control, re.MULTILINE))
    fields["Depends"] = VERSION.sub("", fields["Depends"])
    return {name: value for name, value in fields.items() if name not in NOT_COMPARED}


def _scripts(package: Path, directory: Path) -> dict[str, str]:
    """The files by which a package controls dpkg, and their modes."""
    subprocess.run(["dpkg-deb", "--control", package, directory], check=True)
    return {path.name: f"{path.stat().st_mode:o} {path.read_text()}"
            for path in directory.iterdir() if path.name not in ("control", "md5sums")}


@pytest.mark.parametrize("package", PACKAGES)
def test_both_builds_pack_the_same_files(made: dict[str, Path], package: str) -> None:
    files = [_files(_the(package, made[builder])) for builder in ("cpack", "dpkg-buildpackage")]
    assert files[0] == files[1]


@pytest.mark.parametrize("package", PACKAGES)
def test_both_builds_say_the_same_of_a_package(made: dict[str, Path], package: str) -> None:
    fields = [_fields(_the(package, made[builder])) for builder in ("cpack", "dpkg-buildpackage")]
    assert fields[0] == fields[1]


@pytest.mark.parametrize("package", PACKAGES)
def test_both_builds_have_the_same_maintainer_scripts(made: dict[str, Path], package: str,
                                                      tmp_path: Path) -> None:
    scripts = [_scripts(_the(package, made[builder]), tmp_path / builder)
               for builder in ("cpack", "dpkg-buildpackage")]
    assert scripts[0] == scripts[1]
    assert ("postinst" in scripts[0]) == (package != "portknocko-client")
    assert ("conffiles" in scripts[0]) == (package != "portknocko-client")


def test_same_sources_give_the_same_bytes(made: dict[str, Path]) -> None:
    first, second = ({path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                      for path in made[builder].glob("*.*deb")}
                     for builder in ("cpack", "cpack-elsewhere"))
    assert first == second
    assert len(first) == len(PACKAGES) + 2, "and the debug symbols of two"


def test_apt_installs_from_a_repository_made_by_the_recipe() -> None:
    result = (privilege.build_repository(ROW) / "result").read_text()
    installed, candidates = (re.findall(rf"{word}: ([0-9.]+)", result)
                             for word in ("Installed", "Candidate"))
    assert installed == candidates and len(installed) == 2
    assert result.count("file:/srv/apt/bookworm bookworm/main amd64 Packages") == 2
    assert re.search(r"^portknocko.*: installed$", result, re.MULTILINE)


@pytest.mark.parametrize("name", ["commands", "door", pytest.param(
    "dkms", marks=pytest.mark.virtual(reason="the module is not from DKMS"))])
def test_autopkgtest_passes_where_the_packages_are_installed(guest: Guest, name: str) -> None:
    path = f"/run/{name}"
    guest.agent.write(path, (AUTOPKGTESTS / name).read_text())
    guest.run(f"chmod +x {path}; {path}")
