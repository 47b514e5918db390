"""Read and write a socket without the context managers of httpcore.

They turn exceptions of the system into those of httpcore, and cost a fortieth of a call. `quick`
turns them where they are caught.

Without it everything works, and takes more time.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket


def quick(stream: Any) -> Any:  # noqa: ANN401 - httpcore's, which is not imported here
    """Return a faster reader and writer for a plain stream, and any other stream unchanged.

    Args:
        stream: A synchronous stream of httpcore, over a socket or TLS.
    """
    # Not within another TLS, whose stream has a socket, too.
    if type(stream).__name__ == "SyncStream" and hasattr(stream, "_sock"):
        return _Socket(stream._sock)  # noqa: SLF001 - as the package explains
    return stream


@final
class _Socket:
    def __init__(self, socket: socket) -> None:
        self._socket = socket
        self._receive: Callable[[int], bytes] = socket.recv
        self._send: Callable[[bytes], int] = socket.send
        if isinstance(socket, ssl.SSLSocket):
            # Its own `recv` and `send` go on without TLS while another thread closes it.
            self._receive, self._send = socket.read, socket.write

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(timeout)
            return self._receive(max_bytes)
        except (OSError, ValueError, AttributeError) as error:
            if self._is_failure(error):
                import httpcore

                late = isinstance(error, TimeoutError)
                raise (httpcore.ReadTimeout if late else httpcore.ReadError)(error) from error
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                self._socket.settimeout(timeout)
                buffer = buffer[self._send(buffer) :]
        except (OSError, ValueError, AttributeError) as error:
            if self._is_failure(error):
                import httpcore

                late = isinstance(error, TimeoutError)
                raise (httpcore.WriteTimeout if late else httpcore.WriteError)(error) from error
            raise

    def _is_failure(self, error: Exception) -> bool:
        # Without an `_sslobj` TLS was closed meanwhile, and raises errors of other types.
        return isinstance(error, OSError) or getattr(self._socket, "_sslobj", self) is None
