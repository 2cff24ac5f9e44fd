# SPDX-License-Identifier: GPL-2.0-or-later
"""What inside/measure.py is asked to do, and what it tells meanwhile."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

# modprobe finds these wherever a kernel is installed as usual; the others are loaded from where
# they were built.
STOCK = ("ip_set_hash_ip", "xt_set", "xt_recent ip_list_tot=1048576")
MARK = "bench: "


def make(parts: dict[str, str | Path], stock: Iterable[str], plugins: str, families: Sequence[int],
         sizes: Sequence[int], **choices: object) -> dict:
    """A job. The parts are folders of modules, as who measures sees them, each with its plugins.

    plugins is where all others of iptables are. Of the choices, what is not given is as usual:
    cases and rivals by name, and how many rounds there are.
    """
    modules = [f"{folder}/{module}.ko" for name, folder in parts.items()
               for module in MODULES[name]]
    return {
        "modules": [*stock, *modules],
        "plugins": {RIVALS[name]: f"{folder}/plugin:{plugins}" for name, folder in parts.items()},
        "families": families, "sizes": sizes,
        **{name: value for name, value in choices.items() if value},
    }


MODULES = {"ours": ("xt_pknock", "xt_bench"), "addons": ("xt_pknock_addons",)}
RIVALS = {"ours": "pknock", "addons": "addons"}


def tell(line: str) -> None:
    """Pass on what measure.py says of its progress, and nothing else."""
    if line.startswith(MARK):
        print("  " + line.removeprefix(MARK).rstrip(), file=sys.stderr, flush=True)
