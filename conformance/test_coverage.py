# SPDX-License-Identifier: GPL-2.0-or-later
"""conformance/coverage: how it adds up, and what it asks a reason for."""

import sys
from pathlib import Path

import pytest

from harness import HarnessError

sys.path.insert(1, str(Path(__file__).resolve().parent / "coverage"))
import counts  # noqa: E402
import kernel  # noqa: E402
import lines  # noqa: E402
import programs  # noqa: E402
import unreached  # noqa: E402
from counts import Counts  # noqa: E402
from lines import Line  # noqa: E402

FILES = {"src/a/x.cpp": Counts(10, 5, 4, 1), "src/a/y.cpp": Counts(10, 10, 0, 0),
         "src/b/z.cpp": Counts(1, 0, 2, 2)}
LINES = {"door.c": {
    3: Line("open", "if (!door)", 7, (7, 0)),
    4: Line("open", "return;", 0, ()),
    9: Line("close", "if (!door)", 7, (6, 1)),
}}


def test_files_add_up_to_folders() -> None:
    assert counts.by_folder(FILES) == {"src/a": Counts(20, 15, 4, 1), "src/b": Counts(1, 0, 2, 2)}


def test_the_last_row_is_the_sum_and_nothing_is_no_share() -> None:
    table = counts.table("folder", counts.by_folder(FILES)).splitlines()
    assert [cell.strip() for cell in table[-1].split("|")[1:-1]] == [
        "all", "21", "15", "71.4 %", "6", "3", "50.0 %"]
    nothing = counts.table("folder", {"a": Counts(1, 1, 0, 0)}).splitlines()[-1]
    assert nothing.endswith("| 100.0 % |        0 |     0 | – |")


def test_lines_are_named_that_were_not_run_or_not_left_by_every_branch() -> None:
    assert lines.gaps(LINES) == {"door.c open: if (!door)": "1 of 2 branches never taken",
                                 "door.c open: return;": "never run"}
    assert lines.count(LINES["door.c"]) == Counts(3, 2, 4, 3)


def test_files_of_the_module_are_told_from_the_kernels_own(tmp_path: Path) -> None:
    work = tmp_path / "key" / "work"
    assert kernel.ours(f"{tmp_path}/.key/work/uapi/a.h", work) == work / "uapi/a.h"
    assert kernel.ours("/usr/include/linux/skbuff.h", work) is None


def test_lines_and_branches_of_a_program_are_read_from_what_lcov_writes() -> None:
    [(path, pairs)] = programs.records("""\
SF:/src/open.cpp
FN:1,_Z4openv
DA:1,7
DA:2,7
DA:3,0
BRDA:2,0,0,7
BRDA:2,0,1,-
BRDA:2,1,0,5
BRDA:2,1,1,2
LF:3
end_of_record
""")
    texts = ["void open() {", "    if (door && !open)", "        return;"]
    assert path == Path("/src/open.cpp")
    assert programs.read_lines(texts, pairs) == {
        1: Line("", "void open() {", 7, ()),
        2: Line("", "if (door && !open)", 7, (7, 0, 5, 2)),
        3: Line("", "return;", 0, ())}


def test_a_gap_without_a_reason_and_a_reason_without_a_gap_are_faults() -> None:
    entries = unreached.read("""
        [[gaps]]
        reason = "nobody comes"
        lines = ["door.c open: if (!door)", "door.c open: gone();"]
    """)
    assert unreached.faults(entries, lines.gaps(LINES)) == [
        "door.c open: return;: never run, and no reason is given",
        "door.c open: gone();: has a reason, but was run, or is gone"]


def test_what_is_reached_by_chance_may_be() -> None:
    entries = unreached.read("""
        [[gaps]]
        reason = "it depends"
        by_chance = true
        lines = ["door.c open: return;", "door.c open: if (!door)", "door.c open: luck();"]
    """)
    assert unreached.faults(entries, lines.gaps(LINES)) == []


def test_a_star_stands_for_whatever_is_there() -> None:
    entries = unreached.read("""
        [[gaps]]
        reason = "it is passed on"
        lines = ["* open: return*;", "*.c close: *(!peer*"]
    """)
    assert unreached.faults(entries, lines.gaps(LINES)) == [
        "door.c open: if (!door): 1 of 2 branches never taken, and no reason is given",
        "*.c close: *(!peer*: has a reason, but was run, or is gone"]


def test_a_reason_says_something() -> None:
    with pytest.raises(HarnessError):
        unreached.read('[[gaps]]\nreason = " "\nlines = ["a b: c"]')
