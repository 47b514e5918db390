"""YAML read as what JSON can hold.

Dates stay text, numbers keep their digits, keys are text as written, and only `true` and `false`
are booleans. All else is an error that names the line.
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
"""With what aliases repeat; the document of today has about 20,000."""

_MAX_EXPONENT = 300
_TAGS = "tag:yaml.org,2002:"
_TEXT = f"{_TAGS}str"
_MERGE = f"{_TAGS}merge"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")


def read(content: bytes, name: str) -> Any:  # noqa: ANN401 - whatever YAML can hold
    """Return what these bytes hold; `name` is what messages call them.

    Raises:
        GenerationError: When it is no YAML that JSON could hold; in one sentence, with the line.
    """
    try:
        _Measure().go_through(content)
        return _unshared(yaml.load(content, _Loader))  # noqa: S506 - safe, made stricter
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
    """A list or an object whose end has not come yet."""

    def __init__(self, *, is_object: bool, anchor: str | None) -> None:
        self.is_object = is_object
        self.anchor = anchor
        self.nodes = 1
        self.direct = 0


class _Measure:
    """Looks at YAML piece by piece, before anything is built: too deep a document ends libyaml."""

    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.sizes: dict[str, int] = {}

    def go_through(self, content: bytes) -> None:
        for event in yaml.parse(content, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.NodeEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                self._place(event, line)
                if isinstance(event, yaml.AliasEvent):
                    self._alias(str(event.anchor), line)
                else:
                    self._value(event, line)

    def _place(self, event: yaml.NodeEvent, line: int) -> None:
        around = self.open[-1] if self.open else None
        if around is None:
            return
        is_key = around.is_object and around.direct % 2 == 0
        if is_key and not isinstance(event, yaml.ScalarEvent):
            raise _Unfit(line, "a key is no text here; keys are texts, without ? and *")
        around.direct += 1

    def _alias(self, anchor: str, line: int) -> None:
        if any(each.anchor == anchor for each in self.open):
            raise _Unfit(line, f"an anchor stands within itself; write out what *{anchor} means")
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
    """Builds what JSON can hold; a key that stands twice is an error."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise _Unfit(line, f"the key {key.value!r} stands here twice; delete one")
            seen.add(key.value)
            if key.tag != _MERGE:
                # `404`, `true` and `null` are texts where they are keys.
                key.tag = _TEXT
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}


def _whole(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    if not _INTEGER.fullmatch(text):
        # YAML reads 010 as eight, and 1:30 as ninety.
        _refuse(node, f"{text} is no JSON number; put it in quotes if it is a text")
    if len(text) > _MAX_EXPONENT:
        _refuse(node, f"a number of {len(text)} digits is out of range")
    return int(text)


def _number(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> Decimal:
    text = str(loader.construct_scalar(node))
    try:
        found = Decimal(text)
    except InvalidOperation:
        # Infinity, NaN, and YAML's numbers to the base of 60.
        _refuse(node, f"{text} is no JSON number; put it in quotes if it is a text")
    if found and abs(found.adjusted()) > _MAX_EXPONENT:
        _refuse(node, f"{text} is out of range; write a number that a float can hold")
    return found


def _refuse(node: yaml.ScalarNode, why: str) -> NoReturn:
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


def _unshared(node: Any) -> Any:  # noqa: ANN401 - whatever YAML can hold
    # An anchor makes one object stand in several places; a change in one must not show in others.
    if isinstance(node, dict):
        return {key: _unshared(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_unshared(item) for item in node]
    return node
