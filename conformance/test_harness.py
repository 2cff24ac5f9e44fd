# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness itself: that it sees what there is to see, with matches of the stock kernel."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from scapy.layers.inet import TCP
from scapy.layers.l2 import ARP, Ether

from harness import kernels, spoof, verdict
from harness.agent import AgentTimeout, CommandError
from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest, Peer, parse_peer
from harness.lab import Lab
from harness.machine import VmDied
from harness.net import Family, V4
from harness.wire import FRAME_SIZE, Silence, Wire

pytestmark = pytest.mark.any_kernel


def test_agent_tells_output_from_error_and_status(guest: Guest) -> None:
    result = guest.run("cat; echo lost >&2; exit 3", stdin="found", check=False)
    assert (result.stdout, result.stderr, result.rc) == ("found", "lost\n", 3)


def test_agent_raises_on_a_failed_command(guest: Guest) -> None:
    with pytest.raises(CommandError, match="status 1"):
        guest.run(["false"])
    with pytest.raises(CommandError, match="No such file"):
        guest.agent.read("/nowhere")
    assert guest.run(["nowhere"], check=False).rc == 127
    assert guest.run("kill -9 $$", check=False).rc == 128 + 9


def test_agent_takes_much_input(guest: Guest) -> None:
    text = "0123456789abcdef" * 65536
    guest.agent.write("/tmp/much", text)
    assert guest.agent.read("/tmp/much") == text


def test_clock_steps_and_is_set_right_by_reset(guest: Guest) -> None:
    before = guest.now()
    guest.step_clock(-3600)
    assert -3600 < guest.now() - before < -3500
    guest.reset()
    assert 0 <= guest.now() - before < 100


def test_answers_of_a_host(client: Client, firewall: Firewall) -> None:
    assert client.connect(22) is Answer.OPEN
    assert client.connect(23) is Answer.CLOSED
    firewall.append("INPUT -p tcp --dport 24 -j REJECT")
    assert client.connect(24) is Answer.REJECTED
    firewall.policy("INPUT", "DROP")
    assert client.connect(22) is Answer.SILENCE


def test_knocks_arrive_in_order_and_are_counted(client: Client, firewall: Firewall) -> None:
    firewall.append("INPUT -p tcp --dport 2002 -m recent --name first --set")
    firewall.append("INPUT -p udp --dport 2001 -m recent --name first --rcheck"
                    " -m recent --name second --set")
    firewall.append("INPUT -p tcp --dport 22 -m recent --name second ! --rcheck -j DROP")
    client.knock("udp/2001", 2002)
    assert client.connect(22) is Answer.SILENCE
    client.knock("udp/2001")
    assert client.connect(22) is Answer.OPEN
    assert firewall.counters()[:2] == [1, 1]


def test_process_in_the_guest_answers(client: Client) -> None:
    mark = client.wire.mark()
    client.wire.send(client.udp(7, b"are you there"))
    client.wire.expect(lambda packet: b"are you there" in bytes(packet), mark)


def test_guest_goes_on_when_its_machine_was_nudged(guest: Guest, client: Client) -> None:
    guest.vm.nudge()
    client.wire.settle()
    assert guest.run(["echo", "here"]).stdout == "here\n"


class Stalled:
    """A machine whose interface receives frames, but deals with them only when nudged, or never."""

    def __init__(self, heals: bool) -> None:
        self._guest, self._wire = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._heals = heals

    def connect_wire(self) -> socket.socket:
        return self._wire

    def check(self, patience: float = 0) -> None:
        """It runs."""

    def nudge(self) -> None:
        request = Ether(self._guest.recv(FRAME_SIZE))[ARP]
        if self._heals:
            self._guest.send(bytes(Ether() / ARP(op="is-at", pdst=request.psrc)))


@pytest.mark.parametrize("heals", [True, False])
def test_machine_is_nudged_when_silent(heals: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.wire.NUDGE_SECONDS", 0.05)
    wire = Wire(Stalled(heals), lambda: "its counters")
    outcome = (pytest.warns(UserWarning, match="until its machine was nudged") if heals
               else pytest.raises(Silence, match="its counters"))
    with outcome:
        wire.settle(0.2)
    wire.close()


def test_flood_is_taken_whole(client: Client, firewall: Firewall, family: Family) -> None:
    firewall.append("INPUT -p tcp --dport 2002 -j DROP")
    addresses = [family.packed(family.client(0x1000 + number)) for number in range(20000)]
    count = client.wire.flood(spoof.sources(family, client.tcp(2002), addresses))
    client.wire.settle()
    assert firewall.counters() == [count] == [20000]


def test_spoofed_frames_have_right_checksums(guest: Guest, family: Family) -> None:
    template = guest.client(family).tcp(2002)
    for number in (1, 0x7fff, 0xffff, 0x1ffff):
        source = family.client(number)
        [frame] = spoof.sources(family, template, [family.packed(source)])
        rebuilt = Ether(frame)
        assert rebuilt[family.layer].src == source
        del rebuilt[TCP].chksum
        if family is V4:
            del rebuilt[family.layer].chksum
        assert bytes(rebuilt) == frame


def test_reset_leaves_no_rules(guest: Guest, firewall: Firewall) -> None:
    firewall.drop_by_default()
    firewall.run("-N mine")
    firewall.append("PREROUTING -j DROP", table="raw")
    guest.reset()
    assert firewall.rules() == firewall.rules("raw") == []
    assert ":INPUT ACCEPT" in firewall.save() and "mine" not in firewall.save()


def test_packages_under_test_are_installed(guest: Guest) -> None:
    built = {package.name.split("_")[0] for package in guest.image.packages}
    assert built == {"portknocko", "portknocko-client", "portknocko-dkms"}
    for package in built:
        status = guest.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package]).stdout
        assert status == "installed"


def test_reset_unloads_the_module(guest: Guest) -> None:
    guest.run(["modprobe", "xt_pknock"])
    assert guest.loaded()
    guest.reset()
    assert not guest.loaded()


def test_complaints_are_warnings_since_the_last_reset(guest: Guest) -> None:
    guest.run("echo '<4>before' >/dev/kmsg")
    guest.reset()
    guest.run("echo '<4>hrtimer: interrupt took 1 ns' >/dev/kmsg; echo '<6>fine' >/dev/kmsg")
    assert guest.reset() == []
    guest.run("echo '<3>not fine' >/dev/kmsg")
    [complaint] = guest.reset()
    assert complaint.endswith("not fine")


def test_verdict_sees_the_module(guest: Guest) -> None:
    assert verdict.traces(guest) == []
    guest.run(["modprobe", "xt_pknock"])
    found = verdict.traces(guest)
    assert "xt_pknock is still loaded" in found
    assert "/proc/net/xt_pknock is still there" in found
    assert any(trace.startswith("slab cache ") for trace in found)


def test_agent_answers_others_than_the_one_given_up(guest: Guest) -> None:
    sleeper = guest.agent.start("sleep 2; echo late")
    with pytest.raises(AgentTimeout, match="sleep 2"):
        sleeper.wait(timeout=0.1)
    assert guest.run("echo here").stdout == "here\n"
    assert sleeper.wait().stdout == "late\n"


@pytest.fixture
def another_lab(tmp_path: Path) -> Iterator[Lab]:
    """For a guest that is to die, which costs the others nothing."""
    owner = Lab(kernels.load()[kernels.DEFAULT], tmp_path)
    yield owner
    owner.discard()


@pytest.mark.machine
@pytest.mark.takes(20)
def test_dead_guest_is_reported_with_its_console(another_lab: Lab, tmp_path: Path) -> None:
    guest = another_lab.guest()
    guest.agent.start("echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger")
    with pytest.raises(VmDied, match=r"(?s)Kernel panic.*\nqemu ended with status 0$"):
        guest.run(["sleep", "60"])
    assert another_lab.guest() is not guest
    assert "Kernel panic" in (tmp_path / "console-1.log").read_text()


def test_peer_lines_are_read_whole() -> None:
    line = "src=192.0.2.1 proto=TCP status=MATCHING accepted_knock_count=1 expir_time=59 [secs] "
    assert parse_peer(line) == Peer("192.0.2.1", "TCP", "MATCHING", 1, 59, None)
    with pytest.raises(ValueError, match="not a peer"):
        parse_peer(line + "surprise")
