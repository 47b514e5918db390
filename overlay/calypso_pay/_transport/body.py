"""Reading the body of a response, within a size limit and the deadline of the call."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, final

from calypso_pay._exchange import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from calypso_pay._exchange import SendRequest

MAX_RESPONSE = 16 * 1024 * 1024
# Blocks of this size glibc maps by itself, unless it freed a larger one before.
_MAPPED = 128 * 1024
_LATE = "it had not come to its end at the deadline."


@cache
def _keep_freed_memory() -> None:
    """Let glibc use the memory of one large response for the next.

    It gives free memory at the end of its heap back to the system as soon as this is twice as large
    as the largest block that it mapped by itself. A page of 1,000 records is just that large, and
    mapping its memory again for each call takes a fifth of the call. After a larger block, glibc
    keeps up to four megabytes. Other allocators do not notice.
    """
    bytes(2 * 1024 * 1024)


def wrong_encoding(headers: Mapping[str, str]) -> str | None:
    """Return what is wrong with a body that is encoded, and None for one that is not."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return None
    return f"its body is encoded as {encoding}, which was not asked for."


class Body:
    """Collect a body within the size limit and the deadline, and note why it is incomplete.

    Attributes:
        flaw: Why it is incomplete; None while it is not.
    """

    def __init__(self, expires: float) -> None:
        self.flaw: str | None = None
        self._expires = expires
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> bool:
        """Add a chunk, and return whether to read on."""
        self._size += len(chunk)
        if self._size > MAX_RESPONSE:
            self.flaw = f"it is larger than {MAX_RESPONSE // 1024 // 1024} MiB."
        elif time.monotonic() > self._expires:
            self.flaw = _LATE
        else:
            self._chunks.append(chunk)
        return self.flaw is None

    def fail(self, cause: Exception) -> None:
        """Note that reading failed before the end."""
        late = time.monotonic() > self._expires
        self.flaw = _LATE if late else f"it broke off ({type(cause).__name__})."

    def content(self) -> bytes:
        """Return what came; it is not kept, so that decoding can use its memory."""
        content = b"".join(self._chunks)
        self._chunks.clear()
        if len(content) > _MAPPED:
            _keep_freed_memory()
        return content


@final
class BodyReader(Body):
    """Collect the body of a response of httpx."""

    def __init__(self, response: httpx.Response, step: SendRequest) -> None:
        super().__init__(step.expires)
        self._response = response
        self._cause: Exception | None = None

    def has_stream(self) -> bool:
        """Return whether there is a body to read from the stream."""
        headers = self._response.headers
        # Seldom there, and by its name httpx takes ten times as long to find it.
        if b"content-encoding" in {name.lower() for name, _ in headers.raw}:
            self.flaw = wrong_encoding(headers)
        if self.flaw is None and self._response.is_stream_consumed:
            # A transport for tests may hand over a response that was read already.
            self.add(self._response.content)
        return self.flaw is None and not self._response.is_stream_consumed

    def fail(self, cause: Exception) -> None:
        """Note that reading failed before the end, and why."""
        super().fail(cause)
        self._cause = cause

    def response(self) -> HttpResponse:
        """Return the response with what was read of its body."""
        status, headers = self._response.status_code, self._response.headers
        return HttpResponse(status, headers, self.content(), self.flaw, self._cause)
