# SPDX-License-Identifier: GPL-2.0-or-later
"""SPA v1: a token that was seen on its way is of no use to anyone.

Every test ends with the same three datagrams: the replay, which must do nothing; and, so that
nothing else explains its refusal, another client's token of the same minute and the client's own
of the next, which must both open.
"""

import pytest

from harness.client import Answer, Client
from harness.comeback import COLLECT
from harness.firewall import BACKENDS, Firewall
from harness.guest import Guest
from harness.net import FAMILIES, V4, Family
from harness.newborn import LINGERING, PLAIN, Newborn, restore
from harness.poll import until
from harness.spa_door import (CLOSE, MINUTE, NAME, PORT, check_rule, close_door, door, knock_rule,
                              open_door, passes, rule_set, set_minute, token)

FLOOD = 400

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def backend() -> str:
    """Packets do not differ between backends."""
    return "nft"


def assert_fresh_tokens_open(guest: Guest, client: Client, port: int = PORT) -> None:
    """Context: the client's token of MINUTE was used, that of the next minute was not."""
    other = guest.client(client.family)
    open_door(other, port=port)
    assert passes(other)
    open_door(client, MINUTE + 1, port)
    assert passes(client)


def assert_spent(guest: Guest, client: Client, port: int = PORT) -> None:
    """Context: as above, and the door is closed."""
    assert not passes(client)
    open_door(client, port=port)
    assert not passes(client)
    assert_fresh_tokens_open(guest, client, port)


def open_and_close(client: Client) -> None:
    """Use both tokens of MINUTE."""
    open_door(client)
    assert passes(client)
    close_door(client)
    assert not passes(client)


def wait_for_last_rule_to_go(guest: Guest) -> None:
    """nftables lets go of a deleted rule a moment later."""
    until(lambda: guest.users() == 0)


@pytest.mark.spec("A3")
@pytest.mark.early
@pytest.mark.takes(15)
def test_tokens_are_accepted_in_the_first_minute_of_uptime(newborn: Newborn) -> None:
    everybody = {client.address for client in newborn.clients}
    assert newborn.doors == dict.fromkeys([NAME, PLAIN, *LINGERING], everybody)
    assert newborn.uptime < 60


@pytest.mark.spec("A2")
def test_replay_at_once(client: Client, firewall: Firewall, guest: Guest) -> None:
    """Token and connection again and again, back to back: one connection is let through."""
    firewall.restore(rule_set(knock_rule(), check_rule("--once")))
    attempts = [client.tcp(22) for _ in range(20)]
    replies = client.wire.replies(*(packet for attempt in attempts
                                    for packet in (client.udp(PORT, token(client)), attempt)))
    verdicts = [client.answer(attempt, replies) for attempt in attempts]
    assert verdicts == [Answer.OPEN] + 19 * [Answer.SILENCE]
    assert_spent(guest, client)


@pytest.mark.spec("A2", "M7")
@pytest.mark.parametrize("backend", BACKENDS)
def test_replay_after_close(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(door())
    open_and_close(client)
    assert_spent(guest, client)


@pytest.mark.spec("A2")
def test_replay_seven_seconds_later_in_the_next_minute(client: Client, firewall: Firewall,
                                                       guest: Guest) -> None:
    firewall.restore(door())
    set_minute(guest, MINUTE, 57)
    open_and_close(client)
    set_minute(guest, MINUTE + 1, 4)
    assert_spent(guest, client)


@pytest.mark.spec("A2", "M4")
def test_replay_after_wrong_knocks_under_strict(client: Client, firewall: Firewall,
                                                guest: Guest) -> None:
    firewall.restore(door("--strict"))
    open_and_close(client)
    for port in (PORT - 1, PORT + 1, 53):
        client.datagram(port, b"wrong")
        client.datagram(port, token(client))
        client.datagram(port, token(client, MINUTE + 1))
    client.datagram(PORT, b"wrong as well")
    assert_spent(guest, client)


@pytest.mark.spec("A2", "M9")
@pytest.mark.parametrize("backend", BACKENDS)
def test_replay_after_flush_and_reload(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(door())
    open_door(client)
    firewall.flush()
    wait_for_last_rule_to_go(guest)
    open_door(client)
    firewall.restore(door())
    assert passes(client)
    close_door(client)
    firewall.flush()
    wait_for_last_rule_to_go(guest)
    firewall.restore(door("--skew 5 --ttl 600"))
    assert_spent(guest, client)


@pytest.mark.spec("A2", "M9", "M13")
@pytest.mark.parametrize("backend", BACKENDS)
def test_replay_after_atomic_restore(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(door())
    open_and_close(client)
    firewall.restore(rule_set(knock_rule(port=3000), check_rule()))
    assert_spent(guest, client, port=3000)


@pytest.mark.spec("A2", "M6")
def test_replay_after_expiry(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(door("--ttl 3"))
    open_door(client)
    assert passes(client)
    until(lambda: not guest.door(NAME))
    assert_spent(guest, client)


def wait_for_a_collection(guest: Guest, family: Family, minute: int) -> None:
    """Until a token of the minute is forgotten: newcomers' tokens of that minute are refused then.

    Context: gc_interval=1. The clock shows up to ten minutes more meanwhile.
    """
    def is_below_the_floor() -> bool:
        set_minute(guest, minute + 10)
        start = guest.uptime()
        until(lambda: guest.uptime() - start > 1)
        set_minute(guest, minute)
        newcomer = guest.client(family)
        open_door(newcomer, minute)
        return not passes(newcomer)

    until(is_below_the_floor, timeout=60)


@pytest.mark.spec("A4")
def test_replay_after_clock_stepped_back(client: Client, firewall: Firewall, guest: Guest,
                                         family: Family) -> None:
    """Also when memory is tidied up while the clock is back."""
    guest.set_parameter("gc_interval", 1)
    firewall.restore(door())
    set_minute(guest, MINUTE + 1)
    open_and_close(client)
    for minute, second in ((MINUTE, 50), (MINUTE - 1, 30)):
        set_minute(guest, minute, second)
        open_door(client)
        assert not passes(client)
    wait_for_a_collection(guest, family, MINUTE - 600)
    set_minute(guest)
    assert_spent(guest, client)


@pytest.mark.spec("A4")
def test_replay_after_clock_went_forth_and_back(client: Client, firewall: Firewall, guest: Guest,
                                                family: Family) -> None:
    """Once a token is forgotten, its minute is the floor for everybody."""
    guest.set_parameter("gc_interval", 1)
    firewall.restore(door("--skew 2"))
    open_and_close(client)
    wait_for_a_collection(guest, family, MINUTE)
    open_door(client)
    assert not passes(client)
    early = guest.client(family)
    open_door(early, MINUTE - 1)
    assert not passes(early)
    open_door(client, MINUTE + 1)
    assert passes(client)


@pytest.mark.spec("A2")
def test_replay_of_a_token_that_met_an_open_door(client: Client, firewall: Firewall,
                                                 guest: Guest) -> None:
    firewall.restore(door("--skew 5"))
    open_door(client, MINUTE + 5)
    open_door(client)
    close_door(client)
    client.datagram(PORT, token(client, MINUTE + 5))
    assert_spent(guest, client)


@pytest.mark.spec("A2", "M11")
@pytest.mark.parametrize("family", [V4], ids=str)
def test_replay_of_hundreds_of_tokens(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(door())
    crowd = [client, *(guest.client(client.family) for _ in range(FLOOD))]
    openings = [one.udp(PORT, token(one)) for one in crowd]

    client.wire.send(*openings)
    client.wire.settle()
    assert {peer.src for peer in guest.door(NAME)} == {one.address for one in crowd}
    client.wire.send(*(one.udp(PORT, token(one, secret=CLOSE)) for one in crowd))
    client.wire.send(*openings)
    client.wire.settle()
    assert guest.door(NAME) == []
    assert_spent(guest, client)


@pytest.mark.spec("A2")
@pytest.mark.parametrize("backend", BACKENDS)
def test_replay_after_rules_moved(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.run("-N KNOCK")
    firewall.append("INPUT -j KNOCK")
    firewall.append(f"KNOCK {knock_rule()}")
    firewall.append(f"INPUT {check_rule()}")
    open_and_close(client)
    firewall.run("-E KNOCK RENAMED")
    open_door(client)
    assert not passes(client)
    firewall.append(f"PREROUTING {knock_rule()}", table="mangle")
    open_door(client)
    assert not passes(client)
    firewall.flush()
    firewall.append(f"INPUT {check_rule()}")
    assert_spent(guest, client)


@pytest.mark.spec("A2", "M13")
def test_replay_to_another_rule_of_the_door(client: Client, firewall: Firewall,
                                            guest: Guest) -> None:
    firewall.restore(rule_set(knock_rule(), knock_rule("--skew 5 --strict", port=3000),
                              check_rule()))
    open_and_close(client)
    assert_spent(guest, client, port=3000)
    close_door(client, MINUTE + 1)
    client.datagram(PORT, token(client, MINUTE + 1))
    assert not passes(client)


@pytest.mark.spec("A2")
def test_replay_from_the_other_family(guest: Guest) -> None:
    clients = [guest.client(family) for family in FAMILIES]
    for family in FAMILIES:
        Firewall(guest, "nft", family).restore(door())
    for client, other in (clients, reversed(clients)):
        client.datagram(PORT, token(other))
        assert not passes(client)
    for client in clients:
        open_and_close(client)
    for client, other in (clients, reversed(clients)):
        client.datagram(PORT, token(other))
        assert not passes(client)
        assert_spent(guest, client)


@pytest.mark.spec("A2", "A3")
@pytest.mark.late
def test_replay_in_the_second_minute_of_uptime(newborn: Newborn) -> None:
    until(lambda: newborn.guest.uptime() > 60, timeout=70)
    set_minute(newborn.guest, MINUTE + 1)
    for client in newborn.clients:
        assert passes(client)
        close_door(client)
        assert_spent(newborn.guest, client)


def lingering(name: str) -> str:
    """Rules for a door that lingers."""
    port, _ = LINGERING[name]
    return rule_set(knock_rule("--skew 5", name=name, port=port), check_rule(name=name))


@pytest.mark.spec("A2", "M9")
@pytest.mark.late
@pytest.mark.takes(20)
def test_door_without_rules_is_kept_while_a_token_is_in_its_window(newborn: Newborn) -> None:
    guest = newborn.guest
    set_minute(guest, MINUTE + 1)
    until(lambda: PLAIN not in guest.doors(), timeout=70)
    set_minute(guest, MINUTE + 5)
    assert guest.doors() - newborn.comeback.doors == {NAME, *LINGERING}

    # Whatever the rule that took the token, it is the next one that must not take it again.
    for name in ("SHORT", "LONG"):
        port, _ = LINGERING[name]
        restore(guest, lingering(name))
        for client in newborn.clients:
            assert passes(client)
            close_door(client, MINUTE, port)
            assert_spent(guest, client, port)

    set_minute(guest, MINUTE + 6)
    restore(guest, lingering("OVER"))
    assert guest.door("OVER") == [], "a door that is over is not taken up"
    until(lambda: "LATE" not in guest.doors(), timeout=2 * COLLECT)
