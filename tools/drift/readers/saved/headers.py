"""What the cells of the vendor's tables look like, whichever way a page sets them."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = frozenset({
    *("code", "error code", "errorcode", "error", "http code", "http status", "message"),
    *("comment", "comments", "description", "meaning", "explanation", "note", "notes", "when"),
    *("parameter", "parameters", "param", "name", "field", "field name", "key", "header"),
    *("property", "type", "data type", "mandatory", "required", "optional", "default", "format"),
    *("status", "state", "value", "values", "possible values", "enum", "example", "length"),
    *("event", "events", "event type", "eventtype", "event name", "event / eventtype", "action"),
    *("transactionstate", "transaction state", "transaction status", "purse status", "trigger"),
    *("compliancestate", "compliance state", "condition", "reason", "currency"),
})  # fmt: skip
_TYPE_WORDS = {"type", "data type"}
_TYPE = re.compile(
    r"(?:array of )?(?:string|str|integer|int|number|boolean|bool|object|array|enum|uuid|date"
    r"|datetime|long|double|float|decimal|timestamp|list|map|any)(?:\[\]|s)?\b.{0,40}",
    re.IGNORECASE,
)
_NO_VALUES = {"JSON", "HTTP", "CURL", "OK", "XML", "YAML", "API", "PHP", "HTML", "ID", "URL"}


class Kind(Enum):
    """What the first cells of a table are."""

    CODE = "code"
    VALUE = "value"
    FIELD = "field"


_KINDS = re.compile(
    r"(?P<code>\d{3})"
    r"|(?P<value>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{3,})"
    r"|(?P<field>(?:[a-z]|[A-Z]\w*-)[\w-]*(?:\[\])?(?:\.[a-z][\w-]*(?:\[\])?)*\*?)"
)
_BY_GROUP = {kind.value: kind for kind in Kind}


def is_header(text: str) -> bool:
    """Tell whether a cell is one of the words that head columns."""
    return " ".join(text.lower().rstrip(":").split()) in _WORDS


def is_type(text: str) -> bool:
    """Tell whether a cell names the type of a field."""
    return _TYPE.fullmatch(text) is not None


def kind_of(text: str) -> Kind | None:
    """Return what a first cell is, or None where it is none of them."""
    match = _KINDS.fullmatch(text)
    if not match or text in _NO_VALUES:
        return None
    return _BY_GROUP[match.lastgroup or ""]


def column_of_types(header: Sequence[str]) -> int | None:
    """Return which column tells the types of fields, if one does."""
    lowered = [cell.lower() for cell in header]
    return next((index for index, cell in enumerate(lowered) if cell in _TYPE_WORDS), None)
