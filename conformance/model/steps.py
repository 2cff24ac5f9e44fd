# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens in a history, one thing after the other. Clients are numbers: see SOURCES."""

import dataclasses

from harness.net import V4, V6, Family
from model.rules import Rule, brief

# Clients that only some masks tell apart. The first is also the address of its own networks.
SOURCES = {V4: ["198.51.100.0", "198.51.100.1", "198.51.100.200", "198.51.101.7"],
           V6: ["2001:db8:2:2::", "2001:db8:2:2::1", "2001:db8:2:2:ff::", "2001:db8:2:3::7"]}
MASKS = {V4: [31, 24, 23, 1], V6: [127, 64, 63, 1]}


@dataclasses.dataclass(frozen=True)
class Knock:
    """A SYN or a datagram to a port, "tcp/2001"."""

    client: int
    port: str

    __repr__ = brief


@dataclasses.dataclass(frozen=True)
class Again:
    """The client's last SYN of Knock once more, as TCP retransmits it."""

    client: int

    __repr__ = brief


@dataclasses.dataclass(frozen=True)
class Segment:
    """A TCP segment that is no knock."""

    client: int
    port: str
    flags: str

    __repr__ = brief


@dataclasses.dataclass(frozen=True)
class Spa:
    """A token in a datagram; stolen is the client that it was made for, if that is another one."""

    client: int
    kind: str
    secrets: int
    minute: int
    port: str
    stolen: int | None = None

    __repr__ = brief


@dataclasses.dataclass(frozen=True)
class Clock:
    """The wall clock is set to a minute, counted from the first."""

    minute: int

    __repr__ = brief


@dataclasses.dataclass(frozen=True)
class Wait:
    """Until shortly before or after the next time that runs out, if that is soon."""

    after: bool

    __repr__ = brief


@dataclasses.dataclass(frozen=True)
class Rest:
    """Long enough for the module to collect what is over."""

    __repr__ = brief


@dataclasses.dataclass(frozen=True)
class Load:
    """The history's rules of this number replace those there are; with flush, these go first."""

    rules: int
    flush: bool = False

    __repr__ = brief


Step = Knock | Again | Segment | Spa | Clock | Wait | Rest | Load


@dataclasses.dataclass(frozen=True)
class History:
    """Rules that may be loaded, the first at the beginning, and what happens then."""

    family: Family
    rules: list[list[Rule]]
    steps: list[Step]

    def __repr__(self) -> str:
        """As it can be pasted into test_model.py."""
        lines = [f"History({self.family.name.upper()}, rules=["]
        for number, rules in enumerate(self.rules):
            inner = ",\n     ".join(map(repr, rules))
            lines.append(f"    [{inner}],  # {number}")
        lines += ["], steps=[", *(f"    {step!r}," for step in self.steps), "])"]
        return "\n".join(lines)
