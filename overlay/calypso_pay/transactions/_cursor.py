"""The position of a walk as text, which can be kept and given to another walk."""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_api._json import dump_json
from calypso_pay._errors import ConfigurationError

if TYPE_CHECKING:
    from calypso_api.models import FindTransactionsPayload

_VERSION = "c1."
_HINT = "Pass an iterator's .cursor unchanged."


class Position(NamedTuple):
    """The position after a row.

    Attributes:
        first_page: Number of the first page, as far as the walk knows.
        page: Number of the page that the row was on.
        returned: How many rows were returned so far, this one included.
        last_id: Id of the row.
    """

    first_page: int
    page: int
    returned: int
    last_id: str


def fingerprint_of(search: FindTransactionsPayload) -> str:
    """Return what distinguishes one search from another: a hash of filters, order and page size."""
    return hashlib.sha256(dump_json(search.to_dict())).hexdigest()[:16]


def write(fingerprint: str, position: Position | None) -> str:
    """Write a cursor of printable ASCII; without a position it is before the first row."""
    body = json.dumps([fingerprint, *(position or ())]).encode()
    return _VERSION + urlsafe_b64encode(_checksum(body) + body).decode()


def read(cursor: object, fingerprint: str) -> Position | None:
    """Read a cursor.

    Raises:
        ConfigurationError: It is not a cursor, or belongs to another search.
    """
    if not isinstance(cursor, str) or not cursor.startswith(_VERSION):
        raise ConfigurationError(f"Invalid cursor: not one of this version. {_HINT}")
    fields = _fields(cursor.removeprefix(_VERSION))
    if fields is None:
        raise ConfigurationError(f"Invalid cursor: truncated or modified. {_HINT}")
    if fields[0] != fingerprint:
        raise ConfigurationError(
            "The cursor belongs to a search with other filters, another order or another page_size."
        )
    return Position(*fields[1:]) if fields[1:] else None


def _fields(text: str) -> list[Any] | None:
    try:
        content = b64decode(text, altchars=b"-_", validate=True)
        body = content[4:]
        fields = json.loads(body) if content[:4] == _checksum(body) else None
    except (ValueError, RecursionError):
        return None
    types = [type(field) for field in fields] if isinstance(fields, list) else []
    return fields if types in ([str], [str, int, int, int, str]) else None


def _checksum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")
