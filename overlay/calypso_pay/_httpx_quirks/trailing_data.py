"""Never reuse a connection over which more came than the response that was asked for.

httpcore keeps what arrives together with a response and goes beyond it, such as a second copy, and
takes it for the response to the next request over the same connection. So without
`close_if_trailing_data` a call can get the response to another. What comes later is noticed before
the next request is sent, by `deadline` or `idle_connections`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any


def close_if_trailing_data(response: object) -> None:
    """Let the connection under a response be closed with it if unread bytes are left over.

    Args:
        response: A response of httpx that was read to its end and is not closed yet: until then
            its connection is its own.
    """
    with suppress(Exception):
        state = _h11_state(response)
        if state.trailing_data[0]:
            # Not by closing its socket: once idle it can be given to another thread that does not
            # look at the socket any more, and to which h11 returns what is left over.
            state.send_failed()


def _h11_state(response: Any) -> Any:  # noqa: ANN401 - httpx's, which is not imported here
    connection = response.stream._stream._httpcore_stream._stream._connection  # noqa: SLF001 - as the package explains
    return connection._h11_state  # noqa: SLF001 - likewise
