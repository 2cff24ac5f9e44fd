# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix: what runs where and when, and that nothing of what was found is lost."""

import collections
import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness import bounds, kernels, poll, selection
from harness.privilege import CONFORMANCE
from harness.runner import junit, page, pool, results, summary
from harness.runner.plan import IMAGE, MODULE, Job, plan
from harness.runner.pool import Outcome, Pool
from harness.runner.results import FAILED, PASSED, SKIPPED, Case, Row
from harness.selection import GUEST, HOST, MACHINES

ROWS = ["a", "b", "c", "d"]

# As pytest writes it; the second case has failed twice, when called and when torn down.
JUNIT = """<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="4">
<properties><property name="uname -r" value="6.1.0" /></properties>
<testcase classname="test_a" name="test_one[v4-nft]" time="1.5"><properties>
<property name="spec" value="M1 M2" /></properties></testcase>
<testcase classname="test_a" name="test_two" time="1"><failure message="long">def test_two():
&gt;       assert 1 == 2
E       assert 1 == 2</failure></testcase>
<testcase classname="test_a" name="test_two" time="1">
<error message="again">again</error></testcase>
<testcase classname="test_a" name="test_old" time="0">
<skipped type="pytest.skip" message="kernel before 6.2: new">/path:3: new</skipped></testcase>
</testsuite></testsuites>"""
OLD = Case("test_a", "test_old", "", SKIPPED, 0, text="kernel before 6.2: new")


def pytest_run(*arguments: str | Path, cwd: Path = CONFORMANCE) -> str:
    """What a run of pytest prints."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=cwd, check=False,
                          stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": str(CONFORMANCE)}).stdout


# What runs where


def test_shards_are_equal_and_neighbours_dealt_out() -> None:
    assert selection.deal([1] * 9, 2) == [0, 1, 1, 0, 0, 1, 1, 0, 0]
    weights = [1, 1, 1, 50, 1, 20, 30, 1, 1]
    shards = selection.deal(weights, 2)
    loads = [sum(itertools.compress(weights, (shard == at for shard in shards))) for at in (0, 1)]
    assert loads == [53, 53]
    assert selection.deal([1] * 3, 1) == [0, 0, 0]


def test_shards_have_each_test_once_and_share_no_guest() -> None:
    shards = [pytest_run("--collect-only", "-q", "--only=guest", f"--shard={index}/3")
              for index in (1, 2, 3)]
    tests = [set(filter(lambda line: "::" in line, shard.splitlines())) for shard in shards]
    whole = pytest_run("--collect-only", "-q", "--only=guest")
    assert sum(map(len, tests)) == whole.count("::")
    assert "\n".join(sorted(set.union(*tests))) == "\n".join(sorted(
        line for line in whole.splitlines() if "::" in line))
    newborn = "test_replay.py::test_replay_in_the_second_minute_of_uptime"
    [home] = [shard for shard in tests if newborn in shard]
    assert "test_replay.py::test_tokens_are_accepted_in_the_first_minute_of_uptime" in home


def test_what_does_not_depend_on_the_kernel_runs_with_one_only() -> None:
    one, another = (pytest_run("--collect-only", "-q", f"--kernel={kernel}", "--only=guest",
                               "test_harness.py", "test_strict.py")
                    for kernel in (kernels.DEFAULT, "sid"))
    assert "test_harness.py::" in one and "test_harness.py::" not in another
    assert one.count("test_strict.py::") == another.count("test_strict.py::") > 0


def test_what_takes_its_time_begins_first_and_is_looked_at_last() -> None:
    listing = pytest_run("--collect-only", "-q", "test_lifetime.py", "test_replay.py")
    tests = [line for line in listing.splitlines() if "::" in line]
    begins, *_, looks = tests
    assert begins.endswith("::test_tokens_are_accepted_in_the_first_minute_of_uptime")
    assert looks.endswith("::test_door_without_rules_is_kept_while_a_token_is_in_its_window")
    assert tests[-3].endswith("::test_door_is_kept_for_a_minute")


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "a/b", "1/2/3"])
def test_bad_shard_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="not I/N|no such shard"):
        selection.parse_shard(text)


def test_guest_is_asked_for_by_a_fixture() -> None:
    host, machines, guest = (pytest_run("--collect-only", "-q", f"--only={where}").splitlines()
                             for where in ("host", "machines", "guest"))
    assert "test_cache.py::test_layer_is_built_once" in host
    assert "test_demo.py::test_demonstration_shows_doors_open_and_close" in machines
    assert "test_strict.py::test_every_port_but_the_next_is_wrong[v4-nft]" in guest
    assert "test_harness.py::test_dead_guest_is_reported_with_its_console" in machines
    tests = [line for line in host + machines + guest if "::" in line]
    assert len(set(tests)) == len(tests)


def test_skip_names_a_bound(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("""
from harness.bounds import KernelBounds
def pytest_configure(config):
    config.addinivalue_line("markers", "kernel(min, reason): ")
    config.pluginmanager.register(KernelBounds(lambda: "5.10.0-35-cloud-amd64"))
""")
    (tmp_path / "test_bounds.py").write_text("""
import pytest
@pytest.mark.kernel(min="5.10", reason="there")
def test_new_enough(): pass
@pytest.mark.kernel(min="5.9.1", reason="numbers are no strings")
def test_newer(): pass
@pytest.mark.kernel(min="5.15", reason="not yet there")
def test_too_old(): raise AssertionError
def test_without_bound(): pytest.skip("busy")
""")
    output = pytest_run("-rsf", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "1 failed, 2 passed, 1 skipped" in output
    assert "kernel before 5.15: not yet there" in output
    assert "FAILED test_bounds.py::test_without_bound" in output
    assert "a skip names a kernel bound" in output and "busy" in output


def test_release_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="not a kernel release"):
        bounds.version("cloud")


# When


def test_images_are_made_while_kernels_before_are_tested() -> None:
    jobs = plan(ROWS[:2], {GUEST: 300, MACHINES: 5, HOST: 9}, True)
    assert [str(job) for job in jobs] == [
        "a image", "b image", "host 1/1", "a module", "b module", "host machines 1/2",
        "host machines 2/2", "a 1/2", "a 2/2", "b 1/2", "b 2/2"]
    assert [job.boots for job in jobs] == 5 * [False] + 6 * [True]
    assert {(job.place, job.shard) for job in jobs[5:7]} == {(MACHINES, "1/2"), (MACHINES, "2/2")}
    assert {job.place for job in jobs[7:]} == {GUEST}
    assert len({job.directory for job in jobs}) == len(jobs)


def test_few_tests_boot_once_and_those_without_a_guest_need_no_image() -> None:
    assert [str(job) for job in plan(["a"], {GUEST: 3, MACHINES: 0, HOST: 0}, False)] == [
        "a image", "a 1/1"]
    assert [str(job) for job in plan(ROWS, {GUEST: 0, MACHINES: 1, HOST: 9}, True)] == [
        "host 1/1", "host machines 1/1"]
    assert plan(ROWS, {GUEST: 0, MACHINES: 0, HOST: 0}, True) == []


def shell(script: str, **variables: str) -> subprocess.Popen:
    """A process that leads its group."""
    return subprocess.Popen(["sh", "-c", script], env={**os.environ, **variables},
                            process_group=0)


def most_at_once(outcomes: list[Outcome]) -> int:
    """How many of these jobs ran at the same time."""
    marks = sorted([(outcome.start, 1) for outcome in outcomes]
                   + [(outcome.end, -1) for outcome in outcomes])
    return max(itertools.accumulate(change for _, change in marks))


def test_pool_leaves_out_what_needs_a_job_that_failed() -> None:
    bad, good = Job("bad", IMAGE), Job("good", IMAGE)
    jobs = [bad, good, Job("bad", "1/1", bad), Job("good", "1/1", good)]
    outcomes = list(Pool(2, 60, lambda job: shell(f"[ {job.row} != bad ]")).run(jobs))
    assert {outcome.job for outcome in outcomes} == {*jobs} - {jobs[2]}
    assert [outcome.job for outcome in outcomes if outcome.status] == [bad]


def test_pool_runs_so_many_machines_at_once_and_something_else_beside_them() -> None:
    machines = [Job(row, "1/1") for row in ROWS]
    others = [Job(row, IMAGE) for row in ROWS]
    outcomes = list(Pool(2, 60, lambda job: shell("sleep 0.1")).run([*others, *machines]))
    assert len(outcomes) == 8
    assert most_at_once(outcomes) == 3
    booted = [outcome for outcome in outcomes if outcome.job in machines]
    assert most_at_once(booted) == 2 and {outcome.lane for outcome in booted} == {0, 1}
    first, *_ = sorted(set(outcomes) - set(booted), key=lambda outcome: outcome.start)
    assert first.lane == 2


def test_pool_kills_what_takes_too_long() -> None:
    [outcome] = Pool(1, 0.2, lambda job: shell("sleep 60")).run([Job("a", IMAGE)])
    assert outcome.status == -signal.SIGKILL


@pytest.fixture
def heeded_sigint() -> Iterator[None]:
    """Children do not ignore SIGINT, as they would in a run that is in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded_sigint")
def test_interrupted_pool_leaves_nothing_behind(tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "GRACE_SECONDS", 0.5)
    scripts = {"heeds": f"trap 'exit 7' INT; touch {tmp_path}/heeds; sleep 60",
               "stubborn": f"trap '' INT; touch {tmp_path}/stubborn; sleep 60"}
    processes = {}

    def start(job: Job) -> subprocess.Popen:
        if job.row not in scripts:
            poll.until(lambda: len(list(tmp_path.iterdir())) == len(scripts))
            raise KeyboardInterrupt
        processes[job.row] = shell(scripts[job.row])
        return processes[job.row]

    with pytest.raises(KeyboardInterrupt):
        list(Pool(3, 60, start).run([Job(row, IMAGE) for row in [*scripts, "^C"]]))
    assert processes["heeds"].returncode == 7
    assert processes["stubborn"].returncode == -signal.SIGKILL


# What came of it


def outcome_of(job: Job, status: int) -> Outcome:
    """A job that took a minute."""
    return Outcome(job, 0, 30, 90, status)


def left(folder: Path, job: Job, status: int, xml: str = "", output: str = "") -> Outcome:
    """A job, and what it has left in its directory."""
    directory = folder / job.directory
    directory.mkdir(parents=True)
    (directory / results.OUTPUT).write_text(output)
    if xml:
        (directory / results.JUNIT).write_text(xml)
    return outcome_of(job, status)


def test_row_is_what_its_jobs_found(tmp_path: Path) -> None:
    row = results.gather("a", [left(tmp_path, Job("a", IMAGE), 0),
                               left(tmp_path, Job("a", "1/2"), 1, JUNIT),
                               left(tmp_path, Job("a", "2/2"), 5)], tmp_path)
    assert row.facts == {"uname -r": "6.1.0"}
    built, old, one, two = row.cases
    assert built == Case("harness.image", "build", "", PASSED, 60)
    assert old == OLD
    assert (one.name, one.spec, one.outcome, one.seconds) == (
        "test_a.py::test_one[v4-nft]", "M1 M2", PASSED, 1.5)
    assert (two.outcome, two.seconds, two.reason) == (FAILED, 2, "assert 1 == 2")
    assert "again" in two.text
    assert (row.seconds(build=True), row.seconds(build=False)) == (60, 120)


@pytest.mark.parametrize("part,module,status,xml", [
    (IMAGE, "harness.image", 1, ""),
    (MODULE, "harness.module", 5, ""),
    ("1/1", "job", -signal.SIGKILL, ""),
    ("1/1", "job", 1, JUNIT.replace("failure", "a").replace("error", "b")),
    ("1/1", "job", 3, JUNIT),
])
def test_job_that_fails_without_a_test_is_a_failure(tmp_path: Path, part: str, module: str,
                                                    status: int, xml: str) -> None:
    outcome = left(tmp_path, Job("a", part), status, xml, "first\x1b\nlast words\n")
    row = results.gather("a", [outcome], tmp_path)
    [case] = [case for case in row.cases if not case.module.startswith("test")]
    assert (case.module, case.outcome) == (module, FAILED)
    assert case.text == f"a {part} ended with status {status}\nfirst\nlast words"


def test_what_every_kernel_skips_is_a_failure() -> None:
    new = Case("test_a", "test_new", "", SKIPPED, 0, text="kernel before 5.15: new")
    passed = Case("test_a", "test_new", "", PASSED, 1)
    rows = [Row("a", [new, OLD]), Row("b", [passed, OLD])]
    results.fail_unrun(rows)
    assert [[case.outcome for case in row.cases] for row in rows] == [[SKIPPED, FAILED],
                                                                      [PASSED, FAILED]]
    assert rows[0].cases[1].text == ("no kernel of the matrix runs this test: "
                                     "kernel before 6.2: new")


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    """Two kernels, one of which fails, and what ran on the host."""
    return [results.gather("a", [left(tmp_path, Job("a", "1/1"), 1, JUNIT)], tmp_path),
            Row("b", [Case("test_a", "test_one", "v4-nft", PASSED, 12.34, "M1 M2")]),
            Row(HOST, [Case("test_cache", "test_layer_is_built_once", "", PASSED, 0.01)])]


def test_merged_junit_has_a_suite_for_each_kernel(tmp_path: Path, rows: list[Row]) -> None:
    junit.write(tmp_path / "merged.xml", rows)
    suites = ElementTree.parse(tmp_path / "merged.xml").getroot().findall("testsuite")
    counts = [[suite.get(word) for word in ("name", "tests", "failures", "skipped")]
              for suite in suites]
    assert counts == [["a", "3", "1", "1"], ["b", "1", "0", "0"], ["host", "1", "0", "0"]]
    cases, facts = results.read(tmp_path / "merged.xml")
    assert facts["uname -r"] == "6.1.0" and facts["seconds, 1/1"] == "60"
    assert collections.Counter(case.module for case in cases) == {
        "a.test_a": 3, "b.test_a": 1, "host.test_cache": 1}
    assert "assert 1 == 2" in next(case.text for case in cases if case.outcome == FAILED)


def test_terminal_shows_rows_and_reasons(rows: list[Row]) -> None:
    assert summary.failures(rows)[:2] == ["a: test_a.py::test_two", "    assert 1 == 2"]
    assert [line.split() for line in summary.table(rows, 90)][1:] == [
        ["a", "6.1.0", "1", "1", "1", "0:00", "1:00"], ["b", "1", "0", "0", "0:00", "0:00"],
        ["host", "1", "0", "0", "0:00", "0:00"], ["all", "3", "1", "1", "1:30"]]
    assert summary.job_line(rows[0].outcomes[0], rows[0]).split() == [
        "1:30", "a", "1/1", "1:00", "1", "passed,", "1", "failed,", "1", "skipped"]


def test_end_of_what_failures_share_is_told_once() -> None:
    console = "\n".join(["setup", "E   the guest died:", *map(str, range(40))])
    cases = [Case("test_a", name, "", FAILED, 0, text=text) for name, text in
             [("test_one", console), ("test_odd", "E   odd"), ("test_two", console)]]
    assert summary.failures([Row("a", cases[:2]), Row("b", cases[2:])]) == [
        "a: test_a.py::test_one", "    the guest died:",
        "b: test_a.py::test_two", "    the guest died:",
        *(f"    | {number}" for number in range(15, 40)), "",
        "a: test_a.py::test_odd", "    odd", "    | E   odd", ""]


def test_page_shows_tests_by_kernel_and_stands_alone(tmp_path: Path, rows: list[Row]) -> None:
    text = page.render(rows, 90, tmp_path)
    assert "1 of 5 failed" in text
    assert "&gt;       assert 1 == 2" in text
    assert 'href="a/1of1/junit.xml"' in text
    assert not re.search(r"https?:|@import|<script|<link", text)
    [cache, tests] = sorted(page.sections(rows), key=lambda section: section.name)[::-1]
    [on_host] = cache.lines
    assert on_host.host and [cell.outcome for cell in on_host.cells] == [PASSED]
    assert cache.about == "The harness's cache: what it keeps, and for how long."
    assert [(line.name, [cell.outcome for cell in line.cells]) for line in tests.lines] == [
        ("test_old", [SKIPPED, ""]), ("test_one", [PASSED, PASSED]), ("test_two", [FAILED, ""])]
    [one] = [line for line in tests.lines if line.variants]
    assert [cell.seconds for cell in one.variants[0].cells] == ["1.5", "12"]


def test_unknown_kernel_is_refused() -> None:
    result = subprocess.run([CONFORMANCE / "matrix", "potato"], capture_output=True, text=True,
                            check=False)
    assert result.returncode == 2
    assert "no such kernel: potato" in result.stderr and kernels.DEFAULT in result.stderr
