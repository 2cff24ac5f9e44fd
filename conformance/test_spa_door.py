# SPDX-License-Identifier: GPL-2.0-or-later
"""SPA v1: what becomes of a door that a token opened."""

import pytest

from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest, Peer
from harness.net import FAMILIES, V4, V6, Family
from harness.poll import until
from harness.spa_door import (CLOSE, MINUTE, NAME, PORT, check_rule, close_door, door, knock_rule,
                              open_door, passes, rule_set, token)

# A network, two of its hosts and a stranger, by family.
NETWORKS = {V4: (24, "198.51.100.0", "198.51.100.7", "198.51.100.200", "198.51.101.7"),
            V6: (64, "2001:db8:2:3::", "2001:db8:2:3::7", "2001:db8:2:3:ff::", "2001:db8:2:4::7")}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def backend() -> str:
    """Packets do not differ between backends."""
    return "nft"


@pytest.mark.spec("M7")
def test_close_token_closes_at_any_udp_port(client: Client, firewall: Firewall) -> None:
    firewall.restore(door("--skew 5"))
    for number, port in enumerate((PORT, 53, 1, 65535)):
        open_door(client, MINUTE + number)
        assert passes(client)
        close_door(client, MINUTE + number, port)
        assert not passes(client), port


@pytest.mark.spec("M7")
def test_close_token_does_nothing_at_a_closed_door(client: Client, firewall: Firewall,
                                                   guest: Guest) -> None:
    firewall.restore(door())
    close_door(client)
    close_door(client, port=53)
    assert not passes(client)
    assert guest.door(NAME) == []
    open_door(client)
    assert passes(client)
    close_door(client)
    assert not passes(client)


@pytest.mark.spec("M7")
def test_close_token_closes_for_its_source_only(client: Client, firewall: Firewall,
                                                guest: Guest) -> None:
    firewall.restore(door())
    other = guest.client(client.family)
    open_door(client)
    open_door(other)
    other.datagram(PORT, token(client, secret=CLOSE))
    assert passes(other) and passes(client)
    close_door(client)
    assert passes(other)
    assert not passes(client)


@pytest.mark.spec("M7", "A2")
def test_spent_close_token_does_not_close_again(client: Client, firewall: Firewall) -> None:
    firewall.restore(door())
    open_door(client)
    close_door(client)
    open_door(client, MINUTE + 1)
    close_door(client)
    close_door(client, port=53)
    assert passes(client)
    close_door(client, MINUTE + 1)
    assert not passes(client)


@pytest.mark.spec("M7")
def test_open_and_close_tokens_are_not_exchangeable(client: Client, firewall: Firewall) -> None:
    firewall.restore(door())
    open_door(client)
    open_door(client, MINUTE + 1, port=53)
    assert passes(client)
    close_door(client)
    assert not passes(client)
    client.datagram(PORT, token(client, MINUTE + 1, CLOSE))
    assert not passes(client)
    open_door(client, MINUTE + 1)
    assert passes(client)


@pytest.mark.spec("M1", "M7")
def test_tokens_never_match_and_other_packets_of_an_open_source_do(client: Client,
                                                                   firewall: Firewall) -> None:
    firewall.restore(rule_set(knock_rule()))

    datagrams = ((53, b"not open yet", 0),
                 (PORT, token(client), 0),
                 (53, b"an open source's", 1),
                 (PORT, b"an open source's, but a knock", 1),
                 (53, token(client), 2),
                 (PORT, token(client, MINUTE + 1), 2),
                 (53, token(client, secret=CLOSE), 2),
                 (53, b"not open any more", 2))
    for port, payload, matched in datagrams:
        client.datagram(port, payload)
        assert firewall.counters() == [matched], (port, payload)


@pytest.mark.spec("M6", "P1")
def test_open_token_gives_the_time_of_its_rule(client: Client, firewall: Firewall,
                                               guest: Guest) -> None:
    firewall.restore(door("--autoclose 3"))
    open_door(client)
    [peer] = guest.door(NAME)
    assert peer.autoclose in (179, 180)
    assert peer == Peer(client.address, "UDP", "ALLOWED", 1, None, peer.autoclose)


@pytest.mark.spec("M1", "M8")
def test_families_share_a_door_but_no_source(guest: Guest) -> None:
    clients = [guest.client(family) for family in FAMILIES]
    for family in FAMILIES:
        Firewall(guest, "nft", family).restore(door())
    for number, client in enumerate(clients):
        assert [passes(one) for one in clients] == [True] * number + [False] * (2 - number)
        open_door(client)
    assert [passes(one) for one in clients] == [True, True]
    assert {peer.src for peer in guest.door(NAME)} == {one.address for one in clients}
    close_door(clients[0])
    assert [passes(one) for one in clients] == [False, True]


@pytest.mark.spec("M13", "M7")
def test_two_rules_of_a_door_keep_their_secrets_and_times(client: Client, firewall: Firewall,
                                                          guest: Guest) -> None:
    firewall.restore(rule_set(
        knock_rule("--ttl 100", target=""),
        knock_rule("--ttl 200", port=3000, open_secret="second", close_secret="second close"),
        check_rule()))
    client.datagram(PORT, token(client, secret="second"))
    open_door(client, port=3000)
    assert not passes(client)
    client.datagram(3000, token(client, secret="second"))
    [peer] = guest.door(NAME)
    assert 190 < peer.autoclose <= 200
    open_door(client)
    [peer] = guest.door(NAME)
    assert 90 < peer.autoclose <= 100
    client.datagram(53, token(client, secret="second close"))
    assert not passes(client)


@pytest.mark.spec("M13")
def test_token_and_sequence_open_one_door(client: Client, firewall: Firewall,
                                          guest: Guest) -> None:
    sequence = f"-p tcp -m pknock --knockports 2002,2001 --name {NAME} --strict -j DROP"
    firewall.restore(rule_set(sequence, knock_rule("--strict"), check_rule()))
    client.knock(2002)
    open_door(client)
    assert ("ALLOWED", 1) in [(peer.status, peer.count) for peer in guest.door(NAME)]
    close_door(client)
    assert [(peer.status, peer.count) for peer in guest.door(NAME)] == [("MATCHING", 1)]
    client.knock(2001)
    assert [(peer.status, peer.count) for peer in guest.door(NAME)] == [("ALLOWED", 2)]
    close_door(client, MINUTE + 1)
    assert guest.door(NAME) == []


@pytest.mark.spec("S1", "P1")
def test_mask_opens_for_a_network_by_the_token_of_a_host(firewall: Firewall, guest: Guest,
                                                         family: Family) -> None:
    bits, *addresses = NETWORKS[family]
    network, host, neighbour, stranger = (Client(guest.wire, family, address)
                                          for address in addresses)
    mask = f"--mask {bits}"
    firewall.restore(rule_set(knock_rule(mask), check_rule(mask)))
    host.datagram(PORT, token(network))
    neighbour.datagram(PORT, token(host))
    assert not passes(host) and not passes(neighbour)
    open_door(host)
    assert passes(host) and passes(neighbour)
    assert not passes(stranger)
    [peer] = guest.door(NAME)
    assert peer == Peer(f"{network.address}/{bits}", "UDP", "ALLOWED", 1, None, None)
    close_door(stranger)
    assert passes(host)
    close_door(neighbour)
    assert not passes(host) and not passes(neighbour)


def answers(client: Client, count: int) -> int:
    """How many of some SYNs, sent at once, are answered."""
    attempts = [client.tcp(22) for _ in range(count)]
    replies = client.wire.replies(*attempts)
    return sum(client.answer(attempt, replies) is Answer.OPEN for attempt in attempts)


@pytest.mark.spec("M1", "S1")
def test_once_lets_one_packet_through_for_each_token(client: Client, firewall: Firewall,
                                                     guest: Guest) -> None:
    firewall.restore(rule_set(knock_rule(), check_rule("--once")))
    for number in range(2):
        open_door(client, MINUTE + number)
        assert answers(client, 5) == 1
        assert guest.door(NAME) == []
    assert firewall.counters() == [0, 2]


@pytest.mark.spec("M1", "S1")
def test_once_of_a_knock_rule_is_not_used_up_by_knocks(client: Client, firewall: Firewall) -> None:
    rule = knock_rule("--once", port="udp/2000", target="-j ACCEPT")
    firewall.restore(rule_set(rule.removeprefix("-p udp ")))
    open_door(client)
    open_door(client, MINUTE + 1)
    client.datagram(PORT, b"a knock all the same")
    assert firewall.counters() == [0]
    assert answers(client, 5) == 1
    assert firewall.counters() == [1]


@pytest.mark.spec("A2")
def test_fresh_token_renews_and_a_replay_does_not(guest: Guest) -> None:
    clients = [guest.client(family) for family in FAMILIES]
    for family in FAMILIES:
        Firewall(guest, "nft", family).restore(door("--ttl 100"))
    for client in clients:
        open_door(client)
    until(lambda: max(peer.autoclose for peer in guest.door(NAME)) <= 97)
    for client in clients:
        open_door(client)
    assert all(peer.autoclose <= 97 for peer in guest.door(NAME))
    for client in clients:
        open_door(client, MINUTE + 1)
    assert all(peer.autoclose > 97 for peer in guest.door(NAME))
