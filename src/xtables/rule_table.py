# SPDX-License-Identifier: GPL-2.0-or-later
"""Reader of the format of iptables' own tests, `rule;expected save;OK|FAIL`.

`=` stands for a rule that is saved as it was written. A line `:CHAIN,...` names the chains
of the rules after it; `#` starts a comment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("libxt_pknock.t")


@dataclass(frozen=True)
class Row:
    line: int
    chains: tuple[str, ...]
    rule: str
    saved: str
    accepted: bool

    def __str__(self) -> str:
        return f"{TABLE.name}:{self.line}"


def read(path: Path = TABLE) -> Iterator[Row]:
    chains: tuple[str, ...] = ()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        if line.startswith(":"):
            chains = tuple(line[1:].split(","))
            continue
        rule, saved, verdict = line.split(";")
        if verdict not in ("OK", "FAIL"):
            raise ValueError(f"{path}:{number}: verdict {verdict!r}")
        yield Row(number, chains, rule, rule if saved == "=" else saved, verdict == "OK")
