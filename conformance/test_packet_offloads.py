# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that are many at once, and packets in many buffers, as offloads make them.

They come from a namespace of the guest through a veth pair that takes them as they are: what a rule
sees is what the sender's stack made, of 64 kB and more, and not linear.
"""

import dataclasses
import random

import pytest

from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT
from harness.net import V4, V6, Family
from harness.slab import OPEN, objects
from harness.sources import REPOSITORY
from harness.spa import digest
from harness.spa_door import MINUTE, set_minute
from packet_fuzz.oracle import SECRET, SPA_PORT, UDP_PORT

pytestmark = [pytest.mark.spec("M12"), NFT]

SENDER = REPOSITORY / "conformance/packet_fuzz/sender.pl"
HERE = {V4: "203.0.113.1", V6: "2001:db8:2::1"}
INNER = {V4: "203.0.113.2", V6: "2001:db8:2::2"}
SOURCES = {V4: "203.0.113.{}", V6: "2001:db8:2::{:x}"}
# Kernels and tools before IPv6 had packets of more than 64 kB go on without them.
NETWORK = """
set -e
ip netns add inner
ip link add inner mtu 65535 type veth peer name eth0 mtu 65535 netns inner
ip -n inner link set eth0 gso_max_size 190000 2>/dev/null || :
ip link set inner gso_max_size 190000 2>/dev/null || :
ip link set inner up
ip address add 203.0.113.1/24 dev inner
ip address add 2001:db8:2::1/64 dev inner nodad
ip netns exec inner sh -e <<'END'
sysctl -q -w net.ipv4.ip_nonlocal_bind=1 net.ipv6.ip_nonlocal_bind=1
ip link set eth0 up
ip address add 203.0.113.2/24 dev eth0
ip address add 2001:db8:2::2/64 dev eth0 nodad
END
"""
RULES = """*raw
-A PREROUTING -i inner -m length --length 1600:65535
-A PREROUTING -m pknock --checkip --name UDP
-A PREROUTING -m pknock --knockports udp/2001 --name UDP
-A PREROUTING -m pknock --knockports udp/2000 --name SPA --opensecret open --closesecret shut
COMMIT
"""
LARGE_LEAST = 1600
LARGE_SIZE = 60_000
SEGMENTS_MAX = 60


@dataclasses.dataclass
class Tasks:
    """What the sender is to do, who gets in by it, must or may, and how many packets are large."""

    family: Family
    lines: list[str] = dataclasses.field(default_factory=list)
    must: set[str] = dataclasses.field(default_factory=set)
    may: set[str] = dataclasses.field(default_factory=set)
    large: int = 0
    _used: int = 9

    def source(self) -> str:
        """An address that no other task has."""
        self._used += 1
        return SOURCES[self.family].format(self._used)

    def datagram(self, source: str, port: int, *parts: bytes, segment: int = 0) -> None:
        """Send a datagram of these parts, or a packet of many."""
        self.large += sum(map(len, parts)) >= LARGE_LEAST
        words = " ".join(part.hex() for part in parts)
        self.lines.append(f"udp {source} {HERE[self.family]} {port} {segment} {words}")


def token(source: str) -> bytes:
    """The datagram that lets a source in."""
    return digest(SECRET, source, MINUTE) + b"\n"


def in_parts(payload: bytes) -> list[bytes]:
    """The same, cut in some places."""
    cuts = [0, *sorted(random.sample(range(1, len(payload)), random.randrange(1, 6))), len(payload)]
    return [payload[start:end] for start, end in zip(cuts, cuts[1:])]


def add_tokens(tasks: Tasks) -> None:
    """True tokens in many buffers, and true tokens with more behind, in many buffers, too."""
    for _ in range(12):
        source = tasks.source()
        tasks.datagram(source, SPA_PORT, *in_parts(token(source)))
        tasks.must.add(source)
        source = tasks.source()
        more = bytes(random.choice([1, 65, 4096, LARGE_SIZE]))
        tasks.datagram(source, SPA_PORT, *in_parts(token(source)), more)


def add_segments(tasks: Tasks) -> None:
    """Packets of many datagrams. Where each is a token, the right answer or none will do."""
    for _ in range(24):
        source = tasks.source()
        segment = random.choice([13, 64, 65, 65, 66, 130])
        most = SEGMENTS_MAX * segment // len(token(source))
        tasks.datagram(source, SPA_PORT, token(source) * random.randint(2, most), segment=segment)
        if segment == 65:
            tasks.may.add(source)


def inside(guest: Guest, door: str) -> set[str]:
    """Who the door is open for."""
    return {peer.src for peer in guest.door(door) if peer.status == "ALLOWED"}


@pytest.mark.takes(4)
def test_packets_of_offloads(guest: Guest, firewall: Firewall, family: Family) -> None:
    random.seed(0)
    guest.run(NETWORK)
    firewall.restore(RULES)
    set_minute(guest)
    tasks = Tasks(family)
    add_tokens(tasks)
    add_segments(tasks)
    tasks.datagram(INNER[family], UDP_PORT, bytes(30), bytes(LARGE_SIZE))
    tasks.datagram(tasks.source(), 9, bytes(LARGE_SIZE), segment=LARGE_SIZE // SEGMENTS_MAX)
    tasks.lines.append(f"tcp {INNER[family]} {HERE[family]} 22 4000000")
    guest.agent.write("/run/sender.pl", SENDER.read_text())
    guest.run("ip netns exec inner perl /run/sender.pl", stdin="\n".join(tasks.lines) + "\n")
    guest.run("rm /run/sender.pl")

    there = inside(guest, "SPA")
    assert tasks.must <= there, f"kept out: {sorted(tasks.must - there)}"
    assert there <= tasks.must | tasks.may, f"in by no token: {sorted(there)}"
    assert inside(guest, "UDP") == {INNER[family]}
    large, matched, *_ = firewall.counters("PREROUTING", "raw")
    # Or nothing of all this was tested: they came unsegmented, those of TCP, too.
    assert large > tasks.large and matched > 1
    assert objects(guest, OPEN) == len(there) + 1
