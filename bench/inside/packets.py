# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets, from their IP header on. Checksums are left out: no match looks at them."""

import ipaddress
import struct

SERVER = {4: ipaddress.ip_address("192.0.2.1"), 6: ipaddress.ip_address("2001:db8::1")}
CLIENTS = {4: ipaddress.ip_address("10.0.0.0"), 6: ipaddress.ip_address("fd00::")}
TCP, UDP = 6, 17
SYN, ACK = 0x02, 0x10


def source(family: int, last: int) -> bytes:
    """The address whose last 32 bits these are."""
    return CLIENTS[family].packed[:-4] + struct.pack("!I", last)


def _ip(family: int, protocol: int, body: bytes, address: bytes) -> bytes:
    server = SERVER[family].packed
    if family == 6:
        return struct.pack("!IHBB", 6 << 28, len(body), protocol, 64) + address + server + body
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, protocol,
                       0) + address + server + body


def tcp(family: int, port: int, flags: int, last: int = 0) -> bytes:
    """A segment without data."""
    body = struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 5 << 4, flags, 65535, 0, 0)
    return _ip(family, TCP, body, source(family, last))


def udp(family: int, port: int, payload: bytes, last: int = 0) -> bytes:
    """A datagram."""
    body = struct.pack("!HHHH", 40000, port, 8 + len(payload), 0) + payload
    return _ip(family, UDP, body, source(family, last))
