"""Match paths that have parameters, and read the parameters of the path and the query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from calypso_mock import _json

if TYPE_CHECKING:
    from collections.abc import Iterable

    Json = dict[str, Any]

_VARIABLE = re.compile(r"\{([^{}]*)\}")
# Servers commonly reject longer ones.
_LONGEST_PATH = 2_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation.

    Attributes:
        name: Its name.
        location: ``path`` or ``query``.
        types: The JSON types that it can have; of a list, those of its items.
        several: Whether it may occur several times.
    """

    name: str
    location: str
    types: frozenset[str]
    several: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A path with parameters.

    A regular expression could take quadratic time and worse, so each text between two parameters
    is searched for once, from left to right.

    Attributes:
        segments: Of each segment, the texts before, between and after its parameters.
        names: The names of all parameters in their order.
    """

    segments: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]

    def match(self, path: str) -> dict[str, str] | None:
        """Return the value of each parameter; None for another path."""
        given = path.split("/") if len(path) <= _LONGEST_PATH else []
        if len(given) != len(self.segments):
            return None
        found: list[str] = []
        for texts, segment in zip(self.segments, given, strict=True):
            values = _between(texts, segment)
            if values is None:
                return None
            found += values
        return dict(zip(self.names, found, strict=True))


def _between(texts: tuple[str, ...], segment: str) -> list[str] | None:
    """Return the values between some texts, none of them empty; None if there is no match."""
    first, *middle = texts
    if not segment.startswith(first):
        return None
    if not middle:
        return [] if segment == first else None
    *inner, last = middle
    found: list[str] = []
    start = len(first)
    end = len(segment) - len(last)
    for text in inner:
        position = segment.find(text, start + 1, end)
        if position < 0:
            return None
        found.append(segment[start:position])
        start = position + len(text)
    return [*found, segment[start:end]] if start < end and segment.endswith(last) else None


def route(path: str) -> Route | None:
    """Return the route of a path template; None for a path without parameters."""
    if "{" not in path:
        return None
    segments = tuple(tuple(_VARIABLE.split(each)[::2]) for each in path.split("/"))
    return Route(segments, tuple(_VARIABLE.findall(path)))


def read(parameters: Iterable[Parameter], route: Route | None, path: str, query: str) -> Json:
    """Return the parameters of a request by location and name, for their schemas to validate.

    A text that is not a value of its parameter's type stays a text, so that the schema rejects it.
    """
    named = (route.match(path) if route else None) or {}
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}}
    for each in parameters:
        texts = [text for name, text in pairs if name == each.name]
        if each.location == "path":
            texts = [named[each.name].replace("%2F", "/")] if each.name in named else []
        values = [_value(text, each.types) for text in texts]
        if values:
            given[each.location][each.name] = values if each.several else values[-1]
    return given


def _value(text: str, types: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    number = _json.number(text) if types & {"integer", "number"} else None
    whole = isinstance(number, int)
    return number if number is not None and (whole or "number" in types) else text
