# SPDX-License-Identifier: GPL-2.0-or-later
"""How much the module remembers, as the kernel's allocator counts it."""

from typing import NamedTuple

from harness.agent import Job
from harness.guest import SCRIPTS, Guest

HALF_OPEN, OPEN = "pknock_half_peer", "pknock_peer"
# What tables of peers are made of, and others' objects are too.
BLOCKS = "kmalloc-4k"
# Of the kernel: what a queue of work has for each group of processors.
QUEUES = "pool_workqueue"


def objects(guest: Guest, cache: str) -> int:
    """How many objects of a slab cache are in use, exactly: no free one is held by a CPU."""
    text = guest.run(f"cd /sys/kernel/slab/{cache} && echo 1 >shrink && cat objects").stdout
    return int(text.split()[0])


class Count(NamedTuple):
    """So many objects of a cache were in use, since so many seconds of uptime."""

    cache: str
    objects: int
    since: float


def watch(guest: Guest, seconds: float, *caches: str) -> Job:
    """Look at caches for so long; counted() says what was seen."""
    script = (SCRIPTS / "objects.pl").read_text()
    return guest.agent.start(["perl", "-", str(seconds), *caches], stdin=script)


def counted(watch: Job) -> list[Count]:
    """How the numbers of objects changed, the first ones included."""
    rows = map(str.split, watch.wait().stdout.splitlines())
    return [Count(cache, int(number), float(since)) for cache, number, since in rows]
