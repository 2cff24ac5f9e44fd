# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the conformance suite, and the verdict at the end of a run."""

from collections.abc import Iterator

import pytest

from harness import kernels, report, spa_door
from harness.client import Client
from harness.firewall import BACKENDS, Firewall
from harness.guest import Guest
from harness.lab import Lab
from harness.net import FAMILIES, Family

LAB = pytest.StashKey[Lab]()
FAULTS = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kernel", default=kernels.DEFAULT, choices=sorted(kernels.load()),
                     help="the row of kernels.toml to run on")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LAB] = Lab(kernels.load()[config.getoption("--kernel")])
    config.pluginmanager.register(report.SpecReport(), "spec-report")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The verdict comes last: what is wrong with the guest now fails the run."""
    faults = session.config.stash[LAB].close()
    session.config.stash[FAULTS] = faults
    if faults:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    faults = config.stash.get(FAULTS, [])
    if faults:
        terminalreporter.section("after the last test", red=True)
        for fault in faults:
            terminalreporter.line(fault)


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Lab:
    """The owner of the guest, for tests that kill it."""
    return request.config.stash[LAB]


@pytest.fixture
def guest(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Guest]:
    """The guest as after boot. The test fails when it dies, complains or cannot be reset."""
    machine = lab.guest()
    machine.mark_log(request.node.name)
    yield machine
    try:
        machine.reset()
        complaints = machine.complaints()
    except Exception:
        # What a guest that cannot be reset does to the next test says nothing about that test.
        lab.discard()
        raise
    assert not complaints, "\n".join(["the kernel complains:", *complaints])


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
