# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine with the built packages installed, and the wire that it hangs on."""


class HarnessError(Exception):
    """What went wrong in a build, in the guest or on the wire; the message is for a person."""
