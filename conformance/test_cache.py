# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness's cache: what it keeps, and for how long."""

import os
from pathlib import Path

import pytest

from harness import HarnessError, accel, boot, cache, mirror, packages


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def write(text: str):
    """A builder of a layer that has this text."""
    return lambda layer: (layer / "text").write_text(text)


def age(layer: Path, seconds: int) -> Path:
    """Make a layer look as if it had been used that long ago."""
    moment = layer.stat().st_mtime - seconds
    os.utime(layer, (moment, moment))
    return layer


def test_layer_is_built_once() -> None:
    with cache.lock("test"):
        first = cache.layer("kind", "key", write("first"))
        second = cache.layer("kind", "key", write("second"))
    assert first == second
    assert (second / "text").read_text() == "first"


def test_failed_build_leaves_no_layer(home: Path) -> None:
    def fail(layer: Path) -> None:
        (layer / "half").touch()
        raise HarnessError("no")

    with cache.lock("test"), pytest.raises(HarnessError):
        cache.layer("kind", "key", fail)
    assert not (home / "portknocko/kind/key").exists()
    with cache.lock("test"):
        whole = cache.layer("kind", "key", write("whole"))
    assert [path.name for path in whole.iterdir()] == ["text"]
    assert list(whole.parent.iterdir()) == [whole]


def test_layers_used_last_are_kept_and_those_in_use() -> None:
    with cache.lock("test"):
        leased = age(cache.layer("kind", "leased", write("")), 300)
        lease = cache.lease(leased)
        old = age(cache.layer("kind", "old", write("")), 200)
        recent = age(cache.layer("kind", "recent", write("")), 100)
        new = cache.layer("kind", "new", write(""))
        assert [path.exists() for path in (leased, old, recent, new)] == [True, False, True, True]
        os.close(lease)
        cache.layer("kind", "new", write(""))
        assert not leased.exists()


def test_key_tells_apart_what_goes_in() -> None:
    assert cache.key("a", ["b"]) == cache.key("a", ["b"])
    assert len({cache.key("a", ["b"]), cache.key("a", "b"), cache.key("ab"), cache.key("a")}) == 4


def test_accelerator_override_is_checked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = boot.Files(home)
    monkeypatch.setenv(accel.OVERRIDE, "tcg")
    assert accel.choose(files) == "tcg"
    monkeypatch.setenv(accel.OVERRIDE, "fast")
    with pytest.raises(HarnessError, match="PORTKNOCKO_ACCEL=fast"):
        accel.choose(files)


def test_list_of_packages_has_its_sections() -> None:
    assert "g++" in packages.section("build")
    assert "qemu-system-x86" in packages.section("vm")
    with pytest.raises(HarnessError, match="no packages under"):
        packages.section("nothing")


def test_mirror_is_what_apt_uses() -> None:
    assert "://" in mirror.uri()
