"""YAML read as the values that JSON has.

Dates stay text, numbers keep their digits, keys are text as written, and only `true` and `false`
are booleans. Everything else is an error with its line.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from generator.problems import GenerationError

if TYPE_CHECKING:
    from collections.abc import Hashable

_MAX_DEPTH = 200
_MAX_NODES = 1_000_000
"""Counted with aliases expanded; today's document has about 20,000."""

_MAX_EXPONENT = 300
_TAGS = "tag:yaml.org,2002:"
_TEXT = f"{_TAGS}str"
_MERGE = f"{_TAGS}merge"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")


def read(content: bytes, name: str) -> Any:  # noqa: ANN401 - any YAML
    """Return the value in these bytes; `name` is the name of the file in messages.

    Raises:
        GenerationError: It is not YAML with JSON's values; one sentence, with the line.
    """
    try:
        _Measure().run(content)
        # An alias refers to the object of its anchor; a change of one must not change the other.
        return copied(yaml.load(content, _Loader))  # noqa: S506 - safe, made stricter
    except _Unfit as error:
        raise GenerationError(f"{name}:{error.line}: {error}") from None
    except yaml.YAMLError as error:
        raise GenerationError(_not_yaml(error, name)) from None


class _Unfit(Exception):  # noqa: N818 - `read` makes an error of it, which names the document
    """YAML that JSON can't hold: the line, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


class _Open:
    """A list or an object that has not ended yet."""

    def __init__(self, *, is_object: bool, anchor: str | None) -> None:
        self.is_object = is_object
        self.anchor = anchor
        self.nodes = 1
        self.direct = 0


class _Measure:
    """Measures YAML event by event, before it is built: deep nesting crashes libyaml."""

    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.sizes: dict[str, int] = {}

    def run(self, content: bytes) -> None:
        for event in yaml.parse(content, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.NodeEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                self._count_member(event, line)
                if isinstance(event, yaml.AliasEvent):
                    self._alias(str(event.anchor), line)
                else:
                    self._value(event, line)

    def _count_member(self, event: yaml.NodeEvent, line: int) -> None:
        around = self.open[-1] if self.open else None
        if around is None:
            return
        is_key = around.is_object and around.direct % 2 == 0
        if is_key and not isinstance(event, yaml.ScalarEvent):
            raise _Unfit(line, "a key is not text here; keys are text, without ? and *")
        around.direct += 1

    def _alias(self, anchor: str, line: int) -> None:
        if any(each.anchor == anchor for each in self.open):
            raise _Unfit(line, f"an anchor contains itself; write out what *{anchor} means")
        self._add(self.sizes.get(anchor, 1), line)

    def _value(self, event: Any, line: int) -> None:  # noqa: ANN401 - PyYAML's types lack the tag
        if event.tag not in (None, "!", _TEXT):
            tag = event.tag.replace(_TAGS, "!!")
            raise _Unfit(line, f"the tag {tag} is not supported; write the value without a tag")
        if isinstance(event, yaml.ScalarEvent):
            self._remember(event.anchor, 1)
            self._add(1, line)
            return
        is_object = isinstance(event, yaml.MappingStartEvent)
        self.open.append(_Open(is_object=is_object, anchor=event.anchor))
        if len(self.open) > _MAX_DEPTH:
            raise _Unfit(line, f"nests deeper than {_MAX_DEPTH} levels; write it flatter")

    def _close(self) -> None:
        closed = self.open.pop()
        self._remember(closed.anchor, closed.nodes)
        if self.open:
            self.open[-1].nodes += closed.nodes

    def _remember(self, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self.sizes[anchor] = size

    def _add(self, size: int, line: int) -> None:
        if not self.open:
            return
        self.open[-1].nodes += size
        if sum(each.nodes for each in self.open) > _MAX_NODES:
            why = f"holds more than {_MAX_NODES:,} values with what its aliases repeat"
            raise _Unfit(line, f"{why}; use fewer aliases")


class _Loader(yaml.CSafeLoader):
    """Builds JSON values; a key that occurs twice is an error."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise _Unfit(line, f"the key {key.value!r} occurs twice here; delete one")
            seen.add(key.value)
            if key.tag != _MERGE:
                # As keys, `404`, `true` and `null` are text.
                key.tag = _TEXT
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}


def _whole(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    if not _INTEGER.fullmatch(text):
        # YAML reads 010 as eight, and 1:30 as ninety.
        _reject(node, f"{text} is not a JSON number; put it in quotes if it is a text")
    if len(text) > _MAX_EXPONENT:
        _reject(node, f"a number of {len(text)} digits is out of range")
    return int(text)


def _number(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> Decimal:
    text = str(loader.construct_scalar(node))
    try:
        found = Decimal(text)
    except InvalidOperation:
        # Infinity, NaN, and YAML's numbers to the base of 60.
        _reject(node, f"{text} is not a JSON number; put it in quotes if it is a text")
    if found and abs(found.adjusted()) > _MAX_EXPONENT:
        _reject(node, f"{text} is out of range; write a number that a float can hold")
    return found


def _reject(node: yaml.ScalarNode, why: str) -> NoReturn:
    raise _Unfit(node.start_mark.line + 1, why) from None


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(f"{_TAGS}bool", re.compile("true$|false$"), list("tf"))
_Loader.add_constructor(f"{_TAGS}float", _number)
_Loader.add_constructor(f"{_TAGS}int", _whole)


def _not_yaml(error: yaml.YAMLError, name: str) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"{name}: not YAML: {' '.join(str(error).split())}"
    mark = error.problem_mark or error.context_mark
    place = f"{name}:{mark.line + 1}" if mark else name
    around = f" {error.context}" if error.context else ""
    if around and error.context_mark:
        around = f"{around} that begins in line {error.context_mark.line + 1}"
    return f"{place}: not YAML: {error.problem}{around}"


def copied(node: Any) -> Any:  # noqa: ANN401 - any YAML
    """Return a copy in which no two places share an object, in a quarter of `deepcopy`'s time."""
    if isinstance(node, dict):
        return {key: copied(value) for key, value in node.items()}
    if isinstance(node, list):
        return [copied(item) for item in node]
    return node
