# SPDX-License-Identifier: GPL-2.0-or-later
"""Who a sequence of knocks lets in, and what a knock is."""

import itertools

import pytest
from scapy.layers.inet import ICMP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest
from scapy.packet import Packet, Raw

from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest, Peer
from harness.marks import NFT, V4_ONLY
from harness.net import V4, Family

SEQUENCE = (2002, 2001, 2004)
KNOCK_RULE = "INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SSH"
SEEDS_RULE = ("INPUT -p tcp -m state --state NEW"
              " -m pknock --knockports 2002,2001,2004 --name SSH -m tcp --dport 22 -j ACCEPT")

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
ALL_FLAGS = range(0x100)  # with PSH, URG, ECE and CWR

# Of each order but the right one: how far a source comes that knocks in it.
PROGRESS = {
    (2002, 2004, 2001): 2,
    (2001, 2002, 2004): 1,
    (2001, 2004, 2002): 1,
    (2004, 2002, 2001): 2,
    (2004, 2001, 2002): 1,
}


@pytest.mark.spec("M1", "M2")
def test_right_sequence_opens_for_its_source_alone(client: Client, firewall: Firewall,
                                                   guest: Guest, family: Family) -> None:
    stranger = guest.client(family)
    firewall.drop_by_default()
    firewall.append(SEEDS_RULE)
    assert client.connect(22) is Answer.SILENCE
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.SILENCE
    client.knock(2004)
    assert client.connect(22) is Answer.OPEN
    assert client.connect(22) is Answer.OPEN
    assert client.connect(23) is Answer.SILENCE
    assert stranger.connect(22) is Answer.SILENCE
    assert guest.door("SSH") == [Peer(client.address, "TCP", "ALLOWED", 3, None, None)]


@NFT
@pytest.mark.spec("M2")
def test_no_other_order_opens(firewall: Firewall, guest: Guest, family: Family) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.append(f"{KNOCK_RULE} -m tcp --dport 22 -j ACCEPT")
    assert set(PROGRESS) == set(itertools.permutations(SEQUENCE)) - {SEQUENCE}
    clients = {order: guest.client(family) for order in PROGRESS}
    for order, client in clients.items():
        client.knock(*order)
    assert guest.standings("SSH") == {clients[order].address: ("MATCHING", count)
                                      for order, count in PROGRESS.items()}
    for client in clients.values():
        assert client.connect(22) is Answer.SILENCE


@NFT
@V4_ONLY
@pytest.mark.spec("M2")
def test_knocks_of_two_sources_do_not_add_up(client: Client, firewall: Firewall, guest: Guest,
                                             family: Family) -> None:
    other = guest.client(family)
    firewall.append(KNOCK_RULE)
    client.knock(2002)
    other.knock(2001, 2004)
    client.knock(2001)
    other.knock(2004)
    assert guest.standings("SSH") == {client.address: ("MATCHING", 2)}


@NFT
@pytest.mark.spec("M1")
def test_knock_never_matches_even_at_an_open_door(client: Client, firewall: Firewall) -> None:
    firewall.append(KNOCK_RULE)
    firewall.append("INPUT -p udp -m pknock --knockports 2001 --name ONE")
    client.knock(*SEQUENCE, "udp/2001")
    client.knock(*SEQUENCE, "udp/2001", "udp/2001")
    assert firewall.counters() == [0, 0]
    client.knock(22, "udp/7")
    assert firewall.counters() == [1, 1]


@NFT
@V4_ONLY
@pytest.mark.spec("M1")
def test_retransmitted_last_knock_does_not_use_up_once(client: Client, firewall: Firewall,
                                                       guest: Guest) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH --once"
                    " -m tcp --dport 22 -j ACCEPT")
    last = client.tcp(2001)
    client.wire.send(client.tcp(2002), last, last, last)
    client.wire.settle()
    assert guest.standings("SSH") == {client.address: ("ALLOWED", 2)}
    assert client.connect(22) is Answer.OPEN
    assert client.connect(22) is Answer.SILENCE
    assert guest.door("SSH") == []


@NFT
@pytest.mark.spec("M1")
def test_of_many_packets_once_lets_exactly_one_through(client: Client, firewall: Firewall,
                                                       guest: Guest, family: Family) -> None:
    stays = guest.client(family)
    firewall.append(f"{KNOCK_RULE} -j DROP")
    firewall.append("INPUT -p tcp --dport 22 -m pknock --checkip --name SSH --once -j ACCEPT")
    firewall.append("INPUT -p tcp --dport 22 -j DROP")
    client.knock(*SEQUENCE)
    stays.knock(*SEQUENCE)
    firewall.delete(f"{KNOCK_RULE} -j DROP")
    client.wire.send(*(client.tcp(22) for _ in range(20)))
    client.wire.settle()
    assert firewall.counters() == [1, 19]
    assert guest.standings("SSH") == {stays.address: ("ALLOWED", 3)}


@NFT
@pytest.mark.spec("M2")
def test_last_knock_opens_before_the_next_packet(firewall: Firewall, guest: Guest,
                                                 family: Family) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.append(f"{KNOCK_RULE} -m tcp --dport 22 -j ACCEPT")
    clients = [guest.client(family) for _ in range(100)]
    guest.wire.send(*(client.tcp(port) for client in clients for port in (*SEQUENCE, 22)))
    guest.wire.settle()
    assert firewall.counters() == [len(clients)]


@NFT
@V4_ONLY
@pytest.mark.spec("M2")
def test_one_port_and_fifteen_ports(client: Client, firewall: Firewall, guest: Guest) -> None:
    ports = range(3001, 3016)
    listed = ",".join(map(str, ports))
    firewall.append("INPUT -p tcp -m pknock --knockports 2001 --name ONE")
    firewall.append(f"INPUT -p tcp -m pknock --knockports {listed} --name FIFTEEN")
    client.knock(2001, *ports[:-1])
    assert guest.standings("ONE") == {client.address: ("ALLOWED", 1)}
    assert guest.standings("FIFTEEN") == {client.address: ("MATCHING", 14)}
    client.knock(ports[-1])
    assert guest.standings("FIFTEEN") == {client.address: ("ALLOWED", 15)}


@NFT
@V4_ONLY
@pytest.mark.spec("M2")
def test_repeated_port_takes_as_many_knocks(client: Client, firewall: Firewall,
                                            guest: Guest) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2001,2001,2002 --name TWICE")
    segment = client.tcp(2001)
    client.wire.send(segment, segment, segment, client.tcp(2002))
    client.wire.settle()
    assert guest.standings("TWICE") == {client.address: ("MATCHING", 1)}
    client.knock(2001)
    assert guest.standings("TWICE") == {client.address: ("MATCHING", 2)}
    client.knock(2002)
    assert guest.standings("TWICE") == {client.address: ("ALLOWED", 3)}


@NFT
@pytest.mark.spec("M3")
def test_only_syn_without_ack_rst_fin_knocks(firewall: Firewall, guest: Guest,
                                             family: Family) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2001 --name FLAGS")
    clients = {flags: guest.client(family) for flags in ALL_FLAGS}
    guest.wire.send(*(client.tcp(2001, flags=flags) for flags, client in clients.items()))
    guest.wire.settle()
    knocked = {client.address for flags, client in clients.items()
               if flags & SYN and not flags & (ACK | RST | FIN)}
    assert len(knocked) == 16
    assert {peer.src for peer in guest.door("FLAGS")} == knocked


@NFT
@pytest.mark.spec("M3")
def test_datagram_of_any_length_knocks(firewall: Firewall, guest: Guest, family: Family) -> None:
    firewall.append("INPUT -p udp -m pknock --knockports 2002,2001 --name UDP")
    lengths = (0, 1, 7, 8, 64, 65, 66, 512, 1400)
    clients = {length: guest.client(family) for length in lengths}
    for length, client in clients.items():
        client.wire.send(client.udp(2002, bytes(length)), client.udp(2001, bytes(length)))
    guest.wire.settle()
    assert ({(peer.src, peer.proto, peer.status) for peer in guest.door("UDP")}
            == {(client.address, "UDP", "ALLOWED") for client in clients.values()})


@NFT
@pytest.mark.spec("M2", "M3")
def test_mixed_sequence_wants_each_port_by_its_protocol(client: Client, firewall: Firewall,
                                                        guest: Guest, family: Family) -> None:
    wrong = guest.client(family)
    firewall.policy("INPUT", "DROP")
    firewall.append("INPUT -m pknock --knockports tcp/2002,udp/2001,tcp/2004 --name MIX -j ACCEPT")
    client.knock(2002, 2001)
    wrong.knock("udp/2002", 2001, "udp/2004")
    assert guest.standings("MIX") == {client.address: ("MATCHING", 1)}
    client.knock("udp/2001", "udp/2004")
    assert guest.standings("MIX") == {client.address: ("MATCHING", 2)}
    client.knock(2004)
    assert guest.standings("MIX") == {client.address: ("ALLOWED", 3)}
    assert client.connect(22) is Answer.OPEN


def _strangers_to_the_match(client: Client) -> list[Packet]:
    """Packets of other protocols, some of which could be taken for the knock on 2001."""
    disguise = bytes(TCP(sport=4000, dport=2001, flags="S")), bytes(UDP(dport=2001))
    if client.family is V4:
        echo, field = client.ip() / ICMP() / Raw(bytes(8)), "proto"
    else:
        echo, field = client.ip() / ICMPv6EchoRequest(data=bytes(8)), "nh"
    protocols = (2, 47, 50, 51, 132, 136, 253)  # IGMP, GRE, ESP, AH, SCTP, UDP-Lite, a test's
    return [echo, *(client.ip(**{field: number}) / Raw(body)
                    for number in protocols for body in disguise)]


@NFT
@pytest.mark.spec("M3")
def test_other_protocols_neither_knock_nor_match(client: Client, firewall: Firewall,
                                                 guest: Guest) -> None:
    firewall.append("INPUT -m pknock --knockports tcp/2001,udp/2001 --name D")
    firewall.append("INPUT -m pknock --checkip --name D")
    client.wire.send(*_strangers_to_the_match(client))
    client.wire.settle()
    assert guest.door("D") == []
    client.knock("tcp/2001", "udp/2001")
    client.wire.send(*_strangers_to_the_match(client))
    client.wire.settle()
    # The last knock is the first packet that finds the door open: it reaches the second rule.
    assert firewall.counters() == [0, 1]


@NFT
@V4_ONLY
@pytest.mark.spec("M1")
def test_any_other_packet_of_an_open_source_matches(client: Client, firewall: Firewall) -> None:
    firewall.append("INPUT -m pknock --knockports tcp/2001 --name D")
    client.knock(2001)
    packets = [client.tcp(2001, flags=flags) for flags in ALL_FLAGS
               if not flags & SYN or flags & (ACK | RST | FIN)]
    client.wire.send(*packets, client.tcp(2002), client.udp(2001), client.udp(9, b"text"))
    client.wire.settle()
    assert firewall.counters() == [len(packets) + 3]
