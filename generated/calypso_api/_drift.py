"""Drift: what a response contains that the API document does not describe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from ._engine import Operation, RawResponse
from ._open_enum import OpenEnum


class Drift(NamedTuple):
    """Something in a response that the API document does not describe.

    It holds no data: the name of an unknown field, never its value.

    Attributes:
        operation: The operation's id in the document.
        kind: A new ``field``, a new ``value`` of an enum, a new ``status`` of the response, or the
            ``shape`` of a documented field: of another type, or null or absent although required.
        where: The path of the field, as in ``result[].newField``; empty for the response itself.
        value: The enum's value or the status; None for a field.
    """

    operation: str
    kind: Literal["field", "value", "status", "shape"]
    where: str
    value: str | int | None

    def __str__(self) -> str:
        if self.kind in ("field", "shape"):
            return f"field {self.where}" if self.kind == "field" else f"shape of {self.where}"
        return f"{self.kind} {self.value!r}" + (f" of {self.where}" if self.where else "")


def drift(operation: Operation[Any], response: RawResponse[Any]) -> list[Drift]:
    """Return the drift of a response, each item once however many rows have it.

    Args:
        operation: The operation that was called.
        response: Its response; what could not be read of it is not examined.
    """
    found: dict[Drift, None] = {}
    if operation.statuses and response.status not in operation.statuses:
        found[Drift(operation.name, "status", "", response.status)] = None
    for kind, where, value in _walk(response.parsed, ""):
        found[Drift(operation.name, kind, where, value)] = None
    return list(found)


def _walk(
    value: Any, where: str
) -> Iterator[tuple[Literal["field", "value", "shape"], str, str | None]]:
    if isinstance(value, OpenEnum):
        if not value.is_known:
            yield "value", where, str(value)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{where}[]")
    elif hasattr(value, "additional_properties"):
        model: Any = type(value)
        names, promised = _names(model), sys.modules[model.__module__]._PROMISED
        for name in value.additional_properties:
            yield "shape" if name in names.values() else "field", _below(where, name), None
        for attribute, name in names.items():
            member = getattr(value, attribute)
            if member is None and name in promised and name not in value.additional_properties:
                yield "shape", _below(where, name), None
            yield from _walk(member, _below(where, name))


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


@lru_cache
def _names(model: Any) -> Mapping[str, str]:
    """Return the name in JSON of each attribute of a model."""
    attributes = [attribute.name for attribute in model.__attrs_attrs__ if attribute.init]
    return dict(zip(attributes, sys.modules[model.__module__]._NAMES, strict=True))
