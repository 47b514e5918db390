"""Reads JSON and YAML of which the end may be missing, and tells what it would have touched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jiter
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_YAML_LIMIT = 1_000_000
_YAML_DEPTH = 64

_UNFINISHED = b"0123456789+-.eE \t\r\n"
"""What a number at the end is made of: `12` may be the beginning of `128`."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?+|[][{}]', re.DOTALL)
_PLACE = re.compile(r"at line (\d+) column (\d+)$")
_INTEGER = re.compile(r"[-+]?[0-9]{1,1000}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,6})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Partial:
    """As much of a document as could be read.

    Attributes:
        tree: Objects, arrays and values; a value that was not all there is left out.
        cut: Something is missing: the end, or all that comes after a damaged place.
    """

    tree: Any
    cut: bool = False
    open_ids: frozenset[int] = frozenset()

    def is_open(self, node: object) -> bool:
        """Return whether an object or array had not ended yet, so that more belongs to it."""
        return id(node) in self.open_ids


def read(text: str) -> Partial:
    """Read JSON, if the text begins as an object does, or YAML.

    YAML has no brackets that miss their partners: a text without a line feed at its end counts as
    cut in its last line. Aliases are not followed, for a few lines of them unfold without end.
    """
    return _read_json(text) if text.lstrip().startswith("{") else _read_yaml(text)


def _read_json(text: str) -> Partial:
    content = text.encode("utf-8", "replace")
    try:
        return Partial(jiter.from_json(content, float_mode="decimal", allow_inf_nan=False))
    except ValueError:
        return _read_json_prefix(content)


def _read_json_prefix(content: bytes) -> Partial:
    for _ in range(4):  # the place of an error may lie a little behind what caused it
        content = content.rstrip(_UNFINISHED)
        try:
            tree = jiter.from_json(
                content, partial_mode="on", float_mode="decimal", allow_inf_nan=False
            )
        except ValueError as error:
            content = content[: _offset(content, str(error))]
        else:
            return Partial(tree, cut=True, open_ids=frozenset(_open_json(content, tree)))
    return Partial(None, cut=True)


def _offset(content: bytes, message: str) -> int:
    """Return where the parser stumbled, which is before the last byte at any rate."""
    place = _PLACE.search(message)
    if place is None:
        return 0
    line, column = map(int, place.groups())
    start = 0
    for _ in range(line - 1):
        start = content.find(b"\n", start) + 1
    return max(0, min(start + column - 1, len(content) - 1))


def _open_json(content: bytes, tree: object) -> Iterator[int]:
    """Walk down the last values: as many of them are open as brackets miss their partners."""
    depth = 0
    for token in _BRACKETS.finditer(content):
        match token[0]:
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth = max(0, depth - 1)
    while depth and isinstance(tree, (dict, list)):
        yield id(tree)
        depth -= 1
        tree = _last(tree)


def _last(node: dict[str, object] | list[object]) -> object:
    members = node.values() if isinstance(node, dict) else node
    return next(reversed(members), None)


def _read_yaml(text: str) -> Partial:
    cut = not text.endswith("\n") or len(text) > _YAML_LIMIT
    if cut:
        text = text[: text.rfind("\n", 0, _YAML_LIMIT) + 1]
    builder = _Builder(end=len(text.rstrip()) if cut else None)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            builder.take(event)
    except (yaml.YAMLError, ValueError, RecursionError):
        cut = True
    return Partial(builder.tree, cut=cut, open_ids=builder.open_ids)


class _Builder:
    """Builds a tree of events, so that it stands as far as it goes when the events break off.

    Args:
        end: Where a text that was cut ends: what reaches up to there may have gone on.
    """

    def __init__(self, end: int | None) -> None:
        self._end = end
        self._root: list[Any] = []
        self._stack: list[Any] = [self._root]
        self._keys: list[str | None] = [None]
        self._ended_late: set[int] = set()

    @property
    def tree(self) -> Any:  # noqa: ANN401 - a parsed document is anything
        return self._root[0] if self._root else None

    @property
    def open_ids(self) -> frozenset[int]:
        return frozenset(self._ended_late.union(map(id, self._stack[1:])))

    def take(self, event: yaml.Event) -> None:
        """Add what an event tells.

        Raises:
            YAMLError: When the event is one that a description of an API has no use for.
        """
        match event:
            case yaml.MappingStartEvent():
                self._begin({})
            case yaml.SequenceStartEvent():
                self._begin([])
            case yaml.CollectionEndEvent():
                self._finish(late=self._is_late(event.start_mark))
            case yaml.ScalarEvent():
                self._put_scalar(event)
            case yaml.AliasEvent():
                raise yaml.YAMLError("an alias")

    def _is_late(self, mark: object) -> bool:
        return self._end is not None and getattr(mark, "index", 0) >= self._end

    def _begin(self, node: dict[str, Any] | list[Any]) -> None:
        if len(self._stack) > _YAML_DEPTH or (self._root and len(self._stack) == 1):
            raise yaml.YAMLError("nested too deep, or a second document")
        if isinstance(self._stack[-1], dict) and self._keys[-1] is None:
            raise yaml.YAMLError("a key that is no text")
        self._put(node)
        self._stack.append(node)
        self._keys.append(None)

    def _finish(self, *, late: bool) -> None:
        node = self._stack.pop()
        self._keys.pop()
        if late:
            self._ended_late.add(id(node))

    def _put_scalar(self, event: yaml.ScalarEvent) -> None:
        if isinstance(self._stack[-1], dict) and self._keys[-1] is None:
            self._keys[-1] = event.value
        elif self._is_late(event.end_mark):
            self._keys[-1] = None
        else:
            self._put(_resolved(event.value) if event.implicit[0] else event.value)

    def _put(self, value: object) -> None:
        holder = self._stack[-1]
        if isinstance(holder, dict):
            holder[self._keys[-1]] = value
            self._keys[-1] = None
        else:
            holder.append(value)


def _resolved(text: str) -> object:
    """Return what a plain scalar means; no more than JSON knows, so that a date stays a text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else text
