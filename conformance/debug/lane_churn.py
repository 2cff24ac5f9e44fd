# SPDX-License-Identifier: GPL-2.0-or-later
"""Namespaces, rules and the module come and go, again and again, under traffic of many sources."""

from collections.abc import Callable

import pytest

from harness.crowd import KNOCKS, crowd, traffic
from harness.guest import PROC, Guest
from harness.net import GUEST_MAC, INTERFACE
from harness.poll import until

Share = Callable[[int], int]
Tell = Callable[[str], None]

pytestmark = pytest.mark.usefixtures("peak")

SECONDS = 3000
MAC = "52:54:00:6e:73:ff"

NAMESPACES = f"""
set -e
printf '*raw\\n-A PREROUTING {KNOCKS}\\nCOMMIT\\n' >/run/rules
for round in $(seq {{rounds}}); do
    ip netns add doomed
    ip link add link {INTERFACE} address {MAC} name wire netns doomed type macvlan mode private
    ip -n doomed link set wire up
    case $((round % 2)) in
    0) ip netns exec doomed iptables-nft-restore /run/rules
       ip netns exec doomed ip6tables-nft-restore /run/rules ;;
    1) ip netns exec doomed iptables-legacy-restore /run/rules
       ip netns exec doomed ip6tables-legacy-restore /run/rules ;;
    esac
    attempts=0
    until ip netns exec doomed cat {PROC}/SSH >/run/peers
          grep -q ALLOWED /run/peers && grep -q MATCHING /run/peers; do
        attempts=$((attempts + 1))
        [ $attempts -lt 500 ]
        sleep 0.01
    done
    ip netns delete doomed
done
"""

# Each table is replaced as a whole, at once, by one that differs: other ports, other secrets.
RELOADS = """
set -e
seq {rounds} | awk '{{ printf "*raw\\n-A PREROUTING {first}\\n-A PREROUTING {second}%d\\nCOMMIT\\n",
    $1 % 10, $1 % 10 }}' | {iptables}-restore
{iptables}-save -t raw | grep -c pknock
{iptables} -t raw -F
"""
FIRST = "-p udp -m pknock --knockports 2002,200%d --name SSH"
SECOND = "-p udp -m pknock --knockports 2000 --opensecret a --closesecret b --name TOKEN"
VARIANTS = ("iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy")

MODULES = f"""
set -e
for round in $(seq {{rounds}}); do
    case $((round % 2)) in
    0) iptables=iptables-legacy ;;
    1) iptables=ip6tables-legacy ;;
    esac
    $iptables -t raw -A PREROUTING {KNOCKS}
    $iptables -t raw -F
    rmmod xt_pknock
done
"""


def test_namespaces_come_and_go_with_rules_and_peers(guest: Guest, share: Share,
                                                     tell: Tell) -> None:
    rounds = share(200)
    with traffic(guest, crowd(guest, MAC)) as sent:
        guest.run(NAMESPACES.format(rounds=rounds), timeout=SECONDS)
        until(lambda: guest.users() == 0)
    tell(f"{rounds} namespaces, {sent[0]} packets")


@pytest.mark.parametrize("iptables", VARIANTS)
def test_rules_are_replaced(guest: Guest, iptables: str, share: Share, tell: Tell) -> None:
    rounds = share(2000)
    script = RELOADS.format(rounds=rounds, first=FIRST, second=SECOND, iptables=iptables)
    with traffic(guest, crowd(guest, GUEST_MAC)) as sent:
        assert guest.run(script, timeout=SECONDS).stdout.split() == ["2"]
        until(lambda: guest.users() == 0)
    tell(f"{rounds} reloads of rules by {iptables}-restore, {sent[0]} packets")


def test_module_is_loaded_and_removed(guest: Guest, share: Share, tell: Tell) -> None:
    rounds = share(2000)
    with traffic(guest, crowd(guest, GUEST_MAC)) as sent:
        guest.run(MODULES.format(rounds=rounds), timeout=SECONDS)
    assert not guest.loaded()
    tell(f"{rounds} reloads of the module, {sent[0]} packets")
