"""Never reuse a connection over which more came than the response that was asked for.

httpcore keeps what arrives together with a response and goes beyond it, such as a second copy, and
takes it for the response to the next request over the same connection. It may be in h11, or in what
lies between httpcore and the socket: in anyio's queue, or encrypted where TLS is not read from the
socket directly. So without `close_if_trailing_data` a call can get the response to another. What
comes later is noticed before the next request is sent, by `deadline` or `idle_connections`.
"""

from __future__ import annotations

from typing import Any

_STATE = ("stream", "_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state")


def close_if_trailing_data(response: Any) -> None:  # noqa: ANN401 - httpx's, which is not imported here
    """Let the connection under a response be closed with it if unread bytes are left over.

    Args:
        response: A response of httpx that was read to its end and is not closed yet: until then
            its connection is its own.
    """
    state = _h11_state(response)
    trailing = getattr(state, "trailing_data", None)
    if trailing and (trailing[0] or has_unread(response)):
        # Not by closing its socket: once idle it can be given to another thread that does not look
        # at the socket any more, and to which h11 returns what is left over.
        state.send_failed()


def _h11_state(response: Any) -> Any:  # noqa: ANN401 - likewise
    found = response
    # Nothing is suppressed here, as a signal handler may raise anything.
    for name in _STATE:
        found = getattr(found, name, None)
    return found


def has_unread(response: Any) -> bool:  # noqa: ANN401 - likewise
    """Return whether bytes are kept between the connection of a response and its socket."""
    stream = response.extensions.get("network_stream")
    # Below the layer that `deadline` or `idle_connections` put there.
    stream = getattr(stream, "_inner", stream)
    while stream is not None:
        # Of anyio's TLS, and of httpcore's within another TLS.
        encrypted = getattr(stream, "_read_bio", None) or getattr(stream, "_incoming", None)
        queue = getattr(getattr(stream, "_protocol", None), "read_queue", None)
        if queue or getattr(encrypted, "pending", 0):
            return True
        stream = getattr(stream, "_stream", None) or getattr(stream, "transport_stream", None)
    return False
