#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures, on the machine that runs it, what DIRECTORY/job.json asks for.

The results go to DIRECTORY/results.json. Needs root, and no modules but its own users' loaded.
"""

import json
import os
import platform
import sys
import time
from pathlib import Path

import cases
import knocks
import lanes
import rivals
import space
import together

CASES = (*cases.ALL, *knocks.ALL, *space.ALL, *together.ALL)


def _wanted(job: dict, kind: str, name: str) -> bool:
    """Whether the job names it, or nothing of its kind."""
    return kind not in job or name in job[kind]


def main() -> int:
    exchange = Path(sys.argv[1])
    job = json.loads((exchange / "job.json").read_text())
    os.environ.setdefault("XTABLES_LOCKFILE", "/run/xtables.lock")
    start = time.monotonic()
    rivals.load(job["modules"])
    results = []
    chosen = [rival(job["plugins"]) for rival in rivals.ALL
              if _wanted(job, "rivals", rival.name)]
    lanes.ROUNDS = job.get("rounds", lanes.ROUNDS)
    for family in job["families"]:
        for case in CASES:
            if not _wanted(job, "cases", case.__name__):
                continue
            print(f"bench: IPv{family} {case.__name__} ({time.monotonic() - start:.0f} s)",
                  flush=True)
            for result in case(family, job["sizes"], chosen):
                results.append(result)
    (exchange / "results.json").write_text(json.dumps(
        {"kernel": platform.release(), "machine": platform.machine(), "results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
