"""What an exception of aiohttp means for a call, without the headers that it carries.

It is turned into the exception that httpx raises for the same failure, so that a call over aiohttp
ends exactly as one over httpx.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError

from calypso_pay._origin import callers_exception as plain_callers_exception
from calypso_pay._origin import is_from_signal_handler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

# The only exceptions after which the request surely never left this machine; aiohttp raises them
# while it connects, the third one when a proxy does not open a tunnel. Subclasses of the second are
# those of the resolver and of TLS.
_UNSENT: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
)
# Everything else leaves open what happened.
_UNKNOWN: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (HttpProcessingError, httpx.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (OSError, httpx.ReadError),
)


def callers_exception(error: BaseException) -> BaseException | None:
    """Return the caller's own exception in this one, or None if the transport failed."""
    found = plain_callers_exception(error, is_custom=False)
    # aiohttp wraps whatever is raised while it parses.
    inner = (link for link in _links(error) if is_from_signal_handler(link))
    return found or next(inner, None)


def is_in(code: CodeType, error: BaseException) -> bool:
    """Return whether an exception passed through a function, also as another one before it."""
    return any(
        frame.f_code is code
        for link in _links(error)
        for frame, _ in traceback.walk_tb(link.__traceback__)
    )


def as_httpx(error: BaseException) -> httpx.TransportError:
    """Return the exception of httpx for a failure, without traceback and request."""
    for known, kind in (*_UNSENT, *_UNKNOWN):
        if isinstance(error, known):
            return kind(_text(error))
    return httpx.TransportError(f"{type(error).__name__} from the transport")


def with_traceback(
    made: httpx.TransportError, error: BaseException, request: httpx.Request
) -> httpx.TransportError:
    """Return an exception with the traceback of another one, and with a request."""
    made.__traceback__ = error.__traceback__
    made.request = request
    return made


def _text(error: Exception) -> str:
    """Return the text of an exception as far as it quotes nothing that was received."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.args[-1])
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy responded with status {error.status}"
    if isinstance(error, aiohttp.ServerTimeoutError | aiohttp.InvalidURL):
        return type(error).__name__
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "Server disconnected without sending a response."
    if isinstance(
        error, (aiohttp.ClientResponseError, aiohttp.ClientPayloadError, HttpProcessingError)
    ):
        return f"{type(error).__name__}: what came is not a whole response"
    return str(error)


def _links(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
