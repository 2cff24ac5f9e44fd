# SPDX-License-Identifier: GPL-2.0-or-later
"""A network namespace of the guest that hangs on the same wire, with the guest's own addresses.

Its interface has an Ethernet address of its own: that tells who is meant by a frame.
"""

import itertools

from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.client import Client
from harness.guest import Guest
from harness.net import FAMILIES, INTERFACE, WIRE_MAC, Family
from harness.wire import Wire

_numbers = itertools.count(1)

ADD = """
set -e
ip netns add {name}
ip link add link {interface} address {mac} name wire netns {name} type macvlan mode private
ip netns exec {name} sysctl -q -w net.ipv6.conf.wire.accept_dad=0 \
    net.ipv6.conf.wire.router_solicitations=0 net.ipv6.conf.wire.mldv2_unsolicited_report_interval=0
ip -n {name} -batch - <<'END'
link set lo up
link set wire up
"""
ADDRESS = """
address add {guest}/{bits} dev wire
neighbour replace {gateway} lladdr {router} dev wire nud permanent
route add default via {gateway} dev wire onlink
"""


class Branch:
    """The wire, as seen by clients of one Ethernet address on it."""

    def __init__(self, wire: Wire, mac: str) -> None:
        self._wire = wire
        self._mac = mac

    def frame(self, packet: Packet) -> bytes:
        """The packet with the Ethernet header that takes it there."""
        return bytes(Ether(src=WIRE_MAC, dst=self._mac) / packet)

    def send(self, *packets: Packet) -> None:
        """As Wire.send."""
        self._wire.send(*map(self.frame, packets))

    def replies(self, *packets: Packet) -> list[Packet]:
        """As Wire.replies."""
        return self._wire.replies(*map(self.frame, packets))

    def settle(self) -> None:
        """As Wire.settle: all interfaces of the guest are served in the order of frames."""
        self._wire.settle()


class Namespace:
    """The namespace. Guest.reset() takes it away."""

    def __init__(self, guest: Guest, name: str) -> None:
        self.guest = guest
        self.name = name
        self.mac = f"52:54:00:6e:73:{next(_numbers) % 256:02x}"
        self.wire = Branch(guest.wire, self.mac)
        script = ADD.format(name=name, interface=INTERFACE, mac=self.mac)
        for family in FAMILIES:
            script += ADDRESS.format(guest=family.guest, bits=family.bits, gateway=family.gateway,
                                     router=WIRE_MAC)
        guest.run(script + "END\n")

    def client(self, family: Family, address: str) -> Client:
        """A client of the namespace at this address."""
        return Client(self.wire, family, address)

    def delete(self) -> None:
        """Take it away, with all that is in it."""
        self.guest.run(["ip", "netns", "delete", self.name])
