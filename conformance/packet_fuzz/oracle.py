# SPDX-License-Identifier: GPL-2.0-or-later
"""What a frame may do at the doors, read from its bytes alone, as the specification has it.

This is an upper bound. The network stack drops many a malformed packet before a rule sees it, and
that is as right as no match. But a frame that is neither a knock nor a token by these bytes must
not change anything, and what is not TCP or UDP by them must not match.
"""

import dataclasses
import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator

from harness import spa
from harness.spa_door import MINUTE

TCP, UDP = 6, 17
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION = 0, 43, 44, 51, 60
FIN, SYN, RST, ACK = 1, 2, 4, 16
TCP_PORT, UDP_PORT, SPA_PORT = 2002, 2001, 2000
SECRET = "open"
# The test sets the clock into MINUTE, the rule has --skew 1, and a batch may see a minute end.
MINUTES = range(MINUTE - 1, MINUTE + 3)


@dataclasses.dataclass(frozen=True)
class Segment:
    """TCP or UDP, with what a rule looks at."""

    source: str
    protocol: int
    port: int
    is_knock: bool
    payload: bytes


@dataclasses.dataclass(frozen=True)
class Piece:
    """A fragment: where its bytes belong, of which datagram.

    The outermost fragment header says whether the packet is whole.
    """

    source: str
    flow: tuple
    at: int
    more: bool
    protocol: int
    body: bytes
    is_whole: bool = False


def _address(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))


def _tcp(source: str, body: bytes) -> Segment | None:
    if len(body) < 20 or not 20 <= (body[12] >> 4) * 4 <= len(body):
        return None
    flags = body[13]
    return Segment(source, TCP, int.from_bytes(body[2:4], "big"),
                   bool(flags & SYN) and not flags & (ACK | RST | FIN), b"")


def _udp(source: str, body: bytes, whole: bool) -> Segment | None:
    if len(body) < 8:
        return None
    length = int.from_bytes(body[4:6], "big")
    if length < 8 or whole and length > len(body):
        return None
    payload = body[8:length]
    return Segment(source, UDP, int.from_bytes(body[2:4], "big"), True,
                   payload if len(payload) == length - 8 else b"")


def _transport(source: str, protocol: int, body: bytes, whole: bool) -> Segment | None:
    if protocol == TCP:
        return _tcp(source, body)
    return _udp(source, body, whole) if protocol == UDP else None


def _past_headers(source: str, protocol: int, body: bytes,
                  whole: bool = True) -> Segment | Piece | None:
    """Step over extension headers of IPv6, to a transport header or to a fragment's bytes."""
    is_whole = False
    while protocol in (HOP_BY_HOP, ROUTING, DESTINATION, AUTHENTICATION, FRAGMENT):
        if len(body) < 8:
            return None
        if protocol == FRAGMENT:
            place = int.from_bytes(body[2:4], "big")
            flow = (source, body[4:8], 6)
            if place >> 3 or place & 1:
                return Piece(source, flow, place & ~7, bool(place & 1), body[0], body[8:],
                             is_whole)
            size, is_whole = 8, whole
        else:
            size = (body[1] + 2) * 4 if protocol == AUTHENTICATION else (body[1] + 1) * 8
        protocol, body = body[0], body[size:]
    return _transport(source, protocol, body, whole)


def ip_packet(frame: bytes) -> bytes | None:
    """The IP packet in a frame, without padding; None if the stack looks no further."""
    packet = frame[14:]
    if frame[12:14] == b"\x08\x00" and len(packet) >= 20 and packet[0] >> 4 == 4:
        size, total = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
        return packet[:total] if 20 <= size <= total <= len(packet) else None
    if frame[12:14] == b"\x86\xdd" and len(packet) >= 40 and packet[0] >> 4 == 6:
        length = int.from_bytes(packet[4:6], "big")
        # A jumbogram says its length in an option, before which nothing else stands.
        if not length and packet[6] == HOP_BY_HOP:
            return packet
        return packet[:40 + length] if 40 + length <= len(packet) else None
    return None


def _ipv4(packet: bytes) -> Segment | Piece | None:
    source, body = _address(packet[12:16]), packet[(packet[0] & 15) * 4:]
    place = int.from_bytes(packet[6:8], "big")
    if place & 0x3fff:
        flow = (source, packet[16:20], packet[4:6], packet[9])
        return Piece(source, flow, (place & 0x1fff) * 8, bool(place & 0x2000), packet[9], body)
    return _transport(source, packet[9], body, True)


def _read(frame: bytes) -> Segment | Piece | None:
    packet = ip_packet(frame)
    if not packet:
        return None
    if packet[0] >> 4 == 4:
        return _ipv4(packet)
    return _past_headers(_address(packet[8:24]), packet[6], packet[40:])


def _first(piece: Piece, is_ipv6: bool) -> Segment | None:
    """A first fragment as a packet of its own: its transport header counts, if it has all of it."""
    if piece.at:
        return None
    if not is_ipv6:
        return _transport(piece.source, piece.protocol, piece.body, False)
    found = _past_headers(piece.source, piece.protocol, piece.body, piece.is_whole)
    return _first(found, True) if isinstance(found, Piece) else found


def _left_alone(frame: bytes, piece: Piece) -> list[Piece]:
    """What a fragment of IPv6 is to rules if Linux lets it pass instead of reassembling it: one
    that others cannot follow, or of a packet that does not say how long it is; or one in what was
    whole, of which the outer header is taken off."""
    if piece.is_whole:
        return [piece, dataclasses.replace(piece, is_whole=False)]
    return [piece] if piece.more and len(piece.body) % 8 or frame[18:20] == bytes(2) else []


def _chains(by_start: dict[int, set[Piece]], body: bytes = b"") -> Iterator[bytes]:
    """Every datagram that pieces make up which follow each other without gap or overlap."""
    for piece in by_start.get(len(body), ()):
        if not piece.more:
            yield body + piece.body
        elif piece.body:
            yield from _chains(by_start, body + piece.body)


def _reassembled(flow: list[Piece], is_ipv6: bool) -> Iterator[Segment]:
    """Every segment that some of a flow's pieces make up."""
    by_start: dict[int, set[Piece]] = defaultdict(set)
    for piece in flow:
        by_start[piece.at].add(piece)
    for first in by_start[0]:
        for body in _chains(by_start):
            found = (_past_headers(first.source, first.protocol, body) if is_ipv6
                     else _transport(first.source, first.protocol, body, True))
            # There may be fragments in what fragments made up. Those are not reassembled.
            segment = _first(found, is_ipv6) if isinstance(found, Piece) else found
            if segment:
                yield segment


def segments(frames: Iterable[bytes], defragmented: bool) -> list[Segment]:
    """All that rules may take the frames for."""
    found: list[Segment | None] = []
    flows: dict[tuple, list[Piece]] = defaultdict(list)
    for frame in frames:
        is_ipv6 = frame[12:14] == b"\x86\xdd"
        read = _read(frame)
        if not isinstance(read, Piece):
            found.append(read)
            continue
        seen = [read]
        if defragmented:
            seen = _left_alone(frame, read) if is_ipv6 else []
            flows[(is_ipv6, *read.flow)].append(read)
        found += (_first(piece, is_ipv6) for piece in seen)
    for (is_ipv6, *_), flow in flows.items():
        found += _reassembled(flow, is_ipv6)
    return [segment for segment in found if segment]


def is_token(segment: Segment) -> bool:
    """Whether it is the open token of its source, now."""
    if segment.port != SPA_PORT or segment.protocol != UDP or len(segment.payload) != 65:
        return False
    return any(segment.payload[:64] == spa.digest(SECRET, segment.source, minute)
               for minute in MINUTES)


def knocks(found: Iterable[Segment], protocol: int, port: int) -> set[str]:
    """The sources that knocked at a port."""
    return {segment.source for segment in found
            if (segment.protocol, segment.port) == (protocol, port) and segment.is_knock}


def tokens(found: Iterable[Segment]) -> set[str]:
    """The sources that sent a true token."""
    return {segment.source for segment in found if is_token(segment)}
