# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels of this lane; two, as what finds data races excludes what finds bad memory."""

from pathlib import Path

from harness.source_kernel import Recipe

CONFIG = Path(__file__).resolve().parent / "config"
ARCHITECTURE = "x86_64"

# Of the kernel itself, nothing is watched: its races are not ours to tell of, and an emulated
# machine has no time for them. But where locks, RCU and work order what we do, it says so.
BARRIERS = ("mutex", "spinlock", "tree", "workqueue")
OURS_ONLY = ("KCSAN_SANITIZE=n", *(f"KCSAN_INSTRUMENT_BARRIERS_{file}.o=y" for file in BARRIERS))


def _recipe(name: str, words: tuple[str, ...] = ()) -> Recipe:
    return Recipe(f"smp-{name}", ARCHITECTURE, (CONFIG / "base", CONFIG / name), words)


RECIPES = {"kasan": _recipe("kasan"), "kcsan": _recipe("kcsan", OURS_ONLY)}
