# SPDX-License-Identifier: GPL-2.0-or-later
"""pknockctl monitor: every event there is, once, in the order of the packets that caused it."""

import json

import pytest

from harness import pknockctl
from harness.client import Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT, V4_ONLY
from harness.poll import until
from harness.spa_door import (MINUTE, NAME, PORT, check_rule, close_door, knock_rule, open_door,
                              passes, rule_set, token)

MANY = "/run/many-doors.json"

SEQUENCE = "-p udp -m pknock --knockports {} --name {} {} -j DROP"

pytestmark = pytest.mark.usefixtures("clock")


def in_short(event: dict) -> tuple:
    """Kind, door, and what only this kind has."""
    return (event["event"], event["door"],
            event.get("reason") or event.get("origin"), event.get("renewed"))


@pytest.mark.spec("N1")
@NFT
def test_events_come_in_the_order_of_packets(firewall: Firewall, client: Client,
                                             guest: Guest) -> None:
    with pknockctl.monitor(guest) as monitor:
        firewall.restore(rule_set(
            knock_rule("--skew 5"), SEQUENCE.format("2002,2001", "SEQ", "--ttl 2"),
            SEQUENCE.format("3002,3001", "FULL", "--max-peers 1"),
            check_rule("--once", name="SEQ"), check_rule()))
        guest.set_parameter("gc_interval", 1)
        rival = guest.client(client.family)
        client.datagram(PORT, token(client, secret="guessed"))
        open_door(client)
        open_door(client, MINUTE + 1)
        open_door(client, MINUTE + 1)
        close_door(client, MINUTE + 2)
        client.knock("udp/2002", "udp/2001")
        assert passes(client)
        client.knock("udp/3002")
        rival.knock("udp/3002")
        guest.run(["pknockctl", "allow", NAME, client.address, "--ttl", "8h"])
        guest.run(["pknockctl", "revoke", NAME, client.address])
        client.knock("udp/2002", "udp/2001")
        _, loaded, *events = monitor.until(14)

    assert loaded == {"event": "loaded"}
    assert list(map(in_short, events)) == [
        ("refused", NAME, "bad-mac", None),
        ("opened", NAME, "spa-v1", False),
        ("opened", NAME, "spa-v1", True),
        ("refused", NAME, "replay", None),
        ("closed", NAME, None, None),
        ("opened", "SEQ", "sequence", False),
        ("closed", "SEQ", None, None),
        ("evicted", "FULL", None, None),
        ("opened", NAME, "admin", False),
        ("revoked", NAME, None, None),
        ("opened", "SEQ", "sequence", False),
        ("expired", "SEQ", None, None),
    ]
    bits = client.family.bits
    assert {(event["address"], event["prefix"]) for event in events} == {(client.address, bits)}
    times = list(map(pknockctl.moment, events))
    assert times == sorted(times)
    assert 60 * MINUTE <= times[0].timestamp() < 60 * MINUTE + 60
    assert (events[5]["protocol"], events[5]["knocks"], events[5]["ttl"]) == ("udp", 2, 2)
    assert events[8]["ttl"] == 8 * 3600
    # To the millisecond, whenever it was collected.
    assert (times[11] - times[10]).total_seconds() == 2


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_who_is_back_before_the_collector_has_expired_meanwhile(
        firewall: Firewall, client: Client, guest: Guest) -> None:
    with pknockctl.monitor(guest) as monitor:
        guest.set_parameter("gc_interval", 3600)
        firewall.restore(rule_set(SEQUENCE.format("2002", "SEQ", "--ttl 1"), check_rule()))
        client.knock("udp/2002")
        until(lambda: not guest.door("SEQ"))
        client.knock("udp/2002")
        _, _, *events = monitor.until(5)
    assert [(event["event"], event.get("renewed")) for event in events] == [
        ("opened", False), ("expired", None), ("opened", False)]
    opened, expired, _ = map(pknockctl.moment, events)
    assert (expired - opened).total_seconds() == 1


@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_monitor_needs_no_privileges_and_outlives_the_module(firewall: Firewall, client: Client,
                                                             guest: Guest) -> None:
    with pknockctl.monitor(guest, "--door", "WEB") as monitor:
        for _ in range(2):
            firewall.restore(rule_set(check_rule(), check_rule(name="WEB")))
            for name in NAME, "WEB":
                guest.run(["pknockctl", "allow", name, client.address])
            guest.run(["pknockctl", "flush", "--all"])
            firewall.flush()
            guest.run("until rmmod xt_pknock 2>/dev/null; do :; done")
        events = monitor.until(9)
    assert [event["event"] for event in events] == [
        "unloaded", *2 * ["loaded", "opened", "revoked", "unloaded"]]
    assert {event.get("door") for event in events} == {None, "WEB"}


@pytest.mark.any_kernel
@pytest.mark.spec("N1")
@NFT
@V4_ONLY
def test_words_tell_of_events_and_of_those_that_were_lost(firewall: Firewall,
                                                          guest: Guest) -> None:
    with pknockctl.watched(guest) as pid:
        def hear(words: str) -> None:
            until(lambda: words in guest.agent.read(pknockctl.EVENTS))

        hear("pknockctl: xt_pknock is not loaded; waiting for it\n")
        firewall.restore(rule_set(check_rule()))
        hear("pknockctl: xt_pknock is loaded\n")
        guest.run(["pknockctl", "allow", NAME, "203.0.113.7", "--ttl", "1h"])
        hear(f" {NAME} opened 203.0.113.7 by admin for 1h 0m\n")

        # More than there is room for in the socket of somebody without privileges.
        peers = [{"door": NAME, "address": f"10.0.{n >> 8}.{n & 255}", "prefix": 32,
                  "expires": None} for n in range(3000)]
        guest.agent.write(MANY, json.dumps({"version": 1, "peers": peers}))
        guest.run(["kill", "-STOP", pid])
        guest.run(["pknockctl", "restore", MANY])
        guest.run(["kill", "-CONT", pid])
        hear("pknockctl: events were lost, as there were too many at once\n")
        guest.run(["pknockctl", "revoke", NAME, "203.0.113.7"])
        hear(f" {NAME} revoked 203.0.113.7\n")
