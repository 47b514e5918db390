"""Find differences between a server's responses and the document."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.contract import document, schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.contract.session import Exchange

    Json = dict[str, Any]


class Drift(NamedTuple):
    """A difference between the document and a server.

    Attributes:
        operation: The operation that responded.
        kind: ``unknown field``, ``missing field``, ``unknown value`` or ``undocumented status``.
        where: The path of the field, such as ``result[].currency``.
        what: The value or the status; empty for a field, whose value may be private.
    """

    operation: str
    kind: str
    where: str
    what: str = ""

    def __str__(self) -> str:
        parts = (f"{self.operation}: {self.kind}", self.where, self.what)
        return " ".join(each for each in parts if each)


def count(exchanges: Iterable[Exchange]) -> Counter[Drift]:
    """Return each difference, and how many responses show it."""
    return Counter(each for exchange in exchanges for each in set(of(exchange)))


def of(exchange: Exchange) -> Iterator[Drift]:
    """Yield the differences that one response shows."""
    label = exchange.label
    if label not in document.routes() or not exchange.status:
        return
    if exchange.status not in schemas.statuses(label):
        yield Drift(label, "undocumented status", "", str(exchange.status))
        return
    schema = schemas.response_schema(label, exchange.status)
    try:
        body = exchange.json()
    except (ValueError, ArithmeticError, RecursionError):
        return
    if schema is not None:
        for kind, where, what in _walk(schema, body, ""):
            yield Drift(label, kind, where, what)


def _walk(schema: Json, value: object, where: str) -> Iterator[tuple[str, str, str]]:
    schema = schemas.of(schema, value)
    if isinstance(value, dict) and "properties" in schema:
        yield from _members(schema, value, where)
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            yield from _walk(schema["items"], item, f"{where}[]")
    elif isinstance(value, str) and value not in schema.get("enum", [value]):
        yield "unknown value", where, value


def _members(schema: Json, value: Json, where: str) -> Iterator[tuple[str, str, str]]:
    known = schema["properties"]
    prefix = f"{where}." if where else ""
    for name in schema.get("required", []):
        if name not in value:
            yield "missing field", f"{prefix}{name}", ""
    for name, member in value.items():
        if name in known:
            yield from _walk(known[name], member, f"{prefix}{name}")
        elif "additionalProperties" not in schema:
            yield "unknown field", f"{prefix}{name}", ""
