# SPDX-License-Identifier: GPL-2.0-or-later
"""How much the module remembers, as the kernel's allocator counts it."""

from harness.guest import Guest

HALF_OPEN, OPEN = "pknock_half_peer", "pknock_peer"
# What tables of peers are made of, and others' objects are too.
BLOCKS = "kmalloc-4k"


def objects(guest: Guest, cache: str) -> int:
    """How many objects of a slab cache are in use, exactly: no free one is held by a CPU."""
    text = guest.run(f"cd /sys/kernel/slab/{cache} && echo 1 >shrink && cat objects").stdout
    return int(text.split()[0])
