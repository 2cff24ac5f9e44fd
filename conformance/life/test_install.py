# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages come, change, go and come again; DKMS follows, and nothing is left behind."""

from harness import sources
from harness.kernels import Kernel
from harness.life import PACKAGES, with_version
from harness.root import Root

MODULE = "xt_pknock"
DKMS = "portknocko-dkms"


def test_install_purge_and_install_again(root: Root) -> None:
    [kernel] = root.kernels()
    before = root.files()
    for _ in range(2):
        said = root.apt("install", *with_version(sources.version()))
        assert f"module built and installed for kernel {kernel}" in said
        assert root.modinfo(MODULE, "version", kernel) == sources.version()
        root.apt("purge", *PACKAGES)
        assert root.files() == before


def test_removed_package_leaves_its_configuration_alone(root: Root, installed: Root) -> None:
    installed.apt("remove", *PACKAGES)
    added = installed.files() - root.files()
    assert {path for path in added if not path.startswith("/etc")} == set()
    hooks = "for hook in /etc/kernel/*.d/portknocko-dkms; do $hook none; done"
    assert installed.run(hooks).text == ""


def test_upgrade_reinstall_and_downgrade(installed: Root) -> None:
    [kernel] = installed.kernels()
    now, then = sources.version(), sources.next_version()
    assert installed.modinfo(MODULE, "version", kernel) == now
    for version in (then, then, now):
        said = installed.apt("install", "--reinstall", *with_version(version))
        assert f"module built and installed for kernel {kernel}" in said
        assert installed.modinfo(MODULE, "version", kernel) == version
        assert installed.run("ls /usr/src | grep portknocko").text == f"portknocko-{version}\n"
        status = installed.run("dkms status portknocko 2>/dev/null").text
        assert status.count("installed") == 1 and version in status


def test_client_needs_neither_module_nor_plugin(root: Root) -> None:
    root.apt("install", "portknocko-client")
    assert "seq" in root.run("pknock --help").text


def test_plugin_alone_says_that_the_module_is_missing(root: Root, kernel: Kernel) -> None:
    root.apt("install", "portknocko")
    rule = root.run("unshare --net iptables-legacy -m pknock --help", check=False)
    # iptables 1.8.7 knows no better.
    reason = "Couldn't load match" if kernel.name == "bullseye" else "missing kernel module?"
    assert rule.rc != 0 and reason in rule.text


def test_module_alone_is_built_and_iptables_misses_the_plugin(root: Root) -> None:
    root.apt("install", DKMS)
    assert root.built(MODULE) == root.kernels()
    rule = root.run("unshare --net iptables-legacy -m pknock --help", check=False)
    assert rule.rc != 0 and "Couldn't load match `pknock'" in rule.text
    assert "missing kernel module" not in rule.text


def test_module_is_signed_with_the_key_of_dkms(installed: Root, kernel: Kernel) -> None:
    [release] = installed.kernels()
    signer = installed.modinfo(MODULE, "signer", release)
    if kernel.name == "bullseye":
        assert signer == ""  # dkms 2.8 does not know how
        return
    assert signer == "DKMS module signing key"
    key = installed.run("openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout -serial").text
    serial = installed.modinfo(MODULE, "sig_key", release).replace(":", "")
    assert key.strip() == f"serial={serial}"
