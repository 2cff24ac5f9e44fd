# SPDX-License-Identifier: GPL-2.0-or-later
"""pknockctl setup ssh: a door before the SSH server, and the way back from it."""

import json
from pathlib import Path

import pytest

from harness import poll
from harness.agent import Result
from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT, V4_ONLY
from harness.net import V4, V6
from harness.pknockctl import NOBODY
from harness.sources import REPOSITORY
from harness.visitor import Visitor

USAGE = 2
PERMISSION = 6
NOT_FOUND = 7
SECRETS = "/etc/portknocko/secrets"

# An echo, and someone who is connected to it and types what comes in through a pipe.
SERVE = """
setsid socat TCP4-LISTEN:7777 PIPE >/dev/null 2>&1 &
until ss -Hltn 'sport = :7777' | grep -q .; do busybox usleep 50000; done
mkfifo /run/typed
"""
SESSION = f"""
exec 3<>/run/typed
{{ echo before; read -r line <&3; echo "$line"; }} |
    ip netns exec visitor socat -t 20 - TCP4:{V4.guest}:7777
"""


def set_up(guest: Guest, firewall: Firewall, *options: str, port: int = 22) -> dict:
    """Run it; what it tells."""
    command = ["pknockctl", "setup", "ssh", "--json", "--port", str(port), "--backend",
               firewall.backend, *options]
    return json.loads(guest.run(command).stdout)


def filters(guest: Guest, firewall: Firewall) -> list[list[str]]:
    """The rules of both families."""
    return [Firewall(guest, firewall.backend, family).rules() for family in (V4, V6)]


@V4_ONLY
def test_setup_is_rolled_back_unless_confirmed(guest: Guest, firewall: Firewall) -> None:
    for family in (V4, V6):
        Firewall(guest, firewall.backend, family).append("INPUT -p udp -m udp --dport 7 -j ACCEPT")
    before = filters(guest, firewall)
    told = set_up(guest, firewall, "--sequence", "2002,2001,2004", "--confirm-within", "2")
    assert guest.client(V4).connect(22) is Answer.SILENCE
    # Others may change rules meanwhile: theirs stay.
    firewall.append("INPUT -p udp -m udp --dport 9 -j ACCEPT")
    poll.until(lambda: not any("pknock" in rule for rules in filters(guest, firewall)
                               for rule in rules))
    assert filters(guest, firewall) == [[*before[0], "INPUT -p udp -m udp --dport 9 -j ACCEPT"],
                                        before[1]]
    assert guest.client(V4).connect(22) is Answer.OPEN
    late = guest.run(["pknockctl", "setup", "ssh", "--confirm", told["token"]], check=False)
    assert late.rc == NOT_FOUND


@NFT
def test_setup_by_datagram(guest: Guest, firewall: Firewall, client: Client) -> None:
    family = firewall.family
    visitor = Visitor(guest)
    told = set_up(guest, firewall, "--spa", "--knock-port", "2000", "--ttl", "30")
    assert told["secrets"] == {"open": f"{SECRETS}/SSH.open", "close": f"{SECRETS}/SSH.close"}
    modes = guest.run(f"stat -c %a {SECRETS} {SECRETS}/SSH.open {SECRETS}/SSH.close").stdout.split()
    assert modes == ["700", "600", "600"]
    busy = guest.run("pknockctl setup ssh --yes --sequence", check=False)
    assert busy.rc == USAGE
    assert busy.stderr == "pknockctl: another setup waits to be confirmed or rolled back\n"

    assert client.connect(22) is Answer.SILENCE
    assert client.connect(2000) is Answer.CLOSED, "what has nothing to do with the door stays"
    visitor.run(f"umask 077; mkdir -p ~/.config; cp -pr {SECRETS} ~/.config/pknock")
    knock, _, ssh = told["open"].partition(" && ")
    visitor.run(knock.replace(ssh.split()[-1], family.guest, 1))
    assert visitor.greeting(family)
    assert client.connect(22) is Answer.SILENCE

    kept = guest.run(["pknockctl", "setup", "ssh", "--confirm", told["token"]]).stdout
    assert kept.startswith("Kept.")
    assert guest.run("pknockctl check").stdout.endswith("nothing found\n")
    # A second setup changes the chain and keeps the secrets; undone, the first is back.
    before = filters(guest, firewall)
    secret = guest.agent.read(f"{SECRETS}/SSH.open")
    set_up(guest, firewall, "--spa", "--knock-port", "2001", "--confirm-within", "1")
    poll.until(lambda: filters(guest, firewall) == before)
    assert guest.agent.read(f"{SECRETS}/SSH.open") == secret


@V4_ONLY
def test_setup_says_why_iptables_refuses_its_rules(guest: Guest, firewall: Firewall) -> None:
    plugin = guest.run("find /usr/lib -name libxt_pknock.so").stdout.strip()
    guest.run(["mount", "--bind", "/dev/null", plugin])
    try:
        refused = guest.run(["pknockctl", "setup", "ssh", "--yes", "--sequence", "--backend",
                             firewall.backend], check=False)
    finally:
        guest.run(["umount", plugin])
    assert refused.rc != 0
    assert "restore: " in refused.stderr and "Couldn't load match `" in refused.stderr
    assert "--help" not in refused.stderr and refused.stderr.count("\n") == 1
    assert filters(guest, firewall) == [[], []]


@NFT
@V4_ONLY
def test_setup_keeps_connections(guest: Guest, firewall: Firewall) -> None:
    Visitor(guest)
    guest.run(SERVE)
    session = guest.agent.start(SESSION)
    poll.until(lambda: guest.run("ss -Htn state established sport = :7777").stdout)
    # What was there before connection tracking is new to it.
    guest.run("conntrack --flush", check=False)
    told = set_up(guest, firewall, "--sequence", port=7777)
    guest.run("echo after >/run/typed")
    assert session.wait().stdout == "before\nafter\n"
    guest.run(["pknockctl", "setup", "ssh", "--confirm", told["token"]])


@NFT
@V4_ONLY
def test_setup_asks_on_a_terminal(guest: Guest, firewall: Firewall) -> None:
    def dialogue(typed: str, *options: str) -> Result:
        command = " ".join(["pknockctl setup ssh", *options])
        return guest.run(f"socat -t 60 - EXEC:'{command}',pty,ctty,setsid", stdin=typed,
                         check=False)

    assert 'pknockctl: "both" is neither spa nor seq\n' in dialogue("22\nboth\n").stderr
    refused = dialogue("22\nseq\n\nno\n")
    assert "pknockctl: nothing was changed\n" in refused.stderr
    assert firewall.rules() == []
    late = dialogue("22\nseq\n\nyes\n", "--confirm-within", "1")
    assert "pknockctl: Rolled back: the rules are as before.\n" in late.stderr
    assert firewall.rules() == []
    told = dialogue("22\nseq\n\n\n\n").stdout
    assert "TCP port of the SSH server? [22]" in told
    assert "pknock seq" in told
    assert "Kept." in told
    assert firewall.rules()[0] == "INPUT -j pknock-SSH"


# systemctl is not in guests: this one knows of one unit that is active.
SYSTEMCTL = """#!/bin/sh
test "$*" = "--quiet is-active firewalld.service"
"""


@pytest.mark.parametrize(("path", "content", "manager"), [
    ("/etc/ufw/ufw.conf", "# comment\nENABLED=yes\nLOGLEVEL=low\n", "ufw"),
    ("/etc/ufw/ufw.conf", "ENABLED=no\n", None),
    ("/usr/sbin/systemctl", SYSTEMCTL, "firewalld"),
])
def test_setup_warns_where_another_keeps_the_firewall(guest: Guest, path: str, content: str,
                                                      manager: str | None) -> None:
    command = "pknockctl setup ssh --yes --dry-run --sequence 2002,2001"
    guest.run(["mkdir", "-p", str(Path(path).parent)])
    guest.agent.write(path, content)
    try:
        guest.run(["chmod", "755", path])
        assert json.loads(guest.run(f"{command} --json").stdout)["managed_by"] == manager
        said = guest.run(command).stdout
    finally:
        guest.run(["rm", path])
    assert (f"docs/recipes/{manager}.md" in said) == (manager is not None)
    if manager:
        assert (REPOSITORY / f"docs/recipes/{manager}.md").exists()


@NFT
@V4_ONLY
@pytest.mark.any_kernel
def test_setup_without_terminal_or_privileges_changes_nothing(guest: Guest,
                                                              firewall: Firewall) -> None:
    deaf = guest.run("pknockctl setup ssh </dev/null", check=False)
    assert deaf.rc == USAGE and "there is no terminal to ask on" in deaf.stderr
    poor = guest.run([*NOBODY, "pknockctl", "setup", "ssh", "--yes"], check=False)
    assert poor.rc == PERMISSION
    assert poor.stderr == "pknockctl: only root can change the firewall's rules\n"
    assert firewall.rules() == []
