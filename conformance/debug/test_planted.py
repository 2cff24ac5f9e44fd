# SPDX-License-Identifier: GPL-2.0-or-later
"""Planted mistakes still fit the module's sources."""

import shutil
import sys
from pathlib import Path

import pytest

from harness.process_image import MODULE_SOURCES

sys.path.insert(1, str(Path(__file__).parent))

from planted import PLANTED, Planted  # noqa: E402


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_mistake_can_be_planted(planted: Planted, tmp_path: Path) -> None:
    module = tmp_path / "kernel"
    shutil.copytree(MODULE_SOURCES, module)
    planted.apply(module)
    assert (module / planted.file).read_text() != (MODULE_SOURCES / planted.file).read_text()
