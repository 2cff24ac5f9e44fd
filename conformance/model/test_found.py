# SPDX-License-Identifier: GPL-2.0-or-later
"""Short histories that once showed something, if only that the model or a planted bug was wrong."""

import pytest

from harness.guest import Guest
from harness.net import V4
from model.play import play
from model.rules import Rule
from model.steps import History, Knock

FOUND = {
    "who is in has one line": History(V4, rules=[
        [Rule(ports=("tcp/2001", "tcp/2001"), mask=31),
         Rule(ports=("tcp/2001",), mask=31)],  # 0
    ], steps=[
        Knock(client=0, port="tcp/2001"),
    ]),
}


@pytest.mark.parametrize("history", FOUND.values(), ids=FOUND)
@pytest.mark.spec("P1", "M13")
def test_history_that_was_found(guest: Guest, history: History) -> None:
    play(guest, history)
