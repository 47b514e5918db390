"""Sign bytes as the vendor does, requests and deliveries alike."""

from __future__ import annotations

import hmac


def signature(secret: str, body: bytes) -> bytes:
    """Return the documented signature: lower-case hex of HMAC-SHA512."""
    return hmac.digest(secret.encode(), body, "sha512").hex().encode()
