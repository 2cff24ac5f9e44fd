# SPDX-License-Identifier: GPL-2.0-or-later
"""The last act of a run: the module goes, and the kernel is as if it had never been there."""

import re

from harness import HarnessError
from harness.guest import MODULE, PROC, SCRIPTS, Guest

# A module from outside the kernel tree, not signed: the only taints that ours may leave.
EXPECTED_TAINT = 1 << 12 | 1 << 13
LEAK = "unreferenced object"
# The name of a slab cache that could not be made for want of memory: the kernel's own loss.
EXPECTED_LEAK = re.compile(r"\n +kobject_init_and_add\S*\n +sysfs_slab_add\+")


def traces(guest: Guest) -> list[str]:
    """What the module left in a kernel that it was removed from."""
    found = []
    if guest.loaded():
        found.append(f"{MODULE} is still loaded")
    if guest.run(["test", "-e", PROC], check=False).rc == 0:
        found.append(f"{PROC} is still there")
    caches = guest.run("ls /sys/kernel/slab | grep -i pknock", check=False).stdout.split()
    found += [f"slab cache {name} is still there" for name in caches]
    taint = int(guest.agent.read("/proc/sys/kernel/tainted")) & ~EXPECTED_TAINT
    if taint:
        found.append(f"the kernel is tainted: {taint:#x}")
    return found


def leaks(guest: Guest) -> list[str]:
    """What a debug kernel says was never freed, each with those who asked for it."""
    found = guest.run((SCRIPTS / "leaks.sh").read_text()).stdout
    return [f"{LEAK}{leak.rstrip()}" for leak in found.split(LEAK)[1:]
            if not EXPECTED_LEAK.search(leak)]


def faults(guest: Guest) -> list[str]:
    """Everything wrong with the guest at the end, in sentences; empty is a pass."""
    try:
        complaints = guest.reset()
        found = traces(guest) + [f"the kernel complains: {line}" for line in complaints]
        return found + leaks(guest)
    except HarnessError as error:
        return [str(error)]
