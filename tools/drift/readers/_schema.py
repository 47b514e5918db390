"""Flattens a JSON Schema, of which parts may be missing, into the fields of a body."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from tools.spec.fields import IMPLIED, LIMITS
from tools.spec.model import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.drift.readers._partial import Partial

Node = dict[str, Any]

LONGEST_NAME = 200
_DEEPEST = 32
_EFFORT = 200_000
"""How many nodes are looked at for one document; honest ones need some hundreds."""

_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})


def as_object(node: object) -> Node:
    """Return an object as it is, and an empty one for anything else."""
    return node if isinstance(node, dict) else {}


def as_array(node: object) -> list[Any]:
    """Return an array as it is, and an empty one for anything else."""
    return node if isinstance(node, list) else []


def as_text(node: object) -> str:
    """Return a text as it is, and an empty one for anything else."""
    return node if isinstance(node, str) else ""


class _Merged(NamedTuple):
    """A schema and those that it is made of, itself first.

    Attributes:
        choices: Of `oneOf` or `anyOf`, where there are several.
        names: The references that were followed.
        whole: Nothing of it is missing.
    """

    parts: list[Node]
    choices: list[Any]
    names: frozenset[str]
    whole: bool


class Schemas:
    """Reads the schemas of one document.

    Attributes:
        gaps: Whether something could not be followed since the caller last reset it.
    """

    def __init__(self, document: Partial) -> None:
        self._document = document
        self._effort = _EFFORT
        self.gaps = False

    def resolve(self, node: object) -> Node:
        """Follow references to an object; an empty one where they lead nowhere."""
        for _ in range(_DEEPEST):
            if "$ref" not in as_object(node):
                return as_object(node)
            node = self._target(as_text(as_object(node)["$ref"]))
        self.gaps = True
        return {}

    def shape(self, schema: object, *, required: bool | None = None) -> Shape:
        """Return what a schema says of its value itself, not of what is in it."""
        merged = self._merge(schema)
        parts = merged.parts
        form = _first(part.get("format") for part in parts)
        return Shape(
            type=self._type(merged),
            format=form,
            pattern=_first(part.get("pattern") for part in parts),
            required=required,
            values=next(filter(None, map(self._values, parts)), None),
            limits=_limits(parts, IMPLIED.get(form or "", {})),
        )

    def fields(self, schema: object) -> Iterator[tuple[str, Shape]]:
        """Yield the fields of a body by path; a reference back to an outer schema ends there."""
        yield from self._members("", schema, frozenset(), 0)

    def _members(
        self, path: str, schema: object, seen: frozenset[str], depth: int
    ) -> Iterator[tuple[str, Shape]]:
        merged = self._merge(schema)
        if merged.names & seen:
            return
        if depth > _DEEPEST or self._effort <= 0:
            self.gaps = True
            return
        for place, child, required in self._children(path, merged):
            yield place, self.shape(child, required=required)
            yield from self._members(place, child, seen | merged.names, depth + 1)
        for choice in merged.choices:
            for place, shape in self._members(path, choice, seen | merged.names, depth + 1):
                yield place, replace(shape, required=None)

    def _children(
        self, path: str, merged: _Merged
    ) -> Iterator[tuple[str, dict[str, Any], bool | None]]:
        required, known = self._required(merged)
        for name, child in self._properties(merged.parts):
            place = f"{path}.{name}" if path else name
            yield place, child, name in required or (False if known else None)
        for keyword, step in (("items", f"{path}[]"), ("additionalProperties", f"{path}.*")):
            inner = [part[keyword] for part in merged.parts if as_object(part.get(keyword))]
            if inner:
                yield step.removeprefix("."), _all_of(inner), None

    def _properties(self, parts: Iterable[Node]) -> Iterator[tuple[str, Node]]:
        found: dict[str, list[Any]] = {}
        for part in parts:
            for name, child in as_object(part.get("properties")).items():
                found.setdefault(name, []).append(child)
        for name, children in found.items():
            if self._effort > 0 and len(name) <= LONGEST_NAME:
                yield name, _all_of(children)
            else:
                self.gaps = True

    def _required(self, merged: _Merged) -> tuple[set[str], bool]:
        """Return the names that are listed, and whether these are all."""
        names: set[str] = set()
        known = merged.whole and not merged.choices
        for part in merged.parts:
            listed = part.get("required", [])
            known = known and isinstance(listed, list)
            names.update(map(as_text, self._spent(as_array(listed))))
        return names, known

    def _merge(self, schema: object) -> _Merged:
        """Collect what a schema refers to and is made of, each once."""
        parts: list[Node] = []
        choices: list[Any] = []
        names: set[str] = set()
        whole = True
        queue = [schema]
        for node in queue:
            if not isinstance(node, dict):
                continue
            parts.append(node)
            self._effort -= 1
            if self._document.is_open(node):
                # What it says itself may yet overrule what it refers to.
                whole = False
                continue
            if "$ref" in node and (name := as_text(node["$ref"])) not in names:
                names.add(name)
                target = self._target(name)
                whole = whole and isinstance(target, dict)
                queue.append(target)
            queue += self._spent(as_array(node.get("allOf")))
            some = self._choices(node)
            (queue if len(some) == 1 else choices).extend(some)
        return _Merged(parts, choices, frozenset(names), whole)

    def _choices(self, node: Node) -> list[Any]:
        listed = as_array(node.get("oneOf")) or as_array(node.get("anyOf"))
        return [each for each in self._spent(listed) if as_object(each).get("type") != "null"]

    def _type(self, merged: _Merged) -> str | None:
        if not merged.whole:
            return None
        stated = _own_type(merged.parts)
        if merged.choices:
            each = [_own_type(self._merge(choice).parts) for choice in merged.choices]
            stated = stated or (set().union(*filter(None, each)) if all(each) else None)
        if stated and any(map(_is_nullable, merged.parts)):
            stated = stated | {"null"}
        return "|".join(sorted(stated)) if stated else None

    def _values(self, part: Node) -> tuple[str, ...] | None:
        listed = [part["const"]] if "const" in part else as_array(part.get("enum"))
        if not listed or self._document.is_open(listed):
            return None
        plain = (each for each in self._spent(listed) if not isinstance(each, (dict, list)))
        return tuple(_written(each) for each in plain if each is not None) or None

    def _target(self, reference: str) -> object:
        """Return what a reference within the document leads to, else None."""
        start, *steps = reference.split("/", 16)
        node: object = self._document.tree if start == "#" else None
        for step in steps:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            node = as_object(node).get(name)
        self.gaps = self.gaps or not isinstance(node, dict)
        return node

    def _spent(self, listed: list[Any]) -> list[Any]:
        """Return a list, or as much of it as there is effort left to look at."""
        allowed = listed[: max(0, self._effort)]
        self._effort -= len(allowed)
        self.gaps = self.gaps or len(allowed) < len(listed)
        return allowed


def _all_of(schemas: list[Any]) -> Node:
    only = schemas[0]
    return only if len(schemas) == 1 and isinstance(only, dict) else {"allOf": schemas}


def _first(values: Iterable[object]) -> str | None:
    return next((each for each in values if isinstance(each, str)), None)


def _own_type(parts: list[Node]) -> set[str] | None:
    """Return the types that the first part to speak of them states."""
    for part in parts:
        given = part.get("type")
        named = {given} if isinstance(given, str) else set(map(as_text, as_array(given)))
        if named & _TYPES:
            return named & _TYPES
    shaped = any(as_object(part.get("properties")) for part in parts)
    return {"object"} if shaped else None


def _is_nullable(part: Node) -> bool:
    listed = as_array(part.get("oneOf")) or as_array(part.get("anyOf"))
    null = any(as_object(each).get("type") == "null" for each in listed[:_DEEPEST])
    return null or part.get("nullable") is True


def _limits(parts: list[Node], implied: Node) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for name in LIMITS:
            bound = _whole_number(part.get(name))
            if bound is not None and bound != implied.get(name):
                found.setdefault(name, bound)
    return found


def _whole_number(value: object) -> int | None:
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() <= LONGEST_NAME:
        return int(value) if value == value.to_integral_value() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
