# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the suite on many kernels: plans jobs, runs two at a time, tells what came of them."""
