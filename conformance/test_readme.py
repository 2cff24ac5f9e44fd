# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents that tell people what to type: what they say is typed, and does what they say.

The seed is the document that the project implements, and older than it. Its usage stands here as
it is there; what differs is the module's name and the place of knock.sh. Around the usage it has
other command lines. Others take their place: packages that of `svn checkout`, `make` and `make
install` (test_harness.py: they are installed), any time service that of `rdate` with a host that
is no more, ./test that of `testrunner.sh`.
"""

import re

import pytest

from harness.client import Answer, Client
from harness.firewall import BACKENDS
from harness.guest import Guest, Peer
from harness.net import V4
from harness.sources import REPOSITORY
from harness.spa_door import MINUTE, set_minute
from harness.visitor import Visitor

SSH = "portknocko conformance\n"

ACCEPT_KNOWN = """
iptables -P INPUT DROP
iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
"""
SIMPLE = ACCEPT_KNOWN + """
iptables -A INPUT -p tcp -m state --state NEW \
    -m pknock --knockports 2002,2001,2004 --name SSH \
    -m tcp --dport 22 -j ACCEPT
"""
SIMPLE_KNOCKS = """
telnet yourserver 2002 # first knock
telnet yourserver 2001
telnet yourserver 2004 # last knock
"""
CRYPT = ACCEPT_KNOWN + """
iptables -A INPUT -p udp -m state --state NEW \
    -m pknock --knockports 2000 --name SSH \
    --opensecret your_opensecret --closesecret your_closesecret \
    -j DROP
iptables -A INPUT -p tcp -m state --state NEW \
    -m pknock --checkip --name SSH -m tcp --dport 22 -j ACCEPT
"""
USAGE = "util/knock.sh 192.168.0.1 2000 your_opensecret yourserver"
OPEN = "~/util/knock.sh 192.168.0.1 2000 your_opensecret"
CLOSE = "~/util/knock.sh 192.168.0.1 2000 your_closesecret"
SOURCE = "192.168.0.1"

# What the seed's clock is set with, and how its module is loaded.
CLOCK = "/sbin/hwclock --systohc --utc"
INSTALL = """
depmod -Ae
modprobe cn
cd /lib/modules/$(uname -r)/updates/dkms
insmod ./xt_pknock.ko*
"""

# Programs that the guest lacks: the real telnet and ssh would do more after they connected.
STAND_INS = f"""
set -e
mkdir -p /run/bin /etc/netns/visitor
cat >/run/bin/telnet <<'END'
#!/bin/sh
exec timeout 0.5 busybox telnet "$@"
END
cat >/run/bin/ssh <<'END'
#!/bin/sh
exec socat -u "TCP:${{1#*@}}:22,connect-timeout=2" -
END
chmod +x /run/bin/telnet /run/bin/ssh
ln -sf "$(command -v iptables-@BACKEND@)" /run/bin/iptables
echo '{V4.guest} yourserver' >/etc/netns/visitor/hosts
"""
PATH = "export PATH=/run/bin:$PATH\n"


@pytest.fixture(params=BACKENDS)
def server(request: pytest.FixtureRequest, guest: Guest) -> Guest:
    """The guest, where iptables is one or the other."""
    guest.run(STAND_INS.replace("@BACKEND@", request.param))
    set_minute(guest)
    return guest


@pytest.fixture
def visitor(server: Guest) -> Visitor:
    """A host that knows yourserver, and has the address of the seed's examples."""
    host = Visitor(server)
    host.run(f"ip address add {SOURCE} dev visitor; ip route replace default"
             f" via {V4.gateway} dev visitor onlink src {SOURCE}")
    routes = server.wire.routes
    routes[V4.packed(SOURCE)] = routes[V4.packed(host.address(V4))]
    return host


def typed(host: Guest | Visitor, commands: str, check: bool = True) -> str:
    """What a host prints when these lines are typed there."""
    return host.run(PATH + commands, check=check).stdout


def gets_in(visitor: Visitor) -> bool:
    """Whether ssh connects."""
    return typed(visitor, "ssh user@yourserver", check=False) == SSH


def is_shut(server: Guest) -> bool:
    """Whether a SYN of the visitor's to port 22 is met with silence."""
    return Client(server.wire, V4, SOURCE).connect(22) is Answer.SILENCE


def blocks(heading: str) -> list[str]:
    """The commands under a heading of README.md, block by block."""
    text = (REPOSITORY / "README.md").read_text()
    [section] = re.findall(rf"^## {heading}.*?(?=^## )", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.mark.spec("M1", "M2")
@pytest.mark.parametrize("options", ["", "--time 10 --strict"])
def test_simplest_way_of_the_seed(server: Guest, visitor: Visitor, options: str) -> None:
    typed(server, SIMPLE.replace("--name SSH", f"--name SSH {options}"))
    assert is_shut(server)
    typed(visitor, SIMPLE_KNOCKS, check=False)
    assert gets_in(visitor)


@pytest.mark.spec("M7")
@pytest.mark.parametrize("command", [USAGE, OPEN])
def test_crypt_way_of_the_seed(server: Guest, visitor: Visitor, command: str) -> None:
    typed(server, CRYPT)
    assert is_shut(server)
    client = PATH + "export PKNOCK_HOST=yourserver\n"
    place = "/usr/lib/portknocko-client/knock.sh"
    visitor.run(client + re.sub(r"\S*util/knock\.sh", place, command))
    assert gets_in(visitor)
    visitor.run(client + re.sub(r"\S*util/knock\.sh", place, CLOSE))
    assert is_shut(server)


@pytest.mark.virtual(reason="there is no clock that runs without the kernel")
def test_other_commands_of_the_seed(guest: Guest) -> None:
    # Debian 13 has it in a package that minimal systems lack; busybox has it everywhere.
    guest.run(f"busybox {CLOCK.removeprefix('/sbin/')}")
    guest.run("iptables -L")
    guest.run(INSTALL)
    assert guest.loaded()


@pytest.mark.spec("M1", "M2")
def test_one_rule_of_the_readme(server: Guest, visitor: Visitor) -> None:
    rules, client = blocks("One rule")
    typed(server, rules)
    assert is_shut(server)
    assert typed(visitor, client).endswith(SSH)
    assert server.door("SSH") == [Peer(SOURCE, "TCP", "ALLOWED", 3, None, None)]


@pytest.mark.spec("A2")
def test_two_rules_of_the_readme(server: Guest, visitor: Visitor) -> None:
    rules, client = blocks("Two rules")
    opening, closing = client.splitlines()
    visitor.run("umask 077; mkdir -p ~/.config/pknock; cd ~/.config/pknock;"
                "echo your_opensecret >open; echo your_closesecret >close")
    typed(server, rules)
    assert is_shut(server)
    assert typed(visitor, opening).endswith(SSH)
    assert server.door("SSH") == [Peer(SOURCE, "UDP", "ALLOWED", 1, None, None)]
    typed(visitor, closing)
    assert is_shut(server)
    assert typed(visitor, opening, check=False) == "", "the same token once more"
    set_minute(server, MINUTE + 1)
    assert typed(visitor, opening).endswith(SSH)
