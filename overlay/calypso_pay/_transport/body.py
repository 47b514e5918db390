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
LATE = "it had not come to its end at the deadline."
TOO_LARGE = f"it is larger than {MAX_RESPONSE // 1024 // 1024} MiB."


def joined(chunks: list[bytes]) -> bytes:
    """Return the bytes of all chunks, and clear the list, so that decoding can use its memory."""
    content = b"".join(chunks)
    chunks.clear()
    if len(content) > _MAPPED:
        _keep_freed_memory()
    return content


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


@final
class BodyReader:
    """Collect the body of a response, and note why it is incomplete if it is."""

    def __init__(self, response: httpx.Response, step: SendRequest) -> None:
        self._response = response
        self._expires = step.expires
        self._chunks: list[bytes] = []
        self._size = 0
        self._flaw: str | None = None
        self._cause: Exception | None = None

    def has_stream(self) -> bool:
        """Return whether there is a body to read from the stream."""
        self._flaw = wrong_encoding(self._response.headers)
        if self._flaw is None and self._response.is_stream_consumed:
            # A transport for tests may hand over a response that was read already.
            self.add(self._response.content)
        return self._flaw is None and not self._response.is_stream_consumed

    def add(self, chunk: bytes) -> bool:
        """Add a chunk, and return whether to read on."""
        if self._size + len(chunk) > MAX_RESPONSE:
            self._flaw = TOO_LARGE
        elif time.monotonic() > self._expires:
            self._flaw = LATE
        else:
            self._chunks.append(chunk)
            self._size += len(chunk)
        return self._flaw is None

    def fail(self, cause: Exception) -> None:
        """Note that reading failed before the end of the body."""
        late = time.monotonic() > self._expires
        self._flaw = LATE if late else f"it broke off ({type(cause).__name__})."
        self._cause = cause

    def response(self) -> HttpResponse:
        """Return the response with what was read of its body."""
        status, content = self._response.status_code, joined(self._chunks)
        return HttpResponse(status, self._response.headers, content, self._flaw, self._cause)
