"""Post webhook events over HTTP, to receivers that may be slow, broken or hostile."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from calypso_mock._errors import MockError, NotSentError
from calypso_mock._loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from urllib.parse import SplitResult

    # Gets the URL, the headers and the body; returns the status of the response.
    Deliver = Callable[[str, Mapping[str, str], bytes], int]

# Enough of a response that an honest receiver can finish writing it.
_MAX_READ = 64 * 1024


class Sender:
    """Sends with HTTP; give it to ``Server`` or to ``mock.deliveries.deliver_due``.

    It follows no redirect, uses no proxy, and reads no more of a response than 64 KiB.

    Args:
        timeout: Seconds that an exchange may take, once connected. 10 is inferred; the vendor's
            is unknown.
        allow_remote: Send to other machines, too. By default it does not: a test's subscription
            may contain a merchant's real URL.

    Raises:
        MockError: If the timeout is not above 0.
    """

    def __init__(self, *, timeout: float = 10, allow_remote: bool = False) -> None:
        if not timeout > 0:
            raise MockError("a timeout has to be a number of seconds above 0")
        self._timeout = timeout
        self._allow_remote = allow_remote
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send one webhook event.

        Returns:
            The status of the response.

        Raises:
            NotSentError: If the URL leads to another machine, and that is not allowed.
            MockError: If the URL cannot be requested.
            OSError: If there was no response in time.
            http.client.HTTPException: If the response was not HTTP.
        """
        parts = urlsplit(url)
        if not self._allow_remote and not is_loopback(parts.hostname or ""):
            raise NotSentError("not sent: only addresses of this machine are delivered to")
        connection = _connection(parts, self._timeout)
        try:
            connection.connect()
            with self._limited(connection.sock):
                return _exchange(connection, _target(parts), headers, body)
        finally:
            connection.close()

    def abort(self) -> None:
        """Abort the exchanges that are in flight."""
        with self._lock:
            for each in self._open:
                _shut_down(each)

    @contextlib.contextmanager
    def _limited(self, opened: socket.socket) -> Iterator[None]:
        # A socket's own timeout starts again with every byte, and a receiver may send slowly.
        expired = threading.Event()
        timer = threading.Timer(self._timeout, _expire, [opened, expired])
        timer.daemon = True
        timer.start()
        with self._lock:
            self._open.add(opened)
        try:
            yield
        except (OSError, http.client.HTTPException):
            if not expired.is_set():
                raise
        finally:
            timer.cancel()
            with self._lock:
                self._open.discard(opened)
        if expired.is_set():
            raise TimeoutError(f"no response within {self._timeout} s")


def _connection(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    # Without a port it would look for one in the host, and find one in every IPv6 address.
    port = kind.default_port if parts.port is None else parts.port
    return kind(parts.hostname or "", port, timeout=timeout)


def _exchange(
    connection: http.client.HTTPConnection, target: str, headers: Mapping[str, str], body: bytes
) -> int:
    connection.request("POST", target, body, dict(headers))
    with connection.getresponse() as response:
        response.read(_MAX_READ)
        return response.status


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    if not target.isascii() or not target.isprintable() or " " in target:
        # The HTTP library's error would quote it, and it may hold a token of the merchant.
        raise MockError("not sent: the URL has characters that have to be escaped")
    return target


def _expire(opened: socket.socket, expired: threading.Event) -> None:
    expired.set()
    _shut_down(opened)


def _shut_down(opened: socket.socket) -> None:
    with contextlib.suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
