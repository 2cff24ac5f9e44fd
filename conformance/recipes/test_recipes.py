# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/recipes/: what they say is typed, and does what they say."""

import re
from collections.abc import Iterator

import pytest

from harness.client import Answer
from harness.guest import Guest
from harness.net import FAMILIES, V4, Family
from harness.sources import REPOSITORY
from harness.visitor import Visitor

pytestmark = [pytest.mark.machine, pytest.mark.spec("M1")]

SSH = "portknocko conformance\n"
# Python programs, emulated.
PATIENCE = 300

# The visitor's programs; the real ssh and curl would do more after they connected.
STAND_INS = """
set -e
mkdir -p /run/bin /etc/netns/visitor
cat >/run/bin/ssh <<'END'
#!/bin/sh
exec socat -u "TCP:${1#*@}:22,connect-timeout=2" -
END
cat >/run/bin/curl <<'END'
#!/bin/sh
url=${1#http://}
exec socat -u "TCP:${url%/},connect-timeout=2" -
END
chmod +x /run/bin/ssh /run/bin/curl
"""
PATH = "export PATH=/run/bin:$PATH\n"

# What systemd would have started. firewalld goes away with its rules.
START_FIREWALLD = """
mkdir -p /run/dbus
dbus-daemon --system --fork --nopidfile
setsid /usr/sbin/firewalld --nofork >/run/firewalld.log 2>&1 &
until firewall-cmd --state >/dev/null 2>&1; do
    if [ ! -e "/proc/$!" ]; then
        cat /run/firewalld.log >&2
        exit 1
    fi
    busybox usleep 100000
done
"""
STOP_FIREWALLD = """
busybox pkill -f /usr/sbin/firewalld
while busybox pgrep -f /usr/sbin/firewalld >/dev/null; do busybox usleep 50000; done
busybox pkill dbus-daemon
rm -rf /etc/firewalld/direct.xml /etc/firewalld/zones/*
"""

# What Docker makes of `docker run -p 8080:80`: a bridge with the container's namespace on it, the
# destination rewritten, and DOCKER-USER asked first of all that is forwarded.
CONTAINER = """
set -e
sysctl -q -w net.ipv4.ip_forward=1
ip netns add container
ip link add docker0 type bridge
ip address add 172.17.0.1/16 dev docker0
ip link add veth0 type veth peer name eth0 netns container
ip link set veth0 master docker0
ip link set docker0 up
ip link set veth0 up
ip -n container address add 172.17.0.2/16 dev eth0
ip -n container link set eth0 up
ip -n container route add default via 172.17.0.1
ip netns exec container setsid socat TCP4-LISTEN:80,reuseaddr,fork OPEN:/run/banner,rdonly \
    >/dev/null 2>&1 &
until ip netns exec container ss -Hltn 'sport = :80' | grep -q .; do busybox usleep 50000; done
iptables -N DOCKER-USER
iptables -A DOCKER-USER -j RETURN
iptables -A FORWARD -j DOCKER-USER
iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -d 172.17.0.2 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
iptables -A FORWARD -i docker0 -j ACCEPT
iptables -P FORWARD DROP
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 8080 ! -i docker0 \
    -j DNAT --to-destination 172.17.0.2:80
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
"""
REMOVE_CONTAINER = """
busybox pkill -f TCP4-LISTEN:80
ip link delete docker0
sysctl -q -w net.ipv4.ip_forward=0
"""


def blocks(recipe: str, language: str = "sh") -> list[str]:
    """The commands of a recipe, block by block."""
    text = (REPOSITORY / "docs" / "recipes" / f"{recipe}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def visitor(guest: Guest) -> Visitor:
    """A host with the client's programs."""
    guest.run(STAND_INS)
    return Visitor(guest)


@pytest.fixture
def firewalld(guest: Guest) -> Iterator[None]:
    """firewalld runs, as it was installed; its configuration goes with it."""
    guest.run(START_FIREWALLD, timeout=PATIENCE)
    yield
    guest.run(STOP_FIREWALLD)


@pytest.fixture
def ufw(guest: Guest) -> Iterator[None]:
    """ufw is there, not enabled; afterwards it is as it was installed.

    What it blocks it would have the kernel log as a warning.
    """
    guest.run("cp -a /etc/ufw /run/ufw.before\n"
              "sed -i s/LOGLEVEL=.*/LOGLEVEL=off/ /etc/ufw/ufw.conf")
    yield
    guest.run("ufw --force disable; rm -rf /etc/ufw; mv /run/ufw.before /etc/ufw",
              timeout=PATIENCE)


@pytest.fixture
def container(guest: Guest) -> Iterator[None]:
    """A container's port, published as Docker does."""
    guest.run(CONTAINER)
    yield
    guest.run(REMOVE_CONTAINER)


def comes_in(visitor: Visitor, commands: str, family: Family) -> bool:
    """Whether what the client types, for this family, gets it a service's banner."""
    visitor.guest.run(["sh", "-c", f"echo '{family.guest} yourserver' >/etc/netns/visitor/hosts"])
    return visitor.run(PATH + commands, check=False).stdout == SSH


def is_silent(guest: Guest, family: Family, port: int) -> bool:
    """Whether a stranger's connection to a port is met with silence."""
    return guest.client(family).connect(port) is Answer.SILENCE


def assert_door(guest: Guest, visitor: Visitor, client: str, family: Family,
                port: int = 22) -> None:
    """A port is silent to strangers, so are knocks, and who knocked comes in."""
    assert is_silent(guest, family, port)
    assert is_silent(guest, family, 2001)
    without_knock = client.rpartition("&&")[2]
    assert not comes_in(visitor, without_knock, family)
    assert comes_in(visitor, client, family)
    assert comes_in(visitor, without_knock, family)
    assert is_silent(guest, family, port), "the door is the visitor's alone"


def test_mark_for_rules_of_nft(guest: Guest, visitor: Visitor) -> None:
    marking, client = blocks("nftables")
    [rules] = blocks("nftables", "nft")
    guest.run(marking)
    guest.run(["nft", "-f", "-"], stdin=rules)
    for family in FAMILIES:
        assert_door(guest, visitor, client, family)


@pytest.mark.usefixtures("firewalld")
def test_firewalld(guest: Guest, visitor: Visitor) -> None:
    server, client = blocks("firewalld")
    guest.run(server, timeout=PATIENCE)
    for family in FAMILIES:
        assert_door(guest, visitor, client, family)
    guest.run("firewall-cmd --reload", timeout=PATIENCE)
    for family in FAMILIES:
        assert comes_in(visitor, client.rpartition("&&")[2], family), "the door is still open"


@pytest.mark.usefixtures("ufw")
def test_ufw(guest: Guest, visitor: Visitor) -> None:
    server, client = blocks("ufw")
    guest.run(server, timeout=PATIENCE)
    for family in FAMILIES:
        assert_door(guest, visitor, client, family)
    guest.run("ufw reload", timeout=PATIENCE)
    for family in FAMILIES:
        assert comes_in(visitor, client.rpartition("&&")[2], family), "the door is still open"


@pytest.mark.usefixtures("container")
def test_docker(guest: Guest, visitor: Visitor) -> None:
    server, client = blocks("docker")
    assert comes_in(visitor, client.rpartition("&&")[2], V4), "it is published"
    guest.run(server)
    assert is_silent(guest, V4, 8080)
    assert not comes_in(visitor, client.rpartition("&&")[2], V4)
    assert comes_in(visitor, client, V4)
    assert is_silent(guest, V4, 8080), "the door is the visitor's alone"
