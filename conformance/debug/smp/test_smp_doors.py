# SPDX-License-Identifier: GPL-2.0-or-later
"""What packets do on two CPUs at once. No outcome depends on the order in which they come: what is
checked holds for all orders."""

import pytest

from harness import pknockctl
from harness.firewall import Firewall
from harness.guest import Guest
from harness.poll import until
from harness.spa import digest
from harness.spa_door import MINUTE, OPEN, PORT, knock_rule, rule_set, set_minute
from street import CPUS, Street
from traffic import (KNOCK_RULE, KNOCKS, NAME, RESIDENT, SECONDS, THROUGH, Repeated,
                     assert_all_expire, assert_balanced, door, load)

GRANTS = 1000


def test_knocks_and_collection(firewall: Firewall, guest: Guest, street: Street) -> None:
    load(guest)
    firewall.restore(rule_set(f"{KNOCK_RULE} --time 1 --ttl 1 -j DROP"))
    storm = street.storm(*KNOCKS, THROUGH, sources=100, seconds=SECONDS, apart=True).end()
    assert 0 < firewall.counters()[0] <= storm.rounds
    counters = assert_all_expire(guest)
    assert CPUS * 100 < counters["opened"] <= storm.rounds


def test_same_sources_from_all_cpus(firewall: Firewall, guest: Guest, street: Street) -> None:
    """Knocks that complete a sequence of which another CPU made the first half, and renewals."""
    load(guest)
    firewall.restore(rule_set(f"{KNOCK_RULE} --time 1 --ttl 1 -j DROP"))
    storm = street.storm(*KNOCKS, THROUGH, sources=5, seconds=SECONDS)
    until(lambda: door(guest)["open"])
    assert door(guest)["open"] <= 5
    sources = [peer.src for peer in guest.door(NAME) if peer.status == "ALLOWED"]
    assert len(sources) == len(set(sources))
    storm.end()
    assert_all_expire(guest)


def test_neighbours_come_and_go(firewall: Firewall, guest: Guest, street: Street) -> None:
    """A table grows and shrinks, and all the time the one who stays is found in it."""
    load(guest)
    resident = street.address(RESIDENT)
    firewall.restore(rule_set(f"-s {resident} -m pknock --checkip --name {NAME} -j DROP",
                              f"{KNOCK_RULE} --time 1 --ttl 1 -j DROP"))
    pknockctl.do(guest, "allow", NAME, resident)
    storm = street.storm(*KNOCKS, sources=2000, seconds=SECONDS, apart=True)
    through = street.storm(THROUGH, first=RESIDENT, seconds=SECONDS)
    assert through.end().packets == firewall.counters()[0]
    storm.end()
    pknockctl.do(guest, "revoke", NAME, resident)
    assert assert_all_expire(guest)["opened"] > 1000


def test_crowd_before_the_cap(firewall: Firewall, guest: Guest, street: Street) -> None:
    """Newcomers evict each other, while the collector takes who is too late."""
    load(guest)
    firewall.restore(rule_set(f"{KNOCK_RULE} --time 1 --max-peers 50 -j DROP"))
    storm = street.storm(KNOCKS[0], sources=2000, seconds=SECONDS, apart=True)
    strict = street.storm(*KNOCKS, sources=20, seconds=SECONDS, first=5000)
    assert door(guest)["half_open"] <= 50
    storm.end()
    strict.end()
    guest.run(["pknockctl", "flush", NAME])
    assert assert_all_expire(guest)["evicted"] > 0


def test_one_grant_is_one_packet(firewall: Firewall, guest: Guest, street: Street) -> None:
    """Of packets that come on all CPUs at once, one passes for each door that was opened."""
    firewall.restore(rule_set(f"{KNOCK_RULE} --once -j DROP"))
    storm = street.storm(*KNOCKS, "/", THROUGH, THROUGH, sources=GRANTS).end()
    state = door(guest)
    passed = firewall.counters()[0]
    assert (passed, state["open"]) == (state["counters"]["closed"], storm.rounds - passed)
    assert passed > storm.rounds / 2
    assert_balanced(state)


def test_one_token_is_one_opening(firewall: Firewall, guest: Guest, street: Street) -> None:
    """A token and its copy on the other CPU: one opens, the other is a replay."""
    load(guest)
    set_minute(guest)
    firewall.restore(rule_set(knock_rule()))
    watcher = Repeated(guest, f"pknockctl stats {NAME} >/dev/null")
    tokens = [digest(OPEN, street.address(number), MINUTE) + b"\n" for number in range(GRANTS)]
    storm = street.storm("/", f"token:{PORT}", sources=GRANTS, payloads=tokens).end()
    watcher.end()
    state = door(guest)
    counters = state["counters"]
    assert storm.packets == CPUS * storm.rounds
    assert (counters["opened"], counters["renewed"]) == (storm.rounds, 0)
    assert counters["replay"] == (CPUS - 1) * storm.rounds
    assert_balanced(state)


@pytest.mark.parametrize("ttl", [0, 1])
def test_open_and_close_by_packets_of_both(firewall: Firewall, guest: Guest, street: Street,
                                           ttl: int) -> None:
    """A grant for one packet, taken by one CPU while the other gives the source the next."""
    load(guest)
    firewall.restore(rule_set(f"{KNOCK_RULE} --once --ttl {ttl} -j DROP"))
    storm = street.storm(*KNOCKS, THROUGH, sources=3, seconds=SECONDS).end()
    state = door(guest)
    passed = firewall.counters()[0]
    assert passed == state["counters"]["closed"] <= storm.rounds
    assert_balanced(state)
