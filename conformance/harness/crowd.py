# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic that does not end: many sources that knock, while something else goes on in the guest."""

import contextlib
import threading
import time
from collections.abc import Iterator

from scapy.layers.l2 import Ether

from harness import spoof
from harness.guest import Guest
from harness.net import FAMILIES, V4, V6, WIRE_MAC
from harness.wire import Silence

KNOCKS = "-p udp -m pknock --knockports 2002,2001 --name SSH"
CROWD = 400
BURST = 200
PAUSE = 0.02
ANSWER_SECONDS = 5
# Packets to somebody else: the guest sees them in raw PREROUTING, and answers to none of them.
ELSEWHERE = {V4: "203.0.113.1", V6: "2001:db8:ffff::1"}


def crowd(guest: Guest, mac: str) -> list[bytes]:
    """Frames of many sources in both families, half of which knock to the end."""
    frames: list[bytes] = []
    for family in FAMILIES:
        client = guest.client(family)
        addresses = [family.packed(family.client(0x8000 + number)) for number in range(CROWD)]
        for port, sources in ((2002, addresses), (2001, addresses[:CROWD // 2])):
            packet = client.udp(port)
            packet.dst = ELSEWHERE[family]
            frames += spoof.sources(family, Ether(src=WIRE_MAC, dst=mac) / packet, sources)
    return frames


@contextlib.contextmanager
def traffic(guest: Guest, frames: list[bytes]) -> Iterator[list[int]]:
    """Send the frames again and again. The number in the list is how many were sent so far.

    The guest rests for as long as it took to deal with the last ones, or else its only processor
    would do nothing else, and KASAN, which frees memory when processes ask for some, would have it
    all in the end.
    """
    done = threading.Event()
    sent = [0]

    def send() -> None:
        while not done.is_set():
            for at in range(0, len(frames), BURST):
                start = time.monotonic()
                sent[0] += guest.wire.flood(frames[at:at + BURST])
                with contextlib.suppress(Silence):  # the guest may be refused memory to answer with
                    guest.wire.settle(ANSWER_SECONDS)
                done.wait(max(PAUSE, time.monotonic() - start))

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield sent
    finally:
        done.set()
        sender.join()
