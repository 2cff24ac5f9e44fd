# SPDX-License-Identifier: GPL-2.0-or-later
"""A server in service: its firewall while packages change under it, and after reboots."""

import contextlib
from collections.abc import Iterator

import pytest

from harness import compilers, sources
from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import MODULE, Guest
from harness.kernels import Kernel
from harness.net import V4
from harness.life import ALONE, Layers
from harness.root import Root
from harness.server import Server

# Between two knocks there may be an upgrade.
SSH = ("-p tcp -m pknock --knockports 2002,2001 --time 3600 --name SSH"
       " -m tcp --dport 22 -j ACCEPT")
APT = (f"{compilers.MODULES} INITRD=No DEBIAN_FRONTEND=noninteractive"
       " apt-get -y --no-install-recommends")
BUILD_SECONDS = 500
# As its unit does; it has taken from the file what there is when the file is of this boot.
START_DAEMON = """
setsid pknockd --foreground >/run/pknockd.log 2>&1 &
echo $! >/run/pknockd.pid
boot=$(cat /proc/sys/kernel/random/boot_id)
until grep -qs "$boot" /var/lib/pknockd/doors.json; do busybox usleep 50000; done
"""
STOP_DAEMON = """
pid=$(cat /run/pknockd.pid)
kill $pid
while [ -e /proc/$pid ]; do busybox usleep 50000; done
"""
MISSING = "missing kernel module?"
pytestmark = pytest.mark.machine


@pytest.fixture
def server(layers: Layers) -> Iterator[Server]:
    """A server with the packages installed; it is off."""
    machine = Server(layers.disk)
    yield machine
    machine.close()


def close_firewall(guest: Guest) -> None:
    """Load the rules of the README."""
    firewall = Firewall(guest, "nft", V4)
    firewall.drop_by_default()
    firewall.append(f"INPUT {SSH}")


def close_but_for_knocks(guest: Guest) -> Client:
    """A client that has knocked at such a firewall and come in."""
    close_firewall(guest)
    client = guest.client(V4)
    assert client.connect(22) is Answer.SILENCE
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.OPEN
    return client


def version_in_use(guest: Guest) -> str:
    """Of the module that the kernel has."""
    return guest.agent.read(f"/sys/module/{MODULE}/version").strip()


def version_on_disk(guest: Guest) -> str:
    """Of the module that modprobe would load."""
    return guest.run(["modinfo", "-F", "version", MODULE]).stdout.strip()


def refusal(guest: Guest) -> str:
    """A firewall without the module: what the rule is refused with, the ports being shut."""
    firewall = Firewall(guest, "nft", V4)
    firewall.drop_by_default()
    result = firewall.run(f"-A INPUT {SSH}", check=False)
    assert result.rc != 0
    client = guest.client(V4)
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.SILENCE
    return result.stderr


@pytest.mark.takes(120)
def test_upgrade_under_an_open_door_then_reboot_then_purge(server: Server) -> None:
    guest = server.boot()
    client = close_but_for_knocks(guest)
    halfway = guest.client(V4)
    halfway.knock(2002)

    guest.run(f"{APT} install portknocko portknocko-dkms", timeout=BUILD_SECONDS)
    assert version_on_disk(guest) == sources.next_version()
    assert version_in_use(guest) == sources.version()
    assert client.connect(22) is Answer.OPEN
    halfway.knock(2001)
    assert halfway.connect(22) is Answer.OPEN
    assert guest.reset() == []

    guest = server.boot()
    client = close_but_for_knocks(guest)
    assert version_in_use(guest) == sources.next_version()

    guest.run(f"{APT} purge portknocko portknocko-dkms", timeout=BUILD_SECONDS)
    assert guest.run(["modinfo", MODULE], check=False).rc != 0
    assert version_in_use(guest) == sources.next_version()
    assert client.connect(22) is Answer.OPEN
    assert guest.reset() == []

    assert "Couldn't load match `pknock'" in refusal(server.boot())


@pytest.mark.takes(60)
def test_doors_are_open_after_a_reboot_for_whom_they_were(server: Server) -> None:
    guest = server.boot()
    guest.run(["modprobe", MODULE])
    guest.run(START_DAEMON)
    client = close_but_for_knocks(guest)
    guest.run(STOP_DAEMON)
    guest.run(["pknockctl", "save"])

    guest = server.boot()
    guest.run(["modprobe", MODULE])
    guest.run(START_DAEMON)
    close_firewall(guest)
    same, other = guest.client(V4), guest.client(V4)
    assert same.address == client.address
    assert same.connect(22) is Answer.OPEN
    assert other.connect(22) is Answer.SILENCE

    guest.run(["pknockctl", "flush", "--all"])
    assert same.connect(22) is Answer.SILENCE
    guest.run(["pknockctl", "restore"])
    assert same.connect(22) is Answer.OPEN
    guest.run(STOP_DAEMON)
    assert guest.reset() == []


@pytest.mark.takes(60)
def test_kernel_without_headers_is_a_warning_until_they_come(installed: Root,
                                                             newer: Kernel) -> None:
    [former] = installed.kernels()
    said = installed.apt(*ALONE, "install", newer.image)
    [kernel] = installed.releases() - {former}
    assert f"warning: no module for kernel {kernel}, its headers are missing" in said
    assert installed.built(MODULE) == [former]
    said = installed.apt("install", newer.headers)
    assert f"module built and installed for kernel {kernel}" in said

    with contextlib.closing(Server(installed.disk())) as server:
        guest = server.boot()
        assert guest.image.boot.release == kernel
        close_but_for_knocks(guest)
        assert guest.reset() == []
        # As before the headers came.
        guest.run(f"rm /lib/modules/{kernel}/updates/dkms/{MODULE}.ko*; depmod")
        assert MISSING in refusal(guest)
        close_but_for_knocks(server.boot(former))


@pytest.mark.takes(10)
def test_kernel_that_trusts_nobody_refuses_the_module(server: Server) -> None:
    guest = server.boot(parameters="module.sig_enforce=1")
    assert MISSING in refusal(guest)
    attempt = guest.run(["modprobe", MODULE], check=False)
    assert attempt.rc != 0 and "Key was rejected by service" in attempt.stderr
    assert "Loading of module with unavailable key is rejected" in guest.run(["dmesg"]).stdout
