# SPDX-License-Identifier: GPL-2.0-or-later
"""One frame from many sources, quickly: only address and checksums are written anew."""

from collections.abc import Iterable, Iterator

from scapy.packet import Packet

from harness.net import Family, V4
from harness.wire import ethernet

ETHERNET_SIZE = 14
CHECKSUM_OFFSET = {6: 16, 17: 6}  # in the header of TCP, of UDP


def _words(data: bytes) -> int:
    return sum(int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2))


def _updated(checksum: bytes, change: int) -> bytes:
    """RFC 1624: the checksum of a message some words of which grew by change in sum."""
    total = (~int.from_bytes(checksum, "big") & 0xffff) + change
    while total < 0 or total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return (~total & 0xffff).to_bytes(2, "big")


def sources(family: Family, packet: Packet, addresses: Iterable[bytes]) -> Iterator[bytes]:
    """Frames of a TCP or UDP packet (no IP options), each from another packed address."""
    frame = ethernet(packet)
    size = family.bits // 8
    at = ETHERNET_SIZE + (12 if family is V4 else 8)
    protocol = frame[ETHERNET_SIZE + (9 if family is V4 else 6)]
    payload = ETHERNET_SIZE + (20 if family is V4 else 40)
    transport = payload + CHECKSUM_OFFSET[protocol]
    before = _words(frame[at:at + size])
    for address in addresses:
        change = _words(address) - before
        new = bytearray(frame)
        new[at:at + size] = address
        new[transport:transport + 2] = _updated(frame[transport:transport + 2], change)
        if family is V4:
            header = ETHERNET_SIZE + 10
            new[header:header + 2] = _updated(frame[header:header + 2], change)
        yield bytes(new)
