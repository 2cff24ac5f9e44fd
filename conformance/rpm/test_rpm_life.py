# SPDX-License-Identifier: GPL-2.0-or-later
"""What the .rpms go through: dnf and DKMS, step by step, as harness/scripts/rpm/life.sh had them.

The steps were taken when the disk was made, where compilers run at native speed.
"""

import dataclasses

import pytest

from harness.image import Image

WARNING = "portknocko-dkms: warning: no module for kernel"
BUILT = "portknocko-dkms: module built and installed for kernel"


@dataclasses.dataclass(frozen=True)
class Step:
    """What was said, and what of the project there was afterwards."""

    status: int
    said: str
    dkms: list[str]
    paths: list[str]

    def modules(self) -> list[str]:
        """The modules that modprobe finds."""
        return [path for path in self.paths if path.startswith("/lib/modules/")]


@pytest.fixture
def life(disk: Image) -> dict[str, Step]:
    """All steps by name."""
    steps = {}
    for log in disk.directory.glob("life/*.log"):
        said, _, status = log.read_text().rstrip("\n").rpartition("status ")
        state = log.with_suffix(".state").read_text().splitlines()
        steps[log.stem] = Step(status=int(status), said=said,
                               dkms=[line for line in state if not line.startswith("/")],
                               paths=[line for line in state if line.startswith("/")])
    return steps


def version(disk: Image, repository: str) -> str:
    """The version in one of the two repositories."""
    [package] = disk.directory.glob(f"{repository}/portknocko-dkms-*.rpm")
    return package.name.removeprefix("portknocko-dkms-").rpartition("-")[0]


@pytest.mark.parametrize("step, repository", [
    ("install", "current"), ("reinstall", "current"), ("upgrade", "next"),
    ("downgrade", "current"), ("last", "current")])
def test_one_version_is_built_and_installed(disk: Image, life: dict[str, Step], step: str,
                                            repository: str) -> None:
    present = version(disk, repository)
    assert life[step].status == 0
    assert life[step].said.count(BUILT) == 1 and "warning" not in life[step].said
    [line] = life[step].dkms
    assert line.startswith(f"portknocko/{present}, ") and line.endswith(": installed")
    assert len(life[step].modules()) == 1
    assert {path.split("/")[3] for path in life[step].paths if path.startswith("/usr/src/")} == {
        f"portknocko-{present}"}
    assert {path.split("/")[5] for path in life[step].paths if path.startswith("/var/lib/")} == {
        present}


@pytest.mark.parametrize("step", ["no-compiler", "no-headers"])
def test_no_module_is_a_warning_no_failure(disk: Image, life: dict[str, Step], step: str) -> None:
    assert life[step].status == 0
    assert life[step].said.count(WARNING) == 1 and "Complete!" in life[step].said
    assert "scriptlet failed" not in life[step].said
    assert life[step].dkms == [f"portknocko/{version(disk, 'current')}: added"]
    assert life[step].modules() == []


def test_xtables_addons_is_refused(life: dict[str, Step]) -> None:
    assert life["conflict"].status != 0
    assert "conflicts with xtables-addons" in life["conflict"].said
    assert life["conflict"].paths == life["install"].paths


def test_removal_leaves_nothing(life: dict[str, Step]) -> None:
    assert life["remove"].status == 0
    assert life["remove"].dkms == life["remove"].paths == []
