# SPDX-License-Identifier: GPL-2.0-or-later
"""Where it can be measured. Each place gives the results, and what is to be known of them."""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import guest
import here
import jobs
import modules
import process
from harness import kernels, privilege, process_kernel

BENCH = Path(__file__).resolve().parent
SIZES = [1_000, 10_000, 100_000, 1_000_000]
KERNEL_MODULES = ["net/netfilter/nfnetlink.ko", "net/netfilter/ipset/ip_set.ko",
                  "net/netfilter/ipset/ip_set_hash_ip.ko", "net/netfilter/xt_set.ko",
                  "net/netfilter/xt_recent.ko ip_list_tot=1048576"]
# Instructions do not vary: what rounds are for is that hash tables are never the same.
EXACT_ROUNDS = 5
INSTRUCTIONS = {"ns": "instructions", "ms": "million instructions"}


def _plugins() -> str:
    return subprocess.run(["pkg-config", "--variable=xtlibdir", "xtables"], check=True,
                          capture_output=True, text=True).stdout.strip()


def _choices(options: argparse.Namespace, largest: int) -> dict:
    largest = options.largest or largest
    return {"families": options.family or [4, 6],
            "sizes": [size for size in SIZES if size <= largest], "cases": options.case}


def _parts(builder: modules.Builder, purpose: str) -> tuple[dict[str, Path], str]:
    addons, version = modules.addons(builder, purpose)
    return {"ours": modules.ours(builder, purpose), "addons": addons}, version


def _exchanged(run: Callable[[Path], None], job: dict) -> dict:
    """What is found by a measurement that shares a folder with us."""
    with tempfile.TemporaryDirectory(prefix="portknocko-bench-") as name:
        exchange = Path(name)
        (exchange / "job.json").write_text(json.dumps(job))
        run(exchange)
        return json.loads((exchange / "results.json").read_text())


def in_process(options: argparse.Namespace) -> dict:
    """A kernel that runs as a process."""
    built = process_kernel.build("bench", BENCH / "uml/config")
    parts, version = _parts(modules.Native(built.objects.name, built.make), "bench")
    stock = [str(built.objects / module) for module in KERNEL_MODULES]
    job = jobs.make(parts, stock, _plugins(), **_choices(options, SIZES[-1]))
    measured = _exchanged(lambda exchange: process.run(built, exchange), job)
    return {"where": "process", "source": built.version, "addons": version, **measured}


def on_machine(options: argparse.Namespace) -> dict:
    """The kernel that runs."""
    found = here.running()
    parts, version = _parts(modules.Native(found.release, found.make), "bench-here")
    job = jobs.make(parts, jobs.STOCK, _plugins(), **_choices(options, SIZES[-1]))
    return {"where": "machine", "addons": version, **_exchanged(here.run, job)}


def _in_guest(options: argparse.Namespace, hardware: guest.Hardware, **choices: object) -> dict:
    row = kernels.load()[options.kernel]
    image = privilege.build_measuring_image(row)
    builder = guest.Compilers(row, image)
    parts, version = _parts(builder, builder.purpose)
    job = jobs.make({name: guest.seen(name) for name in parts}, jobs.STOCK, guest.PLUGINS,
                    **choices)
    with guest.booted(image, hardware, parts) as booted:
        return {"row": row.name, "addons": version, "accelerator": booted.accelerator,
                **booted.measure(job)}


def counted(options: argparse.Namespace) -> dict:
    """A stock kernel whose instructions are counted."""
    choices = _choices(options, 100_000)
    measured = _in_guest(options, guest.EXACT, rounds=EXACT_ROUNDS, **choices)
    for item in measured["results"]:
        item["unit"] = INSTRUCTIONS.get(item["unit"], item["unit"])
    return {"where": "icount", **measured}


def on_two_cpus(options: argparse.Namespace) -> dict:
    """A stock kernel with two processors, each of which has one of this machine's."""
    choices = _choices(options, 100_000) | {"cases": ["together"]}
    measured = _in_guest(options, guest.TWO_PROCESSORS, **choices)
    return {"where": "two-cpus", **measured}
