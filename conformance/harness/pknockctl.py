# SPDX-License-Identifier: GPL-2.0-or-later
"""pknockctl in the guest: what it prints, and what it tells of events."""

import contextlib
import datetime
import json
from collections.abc import Iterator
from typing import Any

from harness.agent import Result
from harness.guest import Guest
from harness.poll import until

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
EVENTS = "/run/pknockctl-events"


def run(guest: Guest, *words: str, netns: str | None = None) -> Result:
    """Run it, whatever comes of it."""
    inside = ["ip", "netns", "exec", netns] if netns else []
    return guest.run([*inside, "pknockctl", *words], check=False)


def do(guest: Guest, *words: str, netns: str | None = None) -> Any:
    """Run it; it has to succeed and say nothing but JSON."""
    result = run(guest, *words, "--json", netns=netns)
    assert (result.rc, result.stderr) == (0, ""), result
    return json.loads(result.stdout)


def open_for(guest: Guest, door: str, **options) -> dict[str, float | None]:
    """The sources that a door is open for, as text, and the seconds that they have left."""
    peers = do(guest, "show", door, **options)["peers"]
    return {f"{peer['address']}/{peer['prefix']}": peer["ttl"]
            for peer in peers if peer["state"] == "open"}


def moment(event: dict[str, Any]) -> datetime.datetime:
    """When it happened."""
    return datetime.datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%S.%f%z")


class Monitor:
    """Events as they come, since the monitor was started."""

    def __init__(self, guest: Guest, file: str = EVENTS) -> None:
        self._guest = guest
        self._file = file

    def events(self) -> list[dict[str, Any]]:
        """All whole lines."""
        return [json.loads(line) for line in self._guest.agent.read(self._file).split("\n")[:-1]]

    def until(self, count: int) -> list[dict[str, Any]]:
        """All events, once there are so many."""
        until(lambda: len(self.events()) >= count)
        return self.events()


@contextlib.contextmanager
def watched(guest: Guest, *words: str, into: str = EVENTS) -> Iterator[str]:
    """Monitor as nobody, into a file; the process's number."""
    command = f"exec >{into} 2>&1; {' '.join(NOBODY)} pknockctl monitor {' '.join(words)}"
    guest.run(f"{command} & echo $! >{into}.pid")
    pid = guest.agent.read(f"{into}.pid").strip()
    try:
        yield pid
    finally:
        guest.run(["kill", pid])


@contextlib.contextmanager
def monitor(guest: Guest, *words: str) -> Iterator[Monitor]:
    """Monitor events while the module is not loaded yet.

    It says so as soon as it listens, so nothing that comes later is missed.
    """
    with watched(guest, "--json", *words):
        watcher = Monitor(guest)
        assert watcher.until(1) == [{"event": "unloaded"}]
        yield watcher
