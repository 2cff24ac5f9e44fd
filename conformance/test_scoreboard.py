# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scoreboard makes of rules and of lists, for a match that is not ours."""

import pytest

from harness.agent import CommandError
from harness.guest import Peer
from scoreboard import table
from scoreboard.addons import NotOffered, XtablesAddons, translate


@pytest.mark.parametrize(("ours", "theirs"), [
    ("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH",
     "INPUT -p tcp -m pknock --knockports 2002,2001 --time 60 --name SSH"),
    ("INPUT -p tcp -m pknock --knockports 2002 --name SSH --time 5",
     "INPUT -p tcp -m pknock --knockports 2002 --name SSH --time 5"),
    ("-A PREROUTING -m pknock --knockports udp/2001,udp/2002 --name D",
     "-A PREROUTING -p udp -m pknock --knockports 2001,2002 --time 60 --name D"),
    ("-A INPUT -m pknock --knockports udp/2000 --name D --opensecret a --closesecret b",
     "-A INPUT -p udp -m pknock --knockports 2000 --name D --opensecret a --closesecret b"),
    ("INPUT -m pknock --knockports tcp/2002,udp/2001 --name D",
     "INPUT -m pknock --knockports tcp/2002,udp/2001 --time 60 --name D"),
    ("INPUT -p tcp -m pknock --checkip --name SSH", "INPUT -p tcp -m pknock --checkip --name SSH"),
])
def test_rules_are_put_as_xtables_addons_takes_them(ours: str, theirs: str) -> None:
    assert translate(ours) == theirs
    assert translate(theirs) == theirs


def test_rules_are_literal_where_that_is_the_question() -> None:
    dialect = XtablesAddons()
    dialect.literal = True
    rule = "INPUT -p tcp -m pknock --knockports 2002 --name SSH"
    assert dialect.rules(rule) == rule


@pytest.mark.parametrize(("answer", "reason"), [
    ('iptables v1.8.9 (nf_tables): unknown option "--ttl"', "--ttl"),
    ("iptables v1.8.9 (nf_tables): xt_pknock: needs `-p tcp' or `-p udp'",
     "needs `-p tcp' or `-p udp'"),
])
def test_refused_option_is_not_offered(answer: str, reason: str) -> None:
    with pytest.raises(NotOffered, match=reason.replace("(", r"\(")):
        XtablesAddons().refused(CommandError(answer))


def test_other_errors_are_errors() -> None:
    XtablesAddons().refused(CommandError("iptables: Memory allocation problem."))


def test_source_that_starts_over_need_not_be_listed() -> None:
    dialect = XtablesAddons()
    init = Peer("198.18.0.1", "TCP", "INIT", 0, None, None)
    inside = Peer("198.18.0.2", "TCP", "ALLOWED", 3, None, None)
    assert dialect.peers([inside]) == [init, inside]
    assert dialect.peers([init]) == []
    assert dialect.peers([inside]) != []
    assert dialect.standings({"a": ("INIT", 0)}) == {}
    assert dialect.standings({"a": ("MATCHING", 1)}) != {"a": ("INIT", 0)}
    dialect.exact = True
    assert dialect.peers([init]) != []


def test_table_has_a_column_for_each() -> None:
    def contest(version: str, ours: bool, verdict: str, detail: str) -> dict:
        return {"product": "p", "version": version, "ours": ours, "tests": {
            "test_a.py::test_b": {"spec": ["M2"], "verdict": verdict, "detail": detail}}}

    contests = [contest("1", True, "passes", ""), contest("2", False, "panics", "BUG: a | b")]
    assert table.verdicts(contests).splitlines()[-1] == (
        "| M2 | `test_a.py::test_b` | passes | **panics** |")
    assert table.summary(contests).splitlines()[2:] == [
        "| p 1 | 1 | 0 | 1 |", "| p 2 | 0 | 1 | 1 |"]
    assert table.details(contests).splitlines()[-1] == (
        "| `test_a.py::test_b` | 2 | `BUG: a \\| b` |")
    assert table.failures(contests) == []
    assert table.failures([contest("1", True, "not run", "")])
