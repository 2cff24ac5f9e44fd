# SPDX-License-Identifier: GPL-2.0-or-later
"""A door that goes while somebody is in the middle of reading its file."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.agent import Job
from harness.comeback import LINGER
from harness.genetlink import Answer, Family, body
from harness.guest import PROC, Guest
from harness.poll import until

NAMESPACE = "held"  # so that nobody else sees the door
INSIDE = ["ip", "netns", "exec", NAMESPACE]
NAME, OTHER = "HELD", "OTHER"
FORMER, LATER, LAST = "192.0.2.1", "192.0.2.2", "192.0.2.3"
SCRIPT = Path(__file__).parent / "scripts/hold.pl"
INSTALLED, NUMBER = "/tmp/hold.pl", "/run/hold.pid"


@dataclasses.dataclass(frozen=True)
class Answers:
    """What the kernel said meanwhile, and at the end."""

    doors: list[str]  # all that there were
    add: Answer  # let somebody in to the door that goes
    wait: Answer  # make another door of its name
    beside: Answer  # make one of another name
    after: Answer  # make one of its name, when the reader goes
    peers: list[str]  # who is in to that one


class Held:
    """Such a door, in a namespace of its own.

    What follows has its time, in a thread, whatever the tests do meanwhile: the kernel complains
    when something waits for minutes.
    """

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._over = threading.Event()
        guest.run(["ip", "netns", "add", NAMESPACE])
        guest.agent.write(INSTALLED, SCRIPT.read_text())
        self._family = Family(guest, INSIDE)
        self._family.do("peer-add", door=NAME, ipv4=FORMER, create=True)
        guest.agent.start(f"exec {' '.join(INSIDE)} perl {INSTALLED} {PROC}/{NAME} >{NUMBER}")
        until(lambda: guest.run(f"grep -s '^State:.[DS]' /proc/$(cat {NUMBER})/status",
                                check=False).rc == 0)
        executor = ThreadPoolExecutor(1)
        self._following = executor.submit(self._follow)
        executor.shutdown(wait=False)

    def answers(self) -> Answers:
        """Once the door's minute is over."""
        return self._following.result()

    def end(self) -> None:
        """Nobody reads any more."""
        self._over.set()
        self._following.exception()

    def _kill(self, seconds: int = 0) -> Job:
        return self._guest.agent.start(f"sleep {seconds}; kill -9 $(cat {NUMBER}) || :")

    def _goes(self) -> bool:
        return self._guest.run([*INSIDE, "test", "-e", f"{PROC}/{NAME}"], check=False).rc == 1

    def _follow(self) -> Answers:
        try:
            until(lambda: self._over.is_set() or self._goes(), timeout=2 * LINGER)
            if self._over.is_set():
                raise InterruptedError
            return self._ask()
        finally:
            self._kill().wait()

    def _ask(self) -> Answers:
        family = self._family
        doors = [door["name"] for door in family.dump("door-get")]
        add = family.do("peer-add", door=NAME, ipv4=LATER)
        waiting = family.asking([(0, body("peer-add", door=NAME, ipv4=LATER, create=True))])
        beside = family.do("peer-add", door=OTHER, ipv4=LATER, create=True)
        [wait] = waiting()
        killing = self._kill(1)
        after = family.do("peer-add", door=NAME, ipv4=LAST, create=True)
        killing.wait()
        peers = [peer["ipv4"] for peer in family.dump("peer-get", door=NAME)]
        return Answers(doors, add, wait, beside, after, peers)
