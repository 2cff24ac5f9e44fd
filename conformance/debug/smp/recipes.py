# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels of this lane; two, as what finds data races excludes what finds bad memory."""

from pathlib import Path

from harness.source_kernel import Recipe

CONFIG = Path(__file__).resolve().parent / "config"
ARCHITECTURE = "x86_64"

# Of the kernel only those files are watched through which memory of ours goes; the rest is not ours
# to tell of, and would make an emulated machine several times slower. All of our module is, with
# what it inlines.
BAD_MEMORY = ("list_debug", "mutex", "nft_compat", "seq_file", "spinlock", "timer",
              "tree", "workqueue", "x_tables")
# No kernel code is asked for its data races, but locks, RCU and work say what they order.
BARRIERS = ("mutex", "spinlock", "tree", "workqueue")


def _files(variable: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{variable}_{name}.o=y" for name in names)


def _recipe(name: str, *words: str) -> Recipe:
    return Recipe(f"smp-{name}", ARCHITECTURE, (CONFIG / "base", CONFIG / name), words)


RECIPES = {
    "kasan": _recipe("kasan", "KASAN_SANITIZE=n", *_files("KASAN_SANITIZE", BAD_MEMORY)),
    "kcsan": _recipe("kcsan", "KCSAN_SANITIZE=n", *_files("KCSAN_INSTRUMENT_BARRIERS", BARRIERS)),
}
