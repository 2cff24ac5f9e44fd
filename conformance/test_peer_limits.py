# SPDX-License-Identifier: GPL-2.0-or-later
"""What strangers can make the kernel remember, and what they cannot make it forget."""

import ipaddress
from collections.abc import Iterator

import pytest
from scapy.packet import Packet

from harness import pknockctl, spa_door, spoof
from harness.client import Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT, V4_ONLY
from harness.net import V4, V6, Family
from harness.poll import until
from harness.slab import BLOCKS, HALF_OPEN, OPEN, objects
from harness.wire import ethernet

KNOCKS = "INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SSH"
SPOOFED = {V4: "10.0.0.0/8", V6: "2001:db8:bad::/64"}


def spoofed(family: Family, packet: Packet, count: int) -> Iterator[bytes]:
    """The packet from as many addresses that nobody has."""
    network = ipaddress.ip_network(SPOOFED[family])
    return spoof.sources(family, packet, (network[number].packed
                                          for number in range(1, count + 1)))


def interspersed(frames: Iterator[bytes], others: dict[int, Packet]) -> Iterator[bytes]:
    """The frames; before some of them, by number, another one."""
    for number, frame in enumerate(frames):
        if number in others:
            yield ethernet(others[number])
        yield frame


def waiting(guest: Guest) -> dict[str, tuple[str, int]]:
    """Where the sources stand that are part way through."""
    return {source: place for source, place in guest.standings("SSH").items()
            if place[0] != "ALLOWED"}


@NFT
@pytest.mark.spec("M11")
def test_at_the_cap_the_oldest_of_the_least_advanced_goes(firewall: Firewall, guest: Guest,
                                                          family: Family) -> None:
    firewall.append(f"{KNOCKS} --strict --max-peers 4")
    a, b, c, d, e, f, g, h = (guest.client(family) for _ in range(8))
    for client in (a, b, c, d):
        client.knock(2002)
    a.knock(2001)
    b.knock(22)
    expected = {a.address: ("MATCHING", 2), b.address: ("INIT", 0),
                c.address: ("MATCHING", 1), d.address: ("MATCHING", 1)}
    assert waiting(guest) == expected
    for newcomer, victim in ((e, b), (f, c), (g, d)):
        newcomer.knock(2002)
        del expected[victim.address]
        expected[newcomer.address] = ("MATCHING", 1)
        assert waiting(guest) == expected
    for client in (e, f, g):
        client.knock(2001)
    h.knock(2002)
    assert waiting(guest) == {client.address: ("MATCHING", 2) for client in (e, f, g)} | {
        h.address: ("MATCHING", 1)}


@NFT
@V4_ONLY
@pytest.mark.spec("M11")
def test_open_doors_do_not_count_and_do_not_go(firewall: Firewall, guest: Guest,
                                               family: Family) -> None:
    firewall.append(f"{KNOCKS} --max-peers 1")
    insiders = [guest.client(family) for _ in range(5)]
    for client in insiders:
        client.knock(2002, 2001, 2004)
    strangers = [guest.client(family) for _ in range(5)]
    for client in strangers:
        client.knock(2002)
    assert guest.standings("SSH") == {
        **{client.address: ("ALLOWED", 3) for client in insiders},
        strangers[-1].address: ("MATCHING", 1)}


@NFT
@V4_ONLY
@pytest.mark.spec("M11", "M13")
def test_cap_that_a_reload_lowers_is_reached(firewall: Firewall, guest: Guest,
                                             family: Family) -> None:
    def capped(peers: int) -> None:
        firewall.restore(f"*filter\n-A {KNOCKS} --max-peers {peers}\nCOMMIT\n")

    capped(100)
    frames = list(spoofed(family, guest.client(family).tcp(2002), 300))
    guest.wire.send(*frames[:200])
    guest.wire.settle()
    assert len(waiting(guest)) == 100
    capped(10)
    assert len(waiting(guest)) == 100
    guest.wire.send(*frames[200:])
    guest.wire.settle()
    assert sorted(waiting(guest), key=ipaddress.ip_address) == [
        str(ipaddress.ip_network(SPOOFED[family])[number]) for number in range(291, 301)]


@pytest.mark.parametrize(("family", "cap", "flood"), [(V4, 65536, 200_000), (V6, 4096, 40_000)],
                         ids=["v4", "v6"], indirect=["family"])
@NFT
@pytest.mark.spec("M11", "M2")
def test_flood_of_first_knocks(client: Client, firewall: Firewall, guest: Guest, family: Family,
                               cap: int, flood: int) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.append(f"{KNOCKS} --max-peers {cap} --time 600 -m tcp --dport 22 --syn -j ACCEPT")
    insider = guest.client(family)
    insider.knock(2002, 2001, 2004)
    # The honest client is never the oldest of the first level, and then on the second.
    honest = {flood // 4: client.tcp(2002), flood // 4 + cap // 2: client.tcp(2001),
              flood - 2: client.tcp(2004), flood - 1: client.tcp(22)}
    visits = {number: insider.tcp(22) for number in range(0, flood - 2, flood // 10)}
    frames = spoofed(family, guest.client(family).tcp(2002), flood)
    guest.flood(interspersed(frames, visits | honest), part=20_000)
    guest.wire.settle()
    assert firewall.counters() == [len(visits) + 1]
    until(lambda: objects(guest, HALF_OPEN) == cap)
    assert objects(guest, OPEN) == 2
    statuses = guest.run("cut -d' ' -f3 /proc/net/xt_pknock/SSH | sort | uniq -c").stdout
    assert statuses.split() == ["2", "status=ALLOWED", str(cap), "status=MATCHING"]


@NFT
@V4_ONLY
@pytest.mark.spec("M5", "M11")
def test_memory_of_late_peers_is_given_back(firewall: Firewall, guest: Guest,
                                            family: Family) -> None:
    guest.set_parameter("gc_interval", 1)
    firewall.policy("INPUT", "DROP")
    firewall.append(f"{KNOCKS} --time 5")
    firewall.append("INPUT -p tcp -m pknock --knockports 3001 --name SSH --ttl 5")
    template = guest.client(family)
    blocks = objects(guest, BLOCKS)
    guest.wire.flood(spoofed(family, template.tcp(2002), 5000))
    guest.wire.flood(spoofed(family, template.tcp(3001), 5000))
    guest.wire.settle()
    assert (objects(guest, HALF_OPEN), objects(guest, OPEN)) == (5000, 5000)
    assert objects(guest, BLOCKS) - blocks > 60
    until(lambda: objects(guest, HALF_OPEN) == objects(guest, OPEN) == 0)
    # Of either table its directory and the first block stay.
    until(lambda: objects(guest, BLOCKS) - blocks < 20)
    assert guest.door("SSH") == []


@NFT
@V4_ONLY
@pytest.mark.spec("M2")
def test_door_opens_for_each_of_so_many_that_hashes_are_equal(firewall: Firewall, guest: Guest,
                                                              family: Family) -> None:
    """Some ten pairs of 300 000 have the same hash of 32 bits; of none, once in 30 000 runs."""
    firewall.append("INPUT -p tcp -m pknock --knockports 3001 --name SSH")
    guest.flood(spoofed(family, guest.client(family).tcp(3001), 300_000), part=20_000)
    guest.wire.settle()
    assert objects(guest, OPEN) == 300_000


@NFT
@pytest.mark.spec("M11")
def test_datagrams_that_fail_authentication_leave_nothing(client: Client, firewall: Firewall,
                                                          guest: Guest, family: Family) -> None:
    firewall.restore(spa_door.door())
    spa_door.set_minute(guest)
    thief = guest.client(family)
    stolen = spa_door.token(client)
    payloads = [stolen, stolen[:64], stolen + b"\n", stolen[:64].upper() + b"\n", bytes(65)]
    before = objects(guest, "kmalloc-64")
    for payload in payloads:
        guest.wire.flood(spoofed(family, thief.udp(spa_door.PORT, payload), 2000))
    guest.wire.send(*(client.udp(spa_door.PORT, spa_door.token(client, secret=f"guess {number}"))
                      for number in range(2000)))
    guest.wire.settle()
    assert firewall.counters()[0] == 0
    assert guest.door(spa_door.NAME) == []
    assert objects(guest, HALF_OPEN) == objects(guest, OPEN) == 0
    # Where a remembered token would be, and others' objects are too.
    assert objects(guest, "kmalloc-64") - before < 1000
    spa_door.open_door(client)
    assert spa_door.passes(client)


@NFT
@V4_ONLY
@pytest.mark.spec("M11")
def test_full_table_of_open_doors_refuses_newcomers(firewall: Firewall, guest: Guest,
                                                    family: Family) -> None:
    guest.set_parameter("max_open", 3)
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH")
    firewall.append("INPUT -p tcp --dport 22 -m pknock --checkip --name SSH --once")
    first, *others = insiders = [guest.client(family) for _ in range(3)]
    late = guest.client(family)
    for client in (*insiders, late):
        client.knock(2002, 2001)
    late.knock(2002, 2001)
    assert guest.standings("SSH") == {client.address: ("ALLOWED", 2) for client in insiders}
    first.knock(22)
    late.knock(2002, 2001)
    assert guest.standings("SSH") == {client.address: ("ALLOWED", 2)
                                      for client in (*others, late)}
    [counted] = pknockctl.do(guest, "stats", "SSH")["doors"]
    assert (counted["counters"]["opened"], counted["counters"]["full"]) == (4, 2)


@NFT
@V4_ONLY
@pytest.mark.spec("M11", "A2")
def test_full_memory_of_tokens_refuses_and_forgets_nothing(firewall: Firewall, guest: Guest,
                                                           family: Family) -> None:
    guest.set_parameter("max_replay", 2)
    firewall.restore(spa_door.door("--ttl 900"))
    spa_door.set_minute(guest)
    first, second, late = (guest.client(family) for _ in range(3))
    for client in (first, second, late):
        spa_door.open_door(client)
    opened = {client.address: ("ALLOWED", 1) for client in (first, second)}
    assert guest.standings(spa_door.NAME) == opened
    # A close token closes even where it cannot be remembered.
    spa_door.close_door(first)
    del opened[first.address]
    assert guest.standings(spa_door.NAME) == opened
    guest.set_parameter("max_replay", 4)
    spa_door.open_door(first)
    spa_door.open_door(late)
    assert guest.standings(spa_door.NAME) == opened | {late.address: ("ALLOWED", 1)}


@NFT
@V4_ONLY
@pytest.mark.spec("M9", "A2")
@pytest.mark.takes(8)
def test_tokens_are_remembered_for_their_window(firewall: Firewall, guest: Guest) -> None:
    """No longer. So many that none of the module's 256 lists is empty, then and in the end."""
    def remembered() -> int:
        return pknockctl.do(guest, "stats", spa_door.NAME)["doors"][0]["tokens"]

    def open_for(minute: int) -> None:
        guest.wire.send(*(client.udp(spa_door.PORT, spa_door.token(client, minute))
                          for client in crowd))
        guest.wire.settle()
        assert remembered() == len(crowd)

    guest.set_parameter("gc_interval", 1)
    firewall.restore(spa_door.door("--skew 5"))
    spa_door.set_minute(guest)
    crowd = [guest.client(firewall.family) for _ in range(2000)]
    open_for(spa_door.MINUTE)
    spa_door.set_minute(guest, spa_door.MINUTE + 5)
    collected = guest.uptime() + 3
    until(lambda: guest.uptime() > collected)
    assert remembered() == len(crowd)
    spa_door.set_minute(guest, spa_door.MINUTE + 6)
    until(lambda: remembered() == 0)
    open_for(spa_door.MINUTE + 6)
