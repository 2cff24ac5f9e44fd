# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of packets that are nearly right, over the wire, to rules of all kinds.

After each batch the kernel is in health, who got in sent what lets in by its bytes
(packet_fuzz/oracle.py), and what ought to let in does. A batch that shows otherwise is kept as a
pcap file, and comes again by its seed: --packet-seed.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

from harness.firewall import Firewall
from harness.guest import Guest
from harness.lab import LOGS
from harness.marks import NFT
from harness.net import Family
from harness.poll import until
from harness.slab import HALF_OPEN, OPEN, objects
from harness.spa_door import passes, set_minute
from packet_fuzz import oracle, shapes
from packet_fuzz.oracle import TCP_PORT, UDP_PORT

pytestmark = [pytest.mark.spec("M12"), NFT]

SEED, PACKETS, BATCH = 1, 600, 300
# Doors have names of the batch's own: what came before is no part of it.
RULES = """*raw
-A PREROUTING -m pknock --checkip --name TCP{n}
-A PREROUTING -m pknock --knockports tcp/2002 --name TCP{n}
-A PREROUTING -m pknock --knockports udp/2001 --name UDP{n} --mask {bits}
-A PREROUTING -m pknock --knockports udp/2000 --name SPA{n} --opensecret open --closesecret shut
-A PREROUTING -m pknock --knockports tcp/2002,udp/2001,tcp/2003 --name SEQ{n} --strict --time 600
-A PREROUTING -m pknock --knockports udp/2001,udp/2000 --name FEW{n} --max-peers 4 --time 600
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -m pknock --checkip --name SEQ{n} -j ACCEPT
-A INPUT -m pknock --checkip --name ONCE{n} --once -j ACCEPT
-A INPUT -m pknock --knockports tcp/2002 --name ONCE{n} --ttl 600 -j ACCEPT
COMMIT
"""
DEFRAGMENT = "*mangle\n-A PREROUTING -m state --state ESTABLISHED\nCOMMIT\n"
# What lacks a fragment stays for half a minute, and keeps out what comes when there is no room.
MEMORY = 1 << 28
ROOM = {"v4": "net.ipv4.ipfrag_high_thresh", "v6": "net.netfilter.nf_conntrack_frag6_high_thresh"}
CENSUS = "cat /proc/net/xt_pknock/* | cut -d' ' -f3 | sort | uniq -c"


def batches(config: pytest.Config) -> Iterator[tuple[int, int]]:
    """Seed and size of each batch that a run is to send."""
    first = config.getoption("--packet-seed") or SEED
    left = config.getoption("--packets") or PACKETS
    for seed in range(first, first + -(-left // BATCH)):
        yield seed, min(BATCH, left)
        left -= BATCH


def inside(guest: Guest, door: str) -> set[str]:
    """Who the door is open for."""
    return {peer.src for peer in guest.door(door) if peer.status == "ALLOWED"}


def check_doors(guest: Guest, seed: int, batch: shapes.Batch,
                found: list[oracle.Segment]) -> None:
    """Nobody is in but by a knock or a token, and everybody is who sent a right one."""
    knocked = {"tcp": oracle.knocks(found, oracle.TCP, TCP_PORT),
               "udp": oracle.knocks(found, oracle.UDP, UDP_PORT), "spa": oracle.tokens(found)}
    for kind, sources in knocked.items():
        there = inside(guest, f"{kind.upper()}{seed}")
        assert there <= sources, f"in by no {kind}: {sorted(there - sources)}"
        assert batch.honest[kind] <= there, f"kept out: {sorted(batch.honest[kind] - there)}"
    for door in ("SEQ", "FEW"):
        strangers = set(guest.standings(f"{door}{seed}")) - {one.source for one in found}
        assert not strangers, f"at {door}, but sent neither TCP nor UDP: {sorted(strangers)}"


def check_matches(firewall: Firewall, batch: shapes.Batch, found: list[oracle.Segment]) -> None:
    """What is neither TCP nor UDP of somebody who may be in did not match."""
    insiders = oracle.knocks(found, oracle.TCP, TCP_PORT)
    limit = sum(1 for segment in found if segment.source in insiders)
    matched, *_ = firewall.counters("PREROUTING", "raw")
    assert shapes.INSIDERS <= matched <= limit


def check_health(guest: Guest, family: Family, seed: int) -> None:
    """The kernel has said nothing, remembers what it lists and no more, and hears a knock."""
    counts: dict[str, int] = {}
    for line in guest.run(CENSUS).stdout.splitlines():
        count, status = line.split()
        counts[status] = int(count)
    opened = counts.pop("status=ALLOWED", 0)
    # What was closed or evicted is given back a moment later.
    until(lambda: objects(guest, OPEN) == opened)
    until(lambda: objects(guest, HALF_OPEN) == sum(counts.values()))
    client = guest.client(family)
    assert not passes(client)
    client.knock(TCP_PORT, f"udp/{UDP_PORT}", 2003)
    assert passes(client), f"an honest knock after batch {seed}"


def keep(request: pytest.FixtureRequest, seed: int, frames: list[bytes]) -> Path:
    """The frames as a file."""
    config = request.config
    folder = config.getoption("--logs") or LOGS / config.getoption("--kernel")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{request.node.name}-{seed}.pcap"
    wrpcap(str(path), [Ether(frame) for frame in frames])
    return path


def run_batch(guest: Guest, firewall: Firewall, seed: int, batch: shapes.Batch,
              defragmented: bool) -> None:
    """Send the frames, and look at what became of them."""
    family = firewall.family
    firewall.restore(RULES.format(n=seed, bits=family.bits)
                     + (DEFRAGMENT if defragmented else ""))
    set_minute(guest)
    with guest.sysctl(ROOM[family.name], MEMORY) if defragmented else contextlib.nullcontext():
        guest.wire.flood(batch.frames)
        guest.wire.settle()
    found = oracle.segments(batch.frames, defragmented)
    check_matches(firewall, batch, found)
    check_doors(guest, seed, batch, found)
    check_health(guest, family, seed)


@pytest.mark.kernel(min="5.13", reason="conntrack's last rule leaves fragments being reassembled")
@pytest.mark.takes(8)
def test_fuzzed_packets(guest: Guest, firewall: Firewall, family: Family,
                        request: pytest.FixtureRequest) -> None:
    """As they come: fragments are packets."""
    fuzz_packets(guest, firewall, request, defragmented=False)


@pytest.mark.takes(8)
def test_fuzzed_packets_reassembled(guest: Guest, firewall: Firewall, family: Family,
                                    request: pytest.FixtureRequest) -> None:
    """After conntrack made one packet of fragments, of more than one buffer."""
    fuzz_packets(guest, firewall, request, defragmented=True)


def fuzz_packets(guest: Guest, firewall: Firewall, request: pytest.FixtureRequest,
                 defragmented: bool) -> None:
    """All batches; one that shows a fault is kept."""
    for seed, size in batches(request.config):
        batch = shapes.batch(firewall.family, seed, size, defragmented)
        try:
            run_batch(guest, firewall, seed, batch, defragmented)
        except Exception:
            print(f"The frames are in {keep(request, seed, batch.frames)}. Again: "
                  f"--packet-seed {seed} --packets {size} -k '{request.node.name}'")
            raise
