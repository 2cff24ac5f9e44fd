# SPDX-License-Identifier: GPL-2.0-or-later
"""What the measurements are to show: ratios of medians of one run."""

import dataclasses
from collections.abc import Iterator

from table import Results, number

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CASES = {"miss": "checkip miss", "hit": "checkip hit", "other": "no knock"}

Place = tuple[str, int, str]  # case, size, rival


@dataclasses.dataclass(frozen=True)
class Target:
    """limit, or less, times the other's cost. With other None: that many units, or at least."""

    text: str
    ours: Place
    limit: float
    other: Place | None
    at_least: bool = False

    def met(self, ours: float, other: float) -> bool:
        """Whether it is."""
        return ours >= self.limit if self.at_least else ours <= self.limit * other


def _targets() -> Iterator[Target]:
    for case in "hit", "miss":
        for size in SIZES:
            yield Target(f"checkip {case}, {size:,}: ≤ ipset", (case, size, "pknock"), 1,
                         (case, size, "set"))
        yield Target(f"checkip {case}: 1,000,000 ≤ 3 × 1,000", (case, 1_000_000, "pknock"), 3,
                     (case, 1_000, "pknock"))
    for size in 0, 100_000:
        yield Target(f"no knock, unknown source, {size:,} open: ≤ 0.5 × ipset miss at 100,000",
                     ("other", size, "pknock"), 0.5, ("miss", 100_000, "set"))
    for size, factor in (0, 2), (1_000, 5), (10_000, 100), (100_000, 2_000):
        yield Target(f"checkip miss, {size:,}: {factor:,} × faster than xtables-addons",
                     ("miss", size, "pknock"), 1 / factor, ("miss", size, "addons"))
    yield Target("first knock, 100,000: ≤ 1.5 × ipset add", ("first", 100_000, "pknock"), 1.5,
                 ("open", 100_000, "sized"))
    yield Target("opening, 100,000: ≤ 1.5 × ipset add", ("open", 100_000, "pknock"), 1.5,
                 ("open", 100_000, "sized"))
    for case in "memory", "memory-half":
        for size in 100_000, 1_000_000:
            yield Target(f"{case}, {size:,}: ≤ 96 bytes a source, all counted",
                         (case, size, "pknock"), 96, None)
    yield Target("memory, 1,000,000: ≤ 128 MiB", ("memory", 1_000_000, "pknock"),
                 (128 << 20) / 1_000_000, None)
    yield Target("wrong token, --skew 0: ≤ 1.15 × its HMAC", ("spa-wrong", 0, "pknock"), 1.15,
                 ("spa-wrong", 0, "hmac"))
    yield Target("wrong token, --skew 1: ≤ 1.15 × its 3 HMACs", ("spa-wrong-skew1", 0, "pknock"),
                 1.15, ("spa-wrong-skew1", 0, "hmac"))
    for case, skew in ("spa-wrong", 0), ("spa-wrong-skew1", 1):
        yield Target(f"wrong token, --skew {skew}: ≤ 0.7 × xtables-addons", (case, 0, "pknock"),
                     0.7, (case, 0, "addons"))
    for size in 0, *SIZES:
        yield Target(f"datagram of another length, {size:,}: ≤ 1.5 × checkip miss",
                     ("spa-length", size, "pknock"), 1.5, ("spa-length", size, "checkip"))
    for case in "miss", "hit", "other":
        for size in 0, *SIZES:
            yield Target(f"two CPUs, {CASES[case]}, {size:,}: ≥ 1.9 × one",
                         (f"two-{case}", size, "pknock"), 1.9, None, at_least=True)


def render(measured: dict) -> str:
    """Each target, met or not. They are about time: of instructions there are none."""
    if measured["where"] == "icount":
        return ""
    results = Results(measured)
    lines = []
    for family in 4, 6:
        for target in _targets():
            ours = results.get(target.ours[0], family, *target.ours[1:])
            other = 1.0
            if target.other:
                other = results.get(target.other[0], family, *target.other[1:])
            if ours is None or other is None:
                continue
            met = "met" if target.met(ours, other) else "MISSED"
            figures = f"{number(ours)} / {number(other)} = {ours / other:.3g}"
            if not target.other:
                figures = f"{number(ours)}, limit {number(target.limit)}"
            lines.append(f"- {met}: IPv{family} {target.text}: {figures}")
    return "\n".join(lines)
