# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that are put together by hand: any bytes behind an IP header, and fragments."""

from scapy.layers.inet6 import IPv6ExtHdrFragment
from scapy.packet import Packet, Raw

from harness.client import Client
from harness.net import V4


def carry(client: Client, protocol: int, body: bytes, **fields) -> Packet:
    """An IP packet with any bytes for a transport header."""
    number = {"proto" if client.family is V4 else "nh": protocol}
    return client.ip(**number, **fields) / Raw(body)


def fragments(client: Client, packet: Packet, size: int, number: int) -> list[Packet]:
    """The packet in fragments of so many bytes."""
    whole = bytes(packet)
    protocol, body = (whole[9], whole[20:]) if client.family is V4 else (whole[6], whole[40:])
    return [fragment(client, protocol, body[at:at + size], at, at + size < len(body), number)
            for at in range(0, len(body), size)]


def fragment(client: Client, protocol: int, piece: bytes, at: int, more: bool,
             number: int) -> Packet:
    """One fragment, of these bytes at this place."""
    if client.family is V4:
        return carry(client, protocol, piece, id=number, frag=at // 8, flags="MF" if more else 0)
    header = IPv6ExtHdrFragment(nh=protocol, id=number, offset=at // 8, m=int(more))
    return client.ip() / header / Raw(piece)
