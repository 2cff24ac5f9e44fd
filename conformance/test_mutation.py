# SPDX-License-Identifier: GPL-2.0-or-later
"""conformance/mutation: what it breaks, what it leaves alone, and how it keeps account."""

import dataclasses
import subprocess
from pathlib import Path

import pytest

from harness import HarnessError
from mutation import campaign, explained, functions, glue, kept, mutants, operators, pure, table
from mutation.campaign import Campaign, Result
from mutation.mutants import Mutant
from mutation.suite import DUPLICATE, INVALID, KILLED, SAME, SURVIVED, Verdict
from mutation.tree import Tree
from mutation.trial import Trial

SOURCE = """\
// SPDX-License-Identifier: GPL-2.0-only
#include <a.h>
#define LIMIT(x) \\
    ((x) < 3)

static const struct params params = {
    .count = 1,
};

/* a < b */
static bool is_less(const u8 *a, int b)
{
    const struct what *c = a;
    u8 *d;

    lockdep_assert_held(a + 1);
    if (*a < b && c)
        return true;
    for (b = 0; b < 3; b++)
        *d = "a < b"[b] - 'c';
    while (!b)
        break;
    spin_lock_bh(c);
    again(a);
    return b ? 0x10u : b;
}

static struct what *next(void)
{
    if (a)
        return b;
    else
        again(c);
    return c;
}
"""


@pytest.fixture
def broken(tmp_path: Path) -> list[Mutant]:
    """All mutants of SOURCE."""
    path = tmp_path / "file.c"
    path.write_text(SOURCE)
    return mutants.of_file(path)


def changes(found: list[Mutant], function: str) -> set[str]:
    return {mutant.change for mutant in found if mutant.function == function}


def test_functions_and_what_they_return() -> None:
    found = functions.read(SOURCE)
    assert [(function.name, function.returns) for function in found] == [
        ("is_less", "bool"), ("next", "pointer")]


def test_statements_are_told_from_declarations() -> None:
    function = functions.read(SOURCE)[0]
    assert [statement.kind for statement in functions.statements(function)] == [
        "declaration", "declaration", "expression", "return", "expression", "jump",
        "expression", "expression", "return"]


def test_each_operator_makes_its_mutants(broken: list[Mutant]) -> None:
    assert changes(broken, "is_less") == {
        "if (*a [-<-]{+<=+} b && c)", "if (*a [-<-]{+>=+} b && c)", "if (*a < b [-&&-]{+||+} c)",
        "if ([-*a < b && c-]{+!(*a < b && c)+})",
        "[-return true-];", "return [-true-]{+false+};",
        "for (b = [-0-]{+1+}; b < 3; b++)", "for (b = 0; b [-<-]{+<=+} 3; b++)",
        "for (b = 0; b [-<-]{+>=+} 3; b++)", "for (b = 0; [-b < 3-]{+!(b < 3)+}; b++)",
        "for (b = 0; b < [-3-]{+2+}; b++)", "for (b = 0; b < [-3-]{+4+}; b++)",
        "for (b = 0; b < 3; b[-++-]{+--+})",
        "[-*d = \"a < b\"[b] - 'c'-];", "*d = \"a < b\"[b] [---]{+++} 'c';",
        "*d = \"a < b\"[b] - [-'c'-]{+('c' + 1)+};", "*d = \"a < b\"[b] - [-'c'-]{+('c' - 1)+};",
        "while ([-!-]b)", "while ([-!b-]{+!(!b)+})", "[-break-];", "[-again(a)-];",
        "return [-b-]{+!(b)+} ? 0x10u : b;", "return b ? [-0x10u-]{+15u+} : b;",
        "return b ? [-0x10u-]{+17u+} : b;", "return [-b ? 0x10u : b-]{+true+};",
        "return [-b ? 0x10u : b-]{+false+};"}
    assert changes(broken, "next") == {
        "if ([-a-]{+!(a)+})", "[-return b-];", "return [-b-]{+NULL+};", "[-again(c)-];",
        "return [-c-]{+NULL+};"}


def test_a_mutant_is_the_file_with_one_change_and_as_many_lines(broken: list[Mutant]) -> None:
    [mutant] = [mutant for mutant in broken if "{+||+}" in mutant.change]
    assert mutant.source == SOURCE.replace("&& c", "|| c")
    assert SOURCE.splitlines()[mutant.line - 1].strip() == "if (*a < b && c)"
    assert {mutant.source.count("\n") for mutant in broken} == {SOURCE.count("\n")}


def test_names_are_unique_and_stay_when_lines_move(broken: list[Mutant], tmp_path: Path) -> None:
    names = [mutant.name for mutant in broken]
    assert len(set(names)) == len(names)
    (tmp_path / "file.c").write_text("\n\n" + SOURCE)
    moved = mutants.of_file(tmp_path / "file.c")
    assert [mutant.name for mutant in moved] == names
    assert moved[0].line == broken[0].line + 2


def test_a_sample_is_the_same_each_time(broken: list[Mutant]) -> None:
    sample = mutants.sample(broken, 5, "seed")
    assert len(sample) == 5 and sample == mutants.sample(broken, 5, "seed")
    assert sample == [mutant for mutant in broken if mutant in sample]


class Fake:
    """A suite that kills what it is told to; code is what stands behind the function."""

    jobs = 2

    def __init__(self, killed: str) -> None:
        self._killed = killed

    def prepare(self, file: str) -> None:
        """Nothing to build."""

    def code(self, source: str, file: str) -> bytes | None:
        """No loop compiles, and no return makes a difference."""
        if "b--" in source:
            return None
        return source.replace("return true", "return false").encode()

    def verdict(self, mutant: Mutant) -> Verdict:
        """By the text."""
        return Verdict(KILLED, "a test") if self._killed in mutant.change else Verdict(SURVIVED)


@pytest.fixture
def fight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """A campaign over SOURCE whose tests look at && only."""
    (tmp_path / "file.c").write_text(SOURCE)
    monkeypatch.setattr(campaign, "SOURCES", tmp_path)
    return Campaign("file.c", Fake("&&"))


@pytest.fixture
def results(fight: Campaign) -> list[Result]:
    """How it ends."""
    return list(fight.run(None, {}))


def outcome(results: list[Result], change: str) -> str:
    [found] = [result.outcome for result in results if change in result.name]
    return found


def test_only_what_differs_is_tested(results: list[Result]) -> None:
    assert outcome(results, "b[-++-]{+--+}") == INVALID
    assert outcome(results, "return [-true-]{+false+}") == SAME
    assert outcome(results, "[-&&-]") == KILLED
    assert outcome(results, "[-again(a)-]") == SURVIVED
    assert outcome(results, "return [-b ? 0x10u : b-]{+false+}") == SURVIVED
    assert outcome(results, "return [-b ? 0x10u : b-]{+true+}") == DUPLICATE


def test_what_is_settled_is_not_judged_again(fight: Campaign, results: list[Result]) -> None:
    settled = {result.name: dataclasses.replace(result, by="another day")
               for result in results if result.outcome == KILLED}
    again = list(fight.run(None, settled))
    assert [result.name for result in again] == [result.name for result in results]
    assert {result.name for result in again if result.by == "another day"} == settled.keys()


def test_results_are_kept_of_a_file_that_stays_as_it_is(
        results: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "SOURCES", tmp_path)
    monkeypatch.setattr(kept, "OUTPUT", tmp_path / "build")
    monkeypatch.setattr(kept, "RESULTS", tmp_path / "build" / "results.json")
    assert kept.settled("file.c", []) == []
    kept.keep("file.c", results, sampled=False)
    assert kept.settled("file.c", []) == [result for result in results
                                          if result.outcome != SURVIVED]
    assert kept.settled("file.c", [result.name for result in results]) == results
    (tmp_path / "file.c").write_text(SOURCE + "\n")
    assert kept.settled("file.c", []) == []


def test_an_unexplained_survivor_and_an_idle_explanation_are_faults(results: list[Result]) -> None:
    known = [result.name for result in results]
    text = """
        [[mutants]]
        file = "file.c"
        function = "is_less"
        changes = ["if (*a < b [-&&-]{+||+} c)", "[-again(a)-];", "[-gone(a)-];"]
        equivalent = "nobody looks"
    """
    found = explained.faults(explained.read(text), known, campaign.survivors(results))
    assert "file.c is_less: [-gone(a)-];: explained, but there is no such mutant" in found
    assert ("file.c is_less: if (*a < b [-&&-]{+||+} c): explained, but it does not survive"
            in found)
    assert "file.c next: [-again(c)-];: survives, and is not explained" in found
    assert not [fault for fault in found if "[-again(a)-]" in fault]


@pytest.mark.parametrize("reason", ["", 'equivalent = " "', 'equivalent = "a"\naccepted = "b"'])
def test_an_explanation_has_one_kind_and_a_reason(reason: str) -> None:
    with pytest.raises(HarnessError):
        explained.read(f'[[mutants]]\nfile = "a"\nfunction = "b"\nchanges = ["c"]\n{reason}')


def test_equivalent_mutants_do_not_count_and_accepted_ones_do() -> None:
    assert table.score(killed=8, tested=10, equivalent=2) == 100
    assert table.score(killed=8, tested=10, equivalent=0) == 80


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A module of two files, and what kbuild would have left of building it."""
    source, objects = tmp_path / "module", tmp_path / "objects"
    source.mkdir()
    objects.mkdir()
    (source / "limit.h").write_text("#define LIMIT 3\n")
    (source / "one.c").write_text('#include "limit.h"\nint one(void) { return LIMIT; }\n')
    (source / "two.c").write_text("int two(void) { return 2; }\n")
    (source / "xt_pknock.mod").write_text(f"{source}/one.o\n{source}/two.o\n")
    whole, module = source / "xt_pknock.o", source / "xt_pknock.ko"
    commands = {
        f"{name}.o": f"gcc -Wp,-MMD,{source}/.{name}.o.d -I{source} -DNAME='\"{name}\"'"
                     f" -c -o {source}/{name}.o {source}/{name}.c" for name in ("one", "two")
    } | {"xt_pknock.o": f"ld -r -o {whole} @{source}/xt_pknock.mod",
         "xt_pknock.ko": f"ld -r -o {module} {whole}"}
    for name, command in commands.items():
        (source / f".{name}.cmd").write_text(f"savedcmd_{source}/{name} := {command} ; true\n"
                                             "\ndeps := nothing\n")
    made = Tree(source, objects)
    for name in ("one", "two"):
        assert made.compile(source / f"{name}.c", source / f"{name}.o")
    return made


def test_a_mutant_takes_its_files_place_in_the_module(tree: Tree, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tree.source.iterdir()}
    mutant, module = tmp_path / "one.c", tmp_path / "xt_pknock.ko"
    mutant.write_text('#include "limit.h"\nint broken(void) { return LIMIT + 1; }\n')
    assert tree.compile(mutant, tmp_path / "one.o")
    assert tree.link(tmp_path / "one.o", module)
    listed = subprocess.run(["nm", "--defined-only", "--format=just-symbols", module], check=True,
                            capture_output=True, text=True)
    assert listed.stdout.split() == ["broken", "two"]
    assert {path: path.read_bytes() for path in tree.source.iterdir()} == before


ENDS_BADLY = """
import pytest


@pytest.fixture(scope="session")
def lab():
    yield
    assert not "in order"


def test_first(lab):
    assert not "passed"


def test_second(lab):
    pass
"""


def test_what_fixtures_find_after_the_first_failure_does_not_end_the_tests(tmp_path: Path) -> None:
    file = tmp_path / "test_ends_badly.py"
    file.write_text(ENDS_BADLY)
    verdict = Trial(["-x", "-q", "-c", "/dev/null", str(file)], []).run(None)
    assert (verdict.outcome, verdict.by.rpartition("::")[2]) == (KILLED, "test_first")
    assert "passed" in verdict.said


def test_what_is_not_c_is_no_mutant(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "one.c").write_text("int one(void) { return LIMIT }\n")
    assert not tree.compile(tmp_path / "one.c", tmp_path / "one.o")


def test_every_kernel_file_that_decides_meets_tests() -> None:
    plumbing = {"main.c", "procfs.c", "events.c", "netlink.c", "netlink_gen.c", "connector.c",
                "door_dump.c", "peer_dump.c", "sweep.c"}
    sources = {path.name for path in mutants.SOURCES.glob("*.c")}
    assert sources - plumbing == {*pure.FILES, *glue.FILES}
    suite = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    assert {name for names in glue.TESTS.values() for name in names} - {glue.NO_MINUTE} <= suite
    assert glue.REFUSED.keys() == glue.TESTS.keys()


def test_every_explanation_is_of_a_mutant_that_there_is() -> None:
    explanations = explained.load()
    files = {name.split()[0] for name in explanations}
    known = [mutant.name for file in files for mutant in mutants.of_file(mutants.SOURCES / file)]
    assert explained.faults(explanations, known, {}) == []


def test_every_kernel_source_can_be_broken() -> None:
    for path in mutants.SOURCES.glob("*.c"):
        assert mutants.of_file(path) or not functions.read(path.read_text()), path


def test_exclusions_have_reasons() -> None:
    assert all(operators.EXCLUDED.values())
