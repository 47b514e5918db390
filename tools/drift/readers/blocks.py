"""Reads the small OpenAPI documents that the vendor's pages hold, one block for each call."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.drift.facts import AnswerFact, ExampleFact, FieldFact, OperationFact, ServerFact
from tools.drift.readers import _partial, _periods
from tools.drift.readers._schema import LONGEST_NAME, Schemas, as_array, as_object, as_text
from tools.spec.model import FieldPath, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.facts import Fact
    from tools.drift.readers._partial import Partial
    from tools.spec.model import Part

# JSON may have its keys in any order, and the block may break off before the one that tells.
_REFERENCE = re.compile(
    r'\s*(?:\{.*?"(?:openapi"\s*:\s*"|paths"\s*:\s*\{\s*"/)|(?:#[^\n]*\n\s*)*"?openapi"?:)',
    re.DOTALL,
)
_EFFORT = 200_000
_STATUS = re.compile(r"[1-5][0-9][0-9]")
_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_OF_EVERY_CALL = frozenset(
    {"key", "sign", "content-type", "accept", "content-length", "host", "user-agent"}
)
"""Headers that belong to signing and to HTTP; calls are not described by them."""


def is_reference(text: str) -> bool:
    """Return whether the text of a block is an OpenAPI document, going by the keys it has."""
    return _REFERENCE.match(text) is not None


def read(line: int, text: str) -> tuple[list[Fact], bool]:
    """Return what an OpenAPI document states, and whether it was cut off.

    A document that breaks off states less, never something else: what the missing part might have
    changed is left unsaid. Facts before a damaged place are read, too.

    Args:
        line: Line of the page at which the text begins; all facts carry it.
        text: OpenAPI 3.0 or 3.1 as JSON or as YAML. YAML without a line feed at its end counts as
            cut within its last line.
    """
    document = _partial.read(text)
    return list(_Block(line, document).facts()), document.cut


class _Block:
    """One document on its way to become facts."""

    def __init__(self, line: int, document: Partial) -> None:
        self._line = line
        self._document = document
        self._schemas = Schemas(document)

    def facts(self) -> Iterator[Fact]:
        root = as_object(self._document.tree)
        yield from self._periods(root)
        for server in as_array(root.get("servers")):
            url = as_text(as_object(server).get("url")).rstrip("/")
            if url:
                yield ServerFact(self._line, url)
        for path, item in as_object(root.get("paths")).items():
            for verb in _VERBS:
                if path.startswith("/") and isinstance(as_object(item).get(verb), dict):
                    yield from self._operation(f"{verb.upper()} {path}", item, item[verb])

    def _periods(self, root: dict[str, Any]) -> Iterator[Fact]:
        """Find lengths of time in descriptions; their other words may change as they like."""
        left, open_nodes = _EFFORT, [root]
        while open_nodes and left:
            left -= 1
            node: Any = open_nodes.pop()
            if isinstance(node, dict):
                yield from _periods.read(self._line, as_text(node.get("description")))
            open_nodes += node.values() if isinstance(node, dict) else as_array(node)

    def _operation(
        self, owner: str, item: dict[str, Any], operation: dict[str, Any]
    ) -> Iterator[Fact]:
        self._schemas.gaps = False
        details = [
            *self._parameters(owner, [operation.get("parameters"), item.get("parameters")]),
            *self._body(owner, "request", [operation.get("requestBody")]),
            *self._answers(owner, as_object(operation.get("responses"))),
        ]
        yield OperationFact(
            self._line,
            owner,
            title=as_text(operation.get("summary")),
            operation_id=as_text(operation.get("operationId")),
            cut=self._document.cut or self._schemas.gaps,
        )
        yield from details

    def _parameters(self, owner: str, lists: list[Any]) -> Iterator[Fact]:
        seen = set()
        for given in (each for some in lists for each in as_array(some)):
            parameter = self._schemas.resolve(given)
            where, name = as_text(parameter.get("in")), as_text(parameter.get("name"))
            known = not where or not name or len(name) > LONGEST_NAME or (where, name) in seen
            if known or (where == "header" and name.lower() in _OF_EVERY_CALL):
                continue
            seen.add((where, name))
            shape = self._parameter_shape(where, parameter)
            yield FieldFact(self._line, FieldPath(owner, "request", f"{where} {name}"), shape)

    def _parameter_shape(self, where: str, parameter: dict[str, Any]) -> Shape:
        shape = self._schemas.shape(parameter.get("schema"))
        if where == "path" or parameter.get("required") is True:
            return replace(shape, required=True)
        return replace(shape, required=None if self._document.is_open(parameter) else False)

    def _answers(self, owner: str, responses: dict[str, Any]) -> Iterator[Fact]:
        for status in filter(_STATUS.fullmatch, responses):
            yield AnswerFact(self._line, owner, status)
        good = [answer for status, answer in responses.items() if status.startswith("2")]
        yield from self._body(owner, "response", good)

    def _body(self, owner: str, part: Part, holders: list[Any]) -> Iterator[Fact]:
        """Read bodies that stand for each other; the first to speak of a field is heard."""
        seen = set()
        for media in self._media(holders):
            yield from self._whole(owner, part, media)
            for path, shape in self._schemas.fields(media.get("schema")):
                if path not in seen:
                    seen.add(path)
                    yield FieldFact(self._line, FieldPath(owner, part, path), shape)
            for value in self._examples(media):
                yield ExampleFact(self._line, owner, part, value)

    def _whole(self, owner: str, part: Part, media: dict[str, Any]) -> Iterator[Fact]:
        shape = self._schemas.shape(media.get("schema"))
        if shape.type is not None:
            yield FieldFact(self._line, FieldPath(owner, part, ""), Shape(type=shape.type))

    def _media(self, holders: list[Any]) -> Iterator[dict[str, Any]]:
        for holder in filter(None, holders):
            content = as_object(self._schemas.resolve(holder).get("content"))
            yield from map(as_object, content.values())

    def _examples(self, media: dict[str, Any]) -> Iterator[Any]:
        named = map(self._schemas.resolve, as_object(media.get("examples")).values())
        values = [each["value"] for each in named if "value" in each]
        if "example" in media:
            values.insert(0, media["example"])
        yield from (each for each in values if not self._document.is_open(each))
