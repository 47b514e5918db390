"""A copy of the document in the dialect of openapi-python-client.

openapi-python-client supports less than OpenAPI allows, and turns some of it into the wrong Python.
The document itself stays unchanged; the changes are made in a temporary copy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator import document as doc
from generator.problems import GenerationError
from generator.shapes import conditions
from generator.yaml_text import copied

if TYPE_CHECKING:
    from collections.abc import Iterator


def named(document: doc.Node) -> doc.Node:
    """Return a copy in which every object and every enum is a component with a name of its own."""
    document = copied(document)
    components = doc.schemas(document)
    for name in list(components):
        components[name] = _without_null(components[name])
        _name_children(components[name], name, components)
    for op in doc.webhooks(document):
        _deprecate_event(document, op)
    for op in (*doc.operations(document), *doc.webhooks(document)):
        for owner, name in _schema_owners(document, op):
            owner["schema"] = _with_name(owner["schema"], name, components)
    return document


def published(document: doc.Node) -> doc.Node:
    """Return a copy without links, for the mock and for other generators.

    openapi-generator rejects a document with a link whose ``requestBody`` is not a string, although
    OpenAPI allows any value there.
    """
    document = copied(document)
    components = document.get("components", {})
    components.pop("links", None)
    responses = [
        response
        for op in (*doc.operations(document), *doc.webhooks(document))
        for response in op.body.get("responses", {}).values()
    ]
    for response in (*responses, *components.get("responses", {}).values()):
        response.pop("links", None)
    return document


def simplified(document: doc.Node) -> doc.Node:
    """Return a copy that openapi-python-client turns into the Python we want."""
    document = copied(document)
    for name, component in doc.schemas(document).items():
        for schema in doc.walk(component):
            _simplify(schema, name)
    for op in doc.operations(document):
        for owner, name in _schema_owners(document, op):
            for schema in doc.walk(owner["schema"]):
                _simplify(schema, name)
    return document


def spellings(schema: doc.Node) -> dict[str, str]:
    """Return the other spellings of an enum's value.

    They are the contradicting readings of its provenance, of which the first is in use.
    """
    readings = schema.get("x-provenance", {}).get("readings", ())
    if "enum" not in schema or not readings:
        return {}
    used, *others = (str(reading["value"]) for reading in readings)
    if used not in schema["enum"]:
        raise GenerationError(f"{used}: the first reading of an enum has to be among its values")
    return dict.fromkeys(others, used)


def member_name(value: str) -> str:
    """Return the name of an enum's member.

    It depends on the value only: a name that depended on the position in the list would move to
    another value when the vendor inserts one.
    """
    name = re.sub(r"[^0-9A-Z]+", "_", value.upper()).strip("_")
    return name if name[:1].isalpha() else f"VALUE_{name or 'EMPTY'}"


def _deprecate_event(document: doc.Node, webhook: doc.Operation) -> None:
    """Mark the schema of a deprecated webhook as deprecated."""
    if webhook.body.get("deprecated"):
        for media in doc.media(document, webhook.body.get("requestBody", {})):
            event = doc.ref_name(media["schema"])
            if event in doc.schemas(document):
                doc.schemas(document)[event]["deprecated"] = True


def _schema_owners(document: doc.Node, op: doc.Operation) -> Iterator[tuple[doc.Node, str]]:
    """Yield each node of an operation that has a schema, and a name for an inline schema there."""
    base = _capital(op.label)
    bodies = [(op.body.get("requestBody", {}), f"{base}Request")]
    for status, response in op.body.get("responses", {}).items():
        suffix = "" if status.startswith("2") else status.title()
        bodies.append((response, f"{base}Response{suffix}"))
    for body, name in bodies:
        yield from ((media, name) for media in doc.media(document, body))
    for parameter in doc.parameters(document, op):
        yield parameter, base + _capital(parameter["name"])


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _with_name(schema: doc.Node, name: str, components: dict[str, doc.Node]) -> doc.Node:
    """Move an object or an enum to the components; return what replaces it."""
    schema = _without_null(schema)
    _name_children(schema, name, components)
    if not _needs_name(schema):
        return schema
    if name in components:
        raise GenerationError(f"{name}: an inline schema would get this name, which is in use")
    components[name] = schema
    return doc.ref_to(name) | _annotations(schema)


def _needs_name(schema: doc.Node) -> bool:
    several = len(schema.get("allOf", ())) > 1
    enum = "enum" in schema and schema.get("type") != "boolean"
    return several or enum or "properties" in schema or schema.get("type") == "object"


def _without_null(schema: doc.Node) -> doc.Node:
    """Write an object or an enum of several types, null among them, as a choice.

    The parser gives such a schema another class name, which the templates can't look up.
    """
    types = schema.get("type")
    kinds = list(types) if isinstance(types, list) else [types]
    if None in schema.get("enum", ()) and "null" not in kinds:
        kinds.append("null")
    if len(kinds) == 1 or ("object" not in kinds and "enum" not in schema):
        return schema
    return _annotations(schema) | {"anyOf": [_of_kind(schema, kind) for kind in kinds]}


def _annotations(schema: doc.Node) -> doc.Node:
    keys = ("deprecated", "description", "x-essential", "x-provenance")
    return {key: schema[key] for key in keys if key in schema}


def _of_kind(schema: doc.Node, kind: str | None) -> doc.Node:
    if kind == "object":
        return schema | {"type": kind}
    if "enum" in schema and kind != "null":
        return {"type": kind, "enum": [value for value in schema["enum"] if value is not None]}
    return {"type": kind}


def _name_children(schema: doc.Node, name: str, components: dict[str, doc.Node]) -> None:
    for field, child in schema.get("properties", {}).items():
        inner = name + _capital(field)
        schema["properties"][field] = _with_name(child, inner, components)
    for key, suffix in (("items", "Item"), ("additionalProperties", "Value")):
        if isinstance(schema.get(key), dict):
            schema[key] = _with_name(schema[key], name + suffix, components)
    for key in ("anyOf", "oneOf"):
        for place, child in enumerate(schema.get(key, ())):
            # The only object among nulls keeps the name; several are numbered by their positions.
            alone = sum(_needs_name(other) for other in schema[key]) == 1
            inner = name if alone and name not in components else f"{name}Type{place}"
            schema[key][place] = _with_name(child, inner, components)
    for child in schema.get("allOf", ()):
        _name_children(child, name, components)


def _simplify(schema: doc.Node, where: str) -> None:
    # A title would become the name of the class, a default would be sent without being asked for,
    # and `additionalProperties: false` would drop unknown fields.
    schema.pop("title", None)
    schema.pop("default", None)
    if conditions(schema):
        # The server checks which fields go together; a union of them is not a class.
        schema.pop("oneOf", None)
        schema.pop("anyOf", None)
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]
    _simplify_format(schema)
    if "enum" in schema:
        _simplify_enum(schema, where)


def _simplify_format(schema: doc.Node) -> None:
    match schema.get("format"):
        case "uuid":
            # Ids are `str`: one odd id must not lose a page, and strings have to type-check.
            del schema["format"]
        case "date-time-local":
            schema["format"] = "date-time"


def _simplify_enum(schema: doc.Node, where: str) -> None:
    others = spellings(schema)
    schema["enum"] = [value for value in schema["enum"] if value not in others]
    names = [member_name(value) for value in schema["enum"] if isinstance(value, str)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise GenerationError(
            f"{where}: several values would be the member {', '.join(twice)}; "
            "name all but one of them as other readings in x-provenance"
        )
    if names:
        schema["x-enum-varnames"] = names
