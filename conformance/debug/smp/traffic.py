# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests under two CPUs have in common: a door, its books, and what goes on beside a storm."""

from typing import Any

from harness.agent import Job
from harness.guest import Guest
from harness.pknockctl import do
from harness.poll import until
from street import PATIENCE

NAME = "SSH"
KNOCKS = ("tcp:2002", "udp:2001")
THROUGH = "udp:9"
KNOCK_RULE = f"-m pknock --knockports tcp/2002,udp/2001 --name {NAME}"
RESIDENT = 100_000  # a source that no storm of knocks has
SECONDS = 10

REPEAT = """
set -e
now() { read -r up rest </proc/uptime; up=${up%.*}; }
count=0
now
end=$((up + $1))
while [ $up -lt $end ]; do
    eval "$2"
    count=$((count + 1))
    now
done
echo "ran $count times"
"""


def load(guest: Guest) -> None:
    """Load the module such that it collects all the time."""
    guest.run("modprobe xt_pknock gc_interval=1")


class Repeated:
    """Commands that run again and again in the guest."""

    def __init__(self, guest: Guest, commands: str, seconds: int = SECONDS) -> None:
        self._job: Job = guest.agent.start(["sh", "-c", REPEAT, "repeat", str(seconds), commands])
        self._seconds = seconds

    def end(self) -> int:
        """Wait for their end: how often they ran. None of them may have failed."""
        output = self._job.wait(self._seconds + PATIENCE).stdout
        return int(output.splitlines()[-1].split()[1])


def door(guest: Guest) -> dict[str, Any]:
    """How many peers the door has, and what happened there."""
    [found] = do(guest, "stats", NAME)["doors"]
    return found


def assert_balanced(state: dict[str, Any]) -> None:
    """Who came in and did not go out is there: nobody was counted twice, or lost."""
    counters = state["counters"]
    gone = counters["closed"] + counters["expired"] + counters["revoked"]
    assert counters["opened"] == gone + state["open"], state


def assert_all_expire(guest: Guest) -> dict[str, Any]:
    """Everybody's time runs out, and the collector finds them all; the books then."""
    state = until(lambda: (found := door(guest)) and not found["open"] and not found["half_open"]
                  and found, 60)
    assert_balanced(state)
    assert guest.door(NAME) == []
    return state["counters"]
