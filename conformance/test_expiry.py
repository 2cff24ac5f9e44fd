# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a knock and an open door last."""

import dataclasses
import time

import pytest

from harness import pknockctl, slab
from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import Guest
from harness.marks import NFT, V4_ONLY
from harness.net import Family
from harness.poll import until

COARSE = 0.1  # the kernel's clock of expiry ticks; the wire and the agent take a moment
TTL = 3


@NFT
@V4_ONLY
@pytest.mark.spec("M5")
def test_default_time_is_a_minute(client: Client, firewall: Firewall, guest: Guest) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SSH")
    client.knock(2002)
    [peer] = guest.door("SSH")
    assert 57 < peer.expires <= 60


@NFT
@pytest.mark.spec("M5")
def test_knock_within_time_goes_on_and_later_does_not(firewall: Firewall, guest: Guest,
                                                      family: Family) -> None:
    guest.set_parameter("gc_interval", 3600)
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001,2004 --name SSH --time 4")
    early, late, anew = (guest.client(family) for _ in range(3))
    for client in (late, anew, early):
        client.knock(2002)
    until(lambda: min(peer.expires for peer in guest.door("SSH")) <= 2)
    early.knock(2001)
    assert guest.standings("SSH")[early.address] == ("MATCHING", 2)
    until(lambda: guest.standings("SSH") == {early.address: ("MATCHING", 2)})
    late.knock(2001)
    anew.knock(2002)
    early.knock(2004)
    assert guest.standings("SSH") == {early.address: ("ALLOWED", 3),
                                      anew.address: ("MATCHING", 1)}
    late.knock(2002, 2001, 2004)
    anew.knock(2001, 2004)
    assert guest.standings("SSH") == {client.address: ("ALLOWED", 3)
                                      for client in (early, late, anew)}


@dataclasses.dataclass
class Watch:
    """When a door that is to let TTL seconds pass was opened, and found closed."""

    client: Client
    opening: float            # just before the last knock was sent
    opened: float             # when the guest had surely seen it
    last_open: float = 0      # when the last connection that was accepted was tried
    first_silent: float = 0   # when it was clear that one was not

    def sees_it_closed(self) -> bool:
        """Try once more, unless that is known."""
        if not self.first_silent:
            tried = time.monotonic()
            if self.client.connect(22) is Answer.OPEN:
                self.last_open = tried
            else:
                self.first_silent = time.monotonic()
        return self.first_silent > 0


def _open(client: Client, port: int) -> Watch:
    opening = time.monotonic()
    client.knock(port)
    watch = Watch(client, opening, time.monotonic())
    assert not watch.sees_it_closed()
    return watch


@NFT
@pytest.mark.spec("M6")
def test_ttl_is_exact_whatever_collector_and_wall_clock_do(firewall: Firewall, guest: Guest,
                                                           family: Family) -> None:
    firewall.policy("INPUT", "DROP")
    for name, port in (("SELDOM", 2001), ("OFTEN", 2002)):
        firewall.append(f"INPUT -p tcp -m pknock --knockports {port} --name {name} --ttl {TTL}"
                        " -m tcp --dport 22 -j ACCEPT")
    guest.set_parameter("gc_interval", 3600)
    watches = [_open(guest.client(family), 2001)]
    guest.set_parameter("gc_interval", 1)
    watches.append(_open(guest.client(family), 2002))
    guest.step_clock(3600)
    guest.step_clock(-7200)
    until(lambda: all([watch.sees_it_closed() for watch in watches]))
    for watch in watches:
        assert watch.opening < watch.last_open < watch.opened + TTL + COARSE
        assert watch.first_silent > watch.opening + TTL - COARSE
    assert guest.door("SELDOM") == guest.door("OFTEN") == []
    watches[0].client.knock(2001)
    assert watches[0].client.connect(22) is Answer.OPEN


@pytest.mark.parametrize(("interval", "period"), [(0, 1), (2, 2)])
@NFT
@V4_ONLY
def test_collector_runs_every_so_many_seconds_one_at_least(
        firewall: Firewall, guest: Guest, family: Family, interval: int, period: int) -> None:
    """It starts with an open door, which keeps it running, and has half-open peers to free."""
    guest.set_parameter("gc_interval", interval)
    firewall.append("INPUT -p tcp -m pknock --knockports 2002 --name SSH")
    firewall.append("INPUT -p tcp -m pknock --knockports 3002,3001 --name SSH --time 1")
    watch = slab.watch(guest, 5, slab.OPEN, slab.HALF_OPEN)
    for port, pause in ((2002, 0.5), (3002, 1), (3002, 0)):
        guest.client(family).knock(port)
        time.sleep(pause)
    counts = slab.counted(watch)
    [began] = [count.since for count in counts if (count.cache, count.objects) == (slab.OPEN, 1)]
    halves = [count for count in counts if count.cache == slab.HALF_OPEN]
    # The first is too late after a second and a half, the other after two and a half.
    assert [count.objects for count in halves] == [0, 1, 2, 1, 0]
    assert halves[3].since == pytest.approx(began + 2, abs=0.4)
    assert halves[4].since == pytest.approx(began + 2 + period, abs=0.4)


@NFT
@V4_ONLY
def test_collector_rests_while_there_is_nothing_to_collect(firewall: Firewall, guest: Guest,
                                                           family: Family) -> None:
    """If it did not, it would wait for an hour now, and no shorter interval would change that."""
    def expired() -> int:
        return pknockctl.do(guest, "stats", "SSH")["doors"][0]["counters"]["expired"]

    firewall.append("INPUT -p tcp -m pknock --knockports 2001 --name SSH --ttl 1")
    guest.set_parameter("gc_interval", 1)
    guest.client(family).knock(2001)
    until(lambda: expired() == 1)
    guest.set_parameter("gc_interval", 3600)
    time.sleep(2)
    guest.set_parameter("gc_interval", 1)
    guest.client(family).knock(2001)
    until(lambda: expired() == 2)


@NFT
@V4_ONLY
@pytest.mark.spec("M6")
def test_time_left_follows_from_the_option(client: Client, firewall: Firewall,
                                           guest: Guest) -> None:
    seconds = {"": None, "--autoclose 0": None, "--ttl 0": None,
               "--autoclose 1": 60, "--autoclose 15": 900, "--ttl 1000": 1000}
    for number, option in enumerate(seconds):
        firewall.append(f"INPUT -p tcp -m pknock --knockports 2001 --name D{number} {option}")
    client.knock(2001)
    for number, expected in enumerate(seconds.values()):
        [peer] = guest.door(f"D{number}")
        if expected is None:
            assert peer.autoclose is None
        else:
            assert expected - 5 < peer.autoclose <= expected


@NFT
@V4_ONLY
@pytest.mark.spec("M6")
def test_knocking_on_does_not_extend_the_time(client: Client, firewall: Firewall,
                                              guest: Guest) -> None:
    firewall.append("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH --ttl 900")
    client.knock(2002, 2001)

    def runs_down() -> bool:
        client.knock(2002, 2001)
        [peer] = guest.door("SSH")
        return peer.autoclose <= 897

    until(runs_down)
