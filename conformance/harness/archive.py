# SPDX-License-Identifier: GPL-2.0-or-later
"""Source packages of any suite of the archive, whatever release this machine has."""

import platform
from pathlib import Path

from harness import HarnessError, mirror, progress

# A release whose own kernels are older than the one measured has that one here.
KERNEL_SUITES = {"bookworm": "bookworm-backports"}


def kernel_suite() -> str:
    """The suite that linux-source-6.12 comes from."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "trixie")
    return KERNEL_SUITES.get(release, release)


class Archive:
    """An apt of our own: its lists are for these suites only, and the machine's stay as they are.

    Needs no root. Context: directory is ours, and stays for as long as this is used.
    """

    def __init__(self, directory: Path, suite: str, log: Path) -> None:
        self._directory = directory
        self._log = log
        for name in ("lists/partial", "cache/archives/partial"):
            (directory / name).mkdir(parents=True)
        lines = mirror.sources([suite])
        lines += ["deb-src" + line.removeprefix("deb") for line in lines]
        (directory / "sources.list").write_text("\n".join(lines) + "\n")
        self._get("update")

    def _get(self, *words: str, cwd: Path | None = None) -> None:
        options = [f"Dir::Etc::SourceList={self._directory / 'sources.list'}",
                   "Dir::Etc::SourceParts=/dev/null",
                   f"Dir::State::Lists={self._directory / 'lists'}",
                   f"Dir::Cache={self._directory / 'cache'}",
                   # What is installed here is no candidate.
                   "Dir::State::Status=/dev/null",
                   "APT::Sandbox::User="]
        flags = [word for option in options for word in ("-o", option)]
        progress.run(["apt-get", "-q", *flags, *words], self._log, cwd=cwd)

    def package(self, name: str, destination: Path) -> str:
        """Unpack the files of a binary package; its version."""
        self._get("download", name, cwd=destination)
        [file] = destination.glob("*.deb")
        progress.run(["dpkg-deb", "--extract", file, destination], self._log)
        version = file.name.split("_")[1].replace("%3a", ":")
        file.unlink()
        return version

    def source(self, name: str, destination: Path) -> Path:
        """Unpack a source package below destination, its Debian patches applied."""
        self._get("source", name, cwd=destination)
        trees = [path for path in destination.iterdir() if path.is_dir()]
        if len(trees) != 1:
            raise HarnessError(f"{name}: {len(trees)} trees in its source package")
        return trees[0]
