# SPDX-License-Identifier: GPL-2.0-or-later
"""The .rpms at work: doors open, and stay open through an upgrade and a removal."""

import pytest

from harness import compilers
from harness.client import Answer, Client
from harness.firewall import Firewall
from harness.guest import MODULE, Guest
from harness.marks import NFT, V4_ONLY
from harness.net import Family

DOOR = ("INPUT -p tcp -m pknock --knockports 2002,2001 --name SSH -m tcp --dport 22 -j ACCEPT")
# dnf and a DKMS build, emulated, on a machine that does other things, too.
DNF_SECONDS = 900
pytestmark = pytest.mark.machine


def loaded_version(guest: Guest) -> str:
    """Of the module in the kernel."""
    return guest.agent.read(f"/sys/module/{MODULE}/version").strip()


def installed_version(guest: Guest) -> str:
    """Of the module that modprobe would load; empty without one."""
    return guest.run(["modinfo", "-F", "version", MODULE], check=False).stdout.strip()


def dnf(guest: Guest, *words: str) -> None:
    """Run dnf, which does not ask."""
    guest.run(["env", *compilers.MODULES.split(), "dnf", "--assumeyes", *words],
              timeout=DNF_SECONDS)


def open_door(firewall: Firewall, client: Client) -> None:
    """Load the rule, knock and come in."""
    firewall.drop_by_default()
    firewall.append(DOOR)
    assert client.connect(22) is Answer.SILENCE
    client.knock(2002, 2001)
    assert client.connect(22) is Answer.OPEN


def test_door_opens(firewall: Firewall, client: Client, guest: Guest) -> None:
    assert not guest.loaded()
    open_door(firewall, client)
    owner = guest.run(["rpm", "-q", "-f", "/usr/lib64/xtables/libxt_pknock.so"]).stdout
    assert owner.startswith("portknocko-")


@pytest.mark.takes(100)
@NFT
@V4_ONLY
def test_upgrade_leaves_doors_open(firewall: Firewall, client: Client, guest: Guest,
                                   family: Family) -> None:
    open_door(firewall, client)
    former = loaded_version(guest)
    assert former == installed_version(guest)

    dnf(guest, "--enablerepo=next", "upgrade")
    assert client.connect(22) is Answer.OPEN
    newcomer = guest.client(family)
    newcomer.knock(2002, 2001)
    assert newcomer.connect(22) is Answer.OPEN
    assert loaded_version(guest) == former != installed_version(guest)

    guest.reset()
    open_door(firewall, guest.client(family))
    assert loaded_version(guest) == installed_version(guest) != former


@NFT
@V4_ONLY
def test_removal_leaves_doors_open_and_no_files(firewall: Firewall, client: Client,
                                                guest: Guest) -> None:
    open_door(firewall, client)
    dnf(guest, "remove", "portknocko", "portknocko-dkms", "portknocko-client")
    assert client.connect(22) is Answer.OPEN
    assert installed_version(guest) == ""
    left = guest.run("ls -d /var/lib/dkms/portknocko /usr/src/portknocko* "
                     "/lib/modules/*/updates /usr/lib64/xtables/* /usr/bin/pknock", check=False)
    assert left.stdout == ""
