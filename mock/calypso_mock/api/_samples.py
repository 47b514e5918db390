"""Make samples of what a document's schemas describe, from their examples where they have some."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Json = dict[str, Any]
    Schema = Mapping[str, Any]
    Resolve = Callable[[Schema], Schema]

MISSING = object()
_PLAIN: dict[str, Any] = {
    "array": [],
    "boolean": False,
    "integer": 0,
    "null": None,
    "number": 0,
    "string": "",
}
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "duration": "P1D",
    "email": "name@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
# What common patterns match; others need an example.
_TEXTS = ("0.0", "0.00", "+10000000000", *(c * n for c in "0aAx" for n in range(1, 65)))
_HEX = tuple("0x" + "0" * length for length in (40, 64))
_DEEPEST = 8
# How many schemas one sample visits. Schemas that refer to each other could go on without end.
_VISITS = 300
_LONGEST = 10_000
_MOST_ITEMS = 100


def parts(resolve: Resolve, schema: Schema) -> list[Schema]:
    """Return a schema and what its ``allOf`` is made of, parts first, each once."""
    found: list[Schema] = []
    seen: set[int] = set()

    def visit(node: Schema) -> None:
        target = resolve(node)
        if id(target) not in seen:
            seen.add(id(target))
            for part in target.get("allOf", ()):
                visit(part)
            found.append(target)

    visit(schema)
    return found


def kinds(resolve: Resolve, schema: Schema) -> frozenset[str]:
    """Return the JSON types that a schema names; none where it names none."""
    named = [part["type"] for part in parts(resolve, schema) if "type" in part]
    sets = [frozenset(each if isinstance(each, list) else [each]) for each in named]
    return frozenset.intersection(*sets) if sets else frozenset()


class Samples:
    """Makes samples of schemas.

    Args:
        resolve: Follows a reference of the document.
        is_valid: Whether a value is what a schema describes.
    """

    def __init__(self, resolve: Resolve, is_valid: Callable[[Schema, Any], bool]) -> None:
        self._resolved = resolve
        self._is_valid = is_valid
        self._left = 0

    def of(self, schema: Schema, *, needed: bool) -> Any:  # noqa: ANN401 - JSON
        """Return a sample of a schema, or ``MISSING``.

        Args:
            schema: Of the value.
            needed: Whether an invented value is better than none. It may break the schema then,
                where nothing was found that does not.
        """
        self._left = _VISITS
        return self._sample(schema, needed=needed, within=())

    def _sample(self, schema: Schema, *, needed: bool, within: tuple[str, ...]) -> Any:  # noqa: ANN401
        self._left -= 1
        name = str(schema.get("$ref", ""))
        # A schema within itself is not sampled again.
        if (name and name in within) or len(within) > _DEEPEST or self._left < 0:
            return self._plain(schema) if needed else MISSING
        target = {**self._resolved(schema), **schema}
        target.pop("$ref", None)
        for value in self._candidates(target, needed=needed, within=(*within, name)):
            if value is not MISSING and self._is_valid(schema, value):
                return value
        return self._plain(schema) if needed else MISSING

    def _plain(self, schema: Schema) -> Any:  # noqa: ANN401 - JSON
        return _PLAIN.get(self._kind(schema), {})

    def _kind(self, schema: Schema) -> str:
        """Return the type that a value is made of; null only where there is nothing else."""
        found = kinds(self._resolved, schema)
        return min(found, key=lambda kind: (kind == "null", kind), default="object")

    def _candidates(self, target: Json, *, needed: bool, within: tuple[str, ...]) -> Iterator[Any]:
        """Yield possible samples, best first."""
        yield from _given(target)
        options = [*target.get("oneOf", ()), *target.get("anyOf", ())]
        for part in sorted(options, key=lambda part: self._kind(part) == "null"):
            yield self._sample(part, needed=needed, within=within)
        yield self._object(target, needed=needed, within=within)
        if isinstance(target.get("items"), dict):
            yield self._list(target, needed=needed, within=within)
        for part in target.get("allOf", ()):
            yield self._sample(part, needed=needed, within=within)
        if needed:
            yield from self._made(target)

    def _object(self, target: Json, *, needed: bool, within: tuple[str, ...]) -> Any:  # noqa: ANN401
        found: Json = {}
        described = False
        for part in parts(self._resolved, target):
            for wire, node in part.get("properties", {}).items():
                described = True
                must = wire in part.get("required", ())
                value = self._sample(node, needed=must, within=within)
                if value is not MISSING:
                    found[wire] = value
        return found if found or (needed and described) else MISSING

    def _list(self, target: Json, *, needed: bool, within: tuple[str, ...]) -> Any:  # noqa: ANN401
        least = min(target.get("minItems", 0), _MOST_ITEMS)
        item = self._sample(target["items"], needed=needed and least > 0, within=within)
        if item is MISSING:
            return MISSING
        options = self._resolved(target["items"]).get("enum", ())
        if target.get("uniqueItems") and len(options) >= least > 1:
            return list(options[:least])
        return [item] * max(1, least)

    def _made(self, target: Json) -> Iterator[Any]:
        rules: Json = {}
        for part in parts(self._resolved, target):
            rules |= part
        kind = self._kind(target)
        if kind == "string":
            yield from _texts(rules)
        elif kind in {"integer", "number"}:
            yield from _numbers(rules)
        yield _PLAIN.get(kind, {})


def _given(target: Json) -> Iterator[Any]:
    examples = target.get("examples", ())
    yield from examples if isinstance(examples, list | tuple) else ()
    for key in ("example", "const"):
        if key in target:
            yield target[key]
    yield from sorted(target.get("enum", ()), key=lambda value: value is None)


def _texts(rules: Json) -> Iterator[str]:
    if "format" in rules:
        yield _FORMATS.get(rules["format"], "")
    yield ""
    yield "x" * min(rules.get("minLength", 0), _LONGEST)
    if "pattern" in rules:
        yield from (*_TEXTS, *_HEX, *_FORMATS.values())


def _numbers(rules: Json) -> Iterator[Any]:
    yield 0
    step = rules.get("multipleOf", 1)
    for key in ("minimum", "exclusiveMinimum"):
        if key in rules:
            yield rules[key]
            least = math.floor(Decimal(rules[key]) / Decimal(step)) * step
            yield from (least, least + step)
    for key in ("maximum", "exclusiveMaximum"):
        if key in rules:
            yield rules[key]
            most = math.ceil(Decimal(rules[key]) / Decimal(step)) * step
            yield from (most, most - step)
    if "exclusiveMinimum" in rules:
        bounds = [rules[key] for key in ("exclusiveMaximum", "maximum") if key in rules]
        yield sum(map(Decimal, [rules["exclusiveMinimum"], *bounds[:1]])) / 2
