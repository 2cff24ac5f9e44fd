# SPDX-License-Identifier: GPL-2.0-or-later
"""A host somewhere on the Internet that knocks at the guest."""

import enum
import itertools
import random

from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet, Raw

from harness.net import Family
from harness.wire import Wire

# A port of its own for every attempt: none is taken for a packet of an earlier connection.
_ports = itertools.cycle(range(20000, 60000))


class Answer(enum.Enum):
    """What a connection attempt meets with."""

    OPEN = "SYN-ACK"
    CLOSED = "RST"
    REJECTED = "ICMP error"
    SILENCE = "silence"


class Client:
    """A source address, with what it can send to the guest."""

    def __init__(self, wire: Wire, family: Family, address: str) -> None:
        self.wire = wire
        self.family = family
        self.address = address

    def __repr__(self) -> str:
        return f"Client({self.address})"

    def ip(self, **fields) -> Packet:
        """The IP header of a packet to the guest."""
        return self.family.layer(**{"src": self.address, "dst": self.family.guest, **fields})

    def tcp(self, port: int, flags: str = "S", sport: int | None = None, seq: int | None = None,
            payload: bytes = b"") -> Packet:
        """A TCP segment, as a rule a SYN."""
        segment = TCP(sport=sport or next(_ports), dport=port, flags=flags,
                      seq=random.getrandbits(32) if seq is None else seq)
        return self.ip() / segment / Raw(payload) if payload else self.ip() / segment

    def udp(self, port: int, payload: bytes = b"", sport: int | None = None) -> Packet:
        """A UDP datagram."""
        datagram = UDP(sport=sport or next(_ports), dport=port)
        return self.ip() / datagram / Raw(payload) if payload else self.ip() / datagram

    def knock(self, *ports: int | str) -> None:
        """Knock on ports in this order: 2001 and "tcp/2001" with a SYN, "udp/2001" by datagram.

        When it returns, the guest's kernel has seen them.
        """
        self.wire.send(*(self._knock(port) for port in ports))
        self.wire.settle()

    def _knock(self, port: int | str) -> Packet:
        protocol, _, number = str(port).rpartition("/")
        return self.udp(int(number)) if protocol == "udp" else self.tcp(int(number))

    def datagram(self, port: int, payload: bytes) -> None:
        """Send a datagram; when it returns, the guest's kernel has seen it."""
        self.wire.send(self.udp(port, payload))
        self.wire.settle()

    def connect(self, port: int) -> Answer:
        """Try to connect, as far as the first answer."""
        return self.exchange(self.tcp(port))

    def exchange(self, packet: Packet) -> Answer:
        """Send a packet of tcp() or udp() and tell what the guest's kernel answers."""
        return self.answer(packet, self.wire.replies(packet))

    def answer(self, packet: Packet, replies: list[Packet]) -> Answer:
        """Which of the replies, if any, answers the packet."""
        ports = (packet.payload.dport, packet.payload.sport)
        for reply in replies:
            if self.family.layer not in reply or reply[self.family.layer].dst != self.address:
                continue
            if TCP in reply and (reply[TCP].sport, reply[TCP].dport) == ports:
                return self._verdict(reply)
            if self.family.unreachable in reply:
                return Answer.REJECTED
        return Answer.SILENCE

    def _verdict(self, reply: Packet) -> Answer:
        if reply[TCP].flags != "SA":
            return Answer.CLOSED
        # Hang up, or the guest keeps the half-open connection.
        self.wire.send(self.tcp(reply[TCP].sport, "R", reply[TCP].dport, reply[TCP].ack))
        return Answer.OPEN
