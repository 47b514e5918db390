"""Signing of bodies, without I/O."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, final

from calypso_pay._secret import Uncopyable

if TYPE_CHECKING:
    from calypso_pay._secret import Secret


@final
class Signer(Uncopyable):
    """Sign bodies with a secret key: lower-case hex of HMAC-SHA512 over the exact bytes.

    The key of the HMAC is the text of the secret; it is not decoded from hex.
    Source: documented (api-authentication page, with a worked example).

    Only the prepared state of the hash is kept; the secret itself is not.
    """

    __slots__ = ("_prepared",)

    def __init__(self, secret: Secret) -> None:
        value = secret.reveal()
        key = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
        self._prepared = hmac.new(key, digestmod="sha512")

    def sign(self, body: bytes) -> str:
        """Return the value of the ``Sign`` header for these bytes."""
        mac = self._prepared.copy()
        mac.update(body)
        return mac.hexdigest()

    def __repr__(self) -> str:
        return "Signer(…)"
