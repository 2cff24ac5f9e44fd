# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest whose kernel is a process is made of, and which tests it gets."""

import dataclasses
import re
from types import SimpleNamespace

import pytest

from harness import selection
from harness.process_image import CONFIGURATIONS, FOLDER


@dataclasses.dataclass
class Item:
    """What of a test its selection looks at."""

    fixturenames: list[str]
    marks: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)

    __hash__ = object.__hash__

    def get_closest_marker(self, name: str) -> SimpleNamespace | None:
        """As pytest has it."""
        return SimpleNamespace(kwargs=self.marks[name]) if name in self.marks else None


def test_what_no_process_can_run_is_dropped_and_told() -> None:
    fits = Item(["lab"])
    virtual = Item(["lab"], {"virtual": {"reason": "two CPUs"}})
    items = [Item([]), fits, Item([], {"machine": {}}), virtual]
    dropped: list[Item] = []
    lines: list[str] = []
    config = SimpleNamespace(hook=SimpleNamespace(
        pytest_deselected=lambda items: dropped.extend(items)))
    plugin = selection.ForProcess()
    plugin.pytest_collection_modifyitems(config, items)
    plugin.pytest_terminal_summary(SimpleNamespace(section=lines.append, line=lines.append))
    assert items == [fits]
    assert len(dropped) == 3
    assert lines[1:] == ["    2 does not run in the guest", "    1 two CPUs"]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_fragments_of_a_configuration_agree(name: str) -> None:
    settings: dict[str, str] = {}
    for fragment in CONFIGURATIONS[name].fragments:
        for line in (FOLDER / fragment).read_text().splitlines():
            off = re.fullmatch(r"# (\w+) is not set", line)
            key, value = (off[1], "n") if off else line.partition("=")[::2]
            if key.startswith("CONFIG_"):
                assert settings.setdefault(key, value) == value, key
    # The module is the only one: all else that rules need is built in.
    assert "m" not in settings.values()
    assert settings["CONFIG_HOSTFS"] == settings["CONFIG_UML_NET_VECTOR"] == "y"
