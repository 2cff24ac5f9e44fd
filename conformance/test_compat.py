# SPDX-License-Identifier: GPL-2.0-or-later
"""What src/kernel/compat finds missing in each kernel, and how it asks."""

import re
import subprocess
from pathlib import Path

import pytest

from harness import kernels
from harness.guest import Guest
from harness.lab import Lab
from harness.sources import REPOSITORY

COMPAT = REPOSITORY / "src/kernel/compat"
CONTROL = "int control;\n"
# In the present form and in the former one.
BOTH = "int probe;\n"
FORMER = "#if !PKNOCK_PROBE_FORMER\n#error new\n#endif\n"
NEITHER = "#error gone\n"
UNDECLARED = "int probe(void);\nint probe(void) { return not_there(); }\n"


def ask(directory: Path, *compiler: str, **probes: str) -> subprocess.CompletedProcess:
    """Run probe.sh over probes with these texts."""
    (directory / "probes").mkdir()
    for name, text in {"control": CONTROL, **probes}.items():
        (directory / "probes" / f"{name}.c").write_text(text)
    return subprocess.run(["sh", COMPAT / "probe.sh", directory, *(compiler or ["gcc"])],
                          check=False, capture_output=True, text=True)


@pytest.mark.virtual(reason="the kernel is not that of the row")
def test_kernel_needs_what_its_row_says(guest: Guest, lab: Lab) -> None:
    assert guest.run("modinfo -F compat xt_pknock").stdout.split() == lab.kernel.compat


@pytest.mark.parametrize("probe", sorted(path.stem for path in (COMPAT / "probes").glob("*.c")
                                         if path.stem != "control"))
def test_every_probe_tells_two_kernels_of_the_table_apart(probe: str) -> None:
    assert {probe in row.compat for row in kernels.load().values()} == {True, False}


def test_probe_answers_present_or_former(tmp_path: Path) -> None:
    answer = ask(tmp_path, first=BOTH, second=FORMER, third=FORMER)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[1:] == ["#define PKNOCK_HAVE_FIRST",
                                              '#define PKNOCK_ADAPTED "second third"']


def test_warning_is_no_answer_but_an_undeclared_name_is(tmp_path: Path) -> None:
    answer = ask(tmp_path, "gcc", "-Wall", "-Wextra", "-Werror",
                 unused="static int unused;\n",
                 undeclared=f"#if !PKNOCK_PROBE_FORMER\n{UNDECLARED}#endif\n")
    assert "PKNOCK_HAVE_UNUSED" in answer.stdout
    assert '"undeclared"' in answer.stdout


def test_unknown_kernel_ends_the_build_with_the_reason(tmp_path: Path) -> None:
    answer = ask(tmp_path, known=BOTH, pde_data=NEITHER)
    assert answer.returncode == 1
    assert "#error gone" in answer.stderr
    assert re.search("xt_pknock: this kernel has pde_data neither .* newer version", answer.stderr)


@pytest.mark.parametrize("compiler", ["false", "/nowhere/gcc"])
def test_broken_toolchain_is_not_taken_for_an_old_kernel(tmp_path: Path, compiler: str) -> None:
    answer = ask(tmp_path, compiler, probe=FORMER)
    assert answer.returncode == 1
    assert "PKNOCK" not in answer.stdout
    assert "not even an empty module compiles" in answer.stderr


def test_broken_headers_are_not_taken_for_an_old_kernel(tmp_path: Path) -> None:
    answer = ask(tmp_path, control=NEITHER, probe=FORMER)
    assert answer.returncode == 1
    assert "not even an empty module compiles" in answer.stderr
