# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of mutants, file by file, from one run to the next: build/mutation/results.json."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Container, Iterable

from harness import record
from harness.sources import REPOSITORY
from mutation.campaign import Result
from mutation.mutants import SOURCES
from mutation.suite import SURVIVED

OUTPUT = REPOSITORY / "build/mutation"
RESULTS = OUTPUT / "results.json"


def load() -> dict[str, dict]:
    """By the file's name: when, of which commit, of which source, whether of a sample; results."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def _digest(file: str) -> str:
    return hashlib.sha256((SOURCES / file).read_bytes()).hexdigest()


def keep(file: str, results: Iterable[Result], sampled: bool) -> None:
    """Of one file, in the place of what was kept of it."""
    kept = load()
    kept[file] = {"when": datetime.datetime.now(datetime.UTC).date().isoformat(),
                  "commit": record.commit(), "source": _digest(file), "sampled": sampled,
                  "results": [dataclasses.asdict(result) for result in results]}
    OUTPUT.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


def settled(file: str, explained: Container[str]) -> list[Result]:
    """Those of a run with the file as it is now who were killed, or are explained."""
    kept = load().get(file)
    if kept is None or kept["source"] != _digest(file):
        return []
    results = [Result(**result) for result in kept["results"]]
    return [result for result in results
            if result.outcome != SURVIVED or result.name in explained]
