"""The signing hook for httpx: the ``Key`` and ``Sign`` headers of each request."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import httpx

from calypso_pay._secret import Secret, Uncopyable
from calypso_pay._settings import check_key, check_secret
from calypso_pay._signing import Signer
from calypso_pay._text import without_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator


@final
class KeySign(Uncopyable, httpx.Auth):
    """Sign requests: the ``Key`` and ``Sign`` headers over the exact bytes of the body.

    Works with any httpx client, sync or async, and so with the bare generated ``Client``::

        Client(base_url="https://api.calypso.finance", httpx_args={"auth": KeySign(key, secret)})

    Source: documented (api-authentication page).

    Args:
        key: The public API key.
        secret: The secret key, used exactly as it is written.

    Raises:
        ConfigurationError: One of them is empty or cannot be used.
    """

    requires_request_body = True

    def __init__(self, key: str | Secret, secret: str | Secret) -> None:
        # Wrapped first of all, so that no traceback shows them among the local variables.
        pair = Secret.of(key), Secret.of(secret)
        del key, secret
        self._key = check_key(pair[0])
        self._signer = Signer(check_secret(pair[1]))

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request; httpx calls this."""
        self._sign(request, request.read())
        yield request

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign one request; httpx calls this."""
        self._sign(request, await request.aread())
        yield request

    def headers(self, body: bytes) -> dict[str, str]:
        """Return the headers of a request that has this body.

        Args:
            body: The exact bytes to send.
        """
        return {"Key": str(self._key.reveal()), "Sign": self._signer.sign(body)}

    def hide(self, text: str) -> str:
        """Return a text without the key and signatures, such as a response that quotes them.

        Args:
            text: Any text.
        """
        return without_secrets(text, str(self._key.reveal()))

    def _sign(self, request: httpx.Request, body: bytes) -> None:
        # Not by `update`, which is slow.
        for name, value in self.headers(body).items():
            request.headers[name] = value

    def __repr__(self) -> str:
        return "KeySign(…)"
