# SPDX-License-Identifier: GPL-2.0-or-later
"""What confines the service is in order."""

import os
import subprocess
import unittest

MOST_EXPOSURE = "20"  # tenths, of 10.0


class ServiceFilesTest(unittest.TestCase):
    def check(self, *command: str) -> None:
        """Run a command that complains on both streams."""
        result = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_unit_leaves_little_open(self) -> None:
        self.check("systemd-analyze", "security", "--offline=true",
                   f"--threshold={MOST_EXPOSURE}", os.environ["UNIT"])

    def test_apparmor_takes_the_profile(self) -> None:
        self.check("apparmor_parser", "--skip-kernel-load", "--skip-cache", os.environ["PROFILE"])


if __name__ == "__main__":
    unittest.main()
