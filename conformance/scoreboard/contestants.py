# SPDX-License-Identifier: GPL-2.0-or-later
"""Who takes part, and what they are put through."""

import dataclasses
from collections.abc import Callable

from harness import privilege
from harness.image import Image
from harness.kernels import Kernel

# Behaviour of the door, sections 1 to 3 of the specification; not packages, programs and netlink.
# Last comes what most guests are booted for, where a token is a panic.
FILES = ["test_sequence.py", "test_strict.py", "test_expiry.py", "test_rules.py",
         "scoreboard/cases.py", "test_proc.py", "test_lifetime.py", "test_peer_limits.py",
         "test_kernel_checks.py", "test_packets.py", "test_spa.py", "test_replay.py",
         "test_spa_door.py"]


@dataclasses.dataclass(frozen=True)
class Contestant:
    """A match, on a kernel of kernels.toml."""

    name: str
    product: str
    package: str
    kernel: str
    build: Callable[[Kernel], Image]

    @property
    def is_ours(self) -> bool:
        """Whether it is the checkout's."""
        return self.build is privilege.build_image


CONTESTANTS = [
    Contestant("ours", "PortKnocko", "portknocko", "bookworm", privilege.build_image),
    Contestant("addons-bookworm", "xtables-addons", "xtables-addons-dkms", "bookworm",
               privilege.build_addons_image),
    Contestant("addons-sid", "xtables-addons", "xtables-addons-dkms", "sid",
               privilege.build_addons_image),
]
