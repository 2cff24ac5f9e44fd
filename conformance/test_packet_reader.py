# SPDX-License-Identifier: GPL-2.0-or-later
"""What match.c makes of each single packet, as a process and under sanitizers.

The same packets as test_packet_fuzz.py sends, but many more, and no stack that drops most of the
wrong ones before: match.c and the oracle have to agree on every one, in both directions.
"""

import pytest
from scapy.layers.l2 import Ether

from harness.net import FAMILIES, Family
from harness.spa_door import MINUTE
from packet_fuzz import native, oracle, shapes
from packet_fuzz.oracle import TCP_PORT, UDP_PORT

SEED, PACKETS, BATCH = 1000, 3000, 300


def expected(frame: bytes) -> str:
    """The program's line for a frame, as the oracle has it."""
    found = oracle.segments([frame], defragmented=False)
    facts = (oracle.knocks(found, oracle.TCP, TCP_PORT), oracle.knocks(found, oracle.UDP, UDP_PORT),
             oracle.tokens(found), found)
    return "".join(str(int(bool(fact))) for fact in facts)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory):
    return native.build(tmp_path_factory.mktemp("reader"))


@pytest.mark.takes(8)
@pytest.mark.spec("M12")
@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_match_and_oracle_agree(program, family: Family, request: pytest.FixtureRequest) -> None:
    count = request.config.getoption("--packets") or PACKETS
    first = request.config.getoption("--packet-seed") or SEED
    for seed in range(first, first + -(-count // BATCH)):
        frames = [frame for frame in shapes.batch(family, seed, BATCH).frames
                  if oracle.ip_packet(frame)]
        answers = native.read(program, map(oracle.ip_packet, frames), MINUTE, oracle.SECRET)
        assert len(answers) == len(frames)
        for frame, answer in zip(frames, answers):
            assert answer == expected(frame), (
                f"seed {seed}, {frame.hex()}: {Ether(frame).show(dump=True)}")
