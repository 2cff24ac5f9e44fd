# SPDX-License-Identifier: GPL-2.0-or-later
"""What keeps a table of sources and has a match for it: ours, and what else people use.

All get their tables from packets or from their own tool, and all are asked by their own match.
"""

import subprocess
from ipaddress import ip_address
from pathlib import Path

import netlink
import packets
from driver import Extension, Session, Timing
from rules import extension

# Sources in a table begin here, and those that are not in it there.
INSIDE = 0x0A000000
OUTSIDE = 0x28000000
KNOCK, SECOND, THIRD = 2000, 2001, 2002
ROOM = 2_000_000
BURST = 500  # packets between two chances of a worker; all sizes are a multiple


def command(*words: str, stdin: str = "") -> None:
    """Run a tool, which must succeed."""
    result = subprocess.run(words, input=stdin, check=False, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        raise RuntimeError(f"{' '.join(words)}: {result.stdout.strip()}")


def insert_all(session: Session, count: int) -> Timing:
    """Let each source send one packet. A table that grows gets time to, now and then."""
    calls = min(count, BURST)
    return session.sources(INSIDE, count).run(count // calls, calls)


class Rival:
    """A match, and how its tables come to be."""

    name = ""
    title = ""
    families = (4, 6)
    # The largest table, and the largest that is quick enough to fill again and again.
    largest = fillable = 1_000_000

    def __init__(self, plugins: dict[str, str]) -> None:
        self.plugin = plugins.get(self.name)

    def create(self, family: int, table: str, size: int) -> None:
        """Before the first rule names it."""

    def destroy(self, table: str) -> None:
        """After the last rule that named it."""

    def check(self, family: int, table: str) -> Extension:
        """The match that asks whether the source is in the table."""
        raise NotImplementedError

    def insert(self, family: int, table: str) -> Extension | None:
        """What puts the source of a SYN to the port KNOCK into the table."""
        return None

    def knock(self, family: int, table: str) -> Extension | None:
        """The rule that waits for a sequence of knocks."""
        return None

    def fill(self, family: int, table: str, size: int) -> None:
        """Put so many sources into the table. Context: another rule keeps it."""
        session = Session(self.insert(family, table))
        insert_all(session.packets([packets.tcp(family, KNOCK, packets.SYN)]), size)
        session.close()


class Null(Rival):
    """Tells what the measurement itself costs."""

    name = "null"
    title = "nothing"

    def check(self, family: int, table: str) -> Extension:
        return Extension("match", family, 0, "bench_null", 0, b"")

    def fill(self, family: int, table: str, size: int) -> None:
        pass


class Ours(Rival):
    """This project's match."""

    name = "pknock"
    title = "PortKnocko"

    def destroy(self, table: str) -> None:
        # A door that has no rule any more lingers, with all that it knows.
        netlink.flush_ours(table)

    def check(self, family: int, table: str) -> Extension:
        return extension(family, "match", "pknock", f"-m pknock --checkip --name {table}",
                         self.plugin)

    def insert(self, family: int, table: str) -> Extension:
        return self._sequence(family, table, f"{KNOCK}")

    def knock(self, family: int, table: str) -> Extension:
        return self._sequence(family, table, f"{KNOCK},{SECOND},{THIRD}")

    def _sequence(self, family: int, table: str, ports: str) -> Extension:
        return extension(family, "match", "pknock", f"-p tcp -m pknock --knockports {ports}"
                         f" --max-peers {ROOM} --name {table}", self.plugin)

    def spa(self, family: int, table: str, secret: str, skew: int) -> Extension:
        """The rule that waits for a token."""
        return extension(family, "match", "pknock", f"-p udp -m pknock --knockports {KNOCK}"
                         f" --name {table} --skew {skew} --opensecret {secret}"
                         f" --closesecret not-{secret}", self.plugin)


class Addons(Rival):
    """xtables-addons' pknock, as it is when nothing is set."""

    name = "addons"
    title = "xtables-addons pknock"
    families = (4,)
    # Its buckets are 16 lists: 100,000 sources take half a minute, a million would take an hour.
    largest = 100_000
    fillable = 10_000

    def check(self, family: int, table: str) -> Extension:
        return extension(family, "match", "pknock", f"-m pknock --checkip --name {table}",
                         self.plugin)

    def insert(self, family: int, table: str) -> Extension:
        return self._sequence(family, table, f"{KNOCK}")

    def knock(self, family: int, table: str) -> Extension:
        return self._sequence(family, table, f"{KNOCK},{SECOND},{THIRD}")

    def _sequence(self, family: int, table: str, ports: str) -> Extension:
        return extension(family, "match", "pknock", f"-p tcp -m pknock --knockports {ports}"
                         f" --time 60 --name {table}", self.plugin)

    def spa(self, family: int, table: str, secret: str) -> Extension:
        """The rule that waits for a token."""
        return extension(family, "match", "pknock", f"-p udp -m pknock --knockports {KNOCK}"
                         f" --name {table} --opensecret {secret} --closesecret not-{secret}",
                         self.plugin)


class Set(Rival):
    """An ipset that its own tool filled, and that grew meanwhile."""

    name = "set"
    title = "ipset hash:ip"
    suffix = ""

    def create(self, family: int, table: str, size: int) -> None:
        command("ipset", "create", table + self.suffix, "hash:ip", "family",
                "inet6" if family == 6 else "inet", "maxelem", str(ROOM), *self.options(size))

    def options(self, size: int) -> list[str]:
        """What a set of so many is made with."""
        return []

    def destroy(self, table: str) -> None:
        command("ipset", "destroy", table + self.suffix)

    def check(self, family: int, table: str) -> Extension:
        return extension(family, "match", "set", f"-m set --match-set {table}{self.suffix} src")

    def fill(self, family: int, table: str, size: int) -> None:
        lines = (f"add {table} {ip_address(packets.source(family, INSIDE + number))}\n"
                 for number in range(size))
        command("ipset", "restore", stdin="".join(lines))


class SizedSet(Set):
    """An ipset that was made as large as it had to become: from packets, it cannot grow."""

    name = "sized"
    title = "ipset hash:ip, sized"
    suffix = "sized"

    def options(self, size: int) -> list[str]:
        return ["hashsize", str(max(64, size))]

    def insert(self, family: int, table: str) -> Extension:
        return extension(family, "target", "SET", f"-j SET --add-set {table}{self.suffix} src")

    def fill(self, family: int, table: str, size: int) -> None:
        Rival.fill(self, family, table, size)


class Recent(Rival):
    """xt_recent with room for a million sources in each table."""

    name = "recent"
    title = "recent"

    def check(self, family: int, table: str) -> Extension:
        return extension(family, "match", "recent", f"-m recent --rcheck --name {table}")

    def insert(self, family: int, table: str) -> Extension:
        return extension(family, "match", "recent", f"-m recent --set --name {table}")


ALL = (Ours, Set, SizedSet, Recent, Addons, Null)


def load(modules: list[str]) -> None:
    """Insert modules, each given as its file and parameters."""
    for module in modules:
        words = module.split()
        command("insmod" if Path(words[0]).is_absolute() else "modprobe", *words)
