# SPDX-License-Identifier: GPL-2.0-or-later
"""What pknock and knock.sh tell the shell: exit codes, messages, JSON, and where secrets go."""

import json
import os
import pty
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import support
from support import CLIENT4, SECRET, SERVER4, SERVER6, pknock

OK, INTERNAL, USAGE, NETWORK, SECRET_FAULT = range(5)


def setUpModule() -> None:
    support.build_network()


def secret_file(test: unittest.TestCase, mode: int = 0o600) -> str:
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(SECRET + "\n")
    test.addCleanup(os.unlink, file.name)
    os.chmod(file.name, mode)
    return file.name


class FaultTest(unittest.TestCase):
    def assert_fault(self, run: subprocess.CompletedProcess, code: int, message: str) -> None:
        self.assertEqual(run.returncode, code, run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertRegex(run.stderr, r"\Apknock: [^\n]+\n\Z")
        self.assertIn(message, run.stderr)

    def test_usage(self) -> None:
        for arguments, message in (
            ([], "subcommand is required"),
            (["seq", SERVER4], "PORT"),
            (["seq", SERVER4, "0"], '"0" is not a port'),
            (["seq", SERVER4, "65536"], '"65536" is not a port'),
            (["seq", SERVER4, "tcp/"], "is not a port"),
            (["open", SERVER4, "again", "--port", "1"], "again"),
            (["open", SERVER4, "--port", "2000", "--source", "0.0.0.0"], "--source: 0.0.0.0"),
        ):
            with self.subTest(arguments=arguments):
                self.assert_fault(pknock(*arguments), USAGE, message)

    def test_network(self) -> None:
        for arguments, message in (
            (["seq", "198.51.100.1", "1"], "198.51.100.1: Network is unreachable"),
            (["seq", "2001:db8:1::1", "1"], "2001:db8:1::1: Network is unreachable"),
            (["seq", "name.invalid", "1"], "name.invalid: "),
            (["seq", "", "1"], ": "),
            (["seq", "-4", SERVER6, "1"], SERVER6),
            (["open", "198.51.100.1", "--port", "2000"], "Network is unreachable"),
            (["open", SERVER6, "--port", "2000", "--source", "203.0.113.7"], SERVER6),
        ):
            with self.subTest(arguments=arguments):
                run = pknock(*arguments, env={"PKNOCK_SECRET": SECRET})
                self.assert_fault(run, NETWORK, message)

    def test_secret(self) -> None:
        door = ["open", SERVER4, "--port", "2000"]
        for arguments, message in (
            (["--secret-file", "/nonexistent"], "/nonexistent: No such file"),
            (["--secret-file", secret_file(self, 0o640)], "group or others have access"),
            (["--secret-env", "NOT_SET"], "NOT_SET: no such environment variable"),
            ([], "there is no terminal"),
        ):
            with self.subTest(arguments=arguments):
                run = pknock(*door, *arguments, start_new_session=True)
                self.assert_fault(run, SECRET_FAULT, message)
        run = pknock(*door, env={"PKNOCK_SECRET": "visible" * 20})
        self.assert_fault(run, SECRET_FAULT, "longer than 127 bytes")
        self.assertNotIn("visible", run.stderr)

    def test_output_that_is_lost_is_a_fault(self) -> None:
        with open("/dev/full", "w", encoding="ascii") as full:
            run = subprocess.run([support.PKNOCK, "--help"], stdout=full, stderr=subprocess.PIPE,
                                 text=True, check=False)
        self.assertEqual(run.returncode, INTERNAL)
        self.assertIn("standard output: No space left", run.stderr)


class ReportTest(unittest.TestCase):
    def test_json_says_what_was_sent(self) -> None:
        for dry_run in ([], ["--dry-run"]):
            begin = time.time()
            run = pknock("open", SERVER4, "--port", "2000", "--source", "203.0.113.7", "--json",
                         *dry_run, env={"PKNOCK_SECRET": SECRET})
            self.assertEqual((run.returncode, run.stderr), (OK, ""))
            report = json.loads(run.stdout)
            payload = bytes.fromhex(report["packets"][0].pop("payload_hex"))
            self.assertTrue(support.token_is_valid(payload, "203.0.113.7", SECRET, begin))
            self.assertIn(report.pop("minute") * 60, range(int(begin) - 60, int(time.time()) + 1))
            self.assertEqual(report, {
                "command": "open", "host": SERVER4, "family": "ipv4", "destination": SERVER4,
                "local": CLIENT4, "source": "203.0.113.7",
                "packets": [{"protocol": "udp", "port": 2000}], "sent": not dry_run,
            })

    def test_a_dry_run_sends_nothing(self) -> None:
        with support.Wire() as wire:
            self.assertEqual(pknock("seq", SERVER4, "1", "udp/2", "--dry-run").returncode, OK)
            self.assertEqual(pknock("open", SERVER4, "--port", "3", "--dry-run",
                                    env={"PKNOCK_SECRET": SECRET}).returncode, OK)
            pknock("seq", SERVER4, "4")
            self.assertEqual([packet.dport for packet in wire.knocks_until(4)], [4])

    def test_verbose_names_each_packet(self) -> None:
        run = pknock("seq", SERVER4, "1", "udp/2", "--delay", "0", "-v")
        self.assertEqual(run.stderr, f"pknock: sent tcp/1 from {CLIENT4} to {SERVER4}\n"
                                     f"pknock: sent udp/2 from {CLIENT4} to {SERVER4}\n")

    def test_closed_standard_streams_get_no_packet_and_no_text(self) -> None:
        with support.Wire() as wire:
            command = f"exec {support.PKNOCK} seq {SERVER4} 1 udp/2 --delay 0 -v --json"
            subprocess.run(["sh", "-c", f"{command} <&- >&- 2>&-"], check=True)
            self.assertEqual([packet.dport for packet in wire.knocks_until(2)], [1, 2])


class SecretSourceTest(unittest.TestCase):
    def assert_knocks(self, *arguments: str, **options) -> None:
        begin = time.time()
        run = pknock("open", SERVER4, "--port", "2000", "--json", *arguments, **options)
        self.assertEqual((run.returncode, run.stderr), (OK, ""))
        payload = bytes.fromhex(json.loads(run.stdout)["packets"][0]["payload_hex"])
        self.assertTrue(support.token_is_valid(payload, CLIENT4, SECRET, begin))

    def test_file(self) -> None:
        self.assert_knocks("--secret-file", secret_file(self))

    def test_pipe(self) -> None:
        self.assert_knocks("--secret-file", "/dev/stdin", input=SECRET + "\n")

    def test_environment(self) -> None:
        self.assert_knocks(env={"PKNOCK_SECRET": SECRET})
        self.assert_knocks("--secret-env", "S", env={"S": SECRET, "PKNOCK_SECRET": "another"})

    def test_prompt_does_not_echo_and_the_process_leaves_no_core(self) -> None:
        begin = time.time()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(support.PKNOCK, ["pknock", "open", SERVER4, "--port", "2000", "--json"])
        self.addCleanup(os.close, terminal)

        screen = b""
        while not screen.endswith(b": "):
            screen += os.read(terminal, 1024)
        self.assertIn(b"Secret to open the door at " + SERVER4.encode(), screen)
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        os.write(terminal, SECRET.encode() + b"\n")
        while b"}" not in screen:
            screen += os.read(terminal, 1024)

        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), OK)
        self.assertNotIn(SECRET.encode(), screen)
        report = json.loads(screen[screen.index(b"{"):])
        payload = bytes.fromhex(report["packets"][0]["payload_hex"])
        self.assertTrue(support.token_is_valid(payload, CLIENT4, SECRET, begin))


class KnockShTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.server.close)
        self.server.bind(("127.0.0.1", 0))
        self.server.settimeout(support.TIMEOUT)
        self.port = str(self.server.getsockname()[1])

    def knock(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        path = f"{Path(support.PKNOCK).parent}:{os.environ['PATH']}"
        return subprocess.run([support.KNOCK_SH, *arguments], env={"PATH": path} | variables,
                              timeout=support.TIMEOUT, capture_output=True, text=True, check=False)

    def assert_knocks(self, source: str, *arguments: str, **variables: str) -> None:
        begin = time.time()
        run = self.knock(*arguments, **variables)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (OK, "", ""))
        self.assertTrue(support.token_is_valid(self.server.recv(100), source, SECRET, begin))

    def test_port_before_secret_as_the_readme_has_it(self) -> None:
        self.assert_knocks("127.0.0.1", "127.0.0.1", self.port, SECRET)
        self.assert_knocks("203.0.113.7", "203.0.113.7", self.port, SECRET, "127.0.0.1")
        self.assert_knocks("203.0.113.7", "203.0.113.7", self.port, SECRET, PKNOCK_HOST="127.0.0.1")

    def test_destination_before_port_as_xtables_addons_has_it(self) -> None:
        self.assert_knocks("203.0.113.7", "203.0.113.7", "127.0.0.1", self.port, SECRET)

    def test_faults(self) -> None:
        for arguments in ([], ["a"], ["192.0.2.7", "2000"], ["192.0.2.7", "gate", "2000"],
                          ["192.0.2.7", "gate", "2000", "secret", "more"]):
            with self.subTest(arguments=arguments):
                run = self.knock(*arguments)
                self.assertEqual(run.returncode, USAGE)
                self.assertIn("usage: knock.sh", run.stderr)
        self.assertEqual(self.knock("name", "gate", "2000", "secret").returncode, USAGE)
        self.assertEqual(self.knock("127.0.0.1", self.port, "").returncode, SECRET_FAULT)


if __name__ == "__main__":
    unittest.main()
