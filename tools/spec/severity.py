"""How severe a change is for users of the current client."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.spec.model import Part, Shape


class Severity(StrEnum):
    """How severe a difference is for users of the current client."""

    BREAKING = "breaking"
    """Calls are rejected, responses can't be read, or something they rely on is removed."""
    ADDITIVE = "additive"
    """There is more than before; nothing that works stops working."""
    EDITORIAL = "editorial"
    """Words changed, or a person has to read the change."""


class Kind(StrEnum):
    """What differs. New and removed are relative to what was known before."""

    OPERATION_NEW = "operation new"
    OPERATION_REMOVED = "operation removed"
    PATH_CHANGED = "path changed"
    FIELD_NEW = "field new"
    FIELD_REMOVED = "field removed"
    TYPE_CHANGED = "type changed"
    FORMAT_CHANGED = "format changed"
    PATTERN_CHANGED = "pattern changed"
    LIMIT_CHANGED = "limit changed"
    REQUIRED_CHANGED = "required changed"
    VALUE_NEW = "value new"
    VALUE_REMOVED = "value removed"
    CODE_NEW = "error code new"
    CODE_REMOVED = "error code removed"
    EVENT_NEW = "event new"
    EVENT_REMOVED = "event removed"
    RESPONSE_NEW = "response new"
    RESPONSE_REMOVED = "response removed"
    SERVER_NEW = "host new"
    SERVER_REMOVED = "host removed"
    EXAMPLE_REJECTED = "example rejected"
    FIGURE_CHANGED = "figure changed"
    PAGE_REMOVED = "page removed"
    PAGE_MOVED = "page moved"
    PAGE_CHANGED = "page changed"


Bound = int | Decimal | None


class Alteration(NamedTuple):
    """A changed attribute of a field; None means that it was, or is, not stated."""

    kind: Kind
    severity: Severity
    attribute: str
    was: object
    now: object


_UPPER = ("maxLength", "maximum", "maxItems")
_WIDTHS = {"int32": 32, "int64": 64}


def new_field(part: Part, shape: Shape) -> Severity:
    """Return the severity of a new field."""
    if part == "request" and shape.required:
        return Severity.BREAKING
    return Severity.ADDITIVE


def alterations(part: Part, was: Shape, now: Shape) -> Iterator[Alteration]:
    """Yield what differs between two shapes of one field, except the members of enumerations."""
    if was.type != now.type:
        yield Alteration(
            Kind.TYPE_CHANGED, _type(part, was, now.type or ""), "type", was.type, now.type
        )
    elif was.format != now.format:
        severity = _format(part, was.format, now.format)
        yield Alteration(Kind.FORMAT_CHANGED, severity, "format", was.format, now.format)
    if was.pattern != now.pattern:
        tighter = part == "request" and now.pattern is not None
        severity = Severity.BREAKING if tighter else Severity.ADDITIVE
        yield Alteration(Kind.PATTERN_CHANGED, severity, "pattern", was.pattern, now.pattern)
    for name in sorted({*was.limits, *now.limits}):
        bounds = was.limits.get(name), now.limits.get(name)
        if bounds[0] != bounds[1]:
            severity = _limit(part, name, *bounds)
            yield Alteration(Kind.LIMIT_CHANGED, severity, name, *bounds)
    if bool(was.required) != bool(now.required):
        # A caller has to send more, or a reader gets less.
        harder = bool(now.required) == (part == "request")
        severity = Severity.BREAKING if harder else Severity.ADDITIVE
        yield Alteration(
            Kind.REQUIRED_CHANGED, severity, "required", bool(was.required), bool(now.required)
        )


def _type(part: Part, was: Shape, now: str) -> Severity:
    before, after = _types(was.type or ""), _types(now)
    if part != "request":
        # Null is read as absent, which an optional field may be.
        if after - before == {"null"} and not was.required:
            return Severity.ADDITIVE
        return Severity.ADDITIVE if after < before else Severity.BREAKING
    return Severity.ADDITIVE if after > before else Severity.BREAKING


def _types(joined: str) -> set[str]:
    found = set(joined.split("|"))
    return found | {"integer"} if "number" in found else found


def _format(part: Part, was: str | None, now: str | None) -> Severity:
    if was in _WIDTHS and now in _WIDTHS:
        tighter = part == "request" and _WIDTHS[now] < _WIDTHS[was]
    else:
        tighter = not (part == "request" and now is None)
    return Severity.BREAKING if tighter else Severity.ADDITIVE


def _limit(part: Part, name: str, was: Bound, now: Bound) -> Severity:
    if part != "request" or now is None:
        return Severity.ADDITIVE
    tighter = was is None or (now < was if name in _UPPER else now > was)
    return Severity.BREAKING if tighter else Severity.ADDITIVE
