# SPDX-License-Identifier: GPL-2.0-or-later
"""pknockctl check: rules that are loaded, and rules in a file."""

import json

from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import V4_ONLY
from harness.net import V6

FINDINGS = 10
FILE = 9

HIDDEN = ("INPUT -p tcp -m tcp --dport 22 -m pknock --knockports 2002,2001,2004 --name SSH"
          " --opensecret swordfish -j ACCEPT")
DOOR = "-p tcp -m pknock --knockports 2002,2001,2004 --name SSH --ttl 30"
GOOD = f"""*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT {DOOR} -m tcp --dport 22 -j ACCEPT
COMMIT
"""


def ids(guest: Guest, *options: str, status: int) -> list[tuple[str, str]]:
    """Findings, each with its family; errors first."""
    result = guest.run(["pknockctl", "check", "--json", *options], check=False)
    assert result.rc == status, result.stderr
    return [(finding["id"], finding["family"]) for finding in json.loads(result.stdout)["findings"]]


@V4_ONLY
def test_check_of_loaded_rules(guest: Guest, firewall: Firewall) -> None:
    assert guest.run("pknockctl check").stdout == "no rule has -m pknock\n"
    assert not guest.loaded(), "a look loads no module"

    firewall.restore(GOOD)
    # IPv6 lets everyone in: the twin of the IPv4 rules is missing.
    assert ids(guest, status=FINDINGS) == [("twin-missing", "ipv4")]
    Firewall(guest, firewall.backend, V6).restore(GOOD)
    assert ids(guest, status=0) == []

    firewall.restore(GOOD.replace("2001", "22").replace(":INPUT DROP", ":INPUT ACCEPT"))
    assert ids(guest, status=FINDINGS) == [("open-anyway", "ipv4"), ("port-in-use", "ipv4")]
    text = guest.run("pknockctl check", check=False).stdout
    assert f"{firewall.command}-save, door SSH: tcp/22 is accepted by the policy" in text


def test_check_of_a_file(guest: Guest) -> None:
    guest.agent.write("/tmp/rules", f"*filter\n:INPUT DROP [0:0]\n-A {HIDDEN}\nCOMMIT\n")
    result = guest.run("pknockctl check --file /tmp/rules", check=False)
    assert result.rc == FINDINGS
    assert "error [knock-after-match] /tmp/rules, door SSH: " in result.stdout
    assert "swordfish" not in result.stdout
    assert ids(guest, "--file6", "/tmp/rules", status=FINDINGS)[0] == ("knock-after-match", "ipv6")

    guest.agent.write("/tmp/rules", "*filter\n-A INPUT -m comment --comment \"open\n")
    result = guest.run("pknockctl check --file /tmp/rules", check=False)
    assert result.rc == FILE
    assert result.stderr == "pknockctl: /tmp/rules:2: a quote is not closed\n"
    assert guest.run("pknockctl check --file /tmp/none", check=False).rc == FILE
