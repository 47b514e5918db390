"""Models as fields of Pydantic models and in routes of FastAPI.

This module is imported only when Pydantic asks for a schema.
"""

from __future__ import annotations

import datetime
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from importlib import import_module
from typing import Any, Final, Literal, Self, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from attrs import NOTHING, Attribute, fields

from ._model import Model, to_jsonable
from ._read import DecodeError, as_object
from .types import Unset

_AMOUNT: Final = r"^-?[0-9]+(\.[0-9]+)?$"
# Messages don't show longer names, or names that are not identifiers.
_LONGEST_NAME: Final = 40

# The models whose schemas are being made: a model may hold others of its kind.
_begun: Final = ContextVar[frozenset[str]]("begun", default=frozenset())


def core_schema(kind: type[Any], handler: Any) -> Any:
    """Return how Pydantic reads and writes a model.

    An instance is accepted unchanged; a mapping without floats is read with `from_dict`. In Python
    mode the model is serialized as itself, in JSON mode as its object, whose decimals are text.

    Args:
        kind: The model.
        handler: Pydantic's handler, which makes the schemas of nested models.
    """
    from pydantic_core import core_schema as build

    # In Pydantic's own form, so that all fields of this type share one definition.
    reference = f"{kind.__module__}.{kind.__qualname__}:{id(kind)}"
    if reference in _begun.get():
        return build.definition_reference_schema(reference)

    # Pydantic shows the names of these functions for the types of a union that it tried.
    def hide(value: Any) -> Any:
        return value if isinstance(value, kind) else _Hidden(value)

    def read(hidden: Any, _: Any) -> Any:
        return hidden if isinstance(hidden, kind) else _read(kind, hidden)

    hide.__name__ = read.__name__ = kind.__name__
    with _beginning(reference):
        shape = _shape(kind, handler)
    # The shape is for the JSON schema only; it neither validates nor serializes.
    inner = build.no_info_wrap_validator_function(read, shape)
    return build.no_info_before_validator_function(
        hide,
        inner,
        ref=reference,
        serialization=build.plain_serializer_function_ser_schema(_write, info_arg=True),
    )


@contextmanager
def _beginning(reference: str) -> Iterator[None]:
    token = _begun.set(_begun.get() | {reference})
    try:
        yield
    finally:
        _begun.reset(token)


class _Hidden(str):
    """Hides an input, because Pydantic shows inputs that could not be read in its errors."""

    __slots__ = ("_value",)
    _value: Any

    def __new__(cls, value: Any) -> Self:
        hidden = super().__new__(cls, f"(hidden: {type(value).__name__})")
        hidden._value = value
        return hidden

    def take(self) -> Any:
        """Return the input, once."""
        value, self._value = self._value, None
        return value


def _read(kind: type[Any], hidden: _Hidden) -> Any:
    from pydantic_core import PydanticCustomError

    try:
        document = as_object(hidden.take(), kind.__name__)
        for path in _floats(document, kind.__name__):
            raise DecodeError(
                f"{path}: a number with a fraction or an exponent was parsed as a float, which may "
                f"have lost digits; send it as text, or read the JSON with {kind.__name__}.from_json"
            )
        return kind.from_dict(document)
    except DecodeError as error:
        problem = str(error)
    except RecursionError:
        problem = f"{kind.__name__}: nested too deeply"
    # Raised here, and as another error: the original one may hold rows with secrets.
    raise PydanticCustomError("calypso_decode_error", "{problem}", {"problem": problem})


def _floats(value: Any, where: str) -> Iterator[str]:
    """Yield the path of each float, in unknown fields too, since those may be amounts."""
    if isinstance(value, float):
        yield where
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _floats(item, f"{where}.{_shown(name)}")
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _floats(item, f"{where}[{number}]")


def _shown(name: Any) -> str:
    plain = isinstance(name, str) and len(name) <= _LONGEST_NAME and name.isidentifier()
    return str(name) if plain else "?"


def _write(value: Any, info: Any) -> Any:
    from pydantic_core import PydanticSerializationUnexpectedValue

    if not isinstance(value, Model):
        raise PydanticSerializationUnexpectedValue("expected a model of calypso_pay")
    if info.mode != "json":
        return value
    document = value.to_dict()
    for path in _floats(document, type(value).__name__):
        raise TypeError(f"{path}: a float has lost digits already; use decimal.Decimal")
    return _exact(document)


def _exact(value: Any) -> Any:
    """Return JSON in which every decimal is text."""
    if isinstance(value, dict):
        return {_key(name): _exact(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(item) for item in value]
    return value if value is None or isinstance(value, (str, int)) else to_jsonable(value)


def _key(name: Any) -> str:
    if isinstance(name, str):
        return name
    raise TypeError(f"keys of JSON objects are text, not {type(name).__name__}")


def _shape(kind: type[Any], handler: Any) -> Any:
    from pydantic_core import core_schema as build

    # The JSON does not have the attributes of subclasses.
    package = f"{__package__}.models."
    generated = next(base for base in kind.__mro__ if base.__module__.startswith(package))
    hints = get_type_hints(generated, localns=_Names())
    members = {
        name: build.typed_dict_field(
            _any_of(_in_json(field, hints[field.name]), handler), required=field.default is NOTHING
        )
        for name, field in _by_json_name(generated).items()
    }
    about = (kind.__doc__ or "").partition("\n")[0]
    # The title and the description of a JSON schema come from a class. Pydantic 2.8 accepts none.
    accepts_class = "cls" in build.TypedDictSchema.__annotations__
    named: Any = {"cls": type(kind.__name__, (), {"__doc__": about})} if accepts_class else {}
    return build.typed_dict_schema(members, **named)


def _by_json_name(generated: type[Any]) -> dict[str, Attribute[Any]]:
    """Return the fields of a model by their JSON names, in the model's order."""
    module: Any = sys.modules[generated.__module__]
    found = [field for field in fields(generated) if field.init]
    return dict(zip(module._NAMES, found, strict=True))


class _Names(dict[str, Any]):
    """The names in annotations of models that their modules import for type checkers only."""

    def __missing__(self, name: str) -> Any:
        if name == "UUID":
            return UUID
        models = import_module(f"{__package__}.models")
        if name in models.__all__:
            return getattr(models, name)
        raise KeyError(name)


def _in_json(field: Attribute[Any], hint: Any) -> list[Any]:
    """Return the types of a field in JSON, without those that mean that it is absent."""
    absent = (Unset, type(None) if field.default is None else Unset)
    kinds = [each for each in _alternatives(hint) if each not in absent] or [hint]
    models = [each for each in kinds if isinstance(each, type) and issubclass(each, Model)]
    # In Python a sequence can be given for a filter: `to_dict` makes it one.
    is_filter = any(get_origin(each) is Sequence for each in kinds)
    return models if models and is_filter else kinds


def _alternatives(hint: Any) -> list[Any]:
    is_union = get_origin(hint) in (Union, types.UnionType)
    return list(get_args(hint)) if is_union else [hint]


def _any_of(kinds: list[Any], handler: Any) -> Any:
    from pydantic_core import core_schema as build

    choices: list[Any] = []
    for kind in kinds:
        choice = _one(kind, handler)
        if choice not in choices:
            choices.append(choice)
    return build.union_schema(choices) if len(choices) > 1 else choices[0]


def _one(kind: Any, handler: Any) -> Any:
    from pydantic_core import core_schema as build

    if get_origin(kind) is list:
        (items,) = get_args(kind)
        return build.list_schema(_any_of(_alternatives(items), handler))
    if get_origin(kind) is Literal:
        return build.literal_schema(list(get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, Model):
        return handler.generate_schema(kind)
    plain = {
        # Enums too: the server may have more values than the document.
        str: build.str_schema(),
        bool: build.bool_schema(),
        int: build.int_schema(),
        Decimal: build.str_schema(pattern=_AMOUNT),
        datetime.datetime: build.datetime_schema(),
        datetime.date: build.date_schema(),
        UUID: build.str_schema(),
        type(None): build.none_schema(),
    }
    found = [plain[base] for base in getattr(kind, "__mro__", ()) if base in plain]
    return found[0] if found else build.any_schema()
