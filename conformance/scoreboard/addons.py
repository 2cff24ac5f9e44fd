# SPDX-License-Identifier: GPL-2.0-or-later
"""xtables-addons' match, in the words of tests that were written for ours.

What differs in form only is made up for here, so that the behaviour is what is compared:

- Its knock rules need --time. Where a test gives none, they get our default, 60 s.
- It has one protocol a rule, from -p. "tcp/2002,tcp/2001" becomes "-p tcp", "2002,2001".
- Whether a source that has to start over is listed as INIT or not at all is not compared; but in
  tests of M11, which says what must not be remembered at all, lists are compared as they are.
- Tests change gc_interval so that nothing depends on when the collector runs, or to wait for less
  long. It has nothing of the kind: the collector comes when it comes.

An option that it refuses is not offered: that is a verdict of its own, no failure.
"""

import re
from collections.abc import Sequence

from harness.agent import CommandError
from harness.dialect import Dialect
from harness.guest import Guest, Peer

DEFAULT_TIME = "--time 60"
KNOCKPORTS = re.compile(r"--knockports (\S+)")
# What iptables or its plugin says, and what it means; in this order.
REFUSALS = (
    (re.compile(r'unknown option "(--[\w-]+)"'), "{}"),
    (re.compile(r"xt_pknock: ([^\n]*)"), "{}"),
    (re.compile(r"(--(?:open|close)secret)"), "{} of this length"),
    (re.compile(r"ip6tables.*(?:revision|No such file|No chain/target/match)", re.DOTALL), "IPv6"),
)


class NotOffered(Exception):
    """The match does not have what the test is about."""


def _bare(ports: str) -> tuple[str, str | None]:
    """The ports without their protocol, and the protocol, if all have the same."""
    parts = [port.rpartition("/") for port in ports.split(",")]
    protocols = {protocol for protocol, _, _ in parts}
    if len(protocols) > 1 or "" in protocols:
        return ports, None
    return ",".join(number for _, _, number in parts), protocols.pop()


def translate(rule: str) -> str:
    """A rule as xtables-addons' plugin takes it."""
    found = KNOCKPORTS.search(rule)
    if not found:
        return rule
    ports, protocol = _bare(found[1])
    words = f"--knockports {ports}"
    if "--time " not in rule and "--opensecret " not in rule:
        words += f" {DEFAULT_TIME}"
    rule = KNOCKPORTS.sub(words, rule)
    if protocol and "-p " not in rule:
        rule = rule.replace("-m pknock", f"-p {protocol} -m pknock", 1)
    return rule


def _is_nobody(place: tuple[str, int]) -> bool:
    return place == ("INIT", 0)


class _Peers(list):
    """Peers, equal to a list that differs in sources only that have to start over."""

    def _known(self) -> list[Peer]:
        return [peer for peer in self if not _is_nobody((peer.status, peer.count))]

    def __eq__(self, expected: object) -> bool:
        return list.__eq__(self, expected) or self._known() == _Peers(expected)._known()

    __hash__ = None


class _Standings(dict):
    """The same of standings."""

    def _known(self) -> dict[str, tuple[str, int]]:
        return {source: place for source, place in self.items() if not _is_nobody(place)}

    def __eq__(self, expected: object) -> bool:
        return dict.__eq__(self, expected) or self._known() == _Standings(expected)._known()

    __hash__ = None


class XtablesAddons(Dialect):
    """The dialect. Before each test, the plugin says how it is to be taken."""

    def __init__(self) -> None:
        self.literal = False   # rules go as they are written
        self.exact = False     # lists are compared as they are

    def rules(self, text: str) -> str:
        """Rules of a test, as this match takes them."""
        if self.literal:
            return text
        return "\n".join(map(translate, text.split("\n")))

    def refused(self, error: CommandError) -> None:
        """Tell what is not offered."""
        for pattern, words in REFUSALS:
            found = pattern.search(str(error))
            if found:
                raise NotOffered(words.format(*found.groups())) from error

    def peers(self, listed: Sequence[Peer]) -> list[Peer]:
        """The peers of a door, for comparing."""
        return list(listed) if self.exact else _Peers(listed)

    def standings(self, listed: dict[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
        """Where sources stand, for comparing."""
        return listed if self.exact else _Standings(listed)

    def set_parameter(self, guest: Guest, name: str, value: int) -> None:
        """It has no parameter of ours; what gc_interval is set for needs none."""
        if name != "gc_interval":
            raise NotOffered(f"parameter {name}")
