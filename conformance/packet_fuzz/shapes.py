# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that are nearly right, by seed: the same number gives the same frames, always.

Each has a source of its own, so that what it does can be told from what others do; a part comes
from insiders, whose door is open before, for what must not match.
"""

import dataclasses
import ipaddress
import random
from collections.abc import Callable

from scapy.layers.inet import IPOption, TCP, UDP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.inet6 import IPv6ExtHdrRouting, PadN
from scapy.packet import Packet, Raw, fuzz
from scapy.utils import checksum

from harness.client import Client
from harness.net import V4, Family
from harness.pieces import carry, fragment, fragments
from harness.spa import digest
from harness.spa_door import MINUTE
from harness.wire import ethernet
from packet_fuzz.oracle import SECRET, SPA_PORT, TCP_PORT, UDP_PORT

NETWORKS = {"v4": "10.77.0.0/16", "v6": "2001:db8:f::/112"}
INSIDERS = 8
ETHERNET_SIZE = 14
KINDS = "tcp", "udp", "spa"
# What lengths and counts are set to.
EXTREMES = (0, 1, 4, 5, 7, 8, 9, 15, 16, 64, 65, 66, 73, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff)


@dataclasses.dataclass
class Batch:
    """Frames, and who must get in by them: by kind, the sources of packets as they ought to be."""

    frames: list[bytes]
    honest: dict[str, set[str]]


class Maker:
    """Makes the packets of one batch. Context: one at a time, for all draw from one generator."""

    def __init__(self, family: Family, seed: int) -> None:
        # scapy's own volatile fields draw from the module's generator.
        random.seed(seed)
        self._family = family
        self._network = ipaddress.ip_network(NETWORKS[family.name])
        # Batches that follow each other have no source in common: fragments wait for seconds.
        self._base = 1 + seed % 61 * 1000
        self._used = INSIDERS

    def _client(self, number: int) -> Client:
        return Client(None, self._family, str(self._network[self._base + number]))

    def insider(self, number: int) -> Client:
        """One of those whose door is open."""
        return self._client(number)

    def stranger(self) -> Client:
        """A source that nobody had in this batch."""
        self._used += 1
        return self._client(self._used)

    def anyone(self) -> Client:
        """A stranger, or one of the insiders."""
        if random.random() < 0.3:
            return self.insider(random.randrange(INSIDERS))
        return self.stranger()

    # As they ought to be

    def right(self, client: Client, kind: str) -> Packet:
        """A knock or a token."""
        sport, seq = random.randrange(1024, 65536), random.getrandbits(32)
        if kind == "tcp":
            return client.tcp(TCP_PORT, sport=sport, seq=seq)
        if kind == "udp":
            return client.udp(UDP_PORT, random.randbytes(random.choice([0, 1, 64])), sport=sport)
        return client.udp(SPA_PORT, self.token(client) + b"\n", sport=sport)

    def torn(self, client: Client, kind: str) -> list[Packet]:
        """A knock or a token in fragments, none of which has all of it, if it is long enough."""
        # Of IPv6, the first has to have the whole TCP header (RFC 8200, 4.5).
        size = random.choice([8, 16, 24, 64] if self._family is V4 else [24, 64])
        return fragments(client, self.right(client, kind), size, random.getrandbits(16))

    @staticmethod
    def token(client: Client) -> bytes:
        """The digits that are true for a client."""
        return digest(SECRET, client.address, MINUTE)

    # And as they ought not to be: each gives the frames of one attempt

    def fuzzed(self) -> list[bytes]:
        """Every field of the headers at random, as scapy does it."""
        client = self.anyone()
        ports = random.choice([TCP_PORT, UDP_PORT, SPA_PORT, 22, 9])
        transport = random.choice([TCP, UDP])
        fixed = {"version": 4 if self._family is V4 else 6,
                 "proto" if self._family is V4 else "nh": 6 if transport is TCP else 17}
        if self._family is V4 and random.random() < 0.6:
            fixed |= {"frag": 0, "flags": 0}
        body = random.choice([b"", self.token(client) + b"\n", random.randbytes(65)])
        return [ethernet(fuzz(client.ip(**fixed)) / fuzz(transport(dport=ports)) / Raw(body))]

    def mutated(self) -> list[bytes]:
        """Some bytes of a right one changed, or its end."""
        client = self.anyone()
        frame = bytearray(ethernet(self.right(client, random.choice(KINDS))))
        for _ in range(random.choice([1, 1, 1, 2, 4])):
            at = random.randrange(ETHERNET_SIZE, len(frame))
            frame[at] = random.choice([frame[at] ^ 1 << random.randrange(8),
                                       random.randrange(256), 0, 0xff])
        if random.random() < 0.2:
            del frame[random.randrange(ETHERNET_SIZE, len(frame)):]
        elif random.random() < 0.1:
            frame += random.randbytes(random.randrange(1, 100))
        return [self._summed(frame)]

    def lengths(self) -> list[bytes]:
        """A length field that lies: of IP, of TCP's header, of UDP."""
        client = self.anyone()
        kind = random.choice(KINDS)
        if random.random() < 0.7:
            packet = self.right(client, kind)
            return [ethernet(client.ip(**self._carries(kind)) / Raw(_lie(packet, kind)))]
        frame = bytearray(ethernet(self.right(client, kind)))
        total = ETHERNET_SIZE + (2 if self._family is V4 else 4)
        frame[total:total + 2] = random.choice(EXTREMES).to_bytes(2, "big")
        return [self._summed(frame)]

    def _carries(self, kind: str) -> dict[str, int]:
        return {"proto" if self._family is V4 else "nh": 6 if kind == "tcp" else 17}

    def near_tokens(self) -> list[bytes]:
        """What begins or ends as a true token, and is none."""
        client = self.stranger()
        digits = self.token(client)
        at = random.randrange(64)
        payload = random.choice([
            digits, digits + bytes(random.choice([2, 3, 65, 1000])), b" " + digits + b"\n",
            digits.upper() + b"\n", digits[:at] + random.randbytes(1) + digits[at + 1:] + b"\n",
            digits[at:] + digits[:at] + b"\n", (digits + b"\n") * random.randrange(2, 9),
            self.token(self.stranger()) + b"\n",
            digest(SECRET, client.address, MINUTE + random.choice([-9, -3, 5, 60])) + b"\n"])
        return [ethernet(client.udp(random.choice([SPA_PORT, UDP_PORT, 9]), payload, sport=4000))]

    def pieces(self) -> list[bytes]:
        """A right packet in fragments: tiny, overlapping, doubled, missing, in any order."""
        client = self.stranger()
        kind = random.choice(KINDS)
        whole = bytes(self.right(client, kind))[20 if self._family is V4 else 40:]
        whole += random.randbytes(random.choice([0, 0, 7, 200]))
        protocol = 6 if kind == "tcp" else 17
        size, number = random.choice([8, 16, 24, 32, 64]), random.getrandbits(16)
        made = []
        for at in range(0, len(whole), size):
            start = at - random.choice([0, 0, 0, 8]) if at else 0
            last = at + size >= len(whole)
            piece = fragment(client, protocol, whole[start:at + size], start,
                             not last or random.random() < 0.05, number)
            made += [piece] * random.choice([0, 1, 1, 1, 1, 1, 1, 1, 1, 2])
        if random.random() < 0.5:
            random.shuffle(made)
        return [ethernet(piece) for piece in made]

    def disguised(self) -> list[bytes]:
        """A later fragment whose bytes look like a whole knock or token."""
        client = self.stranger()
        packet = self.right(client, random.choice(KINDS))
        body = bytes(packet)[20 if self._family is V4 else 40:]
        protocol = 6 if TCP in packet else 17
        at = 8 * random.choice([1, 2, 3, 8, 100, 0x1fff - len(body) // 8 - 1])
        return [ethernet(fragment(client, protocol, body, at, random.random() < 0.5,
                                  random.getrandbits(16)))]

    def headers(self) -> list[bytes]:
        """IP options, or a chain of extension headers, of all kinds and none."""
        client, kind = self.anyone(), random.choice(KINDS)
        body = self.right(client, kind).payload
        if random.random() < 0.3:
            body = Raw(_lie(self.right(client, kind), kind))
        protocol = self._carries(kind)
        if self._family is V4:
            options = [_option() for _ in range(random.randrange(1, 4))]
            packet = client.ip(options=options, **protocol) / body
            return [self._summed(bytearray(ethernet(packet)))]
        chain = [_extension() for _ in range(random.randrange(1, 7))]
        chain[-1].nh = protocol["nh"]
        packet = client.ip()
        for header in chain:
            packet = packet / header
        frame = bytearray(ethernet(packet / body))
        if random.random() < 0.4:
            at = random.randrange(ETHERNET_SIZE + 40, len(frame) - 8)
            frame[at] = random.choice(EXTREMES) & 0xff
        return [bytes(frame)]

    def noise(self) -> list[bytes]:
        """Any protocol, any bytes."""
        client = self.anyone()
        protocol = random.choice([6, 17, 1, 58, 0, 43, 44, 51, 59, 60, 136, random.randrange(256)])
        body = random.randbytes(random.choice([*range(40), 65, 73, 200, 1400]))
        return [ethernet(carry(client, protocol, body))]

    def _summed(self, frame: bytearray) -> bytes:
        """With the right checksum of the IPv4 header, mostly: else nobody looks further."""
        size = (frame[ETHERNET_SIZE] & 15) * 4 if len(frame) > ETHERNET_SIZE else 0
        header = ETHERNET_SIZE, ETHERNET_SIZE + size
        if self._family is V4 and 20 <= size <= len(frame) - ETHERNET_SIZE:
            if random.random() < 0.95:
                at = ETHERNET_SIZE + 10
                frame[at:at + 2] = bytes(2)
                frame[at:at + 2] = checksum(bytes(frame[slice(*header)])).to_bytes(2, "big")
        return bytes(frame)


def _lie(packet: Packet, kind: str) -> bytes:
    """The transport header and all behind it, with another length in it."""
    body = bytearray(bytes(packet.payload))
    if kind == "tcp":
        body[12] = random.randrange(16) << 4
    else:
        length = int.from_bytes(body[4:6], "big")
        length = random.choice([*EXTREMES, *(length + more for more in (-8, -1, 1, 1, 8, 100))])
        body[4:6] = max(length, 0).to_bytes(2, "big")
    return bytes(body)


def _option() -> IPOption:
    """An IPv4 option, of the right length mostly."""
    size = random.choice([2, 3, 4, 8, 11])
    return IPOption(copy_flag=random.getrandbits(1), optclass=random.choice([0, 2]),
                    option=random.randrange(2, 32),
                    length=random.choice([size, size, size, 0, 1, 255]),
                    value=random.randbytes(size - 2))


def _extension() -> Packet:
    """An extension header of IPv6."""
    return random.choice([
        IPv6ExtHdrHopByHop(),
        IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(random.choice([0, 4, 100])))]),
        IPv6ExtHdrRouting(type=random.choice([0, 2, 4, 255]), segleft=random.choice([0, 0, 1])),
        IPv6ExtHdrFragment(id=random.getrandbits(16), m=random.choice([0, 0, 0, 1]))])


Shape = Callable[[Maker], list[bytes]]
# What is more likely to be mistaken comes more often.
SHAPES: tuple[Shape, ...] = (
    Maker.fuzzed, Maker.fuzzed, Maker.mutated, Maker.mutated, Maker.mutated, Maker.lengths,
    Maker.lengths, Maker.near_tokens, Maker.pieces, Maker.pieces, Maker.disguised, Maker.headers,
    Maker.headers, Maker.noise)
HONEST_SHARE = 0.1


def batch(family: Family, seed: int, count: int, defragmented: bool = False) -> Batch:
    """About so many frames. Insiders knock first and say something last; right packets of others
    stand between the wrong ones, some of them in fragments if somebody makes one of those."""
    maker = Maker(family, seed)
    insiders = [maker.insider(number) for number in range(INSIDERS)]
    first = [ethernet(maker.right(client, "tcp")) for client in insiders]
    honest = {kind: set() for kind in KINDS}
    honest["tcp"] |= {client.address for client in insiders}
    attempts: list[list[bytes]] = []
    while sum(map(len, attempts)) < count:
        if random.random() < HONEST_SHARE:
            kind, client = random.choice(KINDS), maker.stranger()
            honest[kind].add(client.address)
            whole = not defragmented or random.random() < 0.5
            packets = [maker.right(client, kind)] if whole else maker.torn(client, kind)
            attempts.append([ethernet(packet) for packet in packets])
        else:
            attempts.append(random.choice(SHAPES)(maker))
    last = [ethernet(client.udp(9, b"still here", sport=4000)) for client in insiders]
    return Batch(first + _interleaved(attempts) + last, honest)


def _interleaved(attempts: list[list[bytes]]) -> list[bytes]:
    """All frames, those of each attempt in their order, but others between them."""
    turns = [number for number, frames in enumerate(attempts) for _ in frames]
    random.shuffle(turns)
    following = [iter(frames) for frames in attempts]
    return [next(following[number]) for number in turns]
