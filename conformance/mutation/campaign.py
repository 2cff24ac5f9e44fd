# SPDX-License-Identifier: GPL-2.0-or-later
"""All mutants of a file, or a sample, against its tests."""

import concurrent.futures
import dataclasses
import hashlib
import sys
import time
from collections.abc import Iterable, Iterator, Mapping

from harness import HarnessError
from mutation import mutants
from mutation.mutants import SOURCES, Mutant
from mutation.suite import DUPLICATE, INVALID, KILLED, SAME, SURVIVED, Suite, Verdict

TESTED = (KILLED, SURVIVED)


@dataclasses.dataclass(frozen=True)
class Result:
    """A mutant and what became of it."""

    name: str
    line: int
    outcome: str
    by: str
    said: str
    seconds: float


class Campaign:
    """One file's."""

    def __init__(self, file: str, suite: Suite) -> None:
        self._file = file
        self._suite = suite
        self.all = mutants.of_file(SOURCES / file)

    def _digest(self, source: str) -> bytes | None:
        code = self._suite.code(source, self._file)
        return code and hashlib.sha256(code).digest()

    def _sift(self, pool: concurrent.futures.Executor,
              chosen: list[Mutant]) -> dict[Mutant, Verdict | None]:
        """Tell apart what needs no test: its verdict, else None."""
        original = self._digest((SOURCES / self._file).read_text())
        if original is None:
            raise HarnessError(f"{self._file} does not compile as it is")
        first: dict[bytes, str] = {}
        sifted = {}
        for mutant, digest in zip(chosen, pool.map(self._digest,
                                                   [mutant.source for mutant in chosen])):
            if digest is None:
                sifted[mutant] = Verdict(INVALID)
            elif digest == original:
                sifted[mutant] = Verdict(SAME)
            elif digest in first:
                sifted[mutant] = Verdict(DUPLICATE, first[digest])
            else:
                first[digest] = mutant.name
                sifted[mutant] = None
        return sifted

    def _judge(self, mutant: Mutant, known: Verdict | None) -> Result:
        start = time.monotonic()
        verdict = known or self._suite.verdict(mutant)
        if verdict.outcome == SURVIVED:
            print(f"  {SOURCES.name}/{self._file}:{mutant.line}: survives: {mutant.function}: "
                  f"{mutant.change}", file=sys.stderr, flush=True)
        return Result(mutant.name, mutant.line, verdict.outcome, verdict.by,
                      verdict.said, round(time.monotonic() - start, 2))

    def run(self, count: int | None, settled: Mapping[str, Result]) -> Iterator[Result]:
        """Judge all, or as many as that, in their order, but for those whose names are settled."""
        self._suite.prepare(self._file)
        chosen = self.all if count is None else mutants.sample(self.all, count, self._file)
        with concurrent.futures.ThreadPoolExecutor(self._suite.jobs) as pool:
            sifted = self._sift(pool, [mutant for mutant in chosen if mutant.name not in settled])
            judged = pool.map(self._judge, sifted.keys(), sifted.values())
            for mutant in chosen:
                yield settled.get(mutant.name) or next(judged)


def survivors(results: Iterable[Result]) -> dict[str, bool]:
    """The mutants that met tests, and whether they survived."""
    return {result.name: result.outcome == SURVIVED for result in results
            if result.outcome in TESTED}
