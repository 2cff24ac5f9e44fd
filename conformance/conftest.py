# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the conformance suite, and the verdict at the end of a run."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import bounds, kernels, process_image, report, selection, spa_door
from harness.client import Client
from harness.firewall import BACKENDS, Firewall
from harness.guest import Guest
from harness.image import Image
from harness.lab import LAB, LOGS, Lab
from harness.net import FAMILIES, Family
from harness.newborn import Newborn, born


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("kernels")
    group.addoption("--kernel", default=kernels.DEFAULT, choices=sorted(kernels.load()),
                    help="the row of kernels.toml to run on")
    group.addoption("--image", type=lambda path: Image(Path(path)), metavar="DIR",
                    help="what harness image printed; else it is built")
    group.addoption("--process", choices=process_image.CONFIGURATIONS,
                    help="run the disk's tests with this kernel, which is a process here")
    group.addoption("--module", type=Path, metavar="DIR", default=process_image.MODULE_SOURCES,
                    help="with --process, the module's sources, if not the checkout's")
    group.addoption("--logs", type=Path, metavar="DIR", help="where logs of the guest are kept")
    group.addoption("--only", choices=selection.PLACES,
                    help="the tests that run there; those in the guest depend on the kernel")
    group.addoption("--shard", type=selection.parse_shard, default=(1, 1), metavar="I/N",
                    help="the I-th of N equal parts of the tests")
    group.addoption("--histories", type=int, metavar="N",
                    help="so many random histories, others each time, instead of some that stay")
    group.addoption("--packets", type=int, metavar="N",
                    help="how many packets test_packet_fuzz.py sends in each of its tests")
    group.addoption("--packet-seed", type=int, metavar="SEED",
                    help="the number of its first batch; others follow")


def pytest_configure(config: pytest.Config) -> None:
    row = kernels.load()[config.getoption("--kernel")]
    process = config.getoption("--process")
    logs = config.getoption("--logs") or LOGS / (f"process-{process}" if process else row.name)
    image = config.getoption("--image")
    lab = Lab(row, logs, image and dataclasses.replace(image, processors=row.processors))
    if process:
        lab.run_as_process(process, config.getoption("--module"))
    config.stash[LAB] = lab
    plugins = config.pluginmanager
    plugins.register(report.SpecReport(), "spec-report")
    plugins.register(bounds.KernelBounds(lambda: lab.image.boot.release), "kernel-bounds")
    plugins.register(selection.Selection(config.getoption("--only"), config.getoption("--shard"),
                                         row.name),
                     "selection")
    if process:
        plugins.register(selection.ForProcess(), "for-process")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The verdict comes last, as one more test: what is wrong with the guest now fails the run."""
    lab = session.config.stash[LAB]
    if exitstatus == pytest.ExitCode.INTERRUPTED:
        lab.discard()
    elif lab.booted:
        start = time.monotonic()
        faults = lab.close()
        session.config.hook.pytest_runtest_logreport(
            report=report.verdict(faults, time.monotonic() - start))
        if faults:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest,
        record_testsuite_property: Callable[[str, object], None]) -> Iterator[Lab]:
    """The owner of the guest, for tests that kill it."""
    owner = request.config.stash[LAB]
    yield owner
    for name, value in owner.facts.items():
        record_testsuite_property(name, value)


@pytest.fixture(scope="session")
def newborn(lab: Lab) -> Iterator[Newborn]:
    """A second guest: minutes that have to pass do so in it, while the first goes on."""
    with born(lab.guest().image) as other:
        yield other


@pytest.fixture
def guest(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Guest]:
    """The guest as after boot. The test fails when it dies, complains or cannot be reset."""
    with lab.lend(request.node.name) as machine:
        yield machine


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """iptables-nft, iptables-legacy."""
    return request.param


@pytest.fixture(params=FAMILIES, ids=str)
def family(request: pytest.FixtureRequest) -> Family:
    """IPv4, IPv6."""
    return request.param


@pytest.fixture
def firewall(guest: Guest, backend: str, family: Family) -> Firewall:
    """The rules of a backend and family; none at first, everything accepted."""
    return Firewall(guest, backend, family)


@pytest.fixture
def clock(guest: Guest) -> None:
    """The guest's clock shows spa_door.MINUTE, for which tests make their tokens."""
    spa_door.set_minute(guest)


@pytest.fixture
def client(guest: Guest, family: Family) -> Client:
    """A client whose address no one had before."""
    return guest.client(family)
