"""The document: read from YAML, written as JSON, traversed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from generator import yaml_text
from generator.lines import lines_of
from generator.problems import Fault, GenerationError
from generator.wellformed import VERBS, faults

Node = dict[str, Any]
"""Any object of the document."""

_SCHEMAS = "#/components/schemas/"


class Operation(NamedTuple):
    """One operation with its path and its method."""

    path: str
    verb: str
    body: Node

    @property
    def label(self) -> str:
        """Its name in messages."""
        return str(self.body.get("operationId", f"{self.verb.upper()} {self.path}"))


class Document(dict[str, Any]):
    """The whole document, with the name and the content of its file."""

    name = ""
    content = b""

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """The line of each node, by its JSON pointer."""
        return lines_of(self.content)

    def location(self, pointer: str) -> str:
        """Return the file and the line of a node, or of the nearest one around it."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return f"{self.name}:{self.lines.get(pointer, 1)}"


def located(document: Node, fault: Fault) -> str:
    """Return a fault as a sentence, with file and line if the document knows them."""
    if not isinstance(document, Document):
        return fault.text
    return f"{document.location(fault.pointer)}: {fault.text}"


def load(path: Path) -> Document:
    """Read the document.

    Raises:
        GenerationError: It can't be read, or is not an OpenAPI document.
    """
    name = shown(path)
    return parse(content(path, name), name)


def shown(path: Path) -> str:
    """Return the name of a file in messages: its path from the current folder, if it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def content(path: Path, name: str) -> bytes:
    """Return the content of a file; `name` is its name in messages.

    Raises:
        GenerationError: It can't be read, or is not text.
    """
    try:
        found = path.read_bytes()
        found.decode()
    except OSError as error:
        raise GenerationError(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise GenerationError(f"{name}: not text in UTF-8") from None
    return found


def parse(content: bytes, name: str) -> Document:
    """Return the document in these bytes; `name` is its name in messages.

    Raises:
        GenerationError: It is not an OpenAPI document; one sentence for each fault, with the line.
    """
    document = part(content, name)
    found = list(faults(document))
    if found:
        raise GenerationError("\n".join(located(document, each) for each in found))
    return document


def part(content: bytes, name: str) -> Document:
    """Return a part of a document, whose references may have no target in it.

    Raises:
        GenerationError: It is not YAML with JSON's values, or has no paths.
    """
    found = yaml_text.read(content, name)
    if not isinstance(found, dict) or "paths" not in found:
        raise GenerationError(f"{name}: not an OpenAPI document: it has no paths")
    document = Document(found)
    document.name, document.content = name, content
    return document


def to_json(value: Any, indent: str = "\n") -> str:  # noqa: ANN401 - any JSON
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
        for verb in VERBS:
            if verb in item:
                yield Operation(path, verb, item[verb])


def webhooks(document: Node) -> Iterator[Operation]:
    """Yield every operation under `webhooks`; its path is the name of the webhook."""
    for name, item in document.get("webhooks", {}).items():
        for verb in VERBS:
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
    """Follow references to the object that they refer to."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            if not isinstance(target, dict) or step not in target:
                raise GenerationError(f"{node['$ref']}: there is nothing at this reference")
            target = target[step]
        node = target
    return node


def media(document: Node, holder: Node) -> Iterator[Node]:
    """Yield the media types of a request body or of a response that have a schema."""
    for found in resolve(document, holder).get("content", {}).values():
        if "schema" in found:
            yield found


def parameters(document: Node, op: Operation) -> list[Node]:
    """Return the parameters of an operation, references followed."""
    return [resolve(document, parameter) for parameter in op.body.get("parameters", ())]


def children(schema: Node) -> Iterator[Node]:
    """Yield the schemas directly within a schema."""
    yield from schema.get("properties", {}).values()
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield schema[key]
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        yield from schema.get(key, ())


def all_schemas(document: Node) -> Iterator[Node]:
    """Yield every schema of the components and of bodies, nested ones included."""
    for schema in schemas(document).values():
        if isinstance(schema, dict):
            yield from walk(schema)
    for op in (*operations(document), *webhooks(document)):
        for holder in (op.body.get("requestBody", {}), *op.body.get("responses", {}).values()):
            for found in media(document, holder):
                yield from walk(found["schema"])


def walk(schema: Node) -> Iterator[Node]:
    """Yield a schema and all schemas nested in it."""
    yield schema
    for child in children(schema):
        # `rules` rejects a schema that is true or false.
        if isinstance(child, dict):
            yield from walk(child)


def reachable(document: Node) -> tuple[set[str], set[str]]:
    """Return the names of the schemas that are sent and of those that are received."""
    sent: set[str] = set()
    received: set[str] = set()
    for op in operations(document):
        _follow(document, op.body.get("requestBody", {}), sent)
        _follow(document, op.body.get("responses", {}), received)
    _follow(document, document.get("webhooks", {}), received)
    return sent, received


def _follow(document: Node, node: object, found: set[str]) -> None:
    for reference in _references(node):
        name = ref_name(reference)
        if name not in found:
            found |= {name} if name else set()
            # A reference without a target is reported where documents are read.
            with suppress(GenerationError):
                _follow(document, resolve(document, reference), found)


def _references(node: object) -> Iterator[Node]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node
        for key, value in node.items():
            # Examples are data: a `$ref` in one is not a reference.
            if key not in ("example", "examples"):
                yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)
