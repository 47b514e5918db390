"""Keep an exchange within its deadline, however slowly the peer sends.

httpx bounds each read by itself, so a peer that sends a byte now and then could hold a call for as
long as it likes: as many reads as a response's header has bytes. `enforce_deadline` puts a layer
under the connections of a synchronous client that gives each step no more than what is left.

Without it each wait for data may take what was left when the attempt began, until the body begins.

The same layer sends a request in one piece, and asks its connection just before that whether the
server has closed it, as `idle_connections` explains.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self, final

from calypso_pay._httpx_quirks._pools import pools
from calypso_pay._httpx_quirks.quick_sockets import quick

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_pay._options import Timeouts

    CallersException = Callable[[BaseException], BaseException | None]

_SHORTEST = 0.001


@final
class Deadline(float):
    """A timeout in seconds that also knows when the whole call has to be over."""

    expires: float

    def __new__(cls, seconds: float, expires: float) -> Self:
        deadline = super().__new__(cls, seconds)
        deadline.expires = expires
        return deadline

    def left(self) -> float:
        """Return the seconds that are left of the call."""
        return self.expires - time.monotonic()


def deadlines(timeout: Timeouts, expires: float) -> dict[str, float | None]:
    """Return the request's extension ``timeout``.

    Args:
        timeout: Seconds of each phase.
        expires: When the whole call has to be over, on the monotonic clock.
    """
    # Usually it is one number for all of them.
    read = Deadline(timeout.read, expires)
    connect, write, pool = (
        read if seconds == read else Deadline(seconds, expires)
        for seconds in (timeout.connect, timeout.write, timeout.pool)
    )
    return {"connect": connect, "read": read, "write": write, "pool": pool}


class CarriedError(BaseException):
    """Carries an exception of the caller's through httpcore.

    Without it httpcore would replace its cause, and take an OSError that a signal handler raised
    for one of the network.

    Args:
        error: The exception.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def enforce_deadline(client: object, callers_exception: CallersException) -> None:
    """Let no step of a synchronous client's connections outlast its deadline.

    An asynchronous client does not need it: its driver can cancel it.

    Args:
        client: A client of httpx.
        callers_exception: Returns the caller's own exception in one that ends a step, or None;
            a `CarriedError` then carries it.
    """
    for pool in pools(client):
        if hasattr(pool, "_network_backend"):
            bounded = _Bounded(pool._network_backend, callers_exception)  # noqa: SLF001 - see above
            pool._network_backend = bounded  # noqa: SLF001 - likewise


class _Bounded:
    """A network backend of httpcore, or a stream that it made."""

    # The inner one is httpcore's, which is not imported here.
    def __init__(
        self,
        inner: Any,  # noqa: ANN401
        callers_exception: CallersException,
        timeout: float | None = None,
    ) -> None:
        self._inner = inner
        self._callers_exception = callers_exception
        # For the steps to a SOCKS proxy, to which httpcore gives none.
        self._timeout = timeout
        self._wire = quick(inner)
        self._unsent = b""
        self._is_used = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def get_extra_info(self, info: str) -> object:
        # An idle connection is asked just before it is used, as in `idle_connections`.
        return info != "is_readable" and self._inner.get_extra_info(info)

    def connect_tcp(self, timeout: float | None = None, **how: object) -> _Bounded:
        stream = self._step(self._inner.connect_tcp, timeout, **how)
        return _Bounded(stream, self._callers_exception, timeout)

    # By httpcore's names and in its order: within a tunnel it passes all of them by position, and
    # to a SOCKS proxy by name.

    def start_tls(
        self, ssl_context: object, server_hostname: object = None, timeout: float | None = None
    ) -> _Bounded:
        stream = self._step(self._inner.start_tls, timeout, ssl_context, server_hostname)
        return _Bounded(stream, self._callers_exception)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Header, body and then nothing come one after the other; in one piece they cost one system
        # call and one packet.
        self._unsent += buffer
        if self._unsent and not buffer:
            self._send(timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> object:
        if timeout is None:
            timeout = self._timeout
        if self._unsent:
            self._send(timeout)
        # No read of a flood ever waits, so its timeout alone would never end it.
        if isinstance(timeout, Deadline) and timeout.left() < 0:
            raise TimeoutError
        return self._step(self._wire.read, timeout, max_bytes)

    def _send(self, timeout: float | None) -> None:
        unsent, self._unsent = self._unsent, b""
        if self._is_used and self._inner.get_extra_info("is_readable"):
            raise _closed_meanwhile()
        self._is_used = True
        self._step(self._wire.write, timeout, unsent)

    def _step(
        self, do: Callable[..., Any], timeout: float | None, *what: object, **how: object
    ) -> Any:  # noqa: ANN401
        if isinstance(timeout, Deadline):
            timeout = max(min(timeout, timeout.left()), _SHORTEST)
        try:
            return do(*what, timeout=timeout, **how)
        except BaseException as error:
            own = self._callers_exception(error)
            if own is None:
                raise
            raise CarriedError(own) from None


def _closed_meanwhile() -> Exception:
    # Imported here, as only those who send over httpcore need it.
    from httpcore import ConnectionNotAvailable

    # Nothing was sent, and httpcore takes another connection.
    return ConnectionNotAvailable()
