"""Reads JSON and YAML, also where the end is missing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import jiter
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 40
_YAML = re.compile(r"(?:\s*(?:#.*|---)?\n)*[\"']?(?:openapi|swagger)[\"']?:")

_TOKEN = re.compile(r'[{\[\]}]|"(?:\\.|[^"\\])*"?', re.DOTALL)
_NESTING = {"{": 1, "[": 1, "}": -1, "]": -1}


class Tree(NamedTuple):
    """A value as far as it could be read.

    Attributes:
        open: Ids of the objects and arrays that had not ended when the text did.
        cut: Whether the end is missing.
    """

    value: Any
    open: frozenset[int] = frozenset()
    cut: bool = False


def read_json(text: str) -> Tree | None:
    """Return the value of a text that starts as JSON; None where it does not."""
    text = text.strip()
    if not text.startswith(("{", "[")):
        return None
    try:
        return Tree(json.loads(text))
    except (ValueError, RecursionError):
        pass
    try:
        value = jiter.from_json(text.encode(), partial_mode=True)
        # What comes last is open only if nothing follows, not even the beginning of a text.
        followed = jiter.from_json(text.encode(), partial_mode="trailing-strings")
    except (ValueError, RecursionError):
        return None
    return Tree(value, frozenset(map(id, _spine(value, followed))), cut=True)


def read_tree(text: str) -> Tree | None:
    """Return the value of JSON, or of YAML that starts with a key."""
    found = read_json(text)
    if found is not None or not _YAML.match(text):
        return found
    lines = text.splitlines()
    for end in range(len(lines), max(0, len(lines) - 5), -1):
        try:
            value = yaml.load("\n".join(lines[:end]), yaml.CSafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue
        if end == len(lines):
            return Tree(value)
        return Tree(value, frozenset(map(id, _spine(value, value))), cut=True)
    return None


def _spine(value: Any, followed: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """Yield the last value, the last within it, and so on: all that had not ended is there."""
    while isinstance(value, dict | list):
        yield value
        keys = list(followed) if isinstance(followed, dict) else range(len(followed))
        if not keys or keys[-1] not in (value if isinstance(value, dict) else range(len(value))):
            return
        value, followed = value[keys[-1]], followed[keys[-1]]


def type_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return JSON Schema's name for the type of a value."""
    if value is None:
        return "null"
    kinds = {bool: "boolean", str: "string", dict: "object", list: "array"}
    return kinds.get(type(value), "number")


def members(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the path and value of everything in a sample; of an array all items count as one."""
    if path:
        yield path, value
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from members(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, f"{path}[]", depth + 1)


def at(node: Any, pointer: str) -> Any:  # noqa: ANN401 - any node
    """Return the node at a pointer; None where there is none."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list):
            node = node[int(key)] if key.isdigit() and int(key) < len(node) else None
        else:
            node = node.get(key) if isinstance(node, dict) else None
    return node


def end_of_json(text: str, start: int) -> int:
    """Return where the JSON that starts at a position ends, or -1 where it does not end."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        depth += _NESTING.get(match[0], 0)
        if depth == 0:
            return match.end()
    return -1
