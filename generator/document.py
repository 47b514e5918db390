"""The document: read from YAML, written as JSON, walked through."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from generator.problems import GenerationError

if TYPE_CHECKING:
    from pathlib import Path

Node = dict[str, Any]
"""An object of the document, whatever it describes."""

_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SCHEMAS = "#/components/schemas/"


class Operation(NamedTuple):
    """One operation with its place in the document."""

    path: str
    verb: str
    body: Node

    @property
    def label(self) -> str:
        """What messages call it."""
        return str(self.body.get("operationId", f"{self.verb.upper()} {self.path}"))


class _Loader(yaml.CSafeLoader):
    """Reads YAML as what JSON can hold.

    Dates stay text, numbers keep their digits, keys are text, only `true` and `false` are
    booleans, and a key that stands twice is an error.
    """

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise GenerationError(f"line {line}: the key {key.value!r} stands here twice")
            seen.add(key.value)
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}


def _number(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        return Decimal(str(loader.construct_scalar(node)))
    except InvalidOperation:
        # Infinity, NaN, and YAML's numbers to the base of 60.
        line = node.start_mark.line + 1
        raise GenerationError(f"line {line}: {node.value} is no JSON number") from None


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true$|false$"), list("tf"))
_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def load(path: Path) -> Node:
    """Read the document.

    Raises:
        GenerationError: When it can't be read or is no OpenAPI document.
    """
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise GenerationError(f"{path}: {error.strerror}") from None


def parse(content: bytes, name: str) -> Node:
    """Return the document that these bytes hold; `name` is what messages call it.

    Raises:
        GenerationError: When it is no OpenAPI document.
    """
    try:
        document = yaml.load(content, _Loader)  # noqa: S506 - a safe loader, made stricter
    except yaml.YAMLError as error:
        raise GenerationError(f"{name}: not YAML: {error}") from None
    if not isinstance(document, dict) or "paths" not in document:
        raise GenerationError(f"{name}: not an OpenAPI document: it has no paths")
    unshared: Node = _unshared(document)
    return unshared


def _unshared(node: Any) -> Any:  # noqa: ANN401 - whatever YAML can hold
    # An anchor makes one object stand in several places; a change in one must not show in others.
    if isinstance(node, dict):
        return {key: _unshared(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_unshared(item) for item in node]
    return node


def to_json(value: Any, indent: str = "\n") -> str:  # noqa: ANN401 - whatever JSON can hold
    """Write JSON that is compact and yet has a line for each value; numbers keep their digits."""
    inner = f"{indent} "
    if isinstance(value, Mapping) and value:
        rows = [f"{_text(key)}: {to_json(item, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(rows)}{indent}}}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join(to_json(item, inner) for item in value)}{indent}]"
    return format(value, "f") if isinstance(value, Decimal) else _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def operations(document: Node) -> Iterator[Operation]:
    """Yield every operation under `paths`, in the document's order."""
    for path, item in document["paths"].items():
        for verb in _VERBS:
            if verb in item:
                yield Operation(path, verb, item[verb])


def webhooks(document: Node) -> Iterator[Operation]:
    """Yield every operation under `webhooks`; its path is the name of the webhook."""
    for name, item in document.get("webhooks", {}).items():
        for verb in _VERBS:
            if verb in item:
                yield Operation(name, verb, item[verb])


def schemas(document: Node) -> dict[str, Node]:
    """Return the schemas under `components`; a change of the result changes the document."""
    found: dict[str, Node] = document.setdefault("components", {}).setdefault("schemas", {})
    return found


def ref_name(node: Mapping[str, Any]) -> str | None:
    """Return the name of the component schema that a node refers to, or None."""
    ref = node.get("$ref")
    if isinstance(ref, str) and ref.startswith(_SCHEMAS):
        return ref.removeprefix(_SCHEMAS)
    return None


def ref_to(name: str) -> Node:
    """Return a reference to a component schema."""
    return {"$ref": f"{_SCHEMAS}{name}"}


def resolve(document: Node, node: Node) -> Node:
    """Follow references until something else comes."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            if not isinstance(target, dict) or step not in target:
                raise GenerationError(f"{node['$ref']}: there is nothing at this reference")
            target = target[step]
        node = target
    return node


def media(document: Node, holder: Node) -> Iterator[Node]:
    """Yield the media types of a request body or of an answer that have a schema."""
    for found in resolve(document, holder).get("content", {}).values():
        if "schema" in found:
            yield found


def children(schema: Node) -> Iterator[Node]:
    """Yield the schemas directly within a schema."""
    yield from schema.get("properties", {}).values()
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield schema[key]
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        yield from schema.get(key, ())


def walk(schema: Node) -> Iterator[Node]:
    """Yield a schema and all that are within it."""
    yield schema
    for child in children(schema):
        yield from walk(child)
