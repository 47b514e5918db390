"""Keep an exchange within its deadline, however slowly the peer sends.

httpx bounds each read by itself, so that a peer which sends a byte now and then could hold a call
for as long as it likes: as many reads as an answer's header has bytes. `keep` puts a layer under
the connections of a synchronous client that gives each step no more than what is left.

Without it each wait for data has what was left when the attempt began, until the body begins.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self, final

from calypso_pay._httpx_quirks._pools import pools

if TYPE_CHECKING:
    from collections.abc import Callable

    OfCaller = Callable[[BaseException], BaseException | None]

_SHORTEST = 0.001


@final
class Until(float):
    """A time-out in seconds that also knows when the whole call has to be over."""

    expires: float

    def __new__(cls, seconds: float, expires: float) -> Self:
        until = super().__new__(cls, seconds)
        until.expires = expires
        return until

    def left(self) -> float:
        """Return the seconds that are left of the call."""
        return self.expires - time.monotonic()


class CarriedError(BaseException):
    """Carries an exception of the caller's through httpcore.

    Which would replace its cause, and take an OSError of a signal handler for one of the network.

    Args:
        error: The exception.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


def keep(client: object, of_caller: OfCaller) -> None:
    """Let no step of a synchronous client's connections outlast its deadline.

    An asynchronous client needs no such thing: its driver can cancel it.

    Args:
        client: A client of httpx.
        of_caller: Returns the exception of the caller's behind what breaks a step off, if there is
            one: then a `CarriedError` carries it.
    """
    for pool in pools(client):
        if hasattr(pool, "_network_backend"):
            kept = _Kept(pool._network_backend, of_caller)  # noqa: SLF001 - see above
            pool._network_backend = kept  # noqa: SLF001 - likewise


class _Kept:
    """A network backend of httpcore, or a stream that it made."""

    # The inner one is httpcore's, which is not imported here.
    def __init__(self, inner: Any, of_caller: OfCaller) -> None:  # noqa: ANN401
        self._inner = inner
        self._of_caller = of_caller

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def connect_tcp(self, **step: object) -> _Kept:
        return _Kept(self._step(self._inner.connect_tcp, step), self._of_caller)

    def start_tls(self, **step: object) -> _Kept:
        return _Kept(self._step(self._inner.start_tls, step), self._of_caller)

    def write(self, data: bytes, **step: object) -> None:
        self._step(self._inner.write, step, data)

    def read(self, size: int, **step: object) -> object:
        timeout = step.get("timeout")
        # Of a flood no read ever waits, so that its time-out alone would never end it.
        if isinstance(timeout, Until) and timeout.left() < 0:
            raise TimeoutError
        return self._step(self._inner.read, step, size)

    def _step(self, do: Callable[..., Any], step: dict[str, object], *what: object) -> Any:  # noqa: ANN401
        try:
            return do(*what, **_shortened(step))
        except BaseException as error:
            own = self._of_caller(error)
            if own is None:
                raise
            raise CarriedError(own) from None


def _shortened(step: dict[str, object]) -> dict[str, object]:
    timeout = step.get("timeout")
    if not isinstance(timeout, Until):
        return step
    return {**step, "timeout": max(min(timeout, timeout.left()), _SHORTEST)}
