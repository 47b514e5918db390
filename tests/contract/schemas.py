"""Read the document's schemas: of requests and of answers, resolved and compiled, with samples."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema_rs import Draft202012Validator

from tests.contract import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]
    Path = tuple[str | int, ...]

_MEDIA_TYPE = "application/json"


class Place(NamedTuple):
    """A place in a JSON value that a schema speaks of.

    Attributes:
        path: Names of members and numbers of items, from the outside in.
        schema: What the document says of it, resolved.
        value: What stands there.
        required: Whether it has to be there.
    """

    path: Path
    schema: Json
    value: Any
    required: bool


def resolve(node: Json) -> Json:
    """Follow a reference; what stands beside it stays."""
    if "$ref" not in node:
        return node
    beside = {name: value for name, value in node.items() if name != "$ref"}
    return {**document.resolve(node), **beside}


@cache
def operation(operation_id: str) -> Json:
    """Return what the document says of an operation."""
    method, path = document.places()[operation_id]
    return dict(document.whole()["paths"][path][method.lower()])


@cache
def statuses(operation_id: str) -> frozenset[int]:
    """Return the statuses that an operation is documented to answer with."""
    return frozenset(map(int, operation(operation_id)["responses"]))


def success(operation_id: str) -> int:
    """Return the status of an operation's success."""
    return min(statuses(operation_id))


@cache
def request_schema(operation_id: str) -> Json:
    """Return the schema of a request's body."""
    return resolve(_content(operation(operation_id)["requestBody"])["schema"])


@cache
def answer_schema(operation_id: str, status: int) -> Json | None:
    """Return the schema of an answer's body; None where there is no content.

    Raises:
        KeyError: The status is not documented.
    """
    content = _content(operation(operation_id)["responses"][str(status)])
    return resolve(content["schema"]) if content else None


@cache
def error_schema() -> Json:
    """Return the schema of every refusal."""
    return resolve({"$ref": "#/components/schemas/ErrorResponse"})


@cache
def request_validator(operation_id: str) -> Draft202012Validator:
    """Return what judges a request's body."""
    return compiled(request_schema(operation_id))


@cache
def answer_validator(operation_id: str, status: int) -> Draft202012Validator | None:
    """Return what judges an answer's body; None where there is no content."""
    schema = answer_schema(operation_id, status)
    return None if schema is None else compiled(schema)


def compiled(schema: Json) -> Draft202012Validator:
    """Compile a schema of the document, formats asserted."""
    components = document.whole()["components"]
    return Draft202012Validator({**schema, "components": components}, validate_formats=True)


def request_examples(operation_id: str) -> dict[str, Json]:
    """Return the examples of an operation's request by their names."""
    return _examples(operation(operation_id)["requestBody"])


def answer_examples(operation_id: str, status: int) -> dict[str, Any]:
    """Return the examples of an operation's answer by their names."""
    return _examples(operation(operation_id)["responses"][str(status)])


def sample(schema: Json) -> Any:
    """Make a value that a schema allows, with every member there is, out of its own examples."""
    schema = resolve(schema)
    for name in ("examples", "enum"):
        if name in schema:
            # Of its own: whoever gets it will change it.
            return copy.deepcopy(schema[name][0])
    if "properties" in schema:
        return {name: sample(member) for name, member in schema["properties"].items()}
    if schema["type"] == "array":
        return [sample(schema["items"])]
    raise ValueError(f"the document has no example for {schema}")


def places(schema: Json, value: Any, path: Path = ()) -> Iterator[Place]:
    """Walk through all members and items of a value; of a long list the ends are enough."""
    schema = resolve(schema)
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                required = name in schema.get("required", ())
                yield Place((*path, name), resolve(inner), value[name], required)
                yield from places(inner, value[name], (*path, name))
    if isinstance(value, list) and value:
        for number in sorted({0, len(value) - 1}):
            yield Place((*path, number), resolve(schema["items"]), value[number], required=False)
            yield from places(schema["items"], value[number], (*path, number))


def lacking(schema: Json, value: Any, path: Path = ()) -> Iterator[Path]:
    """Find documented members that are not there, required or not."""
    schema = resolve(schema)
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from lacking(inner, value[name], (*path, name))
            else:
                yield (*path, name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from lacking(schema["items"], item, (*path, number))


def text(path: Path) -> str:
    """Write a path as it is read: ``payload.currencyFilter.in[0]``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _content(holder: Json) -> Json:
    return dict(resolve(holder).get("content", {}).get(_MEDIA_TYPE, {}))


def _examples(holder: Json) -> dict[str, Any]:
    named = _content(holder).get("examples", {})
    return {name: resolve(example)["value"] for name, example in named.items()}
