# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of whole tables: what memory they take, and how long listing them does."""

import gc
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import packets
from cases import Results, filled, result
from driver import Session
from rivals import KNOCK, Rival, insert_all

ROUNDS = 5
SETTLE = 0.2  # seconds; growing is a worker's, and the old table goes after a grace period
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
    time.sleep(SETTLE)
    return _used()


def _half_open(rival: Rival, family: int, name: str, size: int) -> list[Session]:
    session = Session(rival.knock(family, name))
    insert_all(session.packets([packets.tcp(family, KNOCK, packets.SYN)]), size)
    return [session]


def memory(family: int, sizes: Sequence[int], rivals: Sequence[Rival]) -> Results:
    """Bytes a source, all counted, and those of the slab objects alone."""
    for size in (size for size in sizes if size >= SMALLEST):
        for rival in rivals:
            if family in rival.families and size <= rival.fillable and rival.name != "null":
                yield from _memory(family, size, rival, rival.fill, "memory")
            if rival.name == "pknock":
                yield from _memory(family, size, rival,
                                   lambda *place: _half_open(rival, *place), "memory-half")


def _memory(family: int, size: int, rival: Rival, fill: Callable[..., list[Session]], case: str
            ) -> Results:
    name = f"m{family}s{size}{case[-1]}"
    rival.create(family, name, size)
    keeper = Session(rival.check(family, name))
    before, slabs = _settled(), _slabs()
    kept = fill(family, name, size)
    taken = _settled() - before
    grown = {cache: used - slabs.get(cache, 0) for cache, used in _slabs().items()}
    objects = sum(value for value in grown.values() if value >= size)
    for session in [*kept, keeper]:
        session.close()
    rival.destroy(name)
    yield result(case, family, size, rival.name, [taken / size], "bytes")
    yield result(f"{case}-objects", family, size, rival.name, [objects / size], "bytes")


def _read(path: str) -> int:
    total = 0
    with open(path, "rb", buffering=0) as file:
        while data := file.read(BUFFER):
            total += len(data)
    return total


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)


NETLINK_NETFILTER, NETLINK_GENERIC = 12, 16
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
PKNOCK_CMD_PEER_GET, PKNOCK_A_PEER_DOOR = 2, 2
IPSET_LIST = 6 << 8 | 7
IPSET_ATTR_PROTOCOL, IPSET_ATTR_SETNAME, IPSET_PROTOCOL = 1, 2, 6


def _messages(protocol: int, kind: int, flags: int, body: bytes) -> Iterator[tuple[int, bytes]]:
    """The answers to a request, up to the last."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as handle:
        handle.send(struct.pack("=IHHII", 16 + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
        while True:
            data = handle.recv(BUFFER)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind == NLMSG_ERROR:
                    raise RuntimeError(f"netlink: {struct.unpack_from('=i', data, 16)[0]}")
                if kind == NLMSG_DONE:
                    return
                yield kind, data[16:length]
                if not flags & NLM_F_DUMP:
                    return
                data = data[(length + 3) & ~3:]


def _genl_family() -> int:
    body = struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + _attribute(CTRL_ATTR_FAMILY_NAME,
                                                                      b"pknock\0")
    [(_, answer)] = _messages(NETLINK_GENERIC, GENL_ID_CTRL, 0, body)
    data = answer[4:]
    while data:
        length, kind = struct.unpack_from("=HH", data)
        if kind == CTRL_ATTR_FAMILY_ID:
            return struct.unpack_from("=H", data, 4)[0]
        data = data[(length + 3) & ~3:]
    raise RuntimeError("netlink: no family pknock")


def _list_ours(table: str) -> int:
    body = struct.pack("=BBH", PKNOCK_CMD_PEER_GET, 1, 0) + _attribute(PKNOCK_A_PEER_DOOR,
                                                                       table.encode() + b"\0")
    return sum(1 for _ in _messages(NETLINK_GENERIC, _genl_family(), NLM_F_DUMP, body))


def _list_set(table: str) -> int:
    body = struct.pack("=BBH", 0, 0, 0) + _attribute(IPSET_ATTR_PROTOCOL, bytes([IPSET_PROTOCOL])) \
        + _attribute(IPSET_ATTR_SETNAME, table.encode() + b"\0")
    return sum(len(data) for _, data in _messages(NETLINK_NETFILTER, IPSET_LIST, NLM_F_DUMP,
                                                  body))


LISTINGS = {
    "proc": {"pknock": "/proc/net/xt_pknock/{}", "recent": "/proc/net/xt_recent/{}",
             "addons": "/proc/net/xt_pknock_addons/{}"},
    "netlink": {"pknock": _list_ours, "set": _list_set},
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
