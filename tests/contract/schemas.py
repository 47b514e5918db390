"""The document's schemas of requests and responses: resolved, compiled, with samples."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema_rs import Draft202012Validator

from tests.contract import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]
    Path = tuple[str | int, ...]

_MEDIA_TYPE = "application/json"
_CHOICES = ("oneOf", "anyOf")
# Values for types and formats without an example in the document.
_FORMATS = {
    "date": "2026-11-02",
    "date-time": "2026-11-02T10:53:50.356Z",
    "email": "ada@shop.example",
    "uri": "https://shop.example/",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}
_PLAIN = {"boolean": True, "null": None, "object": {}}


class Location(NamedTuple):
    """A location in a JSON value, with its schema.

    Attributes:
        path: Names of members and indexes of items, from the outside in.
        schema: The resolved schema.
        value: The value.
        required: Whether it is required.
    """

    path: Path
    schema: Json
    value: Any
    required: bool


def resolve(node: Json) -> Json:
    """Resolve a reference; members beside it are kept."""
    if "$ref" not in node:
        return node
    beside = {name: value for name, value in node.items() if name != "$ref"}
    return {**document.resolve(node), **beside}


def of(schema: Json, value: Any) -> Json:
    """Return a schema for a value: with allOf merged, and the matching option of oneOf or anyOf."""
    schema = resolve(schema)
    options = [each for name in _CHOICES for each in schema.get(name, ())]
    fitting = (each for each in options if _option(json.dumps(each)).is_valid(value))
    parts = [*schema.get("allOf", ()), *([next(fitting, {})] if options else ())]
    return _joined([*(of(part, value) for part in parts), schema]) if parts else schema


def _joined(parts: list[Json]) -> Json:
    whole = {name: value for part in parts for name, value in part.items()}
    for name, empty in (("properties", {}), ("required", [])):
        found = [part[name] for part in parts if name in part]
        if found:
            whole[name] = type(empty)(item for each in found for item in _items(each))
    return whole


def _items(members: Json | list[str]) -> Any:
    return members.items() if isinstance(members, dict) else members


@cache
def _option(schema: str) -> Draft202012Validator:
    return compiled(json.loads(schema))


@cache
def operation(operation_id: str) -> Json:
    """Return an operation of the document."""
    method, path = document.routes()[operation_id]
    return dict(document.whole()["paths"][path][method.lower()])


@cache
def statuses(operation_id: str) -> frozenset[int]:
    """Return the documented statuses of an operation."""
    return frozenset(int(each) for each in operation(operation_id)["responses"] if each.isdigit())


def success(operation_id: str) -> int:
    """Return the status of an operation's success."""
    return min(statuses(operation_id))


@cache
def request_schema(operation_id: str) -> Json:
    """Return the schema of a request's body; an empty one if it has no body."""
    body = operation(operation_id).get("requestBody")
    return of(_content(body)["schema"], {}) if body else {}


def members(operation_id: str) -> Json:
    """Return the schemas of a request's envelope: account, timestamp, payload."""
    return dict(request_schema(operation_id).get("properties", {}))


def completed(operation_id: str, payload: Json) -> Json:
    """Add to a hand-written payload the fields that have become required since."""
    schema = of(members(operation_id).get("payload", {}), payload)
    lacking = [name for name in schema.get("required", ()) if name not in payload]
    return {**payload, **{name: sample(schema)[name] for name in lacking}}


@cache
def parameters(operation_id: str) -> list[Json]:
    """Return the parameters of an operation's path and query."""
    return [resolve(each) for each in operation(operation_id).get("parameters", ())]


@cache
def response_schema(operation_id: str, status: int) -> Json | None:
    """Return the schema of a response's body; None if it has no content.

    Raises:
        KeyError: The status is not documented.
    """
    content = _content(operation(operation_id)["responses"][str(status)])
    return resolve(content["schema"]) if content else None


@cache
def error_schema() -> Json:
    """Return the schema of errors."""
    return resolve({"$ref": "#/components/schemas/ErrorResponse"})


@cache
def request_validator(operation_id: str) -> Draft202012Validator:
    """Return the validator of a request's body."""
    return compiled(request_schema(operation_id))


@cache
def response_validator(operation_id: str, status: int) -> Draft202012Validator | None:
    """Return the validator of a response's body; None if it has no content."""
    schema = response_schema(operation_id, status)
    return None if schema is None else compiled(schema)


def compiled(schema: Json) -> Draft202012Validator:
    """Compile a schema of the document, with formats validated."""
    components = document.whole()["components"]
    return Draft202012Validator({**schema, "components": components}, validate_formats=True)


def request_examples(operation_id: str) -> dict[str, Json]:
    """Return the examples of an operation's request by their names."""
    return _examples(operation(operation_id).get("requestBody", {}))


def response_examples(operation_id: str, status: int) -> dict[str, Any]:
    """Return the examples of an operation's response by their names."""
    return _examples(operation(operation_id)["responses"][str(status)])


def sample(schema: Json) -> Any:
    """Make a valid value of a schema, with all members, from its examples."""
    schema = resolve(schema)
    if not any(schema.get(name) for name in ("examples", "enum")):
        options = [each for name in _CHOICES for each in schema.get(name, ())][:1]
        parts = [resolve(each) for each in (*schema.get("allOf", ()), *options)]
        schema = _joined([*parts, schema]) if parts else schema
    for name in ("examples", "enum"):
        if schema.get(name):
            # A copy: callers change it.
            return copy.deepcopy(schema[name][0])
    if "const" in schema:
        return schema["const"]
    if "properties" in schema:
        return {name: sample(member) for name, member in schema["properties"].items()}
    return _made(schema)


def texts(parameter: Json) -> list[str]:
    """Return the texts of a parameter's value in a request; of a list, each item."""
    shown = [parameter["example"]] if "example" in parameter else []
    shown += [resolve(each)["value"] for each in parameter.get("examples", {}).values()]
    value = shown[0] if shown else sample(parameter["schema"])
    values = value if isinstance(value, list) else [value]
    return [each if isinstance(each, str) else json.dumps(each) for each in values]


def _made(schema: Json) -> Any:
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "array":
        return [sample(schema["items"])] * max(1, schema.get("minItems", 1))
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "text".ljust(schema.get("minLength", 0), "x"))
    if kind in _PLAIN:
        return copy.copy(_PLAIN[kind])
    return schema.get("minimum", schema.get("maximum", 1))


def locations(schema: Json, value: Any, path: Path = ()) -> Iterator[Location]:
    """Yield all members and items of a value; of a list only the first and last item."""
    schema = of(schema, value)
    if isinstance(value, dict):
        for name, inner in _members(schema, value):
            required = name in schema.get("required", ())
            yield Location((*path, name), of(inner, value[name]), value[name], required)
            yield from locations(inner, value[name], (*path, name))
    if isinstance(value, list) and value:
        for number in sorted({0, len(value) - 1}):
            inner = of(schema["items"], value[number])
            yield Location((*path, number), inner, value[number], required=False)
            yield from locations(schema["items"], value[number], (*path, number))


def _members(schema: Json, value: Json) -> Iterator[tuple[str, Json]]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    yield from ((name, inner) for name, inner in known.items() if name in value)
    if isinstance(others, dict):
        yield from ((name, others) for name in value if name not in known)


@cache
def success_fields(operation_id: str) -> frozenset[str]:
    """Return the documented fields of a success, written like ``result[].amount``."""
    schema = response_schema(operation_id, success(operation_id))
    return frozenset(_fields(schema or {}, "", ()))


def _fields(schema: Json, path: str, within: tuple[str, ...]) -> Iterator[str]:
    name = schema.get("$ref", "")
    if name and name in within:
        return
    schema, within = resolve(schema), (*within, name)
    for part in (each for key in ("allOf", *_CHOICES) for each in schema.get(key, ())):
        yield from _fields(part, path, within)
    for member, inner in schema.get("properties", {}).items():
        yield f"{path}.{member}".removeprefix(".")
        yield from _fields(inner, f"{path}.{member}".removeprefix("."), within)
    if isinstance(schema.get("items"), dict):
        yield from _fields(schema["items"], f"{path}[]", within)


def text(path: Path) -> str:
    """Write a path as text: ``payload.currencyFilter.in[0]``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _content(holder: Json) -> Json:
    return dict(resolve(holder).get("content", {}).get(_MEDIA_TYPE, {}))


def _examples(holder: Json) -> dict[str, Any]:
    named = _content(holder).get("examples", {})
    return {name: resolve(example)["value"] for name, example in named.items()}
