# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets as nobody sends them: the right answer or no match, and never harm.

The rules stand in raw PREROUTING, where packets have passed no check but that of their IP header,
and they have no -p, so that the module alone decides.
"""

import random
import struct

import pytest
from scapy.layers.inet import IPOption, IPOption_NOP, IPOption_Router_Alert, IPOption_RR
from scapy.layers.inet import IPOption_Timestamp, TCP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.inet6 import IPv6ExtHdrRouting, PadN
from scapy.packet import Packet

from harness import spa
from harness.client import Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT
from harness.net import V4, V6, Family
from harness.pieces import carry, fragment, fragments
from harness.wire import ethernet

pytestmark = [pytest.mark.spec("M12"), NFT]

RULES = """*raw
-A PREROUTING -m pknock --checkip --name TCP
-A PREROUTING -m pknock --knockports tcp/2002 --name TCP
-A PREROUTING -m pknock --knockports udp/2001 --name UDP
-A PREROUTING -m pknock --knockports udp/2000 --name SPA --opensecret open --closesecret shut
COMMIT
"""
CHECK, AT_TCP, AT_UDP, AT_SPA = range(4)

SYN = bytes(TCP(sport=40000, dport=2002, flags="S", chksum=0))
SYN_OFFSET = 12


def datagram(length: int, body: bytes = b"") -> bytes:
    """A knock whose UDP header claims this length."""
    return struct.pack("!HHHH", 40000, 2001, length, 0) + body


def syn(words: int) -> bytes:
    """A knock whose TCP header claims so many words, and has five."""
    return SYN[:SYN_OFFSET] + bytes([words << 4]) + SYN[SYN_OFFSET + 1:]


BAD_TCP = [SYN[:size] for size in (0, 4, 7, 8, 12, 19)] + [syn(words) for words in range(16)
                                                           if words != 5]
BAD_UDP = [datagram(8)[:size] for size in (0, 4, 7)] + [
    datagram(0), datagram(7), datagram(9), datagram(65535), datagram(7, b"body")]


@pytest.fixture(autouse=True)
def doors(firewall: Firewall) -> Firewall:
    """A rule that counts what comes from who is in at TCP, and three doors."""
    firewall.restore(RULES)
    return firewall


def counted(firewall: Firewall) -> list[int]:
    """Packets matched by each of RULES."""
    return firewall.counters("PREROUTING", "raw")


def inside(guest: Guest, door: str) -> set[str]:
    """Who the door is open for."""
    return {peer.src for peer in guest.door(door) if peer.status == "ALLOWED"}


def token(guest: Guest, client: Client, secret: str = "open") -> bytes:
    """A payload that the SPA door takes from the client, once."""
    return spa.payload(secret, client.address, guest.now())


# Headers


def test_wrong_headers_are_no_knocks(guest: Guest, family: Family) -> None:
    for protocol, bodies in ((6, BAD_TCP), (17, BAD_UDP)):
        for body in bodies:
            guest.wire.send(carry(guest.client(family), protocol, body))
    right = guest.client(family)
    guest.wire.send(carry(right, 6, SYN), carry(right, 17, datagram(8)))
    guest.wire.settle()
    assert inside(guest, "TCP") == inside(guest, "UDP") == {right.address}


def test_wrong_headers_do_not_match(client: Client, doors: Firewall) -> None:
    client.knock("tcp/2002", "udp/2001")
    for protocol, bodies in ((6, BAD_TCP), (17, BAD_UDP)):
        client.wire.send(*(carry(client, protocol, body) for body in bodies))
    client.wire.settle()
    # The knock at UDP came from who was in at TCP.
    assert counted(doors) == [1, 1, 0, 0]
    client.wire.send(carry(client, 6, syn(5)), carry(client, 17, datagram(8)))
    client.wire.settle()
    assert counted(doors) == [3, 2, 1, 0]


def test_length_of_datagram_is_what_its_header_says(guest: Guest, family: Family) -> None:
    early, late, long, trailing = (guest.client(family) for _ in range(4))
    for client, claimed, tail in ((early, -1, b""), (late, 1, b""), (long, 1, b"m"),
                                  (trailing, 0, b"more")):
        body = token(guest, client)
        header = struct.pack("!HHHH", 40000, 2000, 8 + len(body) + claimed, 0)
        client.wire.send(carry(client, 17, header + body + tail))
    guest.wire.settle()
    assert inside(guest, "SPA") == {trailing.address}


@pytest.mark.parametrize("family", [V6], ids=str, indirect=True)
def test_length_that_lies_does_so_behind_a_fragment_header_too(guest: Guest, client: Client,
                                                               doors: Firewall) -> None:
    """A fragment header in front of a whole packet (RFC 6946) makes no fragment of it."""
    honest = guest.client(V6)
    for sender, length in ((client, 9), (client, 1000), (honest, 8)):
        guest.wire.send(fragment(sender, 17, datagram(length), 0, False, length))
    guest.wire.settle()
    assert inside(guest, "UDP") == {honest.address}


# What stands between the IP header and the transport's


def options() -> list[dict]:
    """IPv4 headers of all sizes, up to 60 bytes."""
    return [{"options": chosen} for chosen in (
        [IPOption_NOP()] * 4, [IPOption_NOP()] * 40, [IPOption_Router_Alert()],
        [IPOption_RR(routers=["0.0.0.0"] * 9)], [IPOption_Timestamp(length=40)])]


def extensions() -> list[Packet]:
    """IPv6 extension headers, one of each, a long one, and a chain."""
    padding = [PadN(optdata=bytes(8 * 25))]
    return [
        IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), IPv6ExtHdrDestOpt(options=padding),
        IPv6ExtHdrRouting(type=4, segleft=0), IPv6ExtHdrFragment(id=1),
        IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(type=4, segleft=0)
        / IPv6ExtHdrFragment(id=2) / IPv6ExtHdrDestOpt(),
    ]


def with_headers(client: Client, packet: Packet) -> list[Packet]:
    """The packet behind every kind of additional header."""
    if client.family is V4:
        return [client.ip(**fields) / packet.payload for fields in options()]
    return [client.ip() / header / packet.payload for header in extensions()]


def test_additional_headers_are_stepped_over(guest: Guest, family: Family,
                                             doors: Firewall) -> None:
    kinds = len(with_headers(guest.client(family), guest.client(family).tcp(1)))
    clients = [guest.client(family) for _ in range(kinds)]
    for kind, client in enumerate(clients):
        knocks = (client.tcp(2002), client.udp(2001), client.udp(2000, token(guest, client)))
        guest.wire.send(*(with_headers(client, knock)[kind] for knock in knocks))
    guest.wire.settle()
    for door in ("TCP", "UDP", "SPA"):
        assert inside(guest, door) == {client.address for client in clients}
    # The second and the third knock each came from who was in already at the doors before.
    assert counted(doors) == [2 * kinds, 2 * kinds, kinds, 0]
    for kind, client in enumerate(clients):
        guest.wire.send(with_headers(client, client.udp(9))[kind])
    guest.wire.settle()
    assert counted(doors) == [3 * kinds, 3 * kinds, 2 * kinds, kinds]


@pytest.mark.parametrize("family", [V6], ids=str, indirect=True)
def test_nothing_is_seen_behind_headers_that_cannot_be_passed(
        guest: Guest, client: Client, doors: Firewall) -> None:
    client.knock("tcp/2002")
    stranger = guest.client(V6)
    too_long = bytes([6, 255]) + bytes(6)
    for sender in (client, stranger):
        guest.wire.send(
            carry(sender, 59, SYN), carry(sender, 50, SYN), carry(sender, 58, SYN),
            carry(sender, 60, too_long + SYN), carry(sender, 60, bytes([6])),
            carry(sender, 43, too_long + SYN), carry(sender, 44, bytes([6, 0, 0])))
    guest.wire.settle()
    assert inside(guest, "TCP") == {client.address}
    assert counted(doors) == [0, 0, 0, 0]


# Fragments. What conntrack makes of them is one packet in more than one buffer.


def test_conntrack_makes_one_packet_of_fragments(guest: Guest, family: Family,
                                                 doors: Firewall) -> None:
    doors.append("PREROUTING -m state --state ESTABLISHED", table="mangle")
    clients = [guest.client(family) for _ in range(4)]
    for number, client in enumerate(clients):
        size = 8 if number < 2 else 24
        pieces = fragments(client, client.udp(2000, token(guest, client)), size, number)
        client.wire.send(*(reversed(pieces) if number % 2 else pieces))
    guest.wire.settle()
    assert inside(guest, "SPA") == {client.address for client in clients}
    client = clients[0]
    client.wire.send(*fragments(client, client.udp(9, bytes(1000)), 64, 9))
    guest.wire.settle()
    assert counted(doors) == [0, 0, 0, 1]


def test_conntrack_makes_one_knock_of_fragments(guest: Guest, client: Client, family: Family,
                                                doors: Firewall) -> None:
    doors.append("PREROUTING -m state --state ESTABLISHED", table="mangle")
    # IPv6 wants the whole transport header in the first fragment.
    size = 8 if family is V4 else 24
    client.wire.send(*fragments(client, client.tcp(2002, payload=bytes(40)), size, 1))
    client.wire.settle()
    assert inside(guest, "TCP") == {client.address}


def test_overlapping_fragments_are_no_token(guest: Guest, client: Client,
                                            doors: Firewall) -> None:
    doors.append("PREROUTING -m state --state ESTABLISHED", table="mangle")
    packet = client.udp(2000, token(guest, client))
    whole = bytes(packet)[-73:]
    client.wire.send(fragment(client, 17, whole[:32], 0, True, 7),
                     fragment(client, 17, whole[24:], 24, False, 7))
    client.wire.settle()
    assert inside(guest, "SPA") == set()
    client.wire.send(packet)
    client.wire.settle()
    assert inside(guest, "SPA") == {client.address}


def test_without_conntrack_a_later_fragment_is_nothing(guest: Guest, client: Client,
                                                       doors: Firewall, family: Family) -> None:
    client.knock("tcp/2002")
    stranger = guest.client(family)
    for sender in (client, stranger):
        # What a later fragment carries is no header, whatever it looks like.
        guest.wire.send(fragment(sender, 6, SYN, 64, False, 1),
                        fragment(sender, 6, SYN, 64, True, 2),
                        fragment(sender, 17, datagram(8), 8, False, 3),
                        # The first one has too little of it.
                        fragment(sender, 6, SYN[:8], 0, True, 4),
                        fragment(sender, 17, datagram(8)[:7], 0, True, 5))
    guest.wire.settle()
    assert (inside(guest, "TCP"), inside(guest, "UDP")) == ({client.address}, set())
    assert counted(doors) == [0, 0, 0, 0]


@pytest.mark.kernel(min="5.13", reason="conntrack's last rule leaves fragments being reassembled")
def test_without_conntrack_a_token_in_pieces_opens_nothing(guest: Guest, client: Client) -> None:
    packet = client.udp(2000, token(guest, client))
    for size in (8, 24, 72):
        client.wire.send(*fragments(client, packet, size, size))
    client.wire.settle()
    assert guest.door("SPA") == []
    client.wire.send(packet)
    client.wire.settle()
    assert inside(guest, "SPA") == {client.address}


# Content


def test_no_datagram_but_the_token_opens(guest: Guest, client: Client, doors: Firewall) -> None:
    chance = random.Random(65)
    truth = token(guest, client)
    wrong = [chance.randbytes(chance.choice([65, 64, 66, chance.randrange(1400)]))
             for _ in range(2000)]
    wrong += [bytes(chance.choices(b"0123456789abcdef", k=65)) for _ in range(500)]
    for at in range(64):
        for digit in (truth[at] ^ 1, truth[at] ^ 0x20, 0, 0xff):
            wrong.append(truth[:at] + bytes([digit]) + truth[at + 1:])
    guest.wire.flood(ethernet(client.udp(2000, payload)) for payload in wrong)
    guest.wire.settle()
    assert guest.door("SPA") == []
    client.datagram(2000, truth)
    assert inside(guest, "SPA") == {client.address}
    assert counted(doors) == [0, 0, 0, 0]


def test_datagrams_of_any_content_match_at_an_open_door(guest: Guest, client: Client,
                                                        doors: Firewall) -> None:
    client.datagram(2000, token(guest, client))
    chance = random.Random(2000)
    ports = [chance.choice([2000, 9]) for _ in range(2000)]
    guest.wire.flood(
        ethernet(client.udp(port, chance.randbytes(chance.choice([65, chance.randrange(1400)]))))
        for port in ports)
    guest.wire.settle()
    assert counted(doors) == [0, 0, 0, ports.count(9)]
    assert inside(guest, "SPA") == {client.address}


def noise(client: Client, chance: random.Random) -> Packet:
    """Something that has an IP header in front."""
    fields = {}
    if client.family is V4:
        fields = {"flags": chance.choice([0, 0, "MF"]), "frag": chance.choice([0, 0, 1, 8000])}
        if chance.random() < 0.3:
            length = chance.randrange(1, 9) * 4
            fields["options"] = [IPOption(copy_flag=0, optclass=0, option=chance.randrange(2, 32),
                                          length=length, value=chance.randbytes(length - 2))]
    protocols = [6, 17, 1] if client.family is V4 else [6, 17, 0, 43, 44, 51, 60, 58, 59]
    protocol = chance.choice([*protocols, chance.randrange(256)])
    return carry(client, protocol, chance.randbytes(chance.choice([*range(40), 200, 1400])),
                 **fields)


def test_noise_does_not_match_and_does_no_harm(guest: Guest, family: Family,
                                               doors: Firewall) -> None:
    chance = random.Random(4)
    stranger, client = guest.client(family), guest.client(family)
    guest.wire.flood(ethernet(noise(stranger, chance)) for _ in range(2000))
    guest.wire.settle()
    assert counted(doors) == [0, 0, 0, 0]
    client.knock("tcp/2002")
    guest.wire.flood(ethernet(noise(client, chance)) for _ in range(2000))
    guest.wire.settle()
    assert inside(guest, "TCP") == {client.address}
    matched = counted(doors)
    # Some of the noise is TCP or UDP of a kind.
    assert 0 < matched[AT_TCP] == matched[CHECK] < 1500
    assert matched[AT_UDP] == matched[AT_SPA] == 0


# Sources


# What the stack lets in as far as this; IPv6 drops multicast sources and foreign loopback.
ODD = {
    V4: ["0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "240.0.0.1", "127.0.0.1",
         "192.0.2.2", "169.254.1.1"],
    V6: ["::", "::ffff:192.0.2.2", "::192.0.2.2", "fe80::1", "2001:db8::2", "fc00::1"],
}


def test_odd_sources_are_sources_like_others(guest: Guest, family: Family) -> None:
    odd = [Client(guest.wire, family, address) for address in ODD[family]]
    guest.wire.send(*(client.tcp(2002) for client in odd))
    guest.wire.settle()
    assert {family.packed(address) for address in inside(guest, "TCP")} == {
        family.packed(address) for address in ODD[family]}


# Buffers


def test_large_datagram_is_one_packet(guest: Guest, doors: Firewall, family: Family) -> None:
    loopback = "127.0.0.1" if family is V4 else "[::1]"
    # Nobody listens, which a connected socket would be told, and socat fail with. From a file:
    # what comes through a pipe may be read, and sent, in pieces.
    guest.run(f"echo | socat -u - UDP-SENDTO:{loopback}:2001;"
              "head -c 60000 /dev/zero >/tmp/large;"
              f"socat -u -b 60000 OPEN:/tmp/large,rdonly UDP-SENDTO:{loopback}:9")
    assert inside(guest, "UDP") == {loopback.strip("[]")}
    assert counted(doors) == [0, 0, 1, 0]
