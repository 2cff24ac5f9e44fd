# SPDX-License-Identifier: GPL-2.0-or-later
"""A network of the tests' own, and runs of pknock in it.

The tests run in a network namespace with `lo` up: CMake starts them under unshare(1). There,
`inside` is the client's interface and `outside` the other end of its cable, where nobody answers
and every frame can be seen.
"""

import hashlib
import hmac
import ipaddress
import os
import socket
import struct
import subprocess
import time
from pathlib import Path

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

PKNOCK = os.environ["PKNOCK"]
KNOCK_SH = Path(__file__).resolve().parent.parent / "knock.sh"
SECRET = "your_opensecret"
TIMEOUT = 20

CLIENT4, CLIENT4_SECOND, SERVER4 = "192.0.2.10", "192.0.2.11", "192.0.2.1"
CLIENT6, SERVER6 = "2001:db8::10", "2001:db8::1"
CLIENT_LINK_LOCAL, SERVER_LINK_LOCAL = "fe80::10", "fe80::1"
SERVER_MAC = "02:00:00:00:00:01"
UNRESOLVED4 = "192.0.2.99"


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def build_network() -> None:
    """Idempotent: each test module calls it."""
    if "inside" in [name for _index, name in socket.if_nameindex()]:
        return
    ip("link", "add", "inside", "type", "veth", "peer", "name", "outside")
    for name in ("inside", "outside"):
        ip("link", "set", name, "addrgenmode", "none")
        ip("link", "set", name, "up")
    for address in (f"{CLIENT4}/24", f"{CLIENT4_SECOND}/24"):
        ip("address", "add", address, "dev", "inside")
    for address in (f"{CLIENT6}/64", f"{CLIENT_LINK_LOCAL}/64"):
        ip("address", "add", address, "dev", "inside", "nodad")
    for server in (SERVER4, SERVER6, SERVER_LINK_LOCAL):
        ip("neighbour", "replace", server, "lladdr", SERVER_MAC, "dev", "inside")


def pknock(*arguments: str, **options) -> subprocess.CompletedProcess:
    environment = {"PATH": os.environ["PATH"]} | options.pop("env", {})
    return subprocess.run(
        [PKNOCK, *arguments],
        env=environment,
        timeout=TIMEOUT,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def token_is_valid(payload: bytes, source: str, secret: str, not_before: float) -> bool:
    """Whether the payload is a token of a minute between not_before and now."""
    address = ipaddress.ip_address(source).packed
    for minute in range(int(not_before // 60), int(time.time() // 60) + 1):
        message = address + struct.pack("<I", minute)
        digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        if payload == digest.encode() + b"\n":
            return True
    return False


class Wire:
    """The frames that arrive outside, from the moment of its making."""

    def __init__(self) -> None:
        every_protocol = socket.htons(0x0003)  # ETH_P_ALL
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, every_protocol)
        self._socket.bind(("outside", 0x0003))
        self._socket.settimeout(TIMEOUT)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()

    def next_frame(self) -> Packet:
        return Ether(self._socket.recv(65535))

    def knocks_until(self, port: int) -> list[Packet]:
        """Every TCP and UDP packet up to the first to that port."""
        knocks = []
        while True:
            frame = self.next_frame()
            if TCP in frame or UDP in frame:
                packet = frame[IP] if IP in frame else frame[IPv6]
                knocks.append(packet)
                if packet.dport == port:
                    return knocks
