"""A request or a response as bytes, and how to read one from a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

CHUNK = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Message:
    """A request or a response: its head, with the empty line, and its body."""

    head: bytes
    body: bytes = b""

    @property
    def content(self) -> bytes:
        return self.head + self.body

    def with_headers(self, **headers: str) -> Message:
        """Return a copy with some headers replaced; an empty value removes a header."""
        names = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        first, *lines = self.head.removesuffix(END_OF_HEAD).decode("latin-1").split("\r\n")
        kept = [line for line in lines if line.partition(":")[0].lower() not in names]
        new = [f"{name}: {value}" for name, value in names.items() if value]
        return Message("\r\n".join([first, *kept, *new, "", ""]).encode("latin-1"), self.body)


def read(connection: socket.socket) -> Message:
    """Read a whole message.

    Raises:
        OSError: The connection ended before the message did.
    """
    content = b""
    while END_OF_HEAD not in content:
        content += _receive(connection)
    head, _, body = content.partition(END_OF_HEAD)
    length = _content_length(head)
    while len(body) < length:
        body += _receive(connection)
    return Message(head + END_OF_HEAD, body)


def _receive(connection: socket.socket) -> bytes:
    chunk = connection.recv(CHUNK)
    if not chunk:
        raise ConnectionError("the connection ended before the message did")
    return chunk


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    return 0
