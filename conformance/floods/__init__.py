# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods: what a million packets or requests of strangers cost, and who is kept out by them."""
