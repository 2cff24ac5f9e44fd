# SPDX-License-Identifier: GPL-2.0-or-later
"""What an administrator does while packets come on two CPUs."""

import pytest

from harness import pknockctl
from harness.firewall import Firewall
from harness.guest import PROC, Guest
from harness.poll import until
from harness.spa_door import rule_set
from street import GATE_MAC, PROGRAM, Street
from traffic import (KNOCK_RULE, KNOCKS, NAME, RESIDENT, SECONDS, THROUGH, Repeated,
                     assert_all_expire, load)

UNLOADS = 5

# Another sequence of the same door (M13), in the one chain that is reloaded.
RELOAD = """*filter
:KNOCK - [0:0]
-A KNOCK -s {resident} -m pknock --checkip --name {name} -j PASSED
-A KNOCK -m pknock --knockports tcp/2002,udp/{port} --name {name} --time 1 --ttl 1 -j DROP
COMMIT
"""

NAMESPACE = """
    ip netns add lane
    ip link add to-lane type veth peer name gate netns lane
    ip link set to-lane up
    ip -n lane link set gate address {mac} up
    ip -n lane address add {address}/{bits} dev gate
    ip netns exec lane {iptables}-restore </run/rules
    ({storm} >/dev/null 2>&1 || :) &
    ip netns exec lane cat {proc}/{name} >/dev/null
    ip netns exec lane pknockctl show {name} >/dev/null
    ip netns delete lane
    wait
"""


def test_rules_are_replaced(firewall: Firewall, guest: Guest, street: Street) -> None:
    """Not one packet of a source whose door is open is lost by it."""
    load(guest)
    resident = street.address(RESIDENT)
    firewall.restore(rule_set("-j KNOCK").replace(
        "-A INPUT", ":KNOCK - [0:0]\n:PASSED - [0:0]\n-A PASSED -j DROP\n-A INPUT"))
    for port in (2001, 2003):
        text = RELOAD.format(resident=resident, name=NAME, port=port)
        guest.agent.write(f"/run/rules-{port}", text)
    firewall.restore(guest.agent.read("/run/rules-2001"), noflush=True)
    pknockctl.do(guest, "allow", NAME, resident)
    knocks = street.storm(*KNOCKS, "udp:2003", sources=50, seconds=SECONDS, apart=True)
    through = street.storm(THROUGH, first=RESIDENT, seconds=SECONDS)
    reloads = Repeated(guest, "".join(
        f"{firewall.command}-restore --noflush </run/rules-{port}\n" for port in (2003, 2001)))
    listings = Repeated(guest, "pknockctl list >/dev/null")
    assert through.end().packets == firewall.counters("PASSED")[0]
    knocks.end()
    assert min(reloads.end(), listings.end()) > 2
    pknockctl.do(guest, "revoke", NAME, resident)
    assert_all_expire(guest)


def test_namespaces_come_and_go(firewall: Firewall, guest: Guest, street: Street) -> None:
    """Each with rules, packets on their way into it, and readers."""
    load(guest)
    rules = rule_set(f"{KNOCK_RULE} --time 1 -j DROP")
    firewall.restore(rules)
    guest.agent.write("/run/rules", rules)
    storm = street.storm(*KNOCKS, THROUGH, sources=50, seconds=SECONDS, apart=True)
    into = " ".join([PROGRAM, "-t", "30", "-n", "50", "to-lane", GATE_MAC, street.address(),
                     firewall.family.guest, *KNOCKS])
    namespaces = Repeated(guest, NAMESPACE.format(
        mac=GATE_MAC, address=firewall.family.guest, bits=firewall.family.bits,
        iptables=firewall.command, storm=into, proc=PROC, name=NAME))
    storm.end()
    assert namespaces.end() > 2


def test_netlink(firewall: Firewall, guest: Guest, street: Street) -> None:
    """Listings, grants, revocations, flushes and somebody who listens."""
    with pknockctl.monitor(guest):
        load(guest)
        firewall.restore(rule_set(f"{KNOCK_RULE} --time 1 --ttl 2 -j DROP"))
        storm = street.storm(*KNOCKS, THROUGH, sources=200, seconds=SECONDS, apart=True)
        resident = street.address(RESIDENT)
        parts = [Repeated(guest, commands) for commands in (
            f"pknockctl show {NAME} >/dev/null\npknockctl list >/dev/null",
            f"pknockctl flush {NAME} >/dev/null",
            f"pknockctl allow {NAME} {resident} --ttl 1s >/dev/null\n"
            f"pknockctl revoke {NAME} {resident} >/dev/null || :")]
        storm.end()
        assert min(part.end() for part in parts) > 2
        assert assert_all_expire(guest)["revoked"] > 0


def test_proc(firewall: Firewall, guest: Guest, street: Street) -> None:
    """Listings on both CPUs, of a table that grows and shrinks meanwhile."""
    load(guest)
    firewall.restore(rule_set(f"{KNOCK_RULE} --time 1 --ttl 1 -j DROP"))
    storm = street.storm(*KNOCKS, sources=2000, seconds=SECONDS, apart=True)
    half = street.storm(KNOCKS[0], sources=500, seconds=SECONDS, first=5000)
    readers = [Repeated(guest, f"taskset -c {cpu} cat {PROC}/{NAME} >/dev/null") for cpu in (0, 1)]
    storm.end()
    half.end()
    assert min(reader.end() for reader in readers) > 2
    assert_all_expire(guest)


@pytest.mark.parametrize("flush", [True, False])
def test_unload(firewall: Firewall, guest: Guest, street: Street, flush: bool) -> None:
    """The last rule goes under traffic, and the module right after it: with peers, whom its exit
    frees; or after a flush, of whom RCU has yet to free many."""
    storm = street.storm(*KNOCKS, THROUGH, sources=1000, seconds=UNLOADS * SECONDS, apart=True)
    for _ in range(UNLOADS):
        firewall.restore(rule_set(f"{KNOCK_RULE} -j DROP"))
        until(lambda: firewall.counters()[0] > 1000)
        firewall.restore(rule_set())
        until(lambda: guest.users() == 0)
        flushing = f"pknockctl flush {NAME} >/dev/null; " if flush else ""
        guest.run(f"{flushing}rmmod xt_pknock")
    storm.end()
