# SPDX-License-Identifier: GPL-2.0-or-later
"""The module's life: it comes with the first rule and goes after the last, whatever is sent."""

import pytest

from harness.crowd import KNOCKS, crowd, traffic
from harness.firewall import BACKENDS, Firewall
from harness.guest import PROC, Guest
from harness.marks import V4_ONLY
from harness.net import FAMILIES, GUEST_MAC, V4, V6, Family
from harness.netns import Namespace
from harness.poll import until
from harness.slab import QUEUES, objects


def test_module_comes_with_the_first_rule_and_stays_to_the_last(firewall: Firewall,
                                                                guest: Guest) -> None:
    assert not guest.loaded()
    firewall.append("INPUT -m pknock --checkip --name SSH")
    firewall.append("INPUT -m pknock --checkip --name WEB")
    assert guest.loaded()
    firewall.delete("INPUT -m pknock --checkip --name SSH")
    until(lambda: guest.users() == 1)
    refused = guest.run(["rmmod", "xt_pknock"], check=False)
    assert refused.rc == 1 and "in use" in refused.stderr
    assert guest.doors() == {"SSH", "WEB"}

    firewall.flush()
    until(lambda: guest.users() == 0)
    guest.run(["rmmod", "xt_pknock"])
    assert guest.run(["test", "-e", PROC], check=False).rc == 1


def test_module_that_goes_takes_its_queues_of_work_along(guest: Guest) -> None:
    queues = objects(guest, QUEUES)
    guest.run("for time in $(seq 10); do modprobe xt_pknock && rmmod xt_pknock; done")
    # The kernel frees them a little later, and each of ours has one at least.
    until(lambda: objects(guest, QUEUES) - queues < 10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_families_share_a_door_but_no_sources(guest: Guest, backend: str) -> None:
    for family in FAMILIES:
        Firewall(guest, backend, family).append(f"INPUT {KNOCKS}")
    four, six = guest.client(V4), guest.client(V6)
    four.knock("udp/2002", "udp/2001")
    six.knock("udp/2002")
    peers = {peer.src: peer.status for peer in guest.door("SSH")}
    assert peers == {four.address: "ALLOWED", six.address: "MATCHING"}
    assert guest.doors() == {"SSH"}


@V4_ONLY
def test_thousand_doors(firewall: Firewall, guest: Guest, family: Family) -> None:
    names = {f"DOOR{at}" for at in range(1000)}
    rules = [f"-A INPUT -p udp -m pknock --knockports {1000 + at} --name DOOR{at}"
             for at in range(1000)]
    firewall.restore("\n".join(["*filter", *rules, "COMMIT", ""]))
    assert guest.doors() == names
    client = guest.client(family)
    client.knock("udp/1000", "udp/1999")
    opened = guest.run(f"grep -l ALLOWED {PROC}/*").stdout.split()
    assert opened == [f"{PROC}/DOOR0", f"{PROC}/DOOR999"]
    firewall.flush()
    until(lambda: guest.users() == 0)
    assert guest.doors() == names


# Each backend in turn. nftables lets go of a rule a moment after it was deleted, legacy at once.
REMOVE = """
set -e
for round in 1 2 3 4 5 6 7 8 9 10; do
    for iptables in iptables-nft iptables-legacy; do
        $iptables -w -t raw -A PREROUTING {rule}
        until grep -q ALLOWED {proc}/SSH && grep -q MATCHING {proc}/SSH; do sleep 0.01; done
        $iptables -w -t raw -F
        attempts=0
        until rmmod xt_pknock 2>/dev/null; do
            attempts=$((attempts + 1))
            if [ $iptables = iptables-legacy ] || [ $attempts -eq 200 ]; then
                exit 1
            fi
            sleep 0.02
        done
        if [ -e {proc} ]; then
            exit 1
        fi
    done
    echo $round
done
"""


@pytest.mark.takes(12)
def test_module_is_removed_after_a_flush_under_traffic(guest: Guest) -> None:
    with traffic(guest, crowd(guest, GUEST_MAC)):
        rounds = guest.run(REMOVE.format(rule=KNOCKS, proc=PROC), timeout=180).stdout.split()
    assert len(rounds) == 10
    assert not guest.loaded()


@pytest.mark.spec("M8")
@pytest.mark.parametrize("backend", BACKENDS)
def test_namespace_goes_with_rules_and_peers_under_traffic(guest: Guest, backend: str) -> None:
    rule = f"*raw\n-A PREROUTING {KNOCKS}\nCOMMIT\n"
    for _ in range(3):
        namespace = Namespace(guest, "doomed")
        for family in FAMILIES:
            Firewall(guest, backend, family).restore(rule, netns="doomed")
        assert guest.door("SSH", "doomed") == []
        with traffic(guest, crowd(guest, namespace.mac)):
            until(lambda: {"ALLOWED", "MATCHING"} == {
                peer.status for peer in guest.door("SSH", "doomed")})
            namespace.delete()
            until(lambda: guest.users() == 0)
    assert guest.doors() == set()


def test_every_parameter_is_described_in_modinfo_and_the_manual(guest: Guest) -> None:
    guest.run("modprobe xt_pknock")
    parameters = guest.run("ls /sys/module/xt_pknock/parameters").stdout.split()
    described = guest.run("modinfo -F parm xt_pknock").stdout.splitlines()
    manual = guest.run("gzip -dc /usr/share/man/man8/xt_pknock.8.gz").stdout.splitlines()
    assert parameters
    assert sorted(line.partition(":")[0] for line in described) == sorted(parameters)
    assert all(line.partition(":")[2] for line in described)
    assert all(f".B {name}" in manual for name in parameters)
