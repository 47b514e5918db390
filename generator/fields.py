"""Checks that fields which other parts of the document rely on exist, of the right type."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from generator import document as doc
from generator.locations import LocatedSchema, located_schemas
from generator.problems import Fault
from generator.shapes import conditions, properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

_ERROR = "ErrorResponse"
_OF_ERRORS = ("errorCode", "message", "traceId")
"""The fields of an error that the engine and the mock read."""


def faults(document: Node) -> Iterator[Fault]:
    """Yield references to fields that do not exist or have another type."""
    yield from _errors(document)
    for located in located_schemas(document):
        for rule in (_required, _discriminator, _joined):
            yield from (
                Fault(f"{located.pointer}/{key}", f"{located.label}: {text}")
                for key, text in rule(document, located)
            )


def kinds(document: Node, schema: Any) -> set[str]:  # noqa: ANN401 - any node
    """Return the types that a schema or its parts name; an empty set means any type."""
    if not isinstance(schema, dict):
        return set()
    schema = doc.resolve(document, schema)
    found = schema.get("type")
    if found is not None:
        return set(map(str, found)) if isinstance(found, list) else {str(found)}
    return set().union(*(kinds(document, part) for part in schema.get("allOf", ())))


def envelope(document: Node, given: Node) -> Iterator[str]:
    """Yield what is wrong with the fields of an envelope that the engine fills in."""
    if "timestamp" in given:
        target = doc.resolve(document, given["timestamp"])
        right = kinds(document, given["timestamp"]) == {"integer"}
        if not right or target.get("format", "int64") != "int64":
            yield (
                "the timestamp of its request body is sent in milliseconds; write type: integer "
                "and format: int64"
            )
    if "account" in given and kinds(document, given["account"]) != {"string"}:
        yield "the account of its request body is sent as a text; write type: string"


def _errors(document: Node) -> Iterator[Fault]:
    schema = doc.schemas(document).get(_ERROR)
    if not isinstance(schema, dict):
        return
    found = properties(document, schema)
    for name in _OF_ERRORS:
        pointer = f"/components/schemas/{_ERROR}/properties/{name}"
        if kinds(document, found.get(name)) - {"null"} != {"string"}:
            yield Fault(
                pointer,
                f"{_ERROR}.{name}: has to be there and a text, for the client reads errors by "
                "this name; write type: string",
            )


def _required(document: Node, located: LocatedSchema) -> Iterator[tuple[str, str]]:
    schema = located.schema
    if located.in_all_of or "$ref" in schema or schema.keys() <= {"required", "description"}:
        # It is a part of another schema and is checked with that one.
        return
    known = properties(document, schema)
    if not known and schema.get("additionalProperties"):
        return
    for name in sorted(_demanded(document, schema) - known.keys()):
        yield (
            "required",
            f"requires {name}, which is not one of its properties; describe it there, or "
            "take it out",
        )


def _demanded(document: Node, schema: Node) -> set[str]:
    schema = doc.resolve(document, schema)
    found = set(schema.get("required", ()))
    parts = [*schema.get("allOf", ())]
    if conditions(schema):
        parts += [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return found.union(*(_demanded(document, part) for part in parts))


def _discriminator(document: Node, located: LocatedSchema) -> Iterator[tuple[str, str]]:
    found = located.schema.get("discriminator")
    if not isinstance(found, dict) or not isinstance(found.get("propertyName"), str):
        return
    options = [*located.schema.get("oneOf", ()), *located.schema.get("anyOf", ())]
    if not options:
        yield "discriminator", "has a discriminator without oneOf or anyOf; list the options there"
    for option in options:
        name, field = doc.ref_name(option), found["propertyName"]
        if name is None:
            continue
        given = properties(document, option)
        if field not in given:
            yield (
                "discriminator",
                f"its discriminator is by {field}, which {name} does not have; describe it there",
            )
        elif not kinds(document, given[field]) <= {"string"}:
            yield (
                "discriminator",
                f"its discriminator is by {field}, which is not text in {name}; write type: string",
            )


def _joined(document: Node, located: LocatedSchema) -> Iterator[tuple[str, str]]:
    """Reject parts that give one property several types: only one of them would be read."""
    types: defaultdict[str, set[str]] = defaultdict(set)
    own = {"properties": located.schema.get("properties", {})}
    for part in (*located.schema.get("allOf", ()), own) if "allOf" in located.schema else ():
        for name, field in properties(document, part).items():
            types[name].add(" or ".join(sorted(kinds(document, field))))
    for name, several in types.items():
        different = sorted(several - {""})
        if len(different) > 1:
            yield (
                "allOf",
                f"its parts describe {name} as {' and as '.join(different)}; let them agree",
            )
