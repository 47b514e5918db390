"""The steps that the engine asks of a driver, and the results that a driver returns.

Nothing else passes between the engine, which does no I/O, and the transport. These are no named
tuples, which take longer to define at start-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, final

from calypso_api import RawResponse

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from calypso_pay._options import Timeouts

T = TypeVar("T")


@final
class SendRequest:
    """Send a request; the result is a `HttpResponse`, `TransportFailure` or `Interrupted`.

    Args:
        method: HTTP method.
        path: Path below the base URL.
        body: The exact bytes to sign and to send.
        timeout: Seconds that connecting, each read and write, and waiting for a connection of the
            pool may take.
        expires: When reading the response has to be over, on the monotonic clock.
    """

    __slots__ = ("body", "expires", "method", "path", "timeout")

    def __init__(
        self, method: str, path: str, body: bytes, timeout: Timeouts, expires: float
    ) -> None:
        self.method = method
        self.path = path
        self.body = body
        self.timeout = timeout
        self.expires = expires

    def __repr__(self) -> str:
        return f"<SendRequest {self.method} {self.path}>"


@final
class Sleep:
    """Wait for some seconds; the result is None or an `Interrupted`."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


@final
class AwaitListener:
    """Await what a listener returned; the result is None or an `Interrupted`."""

    __slots__ = ("listener",)

    def __init__(self, listener: Coroutine[None, None, None]) -> None:
        self.listener = listener


@final
class HttpResponse:
    """The server responded.

    Not a tuple: reporters of errors show what is in one, whatever its repr is.

    Args:
        status: HTTP status.
        headers: The response's headers; a name is found whatever its case.
        content: The bytes of the body, as far as they came.
        flaw: Why the body is not whole; None when it is.
        cause: The exception behind the flaw, if there was one.
    """

    __slots__ = ("cause", "content", "flaw", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        content: bytes,
        flaw: str | None = None,
        cause: Exception | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self.flaw = flaw
        self.cause = cause

    def __repr__(self) -> str:
        return f"<HttpResponse {self.status}, flaw={self.flaw!r}>"

    def read_as(self, parsed: T) -> RawResponse[T]:
        """Return the response in the type that users see, with what was parsed from it."""
        return RawResponse(self.status, self.headers, self.content, parsed)


@final
class TransportFailure:
    """No response came.

    Args:
        server: The address that was called.
        cause: The transport's exception.
        unsent: True only if the request surely never left this machine.
        timed_out: Whether it was a timeout.
    """

    __slots__ = ("cause", "server", "timed_out", "unsent")

    def __init__(self, server: str, cause: Exception, *, unsent: bool, timed_out: bool) -> None:
        self.server = server
        self.cause = cause
        self.unsent = unsent
        self.timed_out = timed_out


@final
class Interrupted:
    """An exception of the caller's own came through, and has to go on to the caller.

    Args:
        error: The exception.
        unsent: True only if the request surely never left this machine.
    """

    __slots__ = ("error", "unsent")

    def __init__(self, error: BaseException, *, unsent: bool) -> None:
        self.error = error
        self.unsent = unsent


Step = SendRequest | Sleep | AwaitListener
StepResult = HttpResponse | TransportFailure | Interrupted | None
