# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong while the module is installed: it is said, and mends when the cause is mended.

Nothing of it may fail apt or dpkg, or touch the witness, another module of DKMS; the fixture root
looks after both.
"""

import dataclasses

import pytest

from harness.root import Root

MODULE = "xt_pknock"
DKMS = "portknocko-dkms"
INSTALL = f"apt-get -y --no-install-recommends install {DKMS} 2>&1"
LOG = "/var/lib/dkms/portknocko/*/build/make.log"


@dataclasses.dataclass(frozen=True)
class Fault:
    """How to break a server, what its log says then, and how to mend it."""

    name: str
    cause: str
    reason: str
    mend: str


HEADERS = "/usr/src/linux-headers-*-common/include/linux/netfilter/x_tables.h"
FAULTS = [
    Fault("no compiler",
          "for path in /usr/bin/*gcc-[0-9]*; do mv $path $path.gone; done",
          "gcc.*not found",
          "for path in /usr/bin/*gcc*.gone; do mv $path ${path%.gone}; done"),
    Fault("unknown interface", f"sed -i s/xt_register_matches/xt_enrol_matches/ {HEADERS}",
          "xt_register_matches", f"sed -i s/xt_enrol_matches/xt_register_matches/ {HEADERS}"),
    Fault("another kernel's headers",
          "sed -i.right 's/UTS_RELEASE \".*\"/UTS_RELEASE \"1.2.3\"/' "
          "/lib/modules/*/build/include/generated/utsrelease.h",
          "these are the headers of 1.2.3, not of ",
          "cd /lib/modules/*/build/include/generated; mv utsrelease.h.right utsrelease.h"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_build_that_fails_is_a_warning_and_mends(root: Root, fault: Fault) -> None:
    [kernel] = root.kernels()
    root.run(fault.cause)
    said = root.run(f"unset DEBIAN_KERNEL_USE_CCACHE; {INSTALL}").text
    assert f"warning: no module for kernel {kernel}, see the log" in said
    root.run(f"grep '{fault.reason}' {LOG}")
    assert root.built(MODULE) == [] and root.built("witness") == [kernel]
    assert root.complaints() == ""

    root.run(fault.mend)
    root.run("dkms autoinstall -k " + kernel)
    assert root.built(MODULE) == [kernel]


# DKMS gets a file system of its own, that has what is there already and room for little more.
FULL = f"""
cp -a /var/lib/dkms /tmp/dkms
mount -t tmpfs -o {{limit}} tmpfs /var/lib/dkms
cp -a /tmp/dkms/. /var/lib/dkms
{INSTALL}
cat {LOG} || true
echo "--"
dpkg-query -W -f '${{{{db:Status-Status}}}}\\n' {DKMS}
dpkg --audit
"""
LIMITS = {
    "registering": "nr_inodes=$(find /var/lib/dkms | wc -l)",
    "building": "size=$(($(du -sk /var/lib/dkms | cut -f 1) + 600))k",
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_full_disk_is_a_warning_and_mends(root: Root, limit: str) -> None:
    [kernel] = root.kernels()
    said, _, after = root.run(FULL.format(limit=limit)).text.rpartition("--\n")
    assert "No space left on device" in said and "portknocko-dkms: warning: " in said
    assert after == "installed\n"
    assert root.built(MODULE) == []

    root.run(f"dpkg-reconfigure {DKMS}")
    assert root.built(MODULE) == [kernel]


# As when the power goes: in a moment there are no processes any more.
CUT_OFF = f"""
{INSTALL} &
until ls -d {{sign}} 2>/dev/null; do sleep 0.05; done
kill -KILL -1
"""
SIGNS = {"building": LOG, "built": "/var/lib/dkms/portknocko/*/*/*/module/*.ko*"}


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_installation_that_was_cut_off_is_finished_by_dpkg(root: Root, sign: str) -> None:
    [kernel] = root.kernels()
    root.run(CUT_OFF.format(sign=sign))
    assert "half configured" in root.run("dpkg --audit").text

    said = root.run("dpkg --configure -a 2>&1").text
    assert f"module built and installed for kernel {kernel}" in said
    assert root.built(MODULE) == [kernel]


def test_no_autoinstall_is_respected(root: Root) -> None:
    root.run("touch /etc/dkms/no-autoinstall")
    assert "/etc/dkms/no-autoinstall says so" in root.run(INSTALL).text
    assert root.built(MODULE) == []
