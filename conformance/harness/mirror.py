# SPDX-License-Identifier: GPL-2.0-or-later
"""Where packages come from: what this machine's own apt is told."""

import subprocess

from harness import HarnessError

# Settings of the host's apt that the guest's must share to get through to the mirror.
SHARED_OPTIONS = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::Check-Valid-Until")


def uri() -> str:
    """The Debian archive that apt uses."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)"],
        check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        origin, label, address = line.split("|", 2)
        if (origin, label) == ("Debian", "Debian"):
            return address
    raise HarnessError("apt knows no Debian archive: check its sources and run apt-get update")


def sources(suites: list[str]) -> list[str]:
    """Lines of sources.list. A suite that is no release may be frozen past its Valid-Until."""
    return [f"deb [check-valid-until=no] {uri()} {suite} main" for suite in suites]


def borrow(suite: str, names: list[str]) -> str:
    """A script that takes packages of these names, and no others, from a suite.

    What they depend on may not be there in the release: they are taken without it.
    """
    return f"""
cat >/etc/apt/sources.list.d/{suite}.list <<'END'
{sources([suite])[0]}
END
apt-get update
cd "$(mktemp -d)"
apt-get download {" ".join(f"{name}/{suite}" for name in names)}
# Lest apt want to replace them by what they were.
rm /etc/apt/sources.list.d/{suite}.list
apt-get update
for package in *.deb; do
    dpkg-deb --raw-extract "$package" tree
    sed -i '/^Depends:/d' tree/DEBIAN/control
    dpkg-deb --build tree "$package"
    rm -r tree
done
dpkg --install ./*.deb
cd /
"""


def options() -> list[str]:
    """Settings of apt, as lines of its configuration."""
    dump = subprocess.run(["apt-config", "dump", *SHARED_OPTIONS],
                          check=True, capture_output=True, text=True).stdout
    return [line for line in dump.splitlines()
            if line.split(" ", 1)[0] in SHARED_OPTIONS and not line.endswith('"";')]
