# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules that iptables wrote, read back from the kernel: no layout is packed here."""

import ctypes
import os
import socket
import struct
import subprocess

from driver import Extension

CHAIN = "BENCH"
SO_GET_INFO, SO_GET_ENTRIES = 64, 65
INFO = struct.Struct("=32s I 5I 5I I I")
ENTRIES_HEADER = 40  # name, size, and the alignment of the entries

# By family: the option's level; where in an entry the protocol, the offset of the target and the
# size are, and where the matches begin.
LEVEL = {4: socket.IPPROTO_IP, 6: socket.IPPROTO_IPV6}
PROTOCOL = {4: 80, 6: 128}
OFFSETS = {4: 88, 6: 140}
MATCHES = {4: 112, 6: 168}
EXTENSION = struct.Struct("=H29sB")

_chains = set()
_libc = ctypes.CDLL(None, use_errno=True)


def _getsockopt(family: int, option: int, buffer: ctypes.Array) -> None:
    protocol_family = socket.AF_INET6 if family == 6 else socket.AF_INET
    length = ctypes.c_uint32(len(buffer))
    with socket.socket(protocol_family, socket.SOCK_RAW, socket.IPPROTO_RAW) as handle:
        if _libc.getsockopt(handle.fileno(), LEVEL[family], option, buffer, ctypes.byref(length)):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def _entries(family: int) -> bytes:
    info = ctypes.create_string_buffer(b"filter", INFO.size)
    _getsockopt(family, SO_GET_INFO, info)
    size = INFO.unpack(info.raw)[-1]
    entries = ctypes.create_string_buffer(ENTRIES_HEADER + size)
    struct.pack_into("=32sI", entries, 0, b"filter", size)
    _getsockopt(family, SO_GET_ENTRIES, entries)
    return entries.raw[ENTRIES_HEADER:]


def _extension(family: int, kind: str, protocol: int, data: bytes) -> tuple[Extension, int]:
    size, name, revision = EXTENSION.unpack_from(data)
    extension = Extension(kind, family, protocol, name.rstrip(b"\0").decode(), revision,
                          data[EXTENSION.size:size])
    return extension, size


def _of_entry(family: int, entry: bytes) -> list[Extension]:
    protocol = entry[PROTOCOL[family]]
    [target] = struct.unpack_from("=H", entry, OFFSETS[family])
    found = []
    place = MATCHES[family]
    while place < target:
        extension, size = _extension(family, "match", protocol, entry[place:])
        found.append(extension)
        place += size
    found.append(_extension(family, "target", protocol, entry[target:])[0])
    return found


def _all(family: int) -> list[Extension]:
    data = _entries(family)
    found = []
    while data:
        [size] = struct.unpack_from("=H", data, OFFSETS[family] + 2)
        found += _of_entry(family, data[:size])
        data = data[size:]
    return found


def _iptables(family: int, plugin: str | None, *words: str) -> None:
    command = "ip6tables-legacy" if family == 6 else "iptables-legacy"
    environment = dict(os.environ)
    if plugin:
        environment["XTABLES_LIBDIR"] = plugin
    result = subprocess.run([command, *words], env=environment, check=False, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        raise RuntimeError(f"{command} {' '.join(words)}: {result.stdout.strip()}")


def extension(family: int, kind: str, name: str, words: str, plugin: str | None = None
              ) -> Extension:
    """What the kernel gets for a match or target of a rule.

    The rule was in a chain that no packet goes through, and is gone again.
    """
    if family not in _chains:
        _iptables(family, None, "-N", CHAIN)
        _chains.add(family)
    _iptables(family, plugin, "-A", CHAIN, *words.split())
    try:
        [found] = [item for item in _all(family) if (item.kind, item.name) == (kind, name)]
    finally:
        _iptables(family, None, "-F", CHAIN)
    return found
