# SPDX-License-Identifier: GPL-2.0-or-later
"""The program, as an administrator and a service manager see it; in a network of its own.

The kernel module is not there: what comes from it is for the conformance suite.
"""

import os
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

PKNOCKD = os.environ["PKNOCKD"]
PATIENCE = 30


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """To its end."""
    return subprocess.run([PKNOCKD, *arguments], capture_output=True, text=True, timeout=PATIENCE)


class Service:
    """A pknockd in the foreground, and the manager that it notifies."""

    def __init__(self, config: Path, **environment: str) -> None:
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(f"\0pknockd-test-{os.getpid()}-{id(self)}")
        self.manager.settimeout(PATIENCE)
        notify = self.manager.getsockname().decode().replace("\0", "@")
        # A pipe that nobody reads to the end would hold up the daemon: a file holds up nobody.
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [PKNOCKD, "--foreground", "--config", config], stderr=self.log,
            env={**os.environ, "NOTIFY_SOCKET": notify, **environment})

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.manager.close()
        self.log.close()

    def expect(self, state: str) -> None:
        """Wait for a notice of this kind."""
        while state not in self.manager.recv(4096).decode().splitlines():
            pass

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def said(self) -> str:
        """All that it logged."""
        self.log.seek(0)
        return self.log.read()


class OptionsTest(unittest.TestCase):
    def test_version_help_and_wrong_usage(self) -> None:
        self.assertRegex(run("--version").stdout, r"^pknockd [0-9.]+\n$")
        self.assertIn("--check-config", run("--help").stdout)
        for words in (["--nonsense"], ["word"], ["--check-config", "--flush-sets"]):
            result = run(*words)
            self.assertEqual(result.returncode, 2, words)
            self.assertRegex(result.stderr, r"^pknockd: .*\(try \"pknockd --help\"\)\n$")


class ConfigTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.config = self.directory / "pknockd.toml"

    def test_good_one_is_quiet(self) -> None:
        self.config.write_text("[hooks]\ntimeout = 3\n")
        result = run("--check-config", "--config", str(self.config))
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_every_mistake_has_a_line_with_file_line_and_key(self) -> None:
        self.config.write_text("[hooks]\ntimeout = 0\nuser = 3\n[unknown]\n")
        result = run("--check-config", "--config", str(self.config))
        self.assertEqual(result.returncode, 2)
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 3)
        for line, place in zip(lines, ("2:11: hooks.timeout: ", "3:8: hooks.user: ",
                                       "4:2: unknown: ")):
            self.assertTrue(line.startswith(f"pknockd: {self.config}:{place}"), line)

    def test_file_that_is_not_there(self) -> None:
        result = run("--check-config", "--config", str(self.config))
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr, f"pknockd: {self.config}: No such file or directory\n")


class ServiceTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.config = self.directory / "pknockd.toml"
        self.socket = self.directory / "metrics"
        self.write(f'[metrics]\nlisten = ["unix:{self.socket}", "127.0.0.1:9712"]\n')

    def write(self, text: str) -> None:
        """The configuration, with what no test has."""
        self.config.write_text(f'[hooks]\nuser = "nobody"\n{text}')

    @staticmethod
    def metrics(port: int = 9712) -> str:
        """The page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as page:
            return page.read().decode()

    def test_life(self) -> None:
        with Service(self.config) as service:
            service.expect("READY=1")
            self.assertIn("portknocko_module_loaded 0\n", self.metrics())
            self.assertTrue(self.socket.is_socket())
            service.signal(signal.SIGTERM)
            service.expect("STOPPING=1")
            self.assertEqual(service.process.wait(PATIENCE), 0)
            self.assertIn("xt_pknock is not loaded yet", service.said())
        self.assertFalse(self.socket.exists())

    def test_reload_takes_what_is_good_and_nothing_of_what_is_not(self) -> None:
        with Service(self.config) as service:
            service.expect("READY=1")
            self.write('[metrics]\nlisten = "127.0.0.1:9713"\n')
            service.signal(signal.SIGHUP)
            service.expect("RELOADING=1")
            service.expect("READY=1")
            self.metrics(9713)
            with self.assertRaises(urllib.error.URLError):
                self.metrics(9712)

            self.write('[metrics]\nlisten = "127.0.0.1:9712"\n[door]\nSSH = 3\n')
            service.signal(signal.SIGHUP)
            service.expect("READY=1")
            self.metrics(9713)
            self.assertIn(f"{self.config}:6:7: door.SSH: must be a table", service.said())

    def test_watchdog_is_fed(self) -> None:
        with Service(self.config, WATCHDOG_USEC="200000") as service:
            service.expect("READY=1")
            for _ in range(3):
                service.expect("WATCHDOG=1")

    def test_what_cannot_be_served_or_run_ends_it(self) -> None:
        self.write('[metrics]\nlisten = "unix:/nonexistent/metrics"\n')
        with Service(self.config) as service:
            self.assertEqual(service.process.wait(PATIENCE), 3)
            self.assertIn("metrics.listen: unix:/nonexistent/metrics: No such file",
                          service.said())
        self.config.write_text('[hooks]\nuser = "nobody-of-that-name"\n')
        with Service(self.config) as service:
            self.assertEqual(service.process.wait(PATIENCE), 2)

    def test_memory(self) -> None:
        with Service(self.config) as service:
            service.expect("READY=1")
            process = Path(f"/proc/{service.process.pid}")
            if "libasan" in (process / "maps").read_text():
                self.skipTest("most of it is the sanitizer's")
            status = (process / "status").read_text()
            resident = int(status.split("VmRSS:")[1].split()[0])
            self.assertLess(resident, 16 * 1024, "KiB")


class SetsTest(unittest.TestCase):
    def test_flush_sets_empties_those_that_are_configured_so(self) -> None:
        subprocess.run(["nft", "-f", "-"], check=True, text=True, input="""
            table inet t {
                set kept { type ipv4_addr; elements = { 192.0.2.1 } }
                set gone { type ipv4_addr; elements = { 192.0.2.1 } }
            }""")
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            config.write('[door.a]\nnft-set = "inet t kept"\n'
                         '[door.b]\nnft-set = "inet t gone"\nflush-at-exit = true\n')
            config.flush()
            self.assertEqual(run("--flush-sets", "--config", config.name).returncode, 0)
            listing = subprocess.run(["nft", "list", "table", "inet", "t"], check=True, text=True,
                                     capture_output=True).stdout
            self.assertEqual(listing.count("192.0.2.1"), 1)
            subprocess.run(["nft", "delete", "set", "inet", "t", "gone"], check=True)
            result = run("--flush-sets", "--config", config.name)
            self.assertEqual(result.returncode, 1)
            self.assertIn("set inet t gone: No such file or directory", result.stderr)


if __name__ == "__main__":
    unittest.main()
