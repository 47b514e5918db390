"""Samples in JSON, and what they are samples of."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from tools.drift.facts import CodeFact, EventFact, ExampleFact
from tools.drift.readers._words import is_event, is_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.drift.facts import Fact

_CODE = re.compile(r"[0-9]{3}")
_PLACEHOLDERS = frozenset({"string", "text"})
_SPACE = re.compile(r"\s*")
# Keys that only the envelope of a request has two of.
_ENVELOPE = frozenset({"account", "timestamp", "payload"})


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def values(text: str) -> list[Any]:
    """Return the objects and arrays that a text consists of, one after another.

    Returns:
        Nothing when anything else stands in it: then it is no sample in JSON.
    """
    found: list[Any] = []
    at = _skip(text, 0)
    while at < len(text):
        if text[at] not in "{[":
            return []
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, ArithmeticError, RecursionError):
            return []
        found.append(value)
        at = _skip(text, at)
    return found


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def is_request(value: object) -> bool:
    """Tell whether a sample has the envelope of a request around it."""
    return isinstance(value, dict) and len(_ENVELOPE & value.keys()) > 1


def speaks_for_itself(value: object) -> bool:
    """Tell whether a sample is an event or an error: such belong to no call."""
    return isinstance(value, dict) and (
        "errorCode" in value or ("eventType" in value and "data" in value)
    )


def facts_of(line: int, value: Mapping[str, Any]) -> list[Fact]:
    """Return what a sample that speaks for itself states; one full of placeholders says nothing."""
    if "errorCode" in value:
        return _error(line, value)
    name = value["eventType"]
    if not isinstance(name, str) or not is_value(name):
        return []
    event: list[Fact] = [EventFact(line, name)] if is_event(name) else []
    return [*event, ExampleFact(line, name, "event", value)]


def _error(line: int, value: Mapping[str, Any]) -> list[Fact]:
    code, message = value["errorCode"], value.get("message")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return []
    said = message if isinstance(message, str) and message not in _PLACEHOLDERS else ""
    return [CodeFact(line, code, said)]
