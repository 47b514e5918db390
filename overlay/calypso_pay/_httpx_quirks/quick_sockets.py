"""Read and write a socket without the context managers of httpcore.

They turn exceptions of the system into those of httpcore, and cost a fortieth of a call. With
`quick` these are turned where they are caught.

Without it everything works, and takes more time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from socket import socket


def quick(stream: Any) -> Any:  # noqa: ANN401 - httpcore's, which is not imported here
    """Return what reads and writes like a stream of httpcore: the stream itself if it is not plain.

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

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(timeout)
            return self._socket.recv(max_bytes)
        except OSError as error:
            import httpcore

            kind = httpcore.ReadTimeout if isinstance(error, TimeoutError) else httpcore.ReadError
            raise kind(error) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                self._socket.settimeout(timeout)
                buffer = buffer[self._socket.send(buffer) :]
        except OSError as error:
            import httpcore

            kind = httpcore.WriteTimeout if isinstance(error, TimeoutError) else httpcore.WriteError
            raise kind(error) from error
