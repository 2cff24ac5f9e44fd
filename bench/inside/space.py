# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of whole tables: what memory they take, and how long listing them does."""

import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import netlink
import packets
from cases import Results, filled, result
from driver import Session
from rivals import KNOCK, Rival, insert_all

ROUNDS = 3
# Growing is a worker's, and what is freed goes after a grace period: seconds between two looks, how
# many must be alike but for so many bytes, how many there are at the most.
SETTLE, ALIKE, SLACK, LOOKS = 0.1, 5, 32 << 10, 50
MEMINFO = ("SReclaimable", "SUnreclaim", "VmallocUsed", "Percpu")
SMALLEST = 10_000  # sources; of less, pages tell nothing
LISTED = 100_000
BUFFER = 1 << 16


def _used() -> int:
    """Bytes of all that the kernel allocates for itself: slabs, large blocks, vmalloc, per CPU."""
    fields = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return sum(int(fields[name].split()[0]) * 1024 for name in MEMINFO)


def _slabs() -> dict[str, int]:
    """Bytes of the objects in use, by cache."""
    lines = Path("/proc/slabinfo").read_text().splitlines()[2:]
    return {words[0]: int(words[1]) * int(words[3]) for words in map(str.split, lines)}


def _settled() -> int:
    gc.collect()
    looks = [_used()]
    while len(looks) < LOOKS and (len(looks) < ALIKE
                                  or max(looks[-ALIKE:]) - min(looks[-ALIKE:]) > SLACK):
        time.sleep(SETTLE)
        looks.append(_used())
    return looks[-1]


def _half_open(rival: Rival, family: int, name: str, size: int) -> None:
    session = Session(rival.knock(family, name))
    insert_all(session.packets([packets.tcp(family, KNOCK, packets.SYN)]), size)
    session.close()


def memory(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """Bytes a source, all counted, and those of the slab objects alone."""
    for size in (size for size in sizes if size >= SMALLEST):
        for rival in rivals:
            if family in rival.families and size <= rival.fillable and rival.name != "null":
                yield from _memory(family, size, rival, rival.fill, "memory")
            if rival.name == "pknock":
                yield from _memory(family, size, rival,
                                   lambda *place: _half_open(rival, *place), "memory-half")


def _memory(family: int, size: int, rival: Rival, fill: Callable[..., None], case: str) -> Results:
    name = f"m{family}s{size}{case[-1]}"
    rival.create(family, name, size)
    keeper = Session(rival.check(family, name))
    before, slabs = _settled(), _slabs()
    fill(family, name, size)
    taken = _settled() - before
    grown = {cache: used - slabs.get(cache, 0) for cache, used in _slabs().items()}
    objects = sum(value for value in grown.values() if value >= size)
    keeper.close()
    rival.destroy(name)
    yield result(case, family, size, rival.name, [taken / size], "bytes")
    yield result(f"{case}-objects", family, size, rival.name, [objects / size], "bytes")


def _read(path: str) -> int:
    total = 0
    with open(path, "rb", buffering=0) as file:
        while data := file.read(BUFFER):
            total += len(data)
    return total


LISTINGS = {
    "proc": {"pknock": "/proc/net/xt_pknock/{}", "recent": "/proc/net/xt_recent/{}",
             "addons": "/proc/net/xt_pknock_addons/{}"},
    "netlink": {"pknock": netlink.list_ours, "set": netlink.list_set},
}


def dump(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """Milliseconds that a reader waits for the whole list."""
    size = min(LISTED, max(sizes))
    listed = [rival for rival in rivals if family in rival.families
              and rival.name in ("pknock", "set", "recent")]
    with filled(listed, family, size) as table:
        for way, readers in LISTINGS.items():
            found = {}
            for _ in range(ROUNDS):
                for name in [rival.name for rival in listed if rival.name in readers]:
                    reader = readers[name]
                    start = time.monotonic_ns()
                    if isinstance(reader, str):
                        read = _read(reader.format(table))
                    else:
                        read = reader(table)
                    found.setdefault(name, []).append((time.monotonic_ns() - start) / 1e6)
                    if read < size:
                        raise RuntimeError(f"{name}: only {read} listed")
            for name, rounds in found.items():
                yield result(f"dump-{way}", family, size, name, rounds, "ms")


ALL = (memory, dump)
