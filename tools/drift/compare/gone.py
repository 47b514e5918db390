"""Finds what a page showed when it was last accepted and no longer shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.drift.compare.context import parent
from tools.drift.compare.fields import altered
from tools.drift.compare.keys import SEPARATOR, field_path_of, keys
from tools.drift.compare.lists import EVENTS
from tools.drift.compare.words import difference
from tools.drift.differences import Kind, Severity
from tools.spec import Enumeration
from tools.spec.severity import alterations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.drift.compare.context import Context
    from tools.drift.differences import Difference
    from tools.spec import Shape

_LISTS = ("code", "event", "server", "value")


def gone(context: Context) -> Iterator[Difference]:
    """Yield what the document still has of what a page stopped showing."""
    if context.seen is None or context.reading.cut is not None:
        return
    now = _renamed(context, keys(context))
    for key in sorted(context.seen - now):
        kind, *parts = key.split(SEPARATOR)
        rule = _RULES.get(kind)
        if rule is None or _within_something_gone(context, kind, parts, now):
            continue
        yield from rule(context, parts)


def _renamed(context: Context, now: frozenset[str]) -> frozenset[str]:
    """Return the keys with the calls under the names that the document knows them by."""
    renamed = set(now)
    for owner, former in context.moved.items():
        renamed |= {key.replace(f" | {owner}", f" | {former}", 1) for key in now}
    return frozenset(renamed)


def _within_something_gone(
    context: Context, kind: str, parts: list[str], now: frozenset[str]
) -> bool:
    """Whether something that is told as a whole holds this: a call, an outer field, a list."""
    if kind in _LISTS:
        # A list that moved to another page says nothing of its members.
        subject = f"{parts[0]}{SEPARATOR}" if kind == "value" else ""
        return not any(key.startswith(f"{kind}{SEPARATOR}{subject}") for key in now)
    if kind == "operation":
        return False
    owner = parts[0]
    if context.cut(owner) or not any(SEPARATOR + owner + SEPARATOR in key for key in now):
        return True
    if kind == "response":
        return not any(key.startswith(f"response{SEPARATOR}{owner}{SEPARATOR}") for key in now)
    field_path = field_path_of(parts)
    field_key = SEPARATOR.join(("field", *field_path))
    if kind != "field":
        return field_key not in now
    outer = SEPARATOR.join(("field", *field_path._replace(path=parent(field_path.path))))
    return context.showed(outer) and outer not in now


def _operation(context: Context, parts: list[str]) -> Iterator[Difference]:
    (owner,) = parts
    operation = context.spec.operations.get(owner)
    if operation is not None:
        yield difference(
            context,
            Kind.OPERATION_REMOVED,
            Severity.BREAKING,
            None,
            context.name(owner),
            f"The page used to describe {owner}, and no longer does.",
            operation.line,
        )


def _answer(context: Context, parts: list[str]) -> Iterator[Difference]:
    owner, status = parts
    operation = context.operation(owner)
    if operation is not None and status in operation.responses:
        severity = Severity.BREAKING if status.startswith("2") else Severity.EDITORIAL
        yield difference(
            context,
            Kind.RESPONSE_REMOVED,
            severity,
            None,
            f"{context.name(owner)} answer {status}",
            f"The page used to list answers with the status {status}, and no longer does.",
            operation.line,
        )


def _field(context: Context, parts: list[str]) -> Iterator[Difference]:
    field_path = field_path_of(parts)
    field = context.field(field_path)
    if field is not None and field_path.path and not field_path.path.endswith("[]"):
        yield difference(
            context,
            Kind.FIELD_REMOVED,
            Severity.BREAKING,
            None,
            context.subject(field_path),
            "The page used to show this field, and no longer does.",
            field.line,
        )


def _attribute(change: Callable[[Shape, str], Shape]) -> Callable[..., Iterator[Difference]]:
    def rule(context: Context, parts: list[str]) -> Iterator[Difference]:
        field_path, value = field_path_of(parts), parts[-1]
        field = context.field(field_path)
        fact = context.shown.get(field_path)
        # What is stated otherwise now is told as a change.
        if field is None or fact is None or fact.shape.type not in {None, field.shape.type}:
            return
        for alteration in alterations(field_path.part, field.shape, change(field.shape, value)):
            if getattr(fact.shape, alteration.attribute, None) is None:
                yield altered(context, field, field_path, alteration)

    return rule


def _without_format(shape: Shape, value: str) -> Shape:
    return replace(shape, format=None) if shape.format == value else shape


def _without_pattern(shape: Shape, value: str) -> Shape:
    return replace(shape, pattern=None) if shape.pattern == value else shape


def _without_limit(shape: Shape, value: str) -> Shape:
    limits = {name: bound for name, bound in shape.limits.items() if name != value}
    return replace(shape, limits=limits)


def _value(context: Context, parts: list[str]) -> Iterator[Difference]:
    name, value = parts
    enumeration = context.spec.enumerations.get(name)
    if enumeration is None or value not in enumeration.values:
        return
    spellings = {reading.value for reading in enumeration.provenance.readings}
    shown = {key.rpartition(SEPARATOR)[2] for key in keys(context) if key.startswith("value")}
    if value not in spellings or not spellings & shown:
        yield difference(
            context,
            Kind.VALUE_REMOVED,
            Severity.BREAKING,
            None,
            f"{name}.{value}",
            f"The page used to list {value}, and no longer does.",
            enumeration.line,
        )


def _code(context: Context, parts: list[str]) -> Iterator[Difference]:
    (code,) = parts
    if code in context.spec.codes:
        yield difference(
            context,
            Kind.CODE_REMOVED,
            Severity.BREAKING,
            None,
            f"error code {code}",
            f"The page used to list the error code {code}, and no longer does.",
            context.spec.codes_line,
        )


def _event(context: Context, parts: list[str]) -> Iterator[Difference]:
    (name,) = parts
    place = context.spec.events.get(name) or context.spec.enumerations.get(EVENTS)
    if isinstance(place, Enumeration) and name not in place.values:
        return
    if place is not None:
        yield difference(
            context,
            Kind.EVENT_REMOVED,
            Severity.BREAKING,
            None,
            name,
            f"The page used to name the event {name}, and no longer does.",
            place.line,
        )


def _server(context: Context, parts: list[str]) -> Iterator[Difference]:
    (url,) = parts
    if url.rstrip("/") in {each.rstrip("/") for each in context.spec.servers}:
        yield difference(
            context,
            Kind.SERVER_REMOVED,
            Severity.BREAKING,
            None,
            url,
            f"The page used to send calls to {url}, and no longer does.",
            context.spec.lines.get("/servers"),
        )


_RULES: Mapping[str, Callable[[Context, list[str]], Iterator[Difference]]] = {
    "operation": _operation,
    "response": _answer,
    "field": _field,
    "format": _attribute(_without_format),
    "pattern": _attribute(_without_pattern),
    "limit": _attribute(_without_limit),
    "value": _value,
    "code": _code,
    "event": _event,
    "server": _server,
}
