# SPDX-License-Identifier: GPL-2.0-or-later
"""Breaks the kernel code in small ways, one at a time, and sees whether a test notices."""
