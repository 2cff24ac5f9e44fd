#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the digests of spa-v1.json (SPEC section 2) with Python's own hmac.

usage: check_spa_v1.py FILE
"""

import hashlib
import hmac
import ipaddress
import json
import struct
import sys
from pathlib import Path


def digest(secret: bytes, address: str, minute: int) -> str:
    message = ipaddress.ip_address(address).packed + struct.pack("<I", minute)
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def main() -> int:
    vectors = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    wrong = [
        vector
        for vector in vectors
        if vector["digest"]
        != digest(bytes.fromhex(vector["secret"]), vector["address"], vector["minute"])
    ]
    for vector in wrong:
        print(f"wrong digest: {vector}", file=sys.stderr)
    if not vectors:
        print("no vectors", file=sys.stderr)
    return 1 if wrong or not vectors else 0


if __name__ == "__main__":
    sys.exit(main())
