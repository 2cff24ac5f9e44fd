# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages come, change, go and come again; DKMS follows, and nothing is left behind."""

from harness import sources
from harness.life import PACKAGES
from harness.root import Root

MODULE = "xt_pknock"
DKMS = "portknocko-dkms"


def with_version(version: str) -> list[str]:
    """All packages, as apt-get names a version."""
    return [f"{package}={version}" for package in PACKAGES]


def test_install_purge_and_install_again(root: Root) -> None:
    [kernel] = root.kernels()
    before = root.files()
    for _ in range(2):
        root.apt("install", *with_version(sources.version()))
        assert root.modinfo(MODULE, "version", kernel) == sources.version()
        root.apt("purge", *PACKAGES)
        assert root.files() == before


def test_removed_package_leaves_its_configuration_alone(root: Root) -> None:
    before = root.files()
    root.apt("install", *with_version(sources.version()))
    root.apt("remove", *PACKAGES)
    left = {path for path in root.files() - before if not path.startswith("/etc")}
    assert left == set()
    assert root.run("for hook in /etc/kernel/*.d/portknocko-dkms; do $hook none; done").text == ""


def test_upgrade_reinstall_and_downgrade(root: Root) -> None:
    [kernel] = root.kernels()
    now, then = sources.version(), sources.next_version()
    for version in (now, then, then, now):
        said = root.apt("install", "--reinstall", *with_version(version))
        assert f"module built and installed for kernel {kernel}" in said
        assert root.modinfo(MODULE, "version", kernel) == version
        assert root.run("ls /usr/src | grep portknocko").text == f"portknocko-{version}\n"
        status = root.run("dkms status portknocko 2>/dev/null").text
        assert status.count("installed") == 1 and version in status


def test_client_needs_neither_module_nor_plugin(root: Root) -> None:
    root.apt("install", "portknocko-client")
    assert "seq" in root.run("pknock --help").text


def test_plugin_alone_says_that_the_module_is_missing(root: Root) -> None:
    root.apt("install", "portknocko")
    rule = root.run("unshare --net iptables-legacy -m pknock --help", check=False)
    assert rule.rc != 0 and "missing kernel module?" in rule.text


def test_module_alone_is_built_and_iptables_misses_the_plugin(root: Root) -> None:
    root.apt("install", DKMS)
    assert root.built(MODULE) == root.kernels()
    rule = root.run("unshare --net iptables-legacy -m pknock --help", check=False)
    assert rule.rc != 0 and "Couldn't load match `pknock'" in rule.text
    assert "missing kernel module" not in rule.text


def test_module_is_signed_with_the_key_of_dkms(root: Root) -> None:
    root.apt("install", DKMS)
    [kernel] = root.kernels()
    assert root.modinfo(MODULE, "signer", kernel) == "DKMS module signing key"
    key = root.run("openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout -serial").text
    serial = root.modinfo(MODULE, "sig_key", kernel).replace(":", "")
    assert key.strip() == f"serial={serial}"
