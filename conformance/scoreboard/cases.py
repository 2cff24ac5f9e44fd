# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases in options that both matches have, each of one thing.

The suite's own tests say more in one than a contest can use: its tests of replay end with fresh
tokens that must open, within the same minute of uptime or with a clock that is a minute off, which
is more than xtables-addons means to offer.
"""

import pytest

from harness import spoof
from harness.client import Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT, V4_ONLY
from harness.net import V6
from harness.poll import until
from harness.spa_door import (MINUTE, PORT, check_rule, close_door, door, knock_rule, open_door,
                              passes, rule_set, set_minute)

pytestmark = [NFT, V4_ONLY]

SEQUENCE = "-p tcp -m pknock --knockports 2002,2001 --name SSH --time 10"
GATE = "-m tcp --dport 22 -j ACCEPT"
MINUTE_SECONDS = 60
FLOOD = 70_000  # more than the default cap of half-open peers
CAP = 65_536


def wait(guest: Guest, seconds: float) -> None:
    """Let the guest's own time pass."""
    start = guest.uptime()
    until(lambda: guest.uptime() - start > seconds, timeout=4 * seconds + 60)


@pytest.mark.spec("S1", "M12")
def test_datagram_of_a_tokens_length_is_survived(client: Client, firewall: Firewall,
                                                 guest: Guest) -> None:
    """One datagram of 65 bytes, which need not be true, from anyone."""
    firewall.restore(door())
    client.datagram(PORT, b"0" * 65)
    wait(guest, 1)
    # In one second of a minute of uptime, 3.23 looks at none.
    guest.client(client.family).datagram(PORT, b"0" * 65)
    assert not passes(client)


@pytest.mark.spec("S1")
def test_true_token_opens(client: Client, firewall: Firewall, guest: Guest) -> None:
    set_minute(guest)
    firewall.restore(door())
    assert not passes(client)
    open_door(client)
    assert passes(client)


@pytest.mark.spec("M7")
def test_close_token_closes(client: Client, firewall: Firewall, guest: Guest) -> None:
    set_minute(guest)
    firewall.restore(door())
    open_door(client)
    assert passes(client)
    close_door(client)
    assert not passes(client)


@pytest.mark.spec("A2")
def test_replay_to_a_closed_door_at_once(client: Client, firewall: Firewall,
                                         guest: Guest) -> None:
    set_minute(guest)
    firewall.restore(door())
    open_door(client)
    close_door(client)
    open_door(client)
    assert not passes(client)


@pytest.mark.spec("A2")
@pytest.mark.takes(MINUTE_SECONDS)
def test_replay_to_a_closed_door_a_minute_of_uptime_later(client: Client, firewall: Firewall,
                                                          guest: Guest) -> None:
    """The wall clock is set back into the token's minute."""
    set_minute(guest)
    firewall.restore(door())
    open_door(client)
    close_door(client)
    assert not passes(client)
    wait(guest, MINUTE_SECONDS)
    set_minute(guest)
    open_door(client)
    assert not passes(client)


@pytest.mark.spec("A2")
def test_replay_when_the_minute_of_uptime_ends(client: Client, firewall: Firewall,
                                               guest: Guest) -> None:
    """Opened and closed late in a minute of uptime, replayed seconds later."""
    until(lambda: 53 < guest.uptime() % MINUTE_SECONDS < 57, timeout=2 * MINUTE_SECONDS)
    set_minute(guest, MINUTE, 20)
    firewall.restore(door())
    open_door(client)
    close_door(client)
    assert not passes(client)
    until(lambda: guest.uptime() % MINUTE_SECONDS < 50)
    open_door(client)
    assert not passes(client)


@pytest.mark.spec("A2", "M4")
def test_replay_after_a_wrong_knock_under_strict(client: Client, firewall: Firewall,
                                                 guest: Guest) -> None:
    set_minute(guest)
    firewall.restore(door("--strict"))
    open_door(client)
    close_door(client)
    client.datagram(PORT + 1, b"wrong")
    open_door(client)
    assert not passes(client)


@pytest.mark.spec("A2", "M9")
def test_replay_after_a_reload(client: Client, firewall: Firewall, guest: Guest) -> None:
    set_minute(guest)
    firewall.restore(door())
    open_door(client)
    close_door(client)
    firewall.flush()
    until(lambda: guest.users() == 0)
    firewall.restore(door())
    open_door(client)
    assert not passes(client)


@pytest.mark.spec("M9")
def test_open_door_survives_a_reload(client: Client, firewall: Firewall, guest: Guest) -> None:
    rules = rule_set(f"{SEQUENCE} {GATE}")
    firewall.restore(rules)
    client.knock(2002, 2001)
    assert passes(client)
    firewall.flush()
    until(lambda: guest.users() == 0)
    firewall.restore(rules)
    assert passes(client)


@pytest.mark.spec("M5")
def test_late_knock_does_not_go_on(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.restore(rule_set(
        f"-p tcp -m pknock --knockports 2002,2001 --name SSH --time 2 {GATE}"))
    client.knock(2002)
    wait(guest, 4)
    client.knock(2001)
    assert not passes(client)
    client.knock(2002, 2001)
    assert passes(client)


@pytest.mark.spec("M6")
@pytest.mark.takes(MINUTE_SECONDS)
def test_autoclose_closes_after_its_minute(client: Client, firewall: Firewall,
                                           guest: Guest) -> None:
    """Not before, and not more than two seconds later."""
    firewall.restore(rule_set(f"{SEQUENCE} --autoclose 1 {GATE}"))
    client.knock(2002, 2001)
    opened = guest.uptime()
    until(lambda: guest.uptime() > opened + MINUTE_SECONDS - 4, timeout=2 * MINUTE_SECONDS)
    assert passes(client)
    until(lambda: guest.uptime() > opened + MINUTE_SECONDS + 2)
    assert not passes(client)


@pytest.mark.spec("M7")
def test_token_and_check_rule_of_another_name(client: Client, firewall: Firewall,
                                              guest: Guest) -> None:
    set_minute(guest)
    firewall.restore(rule_set(knock_rule(), check_rule(name="OTHER"), knock_rule(
        name="OTHER", port=3000)))
    open_door(client)
    assert not passes(client)


@pytest.mark.spec("M11")
@pytest.mark.takes(10)
def test_strangers_cannot_make_it_remember_without_end(client: Client, firewall: Firewall,
                                                       guest: Guest) -> None:
    firewall.restore(rule_set(f"{SEQUENCE} {GATE}").replace("--time 10", "--time 600"))
    first = client.tcp(2002)
    guest.wire.flood(spoof.sources(client.family, first, (
        (0x0A000000 + number).to_bytes(4, "big") for number in range(FLOOD))))
    guest.wire.settle()
    client.knock(2002, 2001)
    assert passes(client)
    assert int(guest.run("wc -l </proc/net/xt_pknock/SSH", timeout=300).stdout) <= CAP + 1


@pytest.mark.spec("M1")
def test_rule_of_ipv6_loads(firewall: Firewall, guest: Guest) -> None:
    Firewall(guest, firewall.backend, V6).append(f"INPUT {SEQUENCE} {GATE}")
