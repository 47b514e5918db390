"""Types in the words of guides and tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPES = {
    "string": "string",
    "strings": "string",
    "str": "string",
    "text": "string",
    "enum": "string",
    "enums": "string",
    "uuid": "string",
    "uuids": "string",
    "date": "string",
    "datetime": "string",
    "date-time": "string",
    "number": "number",
    "numbers": "number",
    "decimal": "number",
    "double": "number",
    "float": "number",
    "integer": "integer",
    "integers": "integer",
    "int": "integer",
    "int32": "integer",
    "int64": "integer",
    "long": "integer",
    "boolean": "boolean",
    "booleans": "boolean",
    "bool": "boolean",
    "object": "object",
    "objects": "object",
    "null": "null",
}
# A guide that writes `double` or `long` names a type of its programming language, no format.
_FORMATS = {
    "uuid": "uuid",
    "uuids": "uuid",
    "date": "date",
    "datetime": "date-time",
    "date-time": "date-time",
    "int32": "int32",
    "int64": "int64",
}
_ARRAYS = frozenset({"array", "arrays", "list", "[]"})
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9-]*|\[\]")
_WORD = re.compile(r"[\w-]+")
_JOINING = frozenset({"of", "or"})
_LONGEST = 200

WORDS = frozenset(_TYPES) | (_ARRAYS - {"[]"})


class Kind(NamedTuple):
    """A type as a page states it; None where it says nothing.

    Attributes:
        of: Of an array: the type of its items.
    """

    type: str | None = None
    format: str | None = None
    of: Kind | None = None


def kind(text: str) -> Kind:
    """Read `string`, `uuid`, `array of strings`, `string[]`, `boolean or integer` and the like."""
    tokens = [token.lower() for token in _TOKEN.findall(text[:_LONGEST])]
    single = _single(tokens)
    if not _ARRAYS.isdisjoint(tokens):
        return Kind("array", None, single if single.type else None)
    return single


def is_kind(text: str) -> bool:
    """Tell whether a text is a type and nothing else, so that no word of it is left unread."""
    words = _WORD.findall(text.lower())
    return bool(words) and all(word in WORDS or word in _JOINING for word in words)


def _single(tokens: Sequence[str]) -> Kind:
    types = sorted({_TYPES[token] for token in tokens if token in _TYPES})
    formats = {_FORMATS[token] for token in tokens if token in _FORMATS}
    return Kind("|".join(types) or None, formats.pop() if len(formats) == 1 else None)
