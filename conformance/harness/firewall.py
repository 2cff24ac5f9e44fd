# SPDX-License-Identifier: GPL-2.0-or-later
"""iptables in the guest: one backend, one family."""

import shlex

from harness.agent import CommandError, Result
from harness.guest import Guest
from harness.net import Family

BACKENDS = ("nft", "legacy")


def _inside(netns: str | None) -> list[str]:
    return ["ip", "netns", "exec", netns] if netns else []


class Firewall:
    """The rules of one backend and family. Rules are written as after `iptables -A`."""

    def __init__(self, guest: Guest, backend: str, family: Family) -> None:
        self.guest = guest
        self.backend = backend
        self.family = family
        self.command = f"{family.iptables}-{backend}"

    def __repr__(self) -> str:
        return f"Firewall({self.command})"

    def run(self, arguments: str, check: bool = True, table: str = "filter",
            netns: str | None = None) -> Result:
        """Run iptables with arguments as a shell would split them."""
        words = shlex.split(self.guest.dialect.rules(arguments))
        return self._ask([*_inside(netns), self.command, "-w", "-t", table, *words], check)

    def _ask(self, words: list[str], check: bool, stdin: str = "") -> Result:
        try:
            return self.guest.run(words, stdin=stdin, check=check)
        except CommandError as error:
            self.guest.dialect.refused(error)
            raise

    def append(self, rule: str, **options) -> None:
        """Add a rule: "INPUT -p tcp … -j ACCEPT"."""
        self.run(f"-A {rule}", **options)

    def insert(self, rule: str, **options) -> None:
        """Add a rule before all others of its chain."""
        self.run(f"-I {rule}", **options)

    def delete(self, rule: str, **options) -> None:
        """Remove a rule, given as it was added."""
        self.run(f"-D {rule}", **options)

    def flush(self, **options) -> None:
        """Remove all rules of a table."""
        self.run("-F", **options)

    def policy(self, chain: str, target: str, **options) -> None:
        """Set what happens to packets that no rule decides on."""
        self.run(f"-P {chain} {target}", **options)

    def drop_by_default(self) -> None:
        """The beginning of every rule set that port knocking makes sense in."""
        self.policy("INPUT", "DROP")
        self.append("INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT")

    def save(self, table: str = "filter") -> str:
        """What iptables-save prints."""
        return self.guest.run([f"{self.command}-save", "-t", table]).stdout

    def rules(self, table: str = "filter") -> list[str]:
        """The rules as iptables-save prints them, without "-A " and blanks that old ones add."""
        lines = self.save(table).splitlines()
        return [line[3:].rstrip() for line in lines if line.startswith("-A ")]

    def restore(self, text: str, check: bool = True, noflush: bool = False,
                netns: str | None = None) -> Result:
        """Feed iptables-restore: all of it takes effect at once, or nothing."""
        words = [*_inside(netns), f"{self.command}-restore", *(["--noflush"] if noflush else [])]
        return self._ask(words, check, self.guest.dialect.rules(text))

    def counters(self, chain: str = "INPUT", table: str = "filter") -> list[int]:
        """How many packets each rule of the chain has matched."""
        listing = self.run(f"-nvxL {chain}", table=table).stdout
        return [int(line.split()[0]) for line in listing.splitlines()[2:]]
