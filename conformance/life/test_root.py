# SPDX-License-Identifier: GPL-2.0-or-later
"""The roots that these tests try things in: what is done to one is not done to what it is over."""

import contextlib
import shutil
from pathlib import Path

import pytest

from harness import overlay
from harness.life import Layers
from harness.root import Root


@pytest.fixture
def origin(layers: Layers, tmp_path: Path) -> Path:
    """A root with a shell and two files."""
    for name in ("bin", "dev", "etc", "proc", "tmp"):
        (tmp_path / name).mkdir()
    shutil.copy(layers.root / "usr/bin/busybox", tmp_path / "bin/sh")
    for name in ("changed", "removed"):
        (tmp_path / "etc" / name).write_text("original\n")
    return tmp_path


@pytest.mark.parametrize("mount", ["mount", "false"], ids=["overlay", "copy"])
def test_origin_stays_as_it_is(origin: Path, mount: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay, "PREPARE", overlay.PREPARE.replace("mount -t overlay", mount))
    with contextlib.closing(Root(origin)) as root:
        root.run("echo mine >/etc/changed; rm /etc/removed")
        assert root.run("read word </etc/changed; echo $word; echo /etc/*").text == (
            "mine\n/etc/changed /etc/resolv.conf\n")
        with contextlib.closing(Root(*root.layers)) as second:
            second.run("echo another >/etc/added; rm /etc/resolv.conf")
            assert second.run("read word </etc/changed; echo $word; echo /etc/*").text == (
                "mine\n/etc/added /etc/changed /etc/resolv.conf\n")
        assert root.run("echo /etc/*").text == "/etc/changed /etc/resolv.conf\n"
    assert sorted(path.name for path in (origin / "etc").iterdir()) == ["changed", "removed"]
    assert (origin / "etc/changed").read_text() == "original\n"
