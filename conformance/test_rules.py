# SPDX-License-Identifier: GPL-2.0-or-later
"""Where rules may stand, which of them share a door, and whom a rule takes for whom."""

import ipaddress

import pytest
from scapy.layers.inet import TCP
from scapy.packet import Packet

from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest, Peer
from harness.marks import NFT, V4_ONLY
from harness.net import FAMILIES, V4, V6, Family

KNOCKS = "-p tcp -m pknock --knockports 2002,2001 --name SSH"
CHECK = "-p tcp -m tcp --dport 22 -m pknock --checkip --name SSH"

INNER = {V4: "203.0.113.2", V6: "2001:db8:2::2"}
# A host behind the guest; the guest's end of the cable has the neighbouring address.
NETWORK = """
set -e
ip netns add inner
ip link add inner type veth peer name eth0 netns inner
ip link set inner up
ip address add 203.0.113.1/24 dev inner
ip address add 2001:db8:2::1/64 dev inner nodad
ip netns exec inner sh -e <<'END'
ip link set eth0 up
ip address add 203.0.113.2/24 dev eth0
ip address add 2001:db8:2::2/64 dev eth0 nodad
ip route add default via 203.0.113.1
ip -6 route add default via 2001:db8:2::1
END
"""
FORWARDING = {V4: "net.ipv4.ip_forward", V6: "net.ipv6.conf.all.forwarding"}


@pytest.mark.parametrize("table", ["raw", "mangle"])
@NFT
@pytest.mark.spec("M1")
def test_knocks_before_and_after_conntrack_open_a_door_of_input(client: Client, firewall: Firewall,
                                                                table: str) -> None:
    firewall.append(f"PREROUTING {KNOCKS}", table=table)
    firewall.drop_by_default()
    firewall.append(f"INPUT -m state --state NEW {CHECK} -j ACCEPT")
    client.knock(2002)
    assert client.connect(22) is Answer.SILENCE
    client.knock(2001)
    assert client.connect(22) is Answer.OPEN


@pytest.mark.parametrize("table", ["raw", "mangle"])
@NFT
@V4_ONLY
@pytest.mark.spec("M1")
def test_one_rule_form_in_prerouting(client: Client, firewall: Firewall, table: str) -> None:
    firewall.append(f"PREROUTING {KNOCKS} -m tcp --dport 22 -j RETURN", table=table)
    firewall.append("PREROUTING -p tcp -m tcp --dport 22 -j DROP", table=table)
    assert client.connect(22) is Answer.SILENCE
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.OPEN


@NFT
@V4_ONLY
@pytest.mark.spec("M1")
def test_rules_in_chains_of_users(client: Client, firewall: Firewall) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.run("-N KNOCK")
    firewall.run("-N GATE")
    firewall.append(f"KNOCK {KNOCKS}")
    firewall.append(f"GATE {CHECK} -j ACCEPT")
    firewall.append("INPUT -j KNOCK")
    firewall.append("INPUT -j GATE")
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.OPEN


def _inward(client: Client, port: int) -> Packet:
    return client.ip(dst=INNER[client.family]) / TCP(sport=30000 + port % 1000, dport=port)


@NFT
@pytest.mark.spec("M1")
def test_forwarded_knocks_open_for_forwarded_packets(client: Client, firewall: Firewall,
                                                     guest: Guest, family: Family) -> None:
    guest.run(NETWORK)
    stranger = guest.client(family)
    firewall.policy("FORWARD", "DROP")
    firewall.append(f"FORWARD {KNOCKS} -m tcp --dport 22 -j ACCEPT")
    firewall.append(f"FORWARD -s {INNER[family]} -j ACCEPT")
    with guest.sysctl(FORWARDING[family], 1):
        mark = client.wire.mark()
        client.wire.send(_inward(client, 22), _inward(client, 2002), _inward(client, 2001),
                         _inward(stranger, 22), _inward(client, 22))
        # Nothing listens at port 22 of the host behind: it refuses.
        client.wire.expect(lambda packet: TCP in packet and packet[TCP].sport == 22
                           and packet[family.layer].dst == client.address, mark)
        assert firewall.counters("FORWARD") == [1, 1]


@NFT
@V4_ONLY
@pytest.mark.spec("M1", "M13")
def test_door_is_shared_by_families_tables_and_backends(firewall: Firewall, guest: Guest) -> None:
    four, six = (guest.client(family) for family in FAMILIES)
    legacy6 = Firewall(guest, "legacy", V6)
    firewall.append(f"INPUT {KNOCKS}")
    legacy6.append(f"PREROUTING {KNOCKS}", table="mangle")
    legacy6.append(f"INPUT {CHECK} -j ACCEPT")
    legacy6.policy("INPUT", "DROP")
    four.knock(2002, 2001)
    six.knock(2002, 2001)
    assert six.connect(22) is Answer.OPEN
    assert guest.doors() == {"SSH"}
    assert (sorted(guest.door("SSH"), key=lambda peer: len(peer.src))
            == [Peer(client.address, "TCP", "ALLOWED", 2, None, None)
                for client in sorted((four, six), key=lambda client: len(client.address))])


@NFT
@pytest.mark.spec("M2", "M4", "M13")
def test_packet_that_several_rules_see_is_one_knock(client: Client, firewall: Firewall) -> None:
    strict = "-p udp -m pknock --knockports 2002,2001 --strict --name SSH"
    twice = "-p udp -m pknock --knockports 2003,2003 --name SSH"
    firewall.drop_by_default()
    for rule in (strict, twice):
        firewall.append(f"PREROUTING {rule}", table="raw")
        for port in (22, 80):
            firewall.append(f"INPUT {rule} -m udp --dport {port} -j ACCEPT")
    firewall.append(f"INPUT {CHECK} -j ACCEPT")

    client.knock("udp/2003")
    assert client.connect(22) is Answer.SILENCE
    client.knock("udp/2002", "udp/2001")
    assert client.connect(22) is Answer.OPEN


@NFT
@V4_ONLY
@pytest.mark.spec("M1")
def test_doors_of_other_names_stay_closed(client: Client, firewall: Firewall,
                                          guest: Guest) -> None:
    firewall.policy("INPUT", "DROP")
    firewall.append(f"INPUT {KNOCKS}")
    for name in ("ssh", "SS", "SSHD", "S.SH"):
        firewall.append(f"INPUT -p tcp -m pknock --checkip --name {name} -j ACCEPT")
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.SILENCE
    assert guest.doors() == {"SSH", "ssh", "SS", "SSHD", "S.SH"}


def _bit_flipped(address: str, bit: int) -> str:
    """The address with one bit changed, counted from the left."""
    packed = ipaddress.ip_address(address)
    return str(ipaddress.ip_address(int(packed) ^ (1 << (packed.max_prefixlen - 1 - bit))))


@NFT
@pytest.mark.spec("M2")
def test_mask_decides_who_is_the_same(firewall: Firewall, guest: Guest, family: Family) -> None:
    prefixes = (1, 27, 31) if family is V4 else (33, 64, 127)
    origin = {V4: "198.51.100.170", V6: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:5555"}[family]
    rules = [f"-A INPUT -p tcp -m pknock --checkip --name M{prefix} --mask {prefix}\n"
             f"-A INPUT -p tcp -m pknock --knockports 2001 --name M{prefix} --mask {prefix}\n"
             for prefix in prefixes]
    firewall.restore("*filter\n" + "".join(rules) + "COMMIT\n")
    Client(guest.wire, family, origin).knock(2001)
    for prefix in prefixes:
        network = ipaddress.ip_network(f"{origin}/{prefix}", strict=False)
        assert [peer.src for peer in guest.door(f"M{prefix}")] == [str(network)]
    # A source passes where its first difference from the origin is right of the mask.
    before = firewall.counters()
    for bit in (0, 26, 27, 30, 31, 32, 33, 63, 64, 126, 127):
        if bit < family.bits:
            Client(guest.wire, family, _bit_flipped(origin, bit)).knock(22)
            after = firewall.counters()
            matched = [now - then for now, then in zip(after, before)]
            assert matched == [int(bit >= prefix) for prefix in prefixes for _ in range(2)]
            before = after


@NFT
@pytest.mark.spec("M2")
def test_knocks_from_one_masked_network_add_up(firewall: Firewall, guest: Guest,
                                               family: Family) -> None:
    first, second, outsider = {
        V4: ("198.51.100.7", "198.51.100.200", "198.51.101.7"),
        V6: ("2001:db8:9:1::7", "2001:db8:9:1:ffff::1", "2001:db8:9:2::7"),
    }[family]
    first, second, outsider = (Client(guest.wire, family, address)
                               for address in (first, second, outsider))
    prefix = {V4: 24, V6: 64}[family]
    firewall.policy("INPUT", "DROP")
    firewall.append(f"INPUT {KNOCKS} --mask {prefix} -m tcp --dport 22 -j ACCEPT")
    first.knock(2002)
    outsider.knock(2001)
    second.knock(2001)
    assert first.connect(22) is second.connect(22) is Answer.OPEN
    assert outsider.connect(22) is Answer.SILENCE
