# SPDX-License-Identifier: GPL-2.0-or-later
"""Results in documents: the parts between markers are written anew, the prose stays as it is."""

import re
from pathlib import Path

from harness import HarnessError


def replace(path: Path, name: str, content: str) -> None:
    """Put content between <!-- name --> and <!-- /name -->."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    changed, count = re.subn(pattern, lambda found: f"{found[1]}\n{content}\n\n{found[2]}",
                             path.read_text(), flags=re.DOTALL)
    if count != 1:
        raise HarnessError(f"{path}: no place for {name}")
    path.write_text(changed)
