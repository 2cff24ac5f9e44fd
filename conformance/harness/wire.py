# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire that the guest's only interface hangs on: whole Ethernet frames, in and out.

The guest looks at frames in the order in which they were sent, and answers an ARP request
whatever its firewall says. So an ARP request sent last is the sentinel: when its answer is here,
all that the kernel had to say to the frames before it is here, and silence is proven without a
timeout. (What a *process* of the guest answers takes longer: expect() waits for that.)
"""

import contextlib
import itertools
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterable

from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from harness import HarnessError
from harness.machine import ENDING_SECONDS, Machine
from harness.net import GUEST_MAC, V4, WIRE_MAC

SENTINEL_SECONDS = 60
# qemu 7.2 may leave frames to a receive ring that the guest has refilled long ago, once in some
# hundred floods on a busy machine, until something has it look there again.
NUDGE_SECONDS = 20
EXPECT_SECONDS = 5
FRAME_SIZE = 65536
BUFFER_SIZE = 1 << 22
# Of Linux, without a name in Python.
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33

ROUTER = bytes.fromhex(WIRE_MAC.replace(":", ""))
# Where the destination address is in a frame, by EtherType.
DESTINATION = {b"\x08\x00": slice(30, 34), b"\x86\xdd": slice(38, 54)}

Match = Callable[[Packet], bool]


class Silence(HarnessError):
    """The guest did not send what it had to send."""


def ethernet(packet: Packet) -> bytes:
    """The frame that takes a packet from the harness to the guest."""
    if not isinstance(packet, Ether):
        packet = Ether(src=WIRE_MAC, dst=GUEST_MAC) / packet
    return bytes(packet)


def enlarge(end: socket.socket) -> None:
    """Let 4 MiB be on their way from and to an end of the wire; or, for those who may not have
    more than the system's limits, as much as these allow."""
    for forced, allowed in ((SO_SNDBUFFORCE, socket.SO_SNDBUF),
                            (SO_RCVBUFFORCE, socket.SO_RCVBUF)):
        try:
            end.setsockopt(socket.SOL_SOCKET, forced, BUFFER_SIZE)
        except PermissionError:
            end.setsockopt(socket.SOL_SOCKET, allowed, BUFFER_SIZE)


class Wire:
    """The far end of the guest's interface. A silence is explained by what the guest says of it."""

    def __init__(self, vm: Machine, explain: Callable[[], str]) -> None:
        self._vm = vm
        self._explain = explain
        self.routes: dict[bytes, bytes] = {}
        self._sentinels = itertools.cycle(f"192.0.2.{host}" for host in range(100, 200))
        self._received: list[bytes] = []
        self._arrival = threading.Condition()
        self._socket = vm.connect_wire()
        enlarge(self._socket)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                frame = self._socket.recv(FRAME_SIZE)
            except OSError:
                return
            if not frame:
                return
            self._forward(frame)
            with self._arrival:
                self._received.append(frame)
                self._arrival.notify_all()

    def _forward(self, frame: bytes) -> None:
        """Be the router between hosts on this wire: routes has the Ethernet address of each."""
        place = DESTINATION.get(frame[12:14])
        hop = self.routes.get(frame[place]) if place and frame[:6] == ROUTER else None
        if hop:
            self._socket.send(hop + ROUTER + frame[12:])

    def send(self, *packets: Packet | bytes) -> None:
        """Send packets (an Ethernet header is added) or finished frames, in this order."""
        self.flood(packet if isinstance(packet, bytes) else ethernet(packet)
                   for packet in packets)

    def flood(self, frames: Iterable[bytes]) -> int:
        """Send finished frames as fast as the guest takes them; how many there were."""
        count = 0
        for frame in frames:
            try:
                self._socket.send(frame)
            except OSError:
                self._vm.check(ENDING_SECONDS)
                raise
            count += 1
        return count

    def mark(self) -> int:
        """The present moment, for received()."""
        with self._arrival:
            return len(self._received)

    def received(self, mark: int = 0) -> list[bytes]:
        """Frames that came after mark."""
        with self._arrival:
            return self._received[mark:]

    def forget(self) -> None:
        """Drop all received frames; marks lose their meaning."""
        with self._arrival:
            self._received.clear()

    def _await(self, found: Callable[[bytes], bool], mark: int, timeout: float) -> int | None:
        """The position of the first frame after mark that is found; None in case of time-out."""
        deadline = time.monotonic() + timeout
        with self._arrival:
            while True:
                for position in range(mark, len(self._received)):
                    if found(self._received[position]):
                        return position
                mark = len(self._received)
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return None
                self._arrival.wait(remaining)

    def settle(self, timeout: float = SENTINEL_SECONDS) -> int:
        """Wait until the guest's kernel has dealt with all that was sent; the moment of that."""
        asker = next(self._sentinels)
        mark = self.mark()
        self.send(Ether(src=WIRE_MAC, dst=GUEST_MAC)
                  / ARP(op="who-has", hwsrc=WIRE_MAC, psrc=asker, pdst=V4.guest))

        def answers(frame: bytes) -> bool:
            return frame[12:14] == b"\x08\x06" and Ether(frame)[ARP].pdst == asker

        position = self._await(answers, mark, min(timeout, NUDGE_SECONDS))
        if position is None and timeout > NUDGE_SECONDS:
            self._vm.check()
            with contextlib.suppress(HarnessError):
                self._vm.nudge()
            position = self._await(answers, mark, timeout - NUDGE_SECONDS)
            if position is not None:
                warnings.warn("the guest was silent until its machine was nudged", stacklevel=2)
        if position is None:
            self._vm.check()
            raise Silence(f"no answer to the sentinel in {timeout:.0f} s, but"
                          f" {self.mark() - mark} other frames; the guest's interface:\n"
                          f"{self._explain()}")
        return position

    def replies(self, *packets: Packet | bytes) -> list[Packet]:
        """Send packets; all that the guest's kernel answered to them, perhaps nothing."""
        mark = self.mark()
        self.send(*packets)
        end = self.settle()
        return [Ether(frame) for frame in self.received(mark)[:end - mark]]

    def expect(self, match: Match, mark: int, timeout: float = EXPECT_SECONDS) -> Packet:
        """Wait for a packet after mark that matches."""
        position = self._await(lambda frame: match(Ether(frame)), mark, timeout)
        if position is None:
            self._vm.check()
            raise Silence(f"nothing that matches in {timeout:.1f} s")
        with self._arrival:
            return Ether(self._received[position])

    def close(self) -> None:
        """Cut the wire."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()
