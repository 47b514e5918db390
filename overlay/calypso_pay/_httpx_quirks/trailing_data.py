"""Never reuse a connection over which more came than the response that was asked for.

httpcore keeps what arrives together with a response and goes beyond it, such as a second copy, and
takes it for the response to the next request over the same connection. So without
`close_if_trailing_data` a call can get the response to another. What comes later httpcore notices
by itself, before it sends.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any


def close_if_trailing_data(response: object) -> None:
    """Close the connection under a response if unread bytes are left over.

    Args:
        response: A response of httpx that was read to its end and is not closed yet: until then
            its connection is its own.
    """
    with suppress(Exception):
        if _has_trailing_data(response):
            _network_stream(response).close()


async def aclose_if_trailing_data(response: object) -> None:
    """Do as `close_if_trailing_data` does, for an asynchronous client."""
    with suppress(Exception):
        if _has_trailing_data(response):
            await _network_stream(response).aclose()


def _has_trailing_data(response: Any) -> bool:  # noqa: ANN401 - httpx's, which is not imported here
    connection = response.stream._stream._httpcore_stream._stream._connection  # noqa: SLF001 - as the package explains
    unread, _ = connection._h11_state.trailing_data  # noqa: SLF001 - likewise
    return bool(unread)


def _network_stream(response: Any) -> Any:  # noqa: ANN401 - likewise
    return response.extensions["network_stream"]
