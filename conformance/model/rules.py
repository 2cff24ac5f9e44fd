# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of a history: what they are for the model, and as iptables takes them."""

import dataclasses

from harness.net import Family

PROBE = 80  # where nobody listens: who gets through is told so by the kernel
DEFAULT_TIME = 60
DEFAULT_SKEW = 1
SECRETS = [("open sesame", "close sesame"), ("second", "second close")]
GUARD = f"-m tcp --dport {PROBE}"


def brief(thing: object) -> str:
    """How a dataclass is written, without what is as it is by default."""
    shown = [f"{field.name}={getattr(thing, field.name)!r}" for field in dataclasses.fields(thing)
             if getattr(thing, field.name) != field.default]
    return f"{type(thing).__name__}({', '.join(shown)})"


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule of the match, which accepts what it matches. Without ports it is a check rule."""

    name: str = "A"
    ports: tuple[str, ...] = ()     # "tcp/2001"
    secrets: int | None = None      # the tokens' keys, by number in SECRETS
    protocol: str = ""              # of -p; any without it
    guard: str = ""                 # --dport PROBE "before" or "after" the match
    time: int | None = None
    strict: bool = False
    ttl: int | None = None
    once: bool = False
    mask: int | None = None
    skew: int | None = None

    __repr__ = brief

    def lasts(self) -> int:
        """The most seconds between two knocks."""
        return self.time or DEFAULT_TIME

    def window(self) -> int:
        """How many minutes a token may be off."""
        return DEFAULT_SKEW if self.skew is None else self.skew

    def protocols(self) -> set[str]:
        """Those that the sequence uses."""
        return {port.partition("/")[0] for port in self.ports}

    def _options(self) -> list[str]:
        words = [f"--knockports {','.join(self.ports)}" if self.ports else "--checkip",
                 f"--name {self.name}"]
        for option in ("time", "ttl", "mask", "skew"):
            value = getattr(self, option)
            if value is not None:
                words.append(f"--{option} {value}")
        words += [f"--{option}" for option in ("strict", "once") if getattr(self, option)]
        if self.secrets is not None:
            words.append('--opensecret "{}" --closesecret "{}"'.format(*SECRETS[self.secrets]))
        return words

    def text(self) -> str:
        """As after iptables -A INPUT."""
        words = [f"-p {self.protocol}"] if self.protocol else []
        words += [GUARD] if self.guard == "before" else []
        words += ["-m pknock", *self._options()]
        words += [GUARD] if self.guard == "after" else []
        return " ".join([*words, "-j ACCEPT"])


def restore(rules: list[Rule]) -> str:
    """For iptables-restore: these rules, and nothing else gets through."""
    return "\n".join(["*filter", ":INPUT DROP [0:0]",
                      *(f"-A INPUT {rule.text()}" for rule in rules), "COMMIT", ""])


def bits(rule: Rule, family: Family) -> int:
    """How many bits of an address the rule compares."""
    return family.bits if rule.mask is None else rule.mask
