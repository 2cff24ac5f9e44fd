# SPDX-License-Identifier: GPL-2.0-or-later
"""The network between the harness and the guest: addresses, and the two families.

The guest's own addresses have the longest prefix and its only neighbour is the gateway, which is
the harness: so the guest answers any source address, on whatever network, through the harness.
"""

import dataclasses
import ipaddress
from collections.abc import Callable
from typing import Any

from scapy.layers.inet import IP, ICMP
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6

WIRE_MAC = "52:54:00:65:43:21"
GUEST_MAC = "52:54:00:12:34:56"
INTERFACE = "eth0"


@dataclasses.dataclass(frozen=True)
class Family:
    """IPv4 or IPv6, in the words that tests and frames need."""

    name: str
    layer: Callable[..., Any]
    unreachable: Any
    guest: str
    gateway: str
    clients: str
    bits: int
    iptables: str

    def __str__(self) -> str:
        return self.name

    def client(self, number: int) -> str:
        """The address of the client with this number, far from the guest's network."""
        return str(ipaddress.ip_network(self.clients)[number])

    def packed(self, address: str) -> bytes:
        """The address as it is in a header."""
        return ipaddress.ip_address(address).packed


V4 = Family(name="v4", layer=IP, unreachable=ICMP, guest="192.0.2.2", gateway="192.0.2.1",
            clients="198.18.0.0/15", bits=32, iptables="iptables")
V6 = Family(name="v6", layer=IPv6, unreachable=ICMPv6DestUnreach, guest="2001:db8::2",
            gateway="fe80::1", clients="2001:db8:1::/64", bits=128, iptables="ip6tables")
FAMILIES = (V4, V6)
