# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for the guest without guessing how long it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

# Looking costs the guest time: what is not there soon is looked for less often.
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.3
Seen = TypeVar("Seen")


def until(look: Callable[[], Seen], timeout: float = 20) -> Seen:
    """Look again and again until there is something to see, and return it."""
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {timeout:.0f} s"
        time.sleep(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE)
    return seen
