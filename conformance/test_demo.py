# SPDX-License-Identifier: GPL-2.0-or-later
"""The README's first command, but for its set-up, which the suite's own has done."""

import subprocess
from pathlib import Path

import pytest

DEMO = Path(__file__).parent / "demo.py"
SECONDS = 900


@pytest.mark.machine
@pytest.mark.takes(25)
def test_demonstration_shows_doors_open_and_close() -> None:
    show = subprocess.run([DEMO, "--brisk"], check=False, capture_output=True, text=True,
                          timeout=SECONDS)
    assert show.returncode == 0, show.stdout + show.stderr
    doors = [line.split()[1].rstrip(":") for line in show.stdout.splitlines() if "✔" in line]
    assert doors == ["CLOSED", "OPEN", "CLOSED", "CLOSED", "OPEN", "CLOSED", "CLOSED", "no"]
