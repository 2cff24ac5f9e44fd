# SPDX-License-Identifier: GPL-2.0-or-later
"""Marks of tests that need no more than a part of backends × families."""

import pytest

from harness.net import V4

NFT = pytest.mark.parametrize("backend", ["nft"], indirect=True)
V4_ONLY = pytest.mark.parametrize("family", [V4], ids=str, indirect=True)
