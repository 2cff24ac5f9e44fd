# SPDX-License-Identifier: GPL-2.0-or-later
"""Results on record: which commit they are of, and where in a document they stand."""

import re
import subprocess
from pathlib import Path

from harness import HarnessError
from harness.sources import REPOSITORY


def commit() -> str:
    """The checkout's, and whether it was changed since."""
    described = subprocess.run(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"],
                               check=False, capture_output=True, text=True)
    return described.stdout.strip() or "unknown"


def put(document: Path, contents: dict[str, str]) -> None:
    """Replace what stands between the markers <!-- NAME --> and <!-- /NAME -->, for each name.

    The prose around them stays as it is.
    """
    text = document.read_text()
    for name, content in contents.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text, count = re.subn(pattern, lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text,
                              flags=re.DOTALL)
        if count != 1:
            raise HarnessError(f"{document}: no place for {name}")
    document.write_text(text)
