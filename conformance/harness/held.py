# SPDX-License-Identifier: GPL-2.0-or-later
"""Doors that are over while somebody is in the middle of reading their files."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.comeback import LINGER
from harness.genetlink import Answer, Family
from harness.guest import PROC, Guest
from harness.poll import until

NAMESPACE = "held"  # so that nobody else sees the doors
INSIDE = ["ip", "netns", "exec", NAMESPACE]
TAKEN, LEFT = "TAKEN", "LEFT"
FORMER, LATER = "192.0.2.1", "192.0.2.2"
SCRIPT = Path(__file__).parent / "scripts/hold.pl"
INSTALLED = "/tmp/hold.pl"


@dataclasses.dataclass(frozen=True)
class Seen:
    """What became of them."""

    again: Answer  # one is made once more, for somebody else
    peers: list[str]  # who is in there
    files: list[str]  # which files there are, now that nobody is in to the other
    after: list[str]  # and after its reader went


class Held:
    """Such doors, which no rule has, in a namespace of their own.

    What follows has its time, in a thread, whatever the tests do meanwhile.
    """

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._over = threading.Event()
        guest.run(["ip", "netns", "add", NAMESPACE])
        guest.agent.write(INSTALLED, SCRIPT.read_text())
        self._family = Family(guest, INSIDE)
        for door in (TAKEN, LEFT):
            self._family.do("peer-add", door=door, ipv4=FORMER, create=True)
            self._hold(door)
        self._since = guest.uptime()
        executor = ThreadPoolExecutor(1)
        self._following = executor.submit(self._follow)
        executor.shutdown(wait=False)

    def seen(self) -> Seen:
        """Once the doors' minute is over."""
        return self._following.result()

    def end(self) -> None:
        """Nobody reads any more."""
        self._over.set()
        self._following.exception()

    def _hold(self, door: str) -> None:
        number = f"/run/hold-{door}"
        command = f"exec {' '.join(INSIDE)} perl {INSTALLED} {PROC}/{door}"
        self._guest.agent.start(f"{command} >{number}")
        state = f"grep -s '^State:.[DS]' /proc/$(cat {number})/status"
        until(lambda: self._guest.run(state, check=False).rc == 0)

    def _let_go(self, door: str) -> None:
        self._guest.run(f"kill -9 $(cat /run/hold-{door})", check=False)

    def _files(self) -> list[str]:
        return self._guest.run([*INSIDE, "ls", PROC]).stdout.split()

    def _follow(self) -> Seen:
        try:
            until(lambda: self._over.is_set() or self._guest.uptime() > self._since + LINGER,
                  timeout=2 * LINGER)
            if self._over.is_set():
                raise InterruptedError
            return self._look()
        finally:
            for door in (TAKEN, LEFT):
                self._let_go(door)

    def _look(self) -> Seen:
        family = self._family
        again = family.do("peer-add", door=TAKEN, ipv4=LATER, create=True)
        peers = [peer["ipv4"] for peer in family.dump("peer-get", door=TAKEN)]
        until(lambda: family.dump("peer-get", door=LEFT) == [])
        files = self._files()
        self._let_go(LEFT)
        until(lambda: LEFT not in self._files())
        return Seen(again, peers, files, self._files())
