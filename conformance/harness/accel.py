# SPDX-License-Identifier: GPL-2.0-or-later
"""Which accelerator qemu is to use.

That /dev/kvm can be opened does not mean that it works: on paravirtual hosts a stock kernel may
hang in it. So a kernel is booted as far as its first program, once, and the answer is kept.
"""

import os
import platform
import subprocess
import tempfile
from pathlib import Path

from harness import HarnessError, boot, cache, progress

OVERRIDE = "PORTKNOCKO_ACCEL"
PROBE = Path(__file__).parent / "initramfs" / "probe"
PROBE_SECONDS = 10
ARGUMENTS = {
    "kvm": ["-accel", "kvm", "-cpu", "host"],
    # Kernels from 6.12 on die of a double fault right after an emulated cmpxchg16b, two boots in
    # three under load (qemu 7.2); without it they compare and swap in another way. Page tables of
    # four levels are walked sooner than those of five.
    "tcg": ["-accel", "tcg,thread=multi", "-cpu", "max,-cx16,-la57"],
    # A nanosecond is an instruction, and what waits for time to pass does not. Random numbers are
    # the same in each boot, as far as qemu hands them out.
    "icount": ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-seed", "1",
               "-cpu", "max,-cx16"],
}
# What is chosen from when nothing certain is asked for.
GENERAL = ("kvm", "tcg")


def _boots(files: boot.Files) -> bool:
    with tempfile.TemporaryDirectory(prefix="portknocko-") as scratch:
        initramfs = files.initramfs(PROBE, Path(scratch) / "initramfs")
        command = ["qemu-system-x86_64", *ARGUMENTS["kvm"], "-nodefaults", "-display", "none",
                   "-no-reboot", "-m", "512", "-kernel", files.kernel, "-initrd", initramfs,
                   "-append", "console=ttyS0 quiet panic=-1", "-serial", "stdio"]
        try:
            result = subprocess.run(command, timeout=PROBE_SECONDS, capture_output=True,
                                    stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            return False
        return b"portknocko: alive" in result.stdout


def choose(files: boot.Files) -> str:
    """kvm where it works, else tcg."""
    chosen = os.environ.get(OVERRIDE)
    if chosen:
        if chosen not in GENERAL:
            raise HarnessError(f"{OVERRIDE}={chosen}: not one of {', '.join(GENERAL)}")
        return chosen
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], check=True, capture_output=True,
                          text=True).stdout
    name = cache.key(qemu, platform.release(), files.release)
    answer = cache.directory() / f"kvm-{name}"
    if not answer.exists():
        with progress.step("Trying /dev/kvm"):
            works = _boots(files)
        answer.write_text("kvm" if works else "tcg")
    return answer.read_text()
