"""The error that the functions of `api` raise on request."""

from __future__ import annotations

__all__ = ["UnexpectedStatus"]


class UnexpectedStatus(Exception):
    """The server responded with a status that is not documented.

    Raised only for a client made with `raise_on_unexpected_status`. A response may hold secrets:
    the message does not show the content, and `content` is empty after pickling.
    """

    def __init__(self, status_code: int, content: bytes) -> None:
        super().__init__(status_code)
        self.status_code = status_code
        self.content = content

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.status_code, b"")

    def __str__(self) -> str:
        return f"unexpected status {self.status_code}, {len(self.content)} bytes of content"

    def __repr__(self) -> str:
        return f"<UnexpectedStatus {self.status_code}>"
