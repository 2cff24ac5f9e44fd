# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual machine with the built packages installed, and the wire that it hangs on."""
