"""The bytes of a request: account, timestamp and payload in one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from calypso_api._json import dump_json

if TYPE_CHECKING:
    from calypso_api._engine import Payload


@final
class Envelope:
    """A body except for its timestamp, so that each attempt only has to be stamped.

    Args:
        account: The merchant account that the request is for; None for none.
        payload: The operation's payload; None for an operation without one.

    Raises:
        TypeError: The payload holds a value that JSON has no exact form for, such as a float.
        ValueError: It holds a number or a text that JSON cannot express, such as NaN.
    """

    __slots__ = ("_head", "_tail")

    def __init__(self, account: str | None, payload: Payload | None) -> None:
        self._head = b'{"timestamp":'
        if account is not None:
            self._head = b'{"account":' + dump_json(account) + b',"timestamp":'
        self._tail = b"}"
        if payload is not None:
            self._tail = b',"payload":' + dump_json(payload.to_dict()) + b"}"

    def stamped(self, timestamp: int) -> bytes:
        """Return the body with this timestamp, in milliseconds."""
        return self._head + b"%d" % timestamp + self._tail
