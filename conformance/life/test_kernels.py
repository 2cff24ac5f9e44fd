# SPDX-License-Identifier: GPL-2.0-or-later
"""New kernels come: DKMS builds for them at once, or says why not, and never fails them."""

from harness.kernels import Kernel
from harness.life import ALONE
from harness.root import Root

MODULE = "xt_pknock"
API = "/usr/src/linux-headers-*-common/include/linux/netfilter/x_tables.h"


def grown(root: Root, before: list[str]) -> str:
    """The kernel that was not there before."""
    [kernel] = set(root.run("ls /lib/modules").text.split()) - set(before)
    return kernel


def test_kernel_with_headers_gets_the_module_at_once(root: Root, newer: Kernel) -> None:
    root.apt("install", "portknocko-dkms")
    before = root.kernels()
    said = root.apt("install", newer.image, newer.headers)
    kernel = grown(root, before)
    assert f"module built and installed for kernel {kernel}" in said
    assert "warning" not in said
    assert root.built(MODULE) == sorted([*before, kernel])


def test_kernel_without_headers_is_a_warning_until_they_come(root: Root, newer: Kernel) -> None:
    root.apt("install", "portknocko-dkms")
    before = root.kernels()
    said = root.apt(*ALONE, "install", newer.image)
    kernel = grown(root, before)
    assert f"warning: no module for kernel {kernel}, its headers are missing" in said
    assert root.built(MODULE) == before

    said = root.apt("install", newer.headers)
    assert f"module built and installed for kernel {kernel}" in said
    assert root.built(MODULE) == sorted([*before, kernel])


def test_kernel_with_another_interface_is_a_warning(root: Root, newer: Kernel) -> None:
    root.apt("install", "portknocko-dkms")
    before = root.kernels()
    root.apt(*ALONE, "install", *root.run("apt-cache depends --recurse --important"
                                          f" {newer.headers} | grep '^linux-headers-.*-common$'"
                                          ).text.split())
    root.run(f"sed -i s/xt_register_matches/xt_enrol_matches/ {API}")
    said = root.apt("install", newer.image, newer.headers)
    kernel = grown(root, before)
    assert f"warning: no module for kernel {kernel}, see the log" in said
    assert root.built(MODULE) == before
    log = root.run("cat /var/lib/dkms/portknocko/*/build/make.log").text
    assert "xt_register_matches" in log

    root.run(f"sed -i s/xt_enrol_matches/xt_register_matches/ {API}")
    root.run("dkms autoinstall -k " + kernel)
    assert root.built(MODULE) == sorted([*before, kernel])


def test_removed_kernel_takes_its_module_along(root: Root, newer: Kernel) -> None:
    root.apt("install", "portknocko-dkms", newer.image, newer.headers)
    [*_, kernel] = root.built(MODULE)
    root.apt("purge", f"linux-image-{kernel}", f"linux-headers-{kernel}")
    # From 7.x on the kernel's own modules are a package apart, which apt does not purge with it.
    assert kernel not in root.run("dkms status 2>/dev/null").text
    assert not root.run(f"find /lib/modules/{kernel} -name '{MODULE}*' 2>/dev/null || true").text
