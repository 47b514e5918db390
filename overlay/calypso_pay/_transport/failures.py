"""What an exception of httpx means for a call, without the headers that it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from calypso_pay._exchange import TransportFailure

if TYPE_CHECKING:
    from calypso_pay._errors import ConfigurationError

# With a foreign transport plugged into httpx the type of an exception alone proves nothing: one
# reports a connection that broke after the request was read as ConnectTimeout. So these count
# only where they have no cause, or one that a trusted package raised.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# httpcore itself, and respx, which names itself as the cause of what a test lets it raise.
_TRUSTED = {"httpcore", "respx"}


def failure(server: str, error: httpx.TransportError) -> TransportFailure:
    """Return what an exception without headers means for the call.

    Args:
        server: What was called, for the message.
        error: The exception, as `without_headers` returns it.
    """
    timed_out = isinstance(error, httpx.TimeoutException)
    return TransportFailure(server, error, unsent=_surely_unsent(error), timed_out=timed_out)


def unusable(error: ConfigurationError) -> TransportFailure:
    """Return the failure of a call for which there is no usable client: nothing was sent."""
    return TransportFailure("", error, unsent=True, timed_out=False)


def without_headers(
    error: BaseException, request: httpx.Request, *, connecting: bool = False
) -> httpx.TransportError:
    """Return an exception without its request, whose headers hold key and signature.

    Args:
        error: What the transport raised, or a `TimeoutError` at the deadline of the call.
        request: The request that was sent.
        connecting: Whether at most a connection had been begun at the deadline.
    """
    foreign = error
    if isinstance(error, TimeoutError):
        late = httpx.ConnectTimeout if connecting else httpx.ReadTimeout
        error = late("the deadline of the call is over")
    elif not isinstance(error, httpx.TransportError):
        # Its attributes and its text may hold anything, so only its name and traceback are kept.
        error = httpx.TransportError(f"{type(error).__name__} from the transport")
    elif isinstance(error, httpx.ProtocolError):
        # After the colon it quotes what came, which may be a secret; its causes do so too.
        error = type(error)(str(error).partition(":")[0])
    error.__traceback__ = foreign.__traceback__
    error.request = httpx.Request(request.method, request.url)
    return error


def _surely_unsent(error: Exception) -> bool:
    cause = error.__cause__
    is_trusted = cause is None or type(cause).__module__.partition(".")[0] in _TRUSTED
    return is_trusted and isinstance(error, _UNSENT)
