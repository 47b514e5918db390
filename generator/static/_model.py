"""The base class of all models: JSON, readable text, and support for Pydantic."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from attrs import fields

from ._json import decimal_text, dump_json, load_json, only_once
from ._read import as_object
from ._write import is_uuid, time_text
from .types import UNSET

if TYPE_CHECKING:
    from ._records import Reader

# Rows of a list in the readable text.
_SHOWN: Final = 20


class Model:
    """An object of the API."""

    # The last field of each model; attrs takes this slot for it.
    __slots__ = ("additional_properties",)

    if TYPE_CHECKING:
        _reader: ClassVar[Reader[Any]]
        """How objects are read; models that are only sent have none."""

        @classmethod
        def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
            """Read a decoded JSON object."""
            ...

        def to_dict(self) -> dict[str, Any]:
            """Return the JSON object."""
            ...

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read JSON, exact to the last digit.

        Args:
            text: A JSON object, such as `to_json` returns. Amounts may be numbers or text.

        Raises:
            DecodeError: It is not JSON, has a member twice, or is not this object; a `RowsError` if
                only some rows of a list could not be read.
        """
        return cls.from_dict(as_object(load_json(text, only_once), cls.__name__))

    def to_json(self) -> str:
        """Return JSON, exact to the last digit: amounts are numbers without an exponent.

        Raises:
            TypeError: A value has no exact form in JSON, such as a float.
            ValueError: A value has no form in JSON, such as NaN.
        """
        return dump_json(self.to_dict()).decode()

    def __str__(self) -> str:
        return "\n".join([type(self).__name__, *_lines(self, "  ")])

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        # Only Pydantic calls this, so it is installed.
        from ._pydantic import core_schema

        return core_schema(cls, handler)


# The slot itself, whatever attributes a user's subclass defines.
_slot: Final = Model.__dict__["additional_properties"]
_read: Final = _slot.__get__
_write: Final = _slot.__set__


def additional(model: Model) -> Mapping[str, Any]:
    """Return the additional properties of a model, without making their dictionary."""
    try:
        found: Mapping[str, Any] = _read(model)
    except AttributeError:
        # A subclass of a user's may have the attribute in a way of its own.
        kind: Any = type(model)
        is_ours = kind.additional_properties is _lazy
        return {} if is_ours else getattr(model, "additional_properties", {})
    return found


def _made_at_first_use(model: Model) -> Any:
    """Fields that the document does not describe; `to_dict` returns them too."""
    try:
        return _read(model)
    except AttributeError:
        made: dict[str, Any] = {}
        _write(model, made)
        return made


# Most objects have no additional properties, and no lock is needed: two threads that read them first
# at the same time both get an empty dictionary. A `__getattr__` in place of this property would make
# all other attributes slower to read.
_lazy: Final = property(_made_at_first_use, _write, lambda model: _write(model, {}))
setattr(Model, "additional_properties", _lazy)


def to_jsonable(value: Any) -> Any:
    """Return a value that `json.dumps` can write: for its argument ``default``.

    A model becomes its JSON object, a time ISO 8601, a UUID its text. A `Decimal` becomes text, and
    so does every amount of a model, because `json.dumps` cannot write them exactly. For numbers use
    ``to_json()`` of the models; ``from_json`` reads both.

    Args:
        value: A value that `json.dumps` cannot write.

    Raises:
        TypeError: The value is not one of these, or is a model with a float.
        ValueError: The value is a Decimal that is not finite, or a time without a zone.
    """
    if isinstance(value, Model):
        found = value.to_dict()
        # `json.dumps` does not pass floats to `default`, and would write one that has lost digits.
        dump_json(found)
        return found
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime.datetime):
        return time_text(value, "to_jsonable")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if is_uuid(value):
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _lines(model: Any, indent: str) -> Iterator[str]:
    for field in fields(type(model)):
        value = getattr(model, field.name)
        if field.name == "additional_properties":
            for name, other in value.items():
                yield f"{indent}{_plain(name)}: {repr(other) if field.repr else '(hidden)'}"
        elif value is not UNSET:
            hidden = not field.repr and value is not None
            yield from _entry(f"{indent}{field.name}:", "(hidden)" if hidden else value, indent)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Model):
        yield head
        yield from _lines(value, f"{indent}  ")
    elif isinstance(value, list):
        yield f"{head} {'' if value else 'none'}".rstrip()
        for row in value[:_SHOWN]:
            found = [*_lines(row, "")] if isinstance(row, Model) else [_plain(row)]
            first, *rest = found or ["nothing"]
            yield f"{indent}  - {first}"
            yield from (f"{indent}    {line}" for line in rest)
        if len(value) > _SHOWN:
            yield f"{indent}  … and {len(value) - _SHOWN} more"
    else:
        yield f"{head} {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    # A text of the server must not move the cursor, or look like a line of ours.
    return text if text.isprintable() else repr(text)
