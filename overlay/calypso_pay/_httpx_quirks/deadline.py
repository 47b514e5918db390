"""Keep an exchange within its deadline, however slowly the peer sends.

httpx bounds each read by itself, so that a peer which sends a byte now and then could hold a call
for as long as it likes: as many reads as an answer's header has bytes. `keep` puts a layer under
the connections of a synchronous client that gives each step no more than what is left.

Without it each wait for data has what was left when the attempt began, until the body begins.
"""

from __future__ import annotations

import time
from typing import Any, Self, final

from calypso_pay._httpx_quirks._pools import pools

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


def keep(client: object) -> None:
    """Let no step of a synchronous client's connections outlast its deadline.

    An asynchronous client needs no such thing: its driver can cancel it.
    """
    for pool in pools(client):
        if hasattr(pool, "_network_backend"):
            pool._network_backend = _Kept(pool._network_backend)  # noqa: SLF001 - see above


class _Kept:
    """A network backend of httpcore, or a stream that it made."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - httpcore's, which is not imported here
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def connect_tcp(self, **step: object) -> _Kept:
        return _Kept(self._inner.connect_tcp(**_shortened(step)))

    def start_tls(self, **step: object) -> _Kept:
        return _Kept(self._inner.start_tls(**_shortened(step)))

    def write(self, data: bytes, **step: object) -> None:
        self._inner.write(data, **_shortened(step))

    def read(self, size: int, **step: object) -> object:
        timeout = step.get("timeout")
        # Of a flood no read ever waits, so that its time-out alone would never end it.
        if isinstance(timeout, Until) and timeout.left() < 0:
            raise TimeoutError
        return self._inner.read(size, **_shortened(step))


def _shortened(step: dict[str, object]) -> dict[str, object]:
    timeout = step.get("timeout")
    if not isinstance(timeout, Until):
        return step
    return {**step, "timeout": max(min(timeout, timeout.left()), _SHORTEST)}
