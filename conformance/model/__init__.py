# SPDX-License-Identifier: GPL-2.0-or-later
"""An independent model of doors, and histories in which the module has to agree with it.

The model is written from the specification, not from the kernel's code: where the two differ, one
of them, or the specification, is wrong.
"""
