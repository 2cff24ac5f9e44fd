#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows a door live: closed, knocked, open, closed again; then by token, and a replay refused.

Server and visitor are two hosts on one wire, and the wire is this program: it routes what they
send, shows it, and can send it again. Whatever is claimed is checked; a claim that does not hold
ends the show with an error.
"""

import argparse
import sys
import time

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness import HarnessError, kernels, verdict
from harness.firewall import Firewall
from harness.guest import PROC, Guest
from harness.lab import LOGS, Lab
from harness.net import V4
from harness.visitor import Visitor

READING_SECONDS = 1.2
TTL = 12
SEQUENCE = f"""INPUT -p tcp -m state --state NEW -m pknock --knockports 2002,2001,2004 --name SSH \
--time 10 --ttl {TTL} -m tcp --dport 22 -j ACCEPT"""
TOKEN = """INPUT -p udp -m state --state NEW -m pknock --knockports 2000 --name SPA \
--opensecret open-sesame --closesecret shut-sesame -j DROP"""
ARRIVALS = "INPUT -p udp --dport 2000 -m state --state NEW"
CHECK = """INPUT -p tcp -m state --state NEW -m pknock --checkip --name SPA \
-m tcp --dport 22 -j ACCEPT"""


class ClaimFailed(HarnessError):
    """Something was not as the demonstration says."""


class Speaker:
    """Prints lines, with time to read each."""

    def __init__(self, pause: float) -> None:
        self._pause = pause

    def say(self, text: str, mark: str = " ") -> None:
        """Print a line."""
        print(f" {mark} {text}", flush=True)
        time.sleep(self._pause)

    def title(self, text: str) -> None:
        """Begin a part."""
        print()
        self.say(text, mark="■")


class Show(Speaker):
    """The two hosts, and what they are seen to do."""

    def __init__(self, guest: Guest, pause: float) -> None:
        super().__init__(pause)
        self.guest = guest
        self.firewall = Firewall(guest, "nft", V4)
        self.visitor = Visitor(guest)

    def rules(self, *rules: str) -> None:
        """Start over with these rules, behind the two that every example begins with."""
        self.firewall.flush()
        self.firewall.drop_by_default()
        self.say("server#  iptables -P INPUT DROP")
        self.say("server#  iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT")
        for rule in rules:
            self.firewall.append(rule)
            self.say(f"server#  iptables -A {rule}")

    def knock(self, command: str) -> list[Packet]:
        """Run the client at the visitor's; the packets that it sent."""
        self.say(f"visitor$ {command}")
        mark = self.guest.wire.mark()
        self.visitor.run(command)
        frames = [Ether(frame) for frame in self.guest.wire.received(mark)]
        knocks = [frame for frame in frames
                  if IP in frame and frame[IP].src == self.visitor.address(V4)]
        for frame in knocks:
            self.say(f"on the wire: {describe(frame)}", mark="→")
        return knocks

    def connect(self, expect_open: bool) -> None:
        """Try to connect as a visitor, and check that it ends as it should."""
        self.say("visitor$ connect to port 22")
        answer = self.visitor.greeting(V4).strip()
        if bool(answer) != expect_open:
            raise ClaimFailed(f"port 22 answered {answer!r}")
        self.say(f"OPEN: the server says “{answer}”" if answer else "CLOSED: no answer at all",
                 mark="✔")

    def state(self, door: str) -> str:
        """The visitor's line in /proc; empty if there is none."""
        return self.guest.agent.read(f"{PROC}/{door}").strip()


def describe(frame: Packet) -> str:
    """A knock, in a line."""
    if TCP in frame:
        return f"TCP SYN to port {frame[TCP].dport}"
    return f"UDP to port {frame[UDP].dport}, {bytes(frame[UDP].payload)[:16].decode()}…"


def sequence(show: Show) -> None:
    """Three knocks in order, and the door closes by itself."""
    show.title("A door that three knocks open")
    show.rules(SEQUENCE)
    show.connect(expect_open=False)
    show.knock(f"pknock seq {V4.guest} 2002 2001 2004")
    show.connect(expect_open=True)
    show.say(f"server#  cat {PROC}/SSH")
    deadline = time.monotonic() + 3 * TTL
    while state := show.state("SSH"):
        print(f"   {state}", flush=True)
        if time.monotonic() > deadline:
            raise ClaimFailed(f"the door is open after {3 * TTL} s, not {TTL} s")
        time.sleep(1)
    show.say(f"{TTL} s are over", mark="→")
    show.connect(expect_open=False)


def token(show: Show) -> None:
    """One datagram opens, another closes, and neither works twice."""
    show.title("A door that one authenticated datagram opens")
    show.rules(TOKEN, CHECK)
    show.firewall.insert(ARRIVALS)
    show.connect(expect_open=False)
    [recorded] = show.knock(f"PKNOCK_SECRET=open-sesame pknock open --port 2000 {V4.guest}")
    show.connect(expect_open=True)
    show.say(f"server#  cat {PROC}/SPA")
    show.say(show.state("SPA"))
    show.knock(f"PKNOCK_SECRET=shut-sesame pknock close --port 2000 {V4.guest}")
    show.connect(expect_open=False)

    show.title("Someone recorded that datagram, and sends it again from the same address")
    arrived = show.firewall.counters()[0]
    show.guest.wire.send(recorded.payload)
    show.guest.wire.settle()
    show.say(f"on the wire: {describe(recorded)}", mark="→")
    if show.firewall.counters()[0] != arrived + 1:
        raise ClaimFailed("the replayed datagram did not get as far as the rule")
    show.say("it came as far as the rule, which knows it")
    show.connect(expect_open=False)


def end(show: Show) -> None:
    """Leave the server as it was, and look whether it is."""
    show.title("The rules go, the module is unloaded")
    faults = verdict.faults(show.guest)
    if faults:
        raise ClaimFailed("\n".join(faults))
    show.say("no trace of it, and no complaint in the kernel's log", mark="✔")


def main() -> int:
    """Build, boot, show."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--brisk", action="store_true", help="without pauses to read in")
    pause = 0 if parser.parse_args().brisk else READING_SECONDS
    lab = Lab(kernels.load()[kernels.DEFAULT], LOGS / "demo")
    try:
        guest = lab.guest()
        show = Show(guest, pause)
        show.say(f"{guest.vm.accelerator}, Linux {guest.image.boot.release}, with "
                 + ", ".join(package.name for package in guest.image.packages))
        sequence(show)
        token(show)
        end(show)
    except HarnessError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    finally:
        lab.discard()
    return 0


if __name__ == "__main__":
    sys.exit(main())
