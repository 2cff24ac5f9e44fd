# SPDX-License-Identifier: GPL-2.0-or-later
"""pknockd as its package has it run: by systemd, confined by it and AppArmor, over a reboot."""

import contextlib
import json
from collections.abc import Iterator

import pytest

from harness import cache, kernels, poll, privilege
from harness.client import Answer, Client
from harness.guest import Guest
from harness.net import V4
from harness.server import Server

pytestmark = [pytest.mark.machine, pytest.mark.spec("N1")]

SYSTEMD = "guest_init=/lib/systemd/systemd systemd.show_status=false"
# Units and their programs in an emulated machine, which another may run beside.
BOOT_SECONDS = 240

RULES = """*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH -m tcp --dport 22 -j ACCEPT
COMMIT
"""
SETS = """table inet pknockd {
    set allowed { type ipv4_addr; flags timeout; }
}
"""
SETTINGS = """
[metrics]
listen = "unix:/run/portknocko/metrics.sock"
[door.SSH]
nft-set = "inet pknockd allowed"
"""
# What a hook can do is what the sandbox lets it.
HOOK = """#!/bin/sh
echo "$(id -un) $PKNOCK_EVENT $PKNOCK_DOOR $PKNOCK_ADDRESS"
echo try >/etc/portknocko/written 2>/dev/null && echo "wrote to /etc"
cat /etc/shadow >/dev/null 2>&1 && echo "read /etc/shadow"
"""
INSTALL = """
chmod 755 /etc/portknocko/hooks.d/say
systemctl enable --quiet nftables netfilter-persistent
systemctl restart nftables netfilter-persistent
systemctl enable --quiet --now pknockd
"""
# How exposed systemd finds it, in tenths, at the most.
THRESHOLD = 20
COMPLAINTS = "journalctl -k --grep 'apparmor=.DENIED|audit.*SECCOMP|type=1326' -o cat"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A machine with systemd and the packages; it is off."""
    image = privilege.build_image_beside(kernels.load()[kernels.DEFAULT], "service")
    cache.lease(image.directory)
    with contextlib.closing(Server(image.disk)) as machine:
        yield machine


def boot(server: Server) -> Guest:
    """Switch it on, up to the last unit."""
    guest = server.boot(parameters=SYSTEMD)
    guest.run("systemctl is-system-running --wait", check=False, timeout=BOOT_SECONDS)
    failed = guest.run("systemctl list-units --failed --plain --no-legend").stdout
    assert "pknockd" not in failed and "netfilter" not in failed, failed
    return guest


def journal(guest: Guest, *options: str) -> str:
    """What pknockd has logged since the boot."""
    return guest.run(["journalctl", "-b", "-u", "pknockd", "-o", "cat", *options]).stdout


def set_up(guest: Guest) -> None:
    """As the manuals say."""
    guest.agent.write("/etc/iptables/rules.v4", RULES)
    guest.agent.write("/etc/nftables.conf", SETS)
    guest.agent.write("/etc/portknocko/pknockd.toml", SETTINGS)
    guest.agent.write("/etc/portknocko/hooks.d/say", HOOK)
    guest.run(INSTALL, timeout=BOOT_SECONDS)


def knock(guest: Guest) -> Client:
    """Someone who comes in."""
    client = guest.client(V4)
    assert client.connect(22) is Answer.SILENCE
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.OPEN
    return client


def is_in_set(guest: Guest, client: Client) -> bool:
    """Whether nftables would let the client pass."""
    return client.address in guest.run("nft list set inet pknockd allowed").stdout


def assert_confined(guest: Guest) -> None:
    """AppArmor enforces the profile, and neither it nor the system call filter had to say no."""
    pid = guest.run("systemctl show --value -p MainPID pknockd").stdout.strip()
    assert guest.agent.read(f"/proc/{pid}/attr/current").strip("\n\0") == "pknockd (enforce)"
    assert "NoNewPrivs:\t1\n" in guest.agent.read(f"/proc/{pid}/status")
    assert guest.run(COMPLAINTS, check=False).stdout == ""


@pytest.mark.takes(150)
def test_unit_runs_confined_and_doors_are_open_after_a_reboot(server: Server) -> None:
    guest = boot(server)
    set_up(guest)
    guest.run(f"systemd-analyze security --threshold={THRESHOLD} pknockd >/dev/null")
    client = knock(guest)
    poll.until(lambda: is_in_set(guest, client))
    poll.until(lambda: f"pknockd-hooks opened SSH {client.address}" in journal(guest))
    assert "wrote" not in journal(guest) and "shadow" not in journal(guest)
    opened = [json.loads(line) for line in journal(guest, "-o", "json").splitlines()]
    assert any(entry.get("PKNOCK_EVENT") == "opened" and entry.get("PKNOCK_DOOR") == "SSH"
               and entry.get("PKNOCK_ADDRESS") == client.address for entry in opened)
    page = guest.run(r"printf 'GET /metrics HTTP/1.1\r\n\r\n' |"
                     " socat -t 10 - UNIX-CONNECT:/run/portknocko/metrics.sock").stdout
    assert 'portknocko_door_peers{door="SSH",state="open"} 1\n' in page
    guest.run("systemctl reload pknockd && systemctl restart pknockd")
    poll.until(lambda: is_in_set(guest, client))
    assert_confined(guest)

    server.off("systemctl poweroff")
    guest = boot(server)
    same, other = guest.client(V4), guest.client(V4)
    assert same.address == client.address
    assert same.connect(22) is Answer.OPEN
    assert other.connect(22) is Answer.SILENCE
    poll.until(lambda: is_in_set(guest, same))
    assert_confined(guest)
