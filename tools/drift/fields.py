"""Compares what is stated about one field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tools.drift.differences import ADDITION, BREAKING, INFORMATION, Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.model import Field

TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array"})
_FORMATS = frozenset({
    *("uuid", "int32", "int64", "date-time", "date", "email", "uri", "float", "double", "decimal"),
})  # fmt: skip
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def is_sent(where: str) -> bool:
    """Whether a field is one that the client sends."""
    return re.search(r" (?:request|header)\b", where) is not None


def effect_of_new_field(where: str, field: Field) -> str:
    """Return what a new field means: what has to be sent is not sent yet."""
    return BREAKING if is_sent(where) and field.required else ADDITION


def attributes(where: str, old: Field, new: Field, *, is_first: bool) -> Iterator[Difference]:
    """Yield what is stated otherwise.

    Args:
        where: The name of the field.
        old: What was stated.
        new: What is stated.
        is_first: `old` is the document, which knows more than a page states.
    """
    is_open = old.is_open or new.is_open
    yield from _types(where, old, new, is_first=is_first, is_open=is_open)
    yield from _required(where, old, new, is_first=is_first)
    yield from _bounds(where, old, new, is_silent=is_first or is_open)
    yield from _values(where, old, new, is_silent=is_first or is_open)
    if new.default != old.default and not (new.default is None and (is_first or is_open)):
        yield _difference("default", where, old.default, new.default, INFORMATION)
    if new.deprecated != old.deprecated and not (is_first and not new.deprecated):
        yield _difference(
            "deprecated", where, _yes(old.deprecated), _yes(new.deprecated), INFORMATION
        )


def _types(
    where: str, old: Field, new: Field, *, is_first: bool, is_open: bool
) -> Iterator[Difference]:
    was, now = _known(old.type), _known(new.type)
    if was and now and was != now and not (is_first and _fits(was, now, new)):
        effect = INFORMATION if _is_wider(where, was, now) else BREAKING
        yield _difference("type", where, old.type, new.type, effect)
    elif was != now and not (is_first or is_open):
        yield _difference("type", where, old.type, new.type, INFORMATION)
    else:
        yield from _formats(where, old, new, is_silent=is_first or is_open)
    if old.nullable is not None and new.nullable is not None and old.nullable != new.nullable:
        if is_first and not new.nullable:
            return
        harder = new.nullable != is_sent(where)
        effect = BREAKING if harder else INFORMATION
        yield _difference("type", where, _null(old), _null(new), effect)


def _formats(where: str, old: Field, new: Field, *, is_silent: bool) -> Iterator[Difference]:
    was, now = old.format, new.format
    if was == now or (now is None and is_silent):
        return
    if is_silent and (now not in _FORMATS or (was or "").startswith(now or "-")):
        return
    loosened = is_sent(where) and (now is None or (was, now) == ("int32", "int64"))
    unknown = not is_sent(where) and was is None
    effect = INFORMATION if loosened or unknown else BREAKING
    yield _difference("type", where, was, now, effect)


def _known(types: str | None) -> set[str]:
    return set((types or "").split("|")) & TYPES


def _fits(ours: set[str], theirs: set[str], new: Field) -> bool:
    """Whether the types of a page are those of the document; guides call integers numbers."""
    if theirs <= ours:
        return True
    return (
        not new.is_exact
        and {*ours, "number", "integer"} >= theirs
        and bool(ours & {"number", "integer"})
    )


def _is_wider(where: str, was: set[str], now: set[str]) -> bool:
    widths = {*now, "integer"} if "number" in now else now
    narrow = {*was, "integer"} if "number" in was else was
    return was <= widths if is_sent(where) else now <= narrow


def _required(where: str, old: Field, new: Field, *, is_first: bool) -> Iterator[Difference]:
    was, now = old.required, new.required
    is_known = not (is_first or old.is_open or new.is_open)
    if now is None and not (was and is_known):
        return
    if was == now or (was is None and (is_first or not now or old.is_open)):
        return
    harder = bool(now) == is_sent(where)
    effect = BREAKING if harder else INFORMATION
    yield _difference("required", where, _duty(was), _duty(now), effect)


def _bounds(where: str, old: Field, new: Field, *, is_silent: bool) -> Iterator[Difference]:
    for name in sorted({*old.bounds, *new.bounds}):
        was, now = old.bounds.get(name), new.bounds.get(name)
        if _number(was) == _number(now) or (now is None and is_silent):
            continue
        tighter = is_sent(where) and _is_tighter(name, was, now)
        yield _difference(
            "bounds",
            where,
            None if was is None else f"{name}: {was}",
            None if now is None else f"{name}: {now}",
            BREAKING if tighter else INFORMATION,
        )


def _is_tighter(name: str, was: str | None, now: str | None) -> bool:
    if now is None:
        return False
    before, after = _number(was), _number(now)
    if isinstance(before, float) and isinstance(after, float):
        return after < before if name in _UPPER else after > before
    return True


def _number(text: str | None) -> float | str | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _values(where: str, old: Field, new: Field, *, is_silent: bool) -> Iterator[Difference]:
    if is_silent and not old.values:
        return
    for value in new.values:
        if value not in old.values:
            yield _difference("value-added", where, None, value, ADDITION)
    if not is_silent and new.values:
        for value in old.values:
            if value not in new.values:
                yield _difference("value-removed", where, value, None, BREAKING)


def _difference(kind: str, where: str, old: Any, new: Any, effect: str) -> Difference:  # noqa: ANN401
    name = {"required": "", "value-added": "value ", "value-removed": "value "}.get(
        kind, f"{kind} "
    )
    if old is None:
        text = f"{where}: {name}{new} is new."
    elif new is None:
        text = f"{where}: {name}{old} is gone."
    else:
        text = f"{where}: {name}was {old} and is {new}."
    return Difference(kind, where, old, new, effect, text)


def _duty(required: bool | None) -> str:  # noqa: FBT001 - a value to show
    return "required" if required else "optional"


def _yes(value: bool) -> str | None:  # noqa: FBT001 - a value to show
    return "deprecated" if value else None


def _null(field: Field) -> str:
    return f"{field.type or 'any'}{' or null' if field.nullable else ''}"
