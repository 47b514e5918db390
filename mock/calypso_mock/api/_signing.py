"""Sign bytes as the vendor does, requests and deliveries alike."""

from __future__ import annotations

import hmac
from functools import lru_cache


def signature(secret: str, body: bytes) -> bytes:
    """Return the documented signature: lower-case hex of HMAC-SHA512."""
    code = _keyed(secret).copy()
    code.update(body)
    return code.hexdigest().encode()


@lru_cache(maxsize=64)
def _keyed(secret: str) -> hmac.HMAC:
    # A quarter of a short signature is to prepare the key.
    return hmac.new(secret.encode(), digestmod="sha512")
