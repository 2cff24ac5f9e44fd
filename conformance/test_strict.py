# SPDX-License-Identifier: GPL-2.0-or-later
"""What a wrong knock does, with --strict and without."""

import pytest

from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest, Peer
from harness.marks import NFT, V4_ONLY
from harness.net import Family

PORTS = "-m pknock --knockports 2002,2001,2004 --name SSH"
STRICT = f"INPUT -p tcp {PORTS} --strict"


@NFT
@V4_ONLY
@pytest.mark.spec("M4")
def test_wrong_knock_starts_over_and_is_not_itself_the_first(client: Client, firewall: Firewall,
                                                             guest: Guest) -> None:
    firewall.append(STRICT)
    client.knock(2002, 2001, 2002)
    assert guest.door("SSH") == [Peer(client.address, "TCP", "INIT", 0, None, None)]
    client.knock(2001, 2004)
    assert guest.standings("SSH") == {client.address: ("INIT", 0)}
    client.knock(2002, 2001, 2004)
    assert guest.door("SSH") == [Peer(client.address, "TCP", "ALLOWED", 3, None, None)]


@NFT
@V4_ONLY
@pytest.mark.spec("M2", "M4")
def test_strict_forgets_what_came_before_a_wrong_knock(firewall: Firewall, guest: Guest,
                                                       family: Family) -> None:
    firewall.append(STRICT)
    leads_to = {(2002, 2004, 2001): ("INIT", 0), (2001, 2002, 2004): ("INIT", 0),
                (2001, 2004, 2002): ("MATCHING", 1), (2004, 2002, 2001): ("MATCHING", 2),
                (2004, 2001, 2002): ("MATCHING", 1)}
    clients = {order: guest.client(family) for order in leads_to}
    for order, client in clients.items():
        client.knock(*order)
    assert guest.standings("SSH") == {client.address: leads_to[order]
                                      for order, client in clients.items()}


@NFT
@pytest.mark.spec("M4")
def test_every_port_but_the_next_is_wrong(firewall: Firewall, guest: Guest,
                                          family: Family) -> None:
    firewall.append(STRICT)
    wrong = (22, 1, 2002, 2004, 65535)
    clients = {port: guest.client(family) for port in wrong}
    for port, client in clients.items():
        client.knock(2002, port)
    assert guest.standings("SSH") == {client.address: ("INIT", 0) for client in clients.values()}


@NFT
@V4_ONLY
@pytest.mark.spec("M4")
def test_without_strict_wrong_knocks_are_ignored(client: Client, firewall: Firewall,
                                                 guest: Guest) -> None:
    firewall.append(f"INPUT -p tcp {PORTS}")
    client.knock(2002, 2004, 22, 2002, 1, 2001, 2001, 2002, 65535)
    assert guest.standings("SSH") == {client.address: ("MATCHING", 2)}
    client.knock(2004)
    assert guest.standings("SSH") == {client.address: ("ALLOWED", 3)}


@NFT
@V4_ONLY
@pytest.mark.spec("M4")
def test_exact_retransmission_is_not_a_wrong_knock(client: Client, firewall: Firewall,
                                                   guest: Guest) -> None:
    firewall.append(STRICT)
    first, second = client.tcp(2002), client.tcp(2001)
    client.wire.send(first, first, second, second, second)
    client.wire.settle()
    assert guest.standings("SSH") == {client.address: ("MATCHING", 2)}
    client.wire.send(client.tcp(2004), second, first)
    client.wire.settle()
    assert guest.standings("SSH") == {client.address: ("ALLOWED", 3)}


@NFT
@V4_ONLY
@pytest.mark.spec("M4")
def test_what_only_resembles_a_retransmission_is_wrong(firewall: Firewall, guest: Guest,
                                                       family: Family) -> None:
    firewall.append(STRICT)
    sequence_number, source_port, older = (guest.client(family) for _ in range(3))
    for client in (sequence_number, source_port, older):
        client.wire.send(client.tcp(2002, sport=4000, seq=7), client.tcp(2001, sport=4001, seq=8))
    guest.wire.send(sequence_number.tcp(2001, sport=4001, seq=9),
                    source_port.tcp(2001, sport=4002, seq=8),
                    older.tcp(2002, sport=4000, seq=7))
    guest.wire.settle()
    assert guest.standings("SSH") == {client.address: ("INIT", 0) for client in
                                      (sequence_number, source_port, older)}


@NFT
@V4_ONLY
@pytest.mark.spec("M4")
def test_repeated_datagram_is_a_wrong_knock(client: Client, firewall: Firewall,
                                            guest: Guest) -> None:
    firewall.append(f"INPUT -p udp {PORTS} --strict")
    datagram = client.udp(2002)
    client.wire.send(datagram, datagram)
    client.wire.settle()
    assert guest.door("SSH") == [Peer(client.address, "UDP", "INIT", 0, None, None)]


@NFT
@V4_ONLY
@pytest.mark.spec("M3", "M4")
def test_what_is_no_knock_is_no_wrong_knock(client: Client, firewall: Firewall,
                                            guest: Guest) -> None:
    firewall.append("INPUT -m pknock --knockports tcp/2002,tcp/2001 --name SSH --strict")
    client.knock(2002)
    client.wire.send(client.tcp(22, flags="A"), client.tcp(22, flags="SA"),
                     client.tcp(22, flags="R"), client.tcp(22, flags="FA"), client.udp(9, b"text"))
    client.wire.settle()
    assert guest.standings("SSH") == {client.address: ("MATCHING", 1)}
    client.knock(2001)
    assert guest.standings("SSH") == {client.address: ("ALLOWED", 2)}


@NFT
@V4_ONLY
@pytest.mark.spec("M4")
def test_traffic_to_an_open_door_never_resets_it(client: Client, firewall: Firewall,
                                                 guest: Guest) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.append(f"{STRICT} -m tcp --dport 22 -j ACCEPT")
    client.knock(2002, 2001, 2004)
    opened = [Peer(client.address, "TCP", "ALLOWED", 3, None, None)]
    client.knock(2004, 9, 2001, 2002, 22, 2002, 2002)
    assert guest.door("SSH") == opened
    assert client.connect(22) is Answer.OPEN
    client.knock(2002, 2001, 2004)
    assert guest.door("SSH") == opened
