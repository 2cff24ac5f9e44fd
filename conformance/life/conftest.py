# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests of a package's life: roots to install in, a server that reboots."""

import contextlib
from collections.abc import Iterator

import pytest

from harness import cache, kernels, life, privilege, sources
from harness.kernels import Kernel
from harness.life import Layers
from harness.root import Root


@pytest.fixture(scope="session")
def layers(kernel: Kernel) -> Layers:
    """Roots and disks with a repository of the checkout's packages, in two versions."""
    built = privilege.build_life(kernel)
    for directory in (built.server, built.installed):
        cache.lease(directory)
    return built


@contextlib.contextmanager
def sound(root: Root) -> Iterator[Root]:
    """A root in which nothing may be left that dpkg or apt want, nor the witness harmed."""
    with contextlib.closing(root):
        yield root
        assert root.complaints() == ""
        assert root.kernels() == root.built("witness")


@pytest.fixture
def root(layers: Layers) -> Iterator[Root]:
    """A server that has the repository, a kernel with headers and a witness, but none of ours."""
    with sound(Root(layers.root)) as copy:
        yield copy


@pytest.fixture(scope="session")
def installation(layers: Layers) -> Iterator[Root]:
    """Such a server after the packages were installed in the checkout's version."""
    with sound(Root(layers.root)) as copy:
        copy.apt("install", *life.with_version(sources.version()))
        yield copy


@pytest.fixture
def installed(installation: Root) -> Iterator[Root]:
    """A server with the packages."""
    with sound(Root(*installation.layers)) as copy:
        yield copy


@pytest.fixture(scope="session")
def kernel(request: pytest.FixtureRequest) -> Kernel:
    """The row of kernels.toml."""
    return kernels.load()[request.config.getoption("--kernel")]


@pytest.fixture
def newer(kernel: Kernel) -> Kernel:
    """The row, whose release gets a newer kernel from somewhere."""
    assert kernel.name in life.NEWER
    return kernel


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where no suite has a newer kernel, there is nothing to test one with."""
    if config.getoption("--kernel") not in life.NEWER:
        left_out = [item for item in items if "newer" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
