# SPDX-License-Identifier: GPL-2.0-or-later
"""SPA v1 as a client makes it, written from the specification alone."""

import hmac
import ipaddress


def digest(secret: str | bytes, address: str, minute: int) -> bytes:
    """The token: 64 hex digits."""
    key = secret.encode() if isinstance(secret, str) else secret
    message = ipaddress.ip_address(address).packed + minute.to_bytes(4, "little")
    return hmac.new(key, message, "sha256").hexdigest().encode()


def payload(secret: str | bytes, address: str, epoch: float, tail: bytes = b"\n") -> bytes:
    """What a client at this address sends at this time."""
    return digest(secret, address, int(epoch // 60)) + tail
