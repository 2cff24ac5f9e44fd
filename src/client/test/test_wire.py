# SPDX-License-Identifier: GPL-2.0-or-later
"""What pknock puts on the wire, seen from the other end of the cable."""

import subprocess
import time
import unittest

from scapy.layers.inet import TCP, UDP
from scapy.layers.l2 import ARP

import support
from support import (CLIENT4, CLIENT4_SECOND, CLIENT6, CLIENT_LINK_LOCAL, SECRET, SERVER4, SERVER6,
                     SERVER_LINK_LOCAL, SERVER_MAC, UNRESOLVED4, Wire, pknock)


def setUpModule() -> None:
    support.build_network()


class SequenceTest(unittest.TestCase):
    def assert_syns(self, packets: list, source: str, ports: list[int]) -> None:
        self.assertEqual([packet.dport for packet in packets], ports)
        for packet in packets:
            self.assertEqual(packet.src, source)
            self.assertEqual(str(packet[TCP].flags), "S")
            self.assertEqual(len(packet[TCP].payload), 0)

    def test_one_syn_a_knock_in_order(self) -> None:
        for server, client in ((SERVER4, CLIENT4), (SERVER6, CLIENT6)):
            with self.subTest(server=server), Wire() as wire:
                run = pknock("seq", server, "2002", "2001", "2004", "--delay", "20")
                self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
                self.assert_syns(wire.knocks_until(2004), client, [2002, 2001, 2004])

    def test_no_syn_is_retransmitted_between_two_knocks(self) -> None:
        # The kernel repeats an unanswered SYN after 1 s: the delay leaves it time to.
        with Wire() as wire:
            pknock("seq", SERVER4, "2002", "2001", "2004", "--delay", "1300")
            self.assert_syns(wire.knocks_until(2004), CLIENT4, [2002, 2001, 2004])

    def test_a_syn_waits_for_the_neighbour_although_its_socket_is_closed(self) -> None:
        with Wire() as wire:
            run = pknock("seq", UNRESOLVED4, "2002", "2001", "2004", "--delay", "0")
            self.assertEqual(run.returncode, 0)
            while ARP not in wire.next_frame():
                pass
            support.ip("neighbour", "replace", UNRESOLVED4, "lladdr", SERVER_MAC, "dev", "inside")
            self.addCleanup(support.ip, "neighbour", "del", UNRESOLVED4, "dev", "inside")
            self.assert_syns(wire.knocks_until(2004), CLIENT4, [2002, 2001, 2004])

    def test_delay_is_between_the_knocks_and_only_there(self) -> None:
        begin = time.monotonic()
        pknock("seq", SERVER4, "1", "2", "3", "--delay", "400")
        self.assertGreaterEqual(time.monotonic() - begin, 0.8)
        with Wire() as wire, subprocess.Popen(
            [support.PKNOCK, "seq", SERVER4, "1", "2", "--delay", "60000"]
        ) as process:
            wire.knocks_until(1)
            self.assertIsNone(process.poll())
            process.kill()

    def test_udp_and_mixed_sequences(self) -> None:
        for server in (SERVER4, SERVER6):
            with self.subTest(server=server), Wire() as wire:
                pknock("seq", server, "2002,tcp/2001", "2004", "--udp", "--delay", "5")
                packets = wire.knocks_until(2004)
                self.assertEqual([p.dport for p in packets], [2002, 2001, 2004])
                self.assertEqual([UDP in p for p in packets], [True, False, True])
                self.assertEqual(bytes(packets[0][UDP].payload)[:1], b"\n")
                self.assertEqual(packets[0][UDP].len, 8 + 1)

    def test_link_local_host(self) -> None:
        with Wire() as wire:
            run = pknock("seq", f"{SERVER_LINK_LOCAL}%inside", "2002", "udp/2001", "--delay", "5")
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            self.assertEqual([(p.src, p.dst, p.dport) for p in wire.knocks_until(2001)],
                             [(CLIENT_LINK_LOCAL, SERVER_LINK_LOCAL, 2002),
                              (CLIENT_LINK_LOCAL, SERVER_LINK_LOCAL, 2001)])


class TokenTest(unittest.TestCase):
    def knock(self, server: str, *arguments: str) -> tuple:
        """Knocks; returns the one packet that came, and since when its token may be."""
        begin = time.time()
        with Wire() as wire:
            run = pknock("open", server, "--port", "2000", *arguments,
                         env={"PKNOCK_SECRET": SECRET})
            self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
            packets = wire.knocks_until(2000)
        self.assertEqual(len(packets), 1)
        self.assertIn(UDP, packets[0])
        self.assertEqual(packets[0][UDP].len, 8 + 65)
        return packets[0], begin

    def assert_token(self, packet, source: str, begin: float) -> None:
        payload = bytes(packet[UDP].payload)[:65]
        self.assertTrue(support.token_is_valid(payload, source, SECRET, begin), payload)

    def test_the_token_is_for_the_address_that_the_packet_has(self) -> None:
        for server, client in ((SERVER4, CLIENT4), (SERVER6, CLIENT6),
                               (f"{SERVER_LINK_LOCAL}%inside", CLIENT_LINK_LOCAL),
                               (f"::ffff:{SERVER4}", CLIENT4)):
            with self.subTest(server=server):
                packet, begin = self.knock(server)
                self.assertEqual(packet.src, client)
                self.assert_token(packet, client, begin)

    def test_a_local_source_is_the_one_that_the_packet_leaves_with(self) -> None:
        for server, source in ((SERVER4, CLIENT4_SECOND), (SERVER6, CLIENT6),
                               (f"{SERVER_LINK_LOCAL}%inside", CLIENT_LINK_LOCAL)):
            with self.subTest(source=source):
                packet, begin = self.knock(server, "--source", source)
                self.assertEqual(packet.src, source)
                self.assert_token(packet, source, begin)

    def test_behind_nat_only_the_token_has_the_source(self) -> None:
        for server, client, source in ((SERVER4, CLIENT4, "203.0.113.7"),
                                       (SERVER6, CLIENT6, "2001:db8:ffff::7")):
            with self.subTest(source=source):
                packet, begin = self.knock(server, "--source", source)
                self.assertEqual(packet.src, client)
                self.assert_token(packet, source, begin)


if __name__ == "__main__":
    unittest.main()
