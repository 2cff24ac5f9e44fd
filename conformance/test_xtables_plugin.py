# SPDX-License-Identifier: GPL-2.0-or-later
"""Options: what is accepted comes back from the kernel as written, what is refused says why.

Runs src/xtables/libxt_pknock.t as iptables' own test runner would, with plugin and module both,
and what its format cannot hold.
"""

import re
import shlex
import sys

import pytest

from harness.firewall import Firewall
from harness.sources import REPOSITORY

sys.path.append(str(REPOSITORY / "src" / "xtables"))
import rule_table  # noqa: E402

PARAMETER_PROBLEM = 2
SPA = "-p udp -m pknock --knockports 2000 --name SSH"
SECRETS = [
    "two words",
    '"',
    "'",
    "\\",
    "ends in \\",
    "$HOME `id` %s ! ; # & | < > *",
    "-t",
    "--name",
    "schlüssel",
    '"' * 127,
    "".join(map(chr, range(0x20, 0x7F))),
]

pytestmark = pytest.mark.spec("M10")


def lines(rows: list[rule_table.Row], column: str) -> list[str]:
    """The rows' rules, chain by chain, as iptables-save orders them."""
    chains = dict.fromkeys(chain for row in rows for chain in row.chains)
    return [f"{chain} {getattr(row, column)}"
            for chain in chains for row in rows if chain in row.chains]


def restore_text(rules: list[str], verb: str = "A") -> str:
    """Input for iptables-restore."""
    return "\n".join(["*filter", *(f"-{verb} {rule}" for rule in rules), "COMMIT", ""])


def test_accepted_rules_come_back(firewall: Firewall) -> None:
    rows = [row for row in rule_table.read() if row.accepted]
    saved = lines(rows, "saved")

    firewall.restore(restore_text(lines(rows, "rule")))
    assert firewall.rules() == saved

    firewall.restore(firewall.save())
    assert firewall.rules() == saved

    # A rule is found again by what was written, which says nothing of the kernel's own part.
    firewall.restore(restore_text(lines(rows, "rule"), verb="D"), noflush=True)
    assert firewall.rules() == []


def test_refused_rules_say_why(firewall: Firewall) -> None:
    rows = [row for row in rule_table.read() if not row.accepted]
    script = [f'words=$({firewall.command} -w -A INPUT {row.rule} 2>&1); echo "$?" $words'
              for row in rows]
    answers = firewall.guest.run("\n".join(script), timeout=300).stdout.splitlines()

    assert len(answers) == len(rows)
    for row, answer in zip(rows, answers):
        status, _, words = answer.partition(" ")
        assert int(status) == PARAMETER_PROBLEM, f"{row}: {row.rule}: {answer}"
        assert re.search(r"--[a-z]", words.split("Try `")[0]), f"{row}: {row.rule}: {answer}"
    assert firewall.rules() == []


def test_mask_ends_with_the_address(firewall: Firewall) -> None:
    bits = firewall.family.bits
    firewall.append(f"INPUT -m pknock --checkip --name SSH --mask {bits}")
    refused = firewall.run(f"-A INPUT -m pknock --checkip --name SSH --mask {bits + 1}",
                           check=False)

    assert refused.rc == PARAMETER_PROBLEM
    assert "--mask" in refused.stderr
    assert firewall.rules() == [f"INPUT -m pknock --checkip --name SSH --mask {bits}"]


def test_secrets_come_back(firewall: Firewall) -> None:
    rules = [f"INPUT {SPA} --opensecret {shlex.quote(secret)} --closesecret {number}"
             for number, secret in enumerate(SECRETS)]
    for rule in rules:
        firewall.append(rule)
    before = firewall.rules()

    firewall.restore(firewall.save())
    assert firewall.rules() == before
    # What was restored is what was written, or it would not be found.
    for rule in rules:
        firewall.delete(rule)
    assert firewall.rules() == []


def test_listing_hides_secrets(firewall: Firewall) -> None:
    firewall.append(f"INPUT {SPA} --opensecret sesame --closesecret emases")
    listing = firewall.run("-nvL INPUT").stdout

    assert "opensecret" in listing and "closesecret" in listing
    assert "sesame" not in listing and "emases" not in listing


def test_rules_of_xtables_addons_load(firewall: Firewall) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 4002,4001,4004 --strict"
                    " --name SSH --time 10 --autoclose 60 --dport 22 -j ACCEPT")
    firewall.append("INPUT -p udp -m pknock --knockports 4000 --name FTP --time 10"
                    " --strict --opensecret foo --closesecret bar --autoclose 240 -j DROP")
    firewall.append("INPUT -p tcp -m pknock --checkip --name FTP --dport 21 -j ACCEPT")
    assert len(firewall.rules()) == 3


def test_two_doors_in_one_rule(firewall: Firewall) -> None:
    rule = ("INPUT -p tcp -m pknock --knockports 2002,2001 --name OUTER"
            " -m pknock --checkip --name INNER --once -j ACCEPT")
    firewall.append(rule)
    assert firewall.rules() == [rule]
