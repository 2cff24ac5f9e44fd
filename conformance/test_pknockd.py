# SPDX-License-Identifier: GPL-2.0-or-later
"""pknockd of the packages: what it makes of the doors of a real kernel."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import poll
from harness.client import Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT, V4_ONLY
from harness.spa_door import check_rule, rule_set

NAME = "SSH"
CONFIG = "/run/pknockd.toml"
RULESET = "/run/pknockd.nft"
LOG = "/run/pknockd.log"
SOCKET = "/run/pknockd-metrics"
SAVED = "/run/pknockd-saved/doors.json"
HOOK = "/run/pknockd-hooks/say"
TABLE = "inet pknockd"
SETS = f"""
table {TABLE} {{
    set four {{ type ipv4_addr; flags timeout; }}
    set six {{ type ipv6_addr; flags timeout; }}
}}
"""
SETTINGS = f"""
[hooks]
directory = "/run/pknockd-hooks"
[metrics]
listen = "unix:{SOCKET}"
[saved-doors]
file = "{SAVED}"
[door.{NAME}]
nft-set = ["{TABLE} four", "{TABLE} six"]
flush-at-exit = true
"""
SAY = """#!/bin/sh
peer=$PKNOCK_ADDRESS/$PKNOCK_PREFIX
echo "$(id -un) $PKNOCK_EVENT $PKNOCK_DOOR $peer $PKNOCK_TTL $PKNOCK_ORIGIN"
"""
START = f"""
mkdir -p /run/pknockd-hooks
chmod 755 /run/pknockd-hooks {HOOK}
setsid pknockd --foreground --config {CONFIG} >{LOG} 2>&1 &
echo $! >/run/pknockd.pid
until [ -S {SOCKET} ]; do busybox usleep 50000; done
"""
# More than a socket's buffer holds.
MANY = 12000
STOP = f"""
pid=$(cat /run/pknockd.pid)
kill $pid
while [ -e /proc/$pid ]; do busybox usleep 50000; done
rm -f {SOCKET}
"""
SEQUENCE = rule_set(f"-p tcp -m pknock --knockports 2002,2001 --name {NAME} --ttl 600 -j DROP",
                    check_rule())


@pytest.fixture
def daemon(guest: Guest) -> Iterator[None]:
    """It runs, and has sets to keep in step."""
    guest.run("mkdir -p /run/pknockd-hooks")
    guest.agent.write(CONFIG, SETTINGS)
    guest.agent.write(HOOK, SAY)
    load(guest, SETS)
    guest.run(START)
    yield
    guest.run(f"{STOP} rm -rf /run/pknockd*")


def load(guest: Guest, ruleset: str) -> None:
    """From a file: of old, nft wants /dev/stdin for its standard input."""
    guest.agent.write(RULESET, ruleset)
    guest.run(["nft", "-f", RULESET])


def in_set(guest: Guest, name: str, address: str) -> Callable[[], bool]:
    """Look whether an address is in a set."""
    return lambda: address in guest.run(f"nft list set {TABLE} {name}").stdout


def said(guest: Guest, text: str) -> Callable[[], bool]:
    """Look whether it has logged something."""
    return lambda: text in guest.agent.read(LOG)


def listing(guest: Guest) -> str:
    """Who may pass."""
    return guest.run(["pknockctl", "list"]).stdout


def metrics(guest: Guest) -> str:
    """The page; empty while nobody serves it."""
    request = "GET /metrics HTTP/1.1\\r\\n\\r\\n"
    ask = f"printf '{request}' | socat -t 10 - UNIX-CONNECT:{SOCKET}"
    return guest.run(ask, check=False).stdout


def guard(guest: Guest, firewall: Firewall) -> None:
    """Load the rules, and with them the module: from then on it hears of every knock."""
    firewall.restore(SEQUENCE)
    poll.until(lambda: "portknocko_module_loaded 1\n" in metrics(guest))


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_knock_reaches_hooks_sets_journal_and_metrics(daemon: None, guest: Guest,
                                                      firewall: Firewall, client: Client) -> None:
    guard(guest, firewall)
    client.knock(2002, 2001)
    poll.until(in_set(guest, "four", client.address))
    poll.until(said(guest, f"{NAME}: opened for {client.address} by a sequence, for 600 s"))
    poll.until(said(guest, f"hook say: pknockd-hooks opened {NAME} {client.address}/32 600 "
                           "sequence"))
    page = metrics(guest)
    assert f'portknocko_door_total{{door="{NAME}",what="opened"}} 1\n' in page
    assert f'portknocko_door_peers{{door="{NAME}",state="open"}} 1\n' in page
    assert "portknocko_sets_in_step 2\n" in page

    guest.run(["pknockctl", "allow", NAME, "2001:db8::7"])
    poll.until(in_set(guest, "six", "2001:db8::7"))
    guest.run(["pknockctl", "revoke", NAME, client.address])
    poll.until(lambda: not in_set(guest, "four", client.address)())
    poll.until(said(guest, f"hook say: pknockd-hooks revoked {NAME} {client.address}/32"))


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_sets_survive_reloads_of_firewall_and_module(
        daemon: None, guest: Guest, firewall: Firewall, client: Client) -> None:
    guard(guest, firewall)
    client.knock(2002, 2001)
    poll.until(in_set(guest, "four", client.address))
    load(guest, f"delete table {TABLE}\n{SETS}")
    poll.until(in_set(guest, "four", client.address))
    guest.run("ip link add flap type dummy; ip link set flap up; ip link delete flap")
    assert in_set(guest, "four", client.address)()

    firewall.flush()
    poll.until(lambda: guest.run(["rmmod", "xt_pknock"], check=False).rc == 0)
    poll.until(lambda: not in_set(guest, "four", client.address)())
    poll.until(lambda: "portknocko_module_loaded 0\n" in metrics(guest))

    guard(guest, firewall)
    client.knock(2002, 2001)
    poll.until(in_set(guest, "four", client.address))


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
@pytest.mark.takes(20)
def test_sets_are_right_after_events_were_lost(daemon: None, guest: Guest,
                                               firewall: Firewall) -> None:
    guard(guest, firewall)
    peers = [{"door": NAME, "address": f"10.{n >> 8}.{n & 255}.1", "prefix": 32, "expires": None}
             for n in range(MANY)]
    saved = {"version": 1, "saved": "2026-11-23T00:00:00.000Z", "peers": peers}
    guest.agent.write("/run/pknockd-many", json.dumps(saved))
    guest.run("chmod 600 /run/pknockd-many; kill -STOP $(cat /run/pknockd.pid)")
    guest.run(["pknockctl", "restore", "/run/pknockd-many"])
    guest.run(["pknockctl", "flush", NAME])
    guest.run(["pknockctl", "allow", NAME, "198.51.100.7"])
    guest.run("kill -CONT $(cat /run/pknockd.pid)")
    poll.until(said(guest, "some events were lost"), timeout=60)
    poll.until(in_set(guest, "four", "198.51.100.7"), timeout=60)
    assert "10." not in guest.run(f"nft list set {TABLE} four").stdout.replace("198.51.100.7", "")
    assert "portknocko_sets_in_step 2\n" in metrics(guest)


def reload(guest: Guest, settings: str) -> None:
    """Let it read other settings."""
    guest.agent.write(CONFIG, settings)
    guest.run("kill -HUP $(cat /run/pknockd.pid)")


@NFT
@V4_ONLY
@pytest.mark.any_kernel
@pytest.mark.spec("N1")
def test_settings_are_read_again_and_wrong_ones_change_nothing(
        daemon: None, guest: Guest, firewall: Firewall, client: Client) -> None:
    load(guest, f"add set {TABLE} more {{ type ipv4_addr; flags timeout; }}\n")
    guard(guest, firewall)
    client.knock(2002, 2001)
    poll.until(in_set(guest, "four", client.address))
    assert not in_set(guest, "more", client.address)()
    reload(guest, SETTINGS.replace(" six", " more"))
    poll.until(said(guest, f"read {CONFIG} again"))
    poll.until(in_set(guest, "more", client.address))

    reload(guest, SETTINGS.replace("flush-at-exit", "flush-at-will"))
    poll.until(said(guest, "nothing is changed"))
    reload(guest, SETTINGS.replace(SOCKET, "/run/nowhere/metrics").replace(" six", " more"))
    poll.until(said(guest, "/run/nowhere/metrics"))
    other = guest.client(client.family)
    other.knock(2002, 2001)
    for name in "four", "more":
        poll.until(in_set(guest, name, other.address))

    reload(guest, SETTINGS)
    poll.until(lambda: "portknocko_sets_in_step 2\n" in metrics(guest))


def another_boot(guest: Guest) -> None:
    """What was saved is of the boot before."""
    saved = guest.agent.read(SAVED)
    guest.agent.write(SAVED, re.sub('"boot": "[^"]+"', '"boot": "another"', saved))


@NFT
@V4_ONLY
@pytest.mark.spec("N1")
def test_doors_are_open_again_after_a_boot_and_only_then(daemon: None, guest: Guest,
                                                         firewall: Firewall,
                                                         client: Client) -> None:
    guard(guest, firewall)
    client.knock(2002, 2001)
    guest.run(["pknockctl", "allow", NAME, "198.51.100.7"])
    poll.until(in_set(guest, "four", "198.51.100.7"))
    guest.run(STOP)
    guest.run(["pknockctl", "flush", "--all"])
    guest.run(START)
    assert client.address not in listing(guest)

    guest.run(["pknockctl", "allow", NAME, "198.51.100.7"])
    guest.run(["pknockctl", "allow", NAME, client.address, "--ttl", "600"])
    guest.run(STOP)
    guest.run(["pknockctl", "flush", "--all"])
    another_boot(guest)
    guest.run(START)
    poll.until(said(guest, "doors that were saved: 2 opened, 0 over, 0 refused"))
    assert "198.51.100.7                open       admin     no end" in listing(guest)
    assert re.search(rf"{client.address} +open +admin +(10m 0|9m \d+)s left", listing(guest))
    poll.until(in_set(guest, "four", client.address))

    # The kernel was asked once: what is closed now stays closed.
    guest.run(["pknockctl", "flush", "--all"])
    guest.run(STOP)
    guest.run(START)
    assert client.address not in listing(guest)


@NFT
@V4_ONLY
@pytest.mark.any_kernel
@pytest.mark.spec("N1")
@pytest.mark.parametrize("damage", [
    "echo nonsense >{file}", "chmod 666 {file}", "chown 12345 {file}", "rm {file}; mkdir {file}",
])
def test_saved_doors_that_cannot_be_trusted_are_left_alone(
        daemon: None, guest: Guest, firewall: Firewall, client: Client, damage: str) -> None:
    guard(guest, firewall)
    client.knock(2002, 2001)
    poll.until(in_set(guest, "four", client.address))
    guest.run(STOP)
    guest.run(["pknockctl", "flush", "--all"])
    another_boot(guest)
    guest.run(damage.format(file=SAVED))
    before = guest.run(["ls", "-ld", "--full-time", SAVED]).stdout
    guest.run(START)
    poll.until(said(guest, "doors are neither opened nor saved"))
    assert client.address not in listing(guest)
    client.knock(2002, 2001)
    poll.until(in_set(guest, "four", client.address))
    guest.run(STOP)
    assert guest.run(["ls", "-ld", "--full-time", SAVED]).stdout == before


@NFT
@V4_ONLY
@pytest.mark.any_kernel
@pytest.mark.spec("N1")
def test_saved_doors_that_cannot_be_written_are_forgotten(daemon: None, guest: Guest,
                                                          firewall: Firewall) -> None:
    guard(guest, firewall)
    saved = Path(SAVED)
    guest.run(STOP)
    guest.run(f"mkdir -p {saved.parent} && mount -t tmpfs -o size=64k tmpfs {saved.parent}")
    try:
        guest.run(START)
        guest.run(["pknockctl", "allow", NAME, "198.51.100.7"])
        poll.until(lambda: "198.51.100.7" in guest.agent.read(SAVED))
        guest.run(f"dd if=/dev/zero of={saved.parent}/full bs=4k 2>/dev/null", check=False)
        guest.run(["pknockctl", "revoke", NAME, "198.51.100.7"])
        poll.until(said(guest, "doors cannot be saved, and those that were are forgotten: "))
        assert guest.run(["ls", SAVED], check=False).rc != 0
        guest.run(["rm", f"{saved.parent}/full"])
        poll.until(lambda: guest.run(["ls", SAVED], check=False).rc == 0)
    finally:
        guest.run(STOP)
        guest.run(["umount", str(saved.parent)])
        guest.run(START)
