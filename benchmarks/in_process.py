"""A transport of httpx that returns bytes that are ready, without a socket."""

from __future__ import annotations

import httpx

from benchmarks import canned


class Canned(httpx.BaseTransport):
    """Returns one response to every request."""

    def __init__(self) -> None:
        self.use(0)

    def use(self, rows: int) -> None:
        """Return so many records from now on; 0 for an account."""
        self._content = canned.page(0, rows, rows) if rows else canned.account()
        length = str(len(self._content)).encode()
        self._headers = [(b"Content-Type", b"application/json"), (b"Content-Length", length)]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return it."""
        request.read()
        stream = httpx.ByteStream(self._content)
        return httpx.Response(200, headers=self._headers, stream=stream)
