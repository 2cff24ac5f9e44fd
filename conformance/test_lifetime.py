# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules that go, come back and change, and what becomes of those who knocked."""

import pytest

from harness.client import Answer, Client
from harness.comeback import LINGER, TABLE, sequence
from harness.firewall import Firewall
from harness.guest import Guest, Peer
from harness.marks import NFT, V4_ONLY
from harness.net import V4, Family
from harness.netns import Namespace
from harness.newborn import Newborn
from harness.poll import until
from harness.spa_door import (CLOSE, MINUTE, check_rule, close_door, door, knock_rule, open_door,
                              passes, rule_set, set_minute, token)


def opened(client: Client, count: int, protocol: str = "TCP") -> Peer:
    """The line of a client that the door is open for, for ever."""
    return Peer(client.address, protocol, "ALLOWED", count, None, None)


# Namespaces


@pytest.mark.spec("M8")
def test_namespaces_do_not_share_doors(firewall: Firewall, guest: Guest, family: Family) -> None:
    names = ["here", "there"]
    address = guest.client(family).address
    here, there = (Namespace(guest, name).client(family, address) for name in names)
    for name in [*names, None]:
        firewall.restore(rule_set(sequence("2002,2001")), netns=name)
    here.knock(2002, 2001)
    there.knock(2002)

    # Nobody listens in there: the answer of an open door is a reset.
    assert here.connect(22) is Answer.CLOSED
    assert there.connect(22) is Answer.SILENCE
    assert guest.door("SSH", "here") == [opened(here, 2)]
    [half] = guest.door("SSH", "there")
    assert (half.src, half.status, half.count) == (here.address, "MATCHING", 1)
    assert guest.door("SSH") == []
    there.knock(2001)
    assert there.connect(22) is Answer.CLOSED


# Rules that go and come back


def every_option(family: Family) -> list[str]:
    """Rules that together have every option, as iptables-save prints them."""
    bits = 24 if family is V4 else 64
    return [
        "INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH -m tcp --dport 22 -j ACCEPT",
        "INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SLOW --time 300 --strict"
        " --autoclose 60 --max-peers 100 -m tcp --dport 22 -j ACCEPT",
        "INPUT -m pknock --knockports tcp/3000,udp/3000 --name MIXED --ttl 90 --mask"
        f" {bits} --once -j ACCEPT",
        "INPUT -p udp -m pknock --knockports 2000 --name SPA --skew 5 --opensecret"
        r' "two words" --closesecret "it\'s" -j DROP',
        f"INPUT -m pknock --checkip --name MIXED --mask {bits} --once -j ACCEPT",
    ]


@pytest.mark.spec("M9", "M10")
def test_reload_closes_nothing_and_forgets_nothing(client: Client, firewall: Firewall,
                                                   guest: Guest, family: Family) -> None:
    rules = every_option(family)
    firewall.restore(rule_set(*(rule.removeprefix("INPUT ") for rule in rules)))
    client.knock(2002, 2001)
    saved = firewall.save()
    firewall.flush()
    firewall.restore(saved)

    assert firewall.rules() == rules
    assert guest.door("SSH") == [opened(client, 2)]
    [half] = guest.door("SLOW")
    assert (half.src, half.status, half.count) == (client.address, "MATCHING", 2)
    assert passes(client)
    client.knock(2004)
    [whole] = guest.door("SLOW")
    assert (whole.src, whole.status, whole.count) == (client.address, "ALLOWED", 3)


@pytest.mark.spec("M9")
@pytest.mark.late
def test_door_is_kept_for_a_minute(newborn: Newborn) -> None:
    guest, comeback = newborn.guest, newborn.comeback
    back, gone = map(float, comeback.watch.wait(2 * LINGER).stdout.split())
    assert back - comeback.before < LINGER, "this machine is too slow to tell"
    assert LINGER <= gone - comeback.before and gone - comeback.after < LINGER + 5
    lost = {name for name in comeback.doors if name.startswith("LOST")}
    assert guest.doors() & comeback.doors == comeback.doors - lost

    for client in comeback.clients:
        client.knock(2001)
    # Two clients of each family, but every door is of one family.
    for at, firewall in enumerate(comeback.firewalls):
        mine = {client.address for client in comeback.clients if client.family is firewall.family}
        for name, count in (("KEPT", 1), ("HALF", 2)):
            peers = guest.door(f"{name}{at}")
            assert {peer.src for peer in peers} == mine
            assert {(peer.status, peer.count) for peer in peers} == {("ALLOWED", count)}
    comeback.firewalls[0].append(f"INPUT {sequence('2002', name='LOST0')}", table=TABLE)
    assert guest.door("LOST0") == []


# Rules that change


@pytest.mark.spec("M13")
def test_new_ports_count_at_once_and_keep_open_doors(client: Client, firewall: Firewall,
                                                     guest: Guest, family: Family) -> None:
    half = guest.client(family)
    firewall.restore(rule_set(sequence("2002,2001,2004")))
    client.knock(2002, 2001, 2004)
    half.knock(2002, 2001)
    firewall.restore(rule_set(sequence("2002,3001,2004")))

    assert passes(client)
    half.knock(2004)
    assert not passes(half)
    half.knock(3001, 2004)
    assert not passes(half), "the first knock was made on the old sequence"
    half.knock(2002, 3001, 2004)
    assert passes(half)

    late = guest.client(family)
    late.knock(2002, 2001, 2004)
    assert not passes(late)


@V4_ONLY
@pytest.mark.spec("M13")
def test_old_ports_that_come_back_find_their_progress(client: Client, firewall: Firewall) -> None:
    firewall.restore(rule_set(sequence("2002,2001,2004")))
    client.knock(2002, 2001)
    firewall.restore(rule_set(sequence("3002,3001")))
    client.knock(3002)
    firewall.restore(rule_set(sequence("2002,2001,2004")))
    client.knock(2004)
    assert passes(client)


@V4_ONLY
@pytest.mark.spec("M13")
def test_new_secrets_count_at_once_and_keep_open_doors(client: Client, firewall: Firewall,
                                                       guest: Guest, family: Family) -> None:
    set_minute(guest)
    late = guest.client(family)
    firewall.restore(door())
    open_door(client)
    firewall.restore(rule_set(knock_rule(open_secret="newer", close_secret="newest"),
                              check_rule()))

    assert passes(client)
    late.datagram(2000, token(late))
    assert not passes(late)
    late.datagram(2000, token(late, secret="newer"))
    assert passes(late)
    client.datagram(2000, token(client, secret=CLOSE))
    assert passes(client)
    client.datagram(2000, token(client, secret="newest"))
    assert not passes(client)


@V4_ONLY
@pytest.mark.spec("M13")
def test_rule_that_opened_decides_how_long(client: Client, firewall: Firewall, guest: Guest,
                                           family: Family) -> None:
    late, half = guest.client(family), guest.client(family)
    firewall.restore(rule_set(sequence("2002,2001", "--ttl 1000 --time 500")))
    client.knock(2002, 2001)
    half.knock(2002)
    firewall.restore(rule_set(sequence("2002,2001", "--ttl 100 --time 50")))
    late.knock(2002, 2001)
    peers = {peer.src: peer for peer in guest.door("SSH")}
    assert 900 < peers[client.address].autoclose <= 1000
    assert 400 < peers[half.address].expires <= 500
    assert 80 < peers[late.address].autoclose <= 100
    half.knock(2001)
    [peer] = [peer for peer in guest.door("SSH") if peer.src == half.address]
    assert 80 < peer.autoclose <= 100


@V4_ONLY
@pytest.mark.spec("M13")
def test_new_time_counts_for_old_progress(client: Client, firewall: Firewall,
                                          guest: Guest) -> None:
    firewall.restore(rule_set(sequence("2002,2001", "--time 300")))
    client.knock(2002)
    knocked = guest.uptime()
    firewall.restore(rule_set(sequence("2002,2001", "--time 1")))
    until(lambda: guest.uptime() > knocked + 1.5)
    client.knock(2001)
    assert not passes(client)


@V4_ONLY
@pytest.mark.spec("M13", "A2", "A4")
def test_rule_with_less_skew_does_not_forget_for_the_others(client: Client, firewall: Firewall,
                                                            guest: Guest) -> None:
    strict, lenient = (rule_set(knock_rule(f"--skew {skew}"), check_rule()) for skew in (0, 5))
    set_minute(guest)
    firewall.restore(strict)
    guest.set_parameter("gc_interval", 1)
    open_door(client)
    collected = guest.uptime() + 3
    set_minute(guest, MINUTE + 1)
    until(lambda: guest.uptime() > collected)
    firewall.restore(lenient)

    late = guest.client(client.family)
    close_door(client)
    assert not passes(client)
    open_door(client)
    assert not passes(client), "the token was used already"
    open_door(late, MINUTE - 1)
    assert passes(late), "this one was not, and is in the window"


@NFT
@pytest.mark.spec("M13")
def test_rules_of_one_name_each_have_their_own_sequence(guest: Guest, firewall: Firewall,
                                                        family: Family) -> None:
    set_minute(guest)
    firewall.restore(rule_set(
        sequence("2002,2001", "--ttl 500"), sequence("2002,2004", "--strict --ttl 50"),
        knock_rule("--ttl 5000"), check_rule()))
    loose, strict, spa = (guest.client(family) for _ in range(3))
    strict.knock(2002, 2004, 2001)
    # Wrong for the one, right for the other.
    loose.knock(2002, 2005, 2004, 2001)
    open_door(spa)

    left = {peer.src: peer.autoclose for peer in guest.door("SSH") if peer.status == "ALLOWED"}
    for client, limit in ((loose, 500), (strict, 50), (spa, 5000)):
        assert limit - 20 < left[client.address] <= limit
        assert passes(client)
