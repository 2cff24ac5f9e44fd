# SPDX-License-Identifier: GPL-2.0-or-later
"""New kernels come: DKMS builds for them at once, or says why not, and never fails them."""

import re

from harness.kernels import Kernel
from harness.life import ALONE
from harness.root import Root

MODULE = "xt_pknock"
API = "/usr/src/linux-headers-*-common/include/linux/netfilter/x_tables.h"


def test_kernel_with_headers_gets_the_module_and_takes_it_along(installed: Root,
                                                                newer: Kernel) -> None:
    before = installed.kernels()
    said = installed.apt("install", newer.image, newer.headers)
    [kernel] = installed.releases().difference(before)
    assert f"module built and installed for kernel {kernel}" in said
    assert "warning" not in said
    assert installed.built(MODULE) == sorted([*before, kernel])

    installed.apt("purge", f"linux-image-{kernel}", f"linux-headers-{kernel}")
    # From 7.x on the kernel's own modules are a package apart, which apt does not purge with it.
    assert kernel not in installed.run("dkms status 2>/dev/null").text
    assert not installed.run(
        f"find /lib/modules/{kernel} -name '{MODULE}*' 2>/dev/null || true").text
    assert installed.built(MODULE) == before


def test_kernel_with_another_interface_is_a_warning(installed: Root, newer: Kernel) -> None:
    before = installed.kernels()
    needed = installed.run(f"apt-cache depends --recurse --important {newer.headers}").text
    common = re.findall("^linux-headers-.*-common$", needed, re.MULTILINE)
    installed.apt(*ALONE, "install", *common)
    installed.run(f"sed -i s/xt_register_matches/xt_enrol_matches/ {API}")
    said = installed.apt("install", newer.image, newer.headers)
    [kernel] = installed.releases().difference(before)
    assert f"warning: no module for kernel {kernel}, see the log" in said
    assert installed.built(MODULE) == before
    log = installed.run("cat /var/lib/dkms/portknocko/*/build/make.log").text
    assert "xt_register_matches" in log

    installed.run(f"sed -i s/xt_enrol_matches/xt_register_matches/ {API}")
    installed.run("dkms autoinstall -k " + kernel)
    assert installed.built(MODULE) == sorted([*before, kernel])
