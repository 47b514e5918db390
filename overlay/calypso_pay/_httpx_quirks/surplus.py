"""Never use a connection again over which more came than the answer that was asked for.

httpcore keeps what arrives together with an answer and goes beyond it, such as a second copy, and
takes it for the answer to the next request over the same connection. Without `shut` a call can so
be given the answer to another. What comes later httpcore notices by itself, before it sends.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any


def shut(response: object) -> None:
    """Close the connection under an answer if bytes are left over.

    Args:
        response: A response of httpx that was read to its end and is not closed yet: until then
            its connection is its own.
    """
    with suppress(Exception):
        if _is_left(response):
            _network_stream(response).close()


async def ashut(response: object) -> None:
    """Do as `shut` does, for an asynchronous client."""
    with suppress(Exception):
        if _is_left(response):
            await _network_stream(response).aclose()


def _is_left(response: Any) -> bool:  # noqa: ANN401 - httpx's, which is not imported here
    connection = response.stream._stream._httpcore_stream._stream._connection  # noqa: SLF001 - as the package says
    unread, _ = connection._h11_state.trailing_data  # noqa: SLF001 - likewise
    return bool(unread)


def _network_stream(response: Any) -> Any:  # noqa: ANN401 - likewise
    return response.extensions["network_stream"]
