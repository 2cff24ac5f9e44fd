# SPDX-License-Identifier: GPL-2.0-or-later
"""A host that runs programs, the knock client first of all, on the far side of the wire.

It is a network namespace of the guest's machine, but what it sends leaves the machine: the wire
routes it back to the guest, as it would between two machines, and records it.
"""

from harness.agent import Result
from harness.guest import Guest
from harness.net import FAMILIES, GUEST_MAC, INTERFACE, V4, V6, WIRE_MAC, Family

NAME = "visitor"
MAC = "52:54:00:76:69:73"
ADDRESSES = {V4: "198.51.100.7", V6: "2001:db8:100::7"}

SETUP = f"""
set -e
ip netns add {NAME}
ip link add link {INTERFACE} address {MAC} name {NAME} netns {NAME} type macvlan mode private
ip netns exec {NAME} sysctl -q -w net.ipv6.conf.{NAME}.accept_dad=0 \
    net.ipv6.conf.{NAME}.router_solicitations=0
ip -n {NAME} -batch - <<'END'
link set lo up
link set {NAME} up
"""
PER_FAMILY = """
address add {address} dev {name}
neighbour replace {gateway} lladdr {mac} dev {name} nud permanent
route add default via {gateway} dev {name} onlink
"""


def _binary(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


class Visitor:
    """The host. Guest.reset() takes it away."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        script = SETUP
        for family in FAMILIES:
            script += PER_FAMILY.format(address=ADDRESSES[family], name=NAME,
                                        gateway=family.gateway, mac=WIRE_MAC)
            guest.wire.routes[family.packed(ADDRESSES[family])] = _binary(MAC)
            guest.wire.routes[family.packed(family.guest)] = _binary(GUEST_MAC)
        guest.run(script + "END\n")

    def address(self, family: Family) -> str:
        """The host's address."""
        return ADDRESSES[family]

    def run(self, command: str | list[str], **options) -> Result:
        """Run a program there: words, or a line for sh. Options as of Agent.run.

        When this returns, all that the program sent has come to the guest.
        """
        words = ["sh", "-c", command] if isinstance(command, str) else command
        result = self.guest.run(["ip", "netns", "exec", NAME, *words], **options)
        self.guest.wire.settle()  # it is on the wire, and sent back
        self.guest.wire.settle()  # and the guest has dealt with it
        return result

    def greeting(self, family: Family, port: int = 22, patience: int = 2) -> str:
        """Connect to the guest and read what the service says; empty if nobody answers."""
        host = f"[{family.guest}]" if family is V6 else family.guest
        return self.run(["socat", "-u", f"TCP:{host}:{port},connect-timeout={patience}", "-"],
                        check=False).stdout
