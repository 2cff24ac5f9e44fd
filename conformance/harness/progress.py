# SPDX-License-Identifier: GPL-2.0-or-later
"""Says on stderr what takes long, and keeps quiet about how."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import HarnessError

TAIL_LINES = 40


class CommandFailed(HarnessError):
    """A command of the build failed; the message ends with what it last wrote."""


def _tick(text: str, start: float, done: threading.Event) -> None:
    while not done.wait(1):
        print(f"\r  {text} … {time.monotonic() - start:.0f} s", end="", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a piece of work, and say how long it took."""
    start = time.monotonic()
    done = threading.Event()
    live = sys.stderr.isatty()
    print(f"  {text} …", end="" if live else "\n", file=sys.stderr, flush=True)
    ticker = threading.Thread(target=_tick, args=(text, start, done), daemon=True)
    if live:
        ticker.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        done.set()
        if live:
            ticker.join()
        seconds = time.monotonic() - start
        print(f"{chr(13) if live else ''}  {text}: {outcome}, {seconds:.0f} s", file=sys.stderr,
              flush=True)


def run(argv: Sequence[str | Path], log: Path, **options) -> None:
    """Run a command with its output appended to log."""
    with log.open("ab") as output:
        result = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL,
                                stdout=output, stderr=subprocess.STDOUT, check=False, **options)
    if result.returncode:
        tail = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        raise CommandFailed("\n".join([f"{argv[0]} failed ({result.returncode}):", *tail]))
