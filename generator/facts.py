"""Facts for the templates that openapi-python-client does not pass on.

Its parser drops the extensions of operations and the members beside a reference. So the document is
read again, and the result becomes a template, `document.jinja`, from which the others import.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from openapi_python_client.strings import ClassName, PythonIdentifier

from generator import document as doc
from generator.prepare import spellings
from generator.problems import GenerationError
from generator.prose import about, brief, doubts, line, mark
from generator.shapes import mapping, properties, required

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from generator.document import Node

_IS_TYPE = re.compile("[A-Z0-9_]+").fullmatch
# Of a line in a docstring of a method.
_WIDTH = 92


def template(document: Node) -> str:
    """Return the text of `document.jinja` for a document whose schemas all have names."""
    info = document["info"]
    values = {
        "title": line(info["title"]),
        "version": line(info["version"]),
        "summary": line(info.get("summary", "")),
        "servers": [server["url"] for server in document.get("servers", ())],
        "operations": _operations(document),
        "resources": _resources(document),
        "schemas": _schemas(document),
        "options": _options(document),
        "events": {op.path: _model_key(_event(document, op)) for op in doc.webhooks(document)},
        "respelled": _respelled(document),
        "spelled": _spelled(document),
        "envelope": _model_key(_event_envelope(document)) if document.get("webhooks") else "",
    }
    # JSON is a literal in Jinja as well: neither null nor \u escapes occur in it.
    literals = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    return "".join(f"{{% set {name} = {text} %}}\n" for name, text in literals.items())


def _spelled(document: Node) -> dict[str, str]:
    """Return the normalized form of each argument or field name that Python normalizes."""
    wires = {
        *(name for schema in doc.all_schemas(document) for name in schema.get("properties", ())),
        *(each["name"] for op in doc.operations(document) for each in doc.parameters(document, op)),
    }
    names = {
        str(PythonIdentifier(wire, "field_", skip_snake_case=same))
        for wire in sorted(wires)
        for same in (False, True)
    }
    return {
        name: normalize("NFKC", name) for name in sorted(names) if normalize("NFKC", name) != name
    }


def _operations(document: Node) -> Node:
    tags = {tag.get("name"): line(tag.get("description", "")) for tag in document.get("tags", ())}
    paths: Node = {}
    for op in doc.operations(document):
        envelope = _envelope(document, op)
        payload = envelope.get("payload")
        paths.setdefault(_renamed(document, op), {})[op.verb] = {
            "id": op.label,
            "path": op.path,
            "tag": tags.get(op.body["tags"][0], ""),
            "method": op.body["x-method"],
            "retry": op.body["x-retry"]["class"],
            "summary": line(op.body.get("summary") or op.label),
            "brief": brief(op.body, _WIDTH),
            "deprecated": op.body.get("deprecated", False),
            "account": "account" in envelope,
            "body": bool(envelope),
            "request": _request(document, op),
            # Every object has a name by now.
            "payload": _model_key(str(doc.ref_name(payload)))
            if (payload := envelope.get("payload"))
            else "",
            "parameters": {
                each["name"]: _field(document, each["schema"] | _words(each), op.body)
                for each in doc.parameters(document, op)
            },
            "leads": leading(*needed(document, op, payload), op.body["x-retry"]["class"]),
            **_response(document, op),
        }
    return paths


def _renamed(document: Node, op: doc.Operation) -> str:
    """Return a path as the parser writes it: with the names of arguments in it."""
    path = op.path
    for each in doc.parameters(document, op):
        path = path.replace(
            f"{{{each['name']}}}", f"{{{PythonIdentifier(each['name'], 'field_')}}}"
        )
    return path


def _resources(document: Node) -> dict[str, str]:
    """Return the class of each tag, which never has the name of a model."""
    taken = {"Resource", "Resources", *(ClassName(name, "") for name in doc.schemas(document))}
    found = {}
    for op in doc.operations(document):
        tag = PythonIdentifier(op.body["tags"][0], "tag")
        name = ClassName(tag, "field_")
        hides = any(f"{prefix}{name}" in taken for prefix in ("", "Async", "Raw", "AsyncRaw"))
        found[str(tag)] = f"{name}Resource" if hides else str(name)
    return found


def _words(parameter: Node) -> Node:
    keys = ("description", "deprecated", "x-provenance")
    return {key: parameter[key] for key in keys if key in parameter}


def _envelope(document: Node, op: doc.Operation) -> Node:
    """Return the properties of the request body; empty for an operation without one."""
    bodies = [media["schema"] for media in doc.media(document, op.body.get("requestBody", {}))]
    return properties(document, bodies[0]) if bodies else {}


def _request(document: Node, op: doc.Operation) -> str:
    """Return what the body of a request is, in words; empty for an operation without one."""
    media = [*doc.media(document, op.body.get("requestBody", {}))]
    texts = about(doc.resolve(document, media[0]["schema"])) if media else []
    return texts[0] if texts else ""


def leading(needed: Sequence[str], ids: Container[str], retry: str) -> str | None:
    """Return the field whose argument comes first and needs no name, if there is one.

    It is the only one that is needed, or the only id among them: what the call is about. Where a
    call is not safe to retry, as a create is not, an id is what the caller makes up.
    """
    first = [name for name in needed if name in ids] if retry == "safe" else []
    found = needed if len(needed) == 1 else first
    return found[0] if len(found) == 1 else None


def needed(document: Node, op: doc.Operation, payload: Node | None) -> tuple[list[str], set[str]]:
    """Return the names of the arguments that a call needs, and those of all that are ids."""
    parameters = doc.parameters(document, op)
    fields = {each["name"]: each["schema"] for each in parameters}
    names = {each["name"] for each in parameters if each.get("required")}
    if payload is not None:
        fields |= properties(document, payload)
        names |= required(document, payload)
    return (
        [name for name in fields if name in names],
        {name for name, node in fields.items() if is_id(document, node)},
    )


def is_id(document: Node, node: Node) -> bool:
    """Return whether a field is an id, for which a UUID is accepted too."""
    return bool(doc.resolve(document, node).get("format") == "uuid")


def _response(document: Node, op: doc.Operation) -> Node:
    status = next(status for status in op.body["responses"] if status.startswith("2"))
    response = doc.resolve(document, op.body["responses"][status])
    return {
        "status": status,
        "statuses": tuple(int(each) for each in op.body["responses"] if each.isdecimal()),
        "returns": line(f"{response.get('description', '')} {_returned(document, response)}"),
    }


def _returned(document: Node, response: Node) -> str:
    """Return the mark of the object in a response, or of the items of its list."""
    for media in doc.media(document, response):
        schema = doc.resolve(document, media["schema"])
        return mark(doc.resolve(document, schema.get("items", schema)))
    return ""


def _event(document: Node, op: doc.Operation) -> str:
    """Return the name of the schema of a webhook's body."""
    bodies = [media["schema"] for media in doc.media(document, op.body.get("requestBody", {}))]
    name = doc.ref_name(bodies[0]) if len(bodies) == 1 else None
    if name is None:
        raise GenerationError(f"{op.label}: needs one body that is an object: it becomes the event")
    return name


def _respelled(document: Node) -> dict[str, str]:
    """Return the type that each other spelling of an event's type stands for.

    They are the contradicting readings of a webhook whose first reading is its own name.
    """
    found: dict[str, str] = {}
    for op in doc.webhooks(document):
        readings = op.body.get("x-provenance", {}).get("readings", ())
        first, *others = [reading["value"] for reading in readings] or [None]
        if first == op.path:
            found |= dict.fromkeys(filter(_IS_TYPE, others), op.path)
    return found


def _event_envelope(document: Node) -> str:
    """Return the name of the schema that all events take their common fields from."""
    shared = [
        {
            doc.ref_name(part)
            for part in doc.schemas(document)[_event(document, op)].get("allOf", ())
        }
        for op in doc.webhooks(document)
    ]
    names = sorted(name for name in set.intersection(*shared) if name)
    if len(names) != 1:
        raise GenerationError(
            "webhooks: their schemas need exactly one component in common, in allOf: the envelope "
            "of the events that the document does not know"
        )
    return names[0]


def _schemas(document: Node) -> Node:
    sent, received = doc.reachable(document)
    return {
        _model_key(name): {
            "about": about(schema),
            "request_only": name in sent and name not in received,
            "promised": _promised(document, schema),
            "spellings": spellings(schema),
            "flags": {name: _flag(flag) for name, flag in schema.get("x-flags", {}).items()},
            "facts": schema.get("x-facts", {}),
            "fields": {
                field: _field(document, node, schema)
                for field, node in properties(document, schema).items()
            },
        }
        for name, schema in doc.schemas(document).items()
    }


def _options(document: Node) -> Node:
    """Return, by class, the fields that distinguish it from the other options of a choice."""
    marks = _marks(document)
    return {
        ClassName(name, ""): {"needs": _promised(document, schema), "mark": marks.get(name)}
        for name, schema in doc.schemas(document).items()
    }


def _marks(document: Node) -> dict[str, tuple[str, list[str]]]:
    """Return, by component, the discriminator field and its values."""
    found: dict[str, tuple[str, list[str]]] = {}
    for schema in doc.all_schemas(document):
        if "discriminator" in schema:
            # Several discriminators agree on what they name.
            for name in mapping(schema).values():
                values = [value for value, each in mapping(schema).items() if each == name]
                found[name] = (schema["discriminator"]["propertyName"], values)
    return found


def _model_key(name: str) -> str:
    # This is what the parser calls the model of a component.
    return f"/components/schemas/{name}"


def _field(document: Node, node: Node, owner: Node) -> Node:
    target = doc.resolve(document, node)
    text = node.get("description") or target.get("description", "")
    item = doc.resolve(document, target.get("items", {}))
    old = "Deprecated. " if node.get("deprecated") or target.get("deprecated") else ""
    return {
        "text": line(f"{old}{text} {_unsure(node, target, owner)}"),
        "secret": target.get("format") == "password",
        "uuid": "uuid" in (target.get("format"), item.get("format")),
        "filter": is_filter(document, target),
        "essential": node.get("x-essential", False),
        "deprecated": bool(node.get("deprecated") or target.get("deprecated")),
    }


def _flag(flag: Node) -> Node:
    first, *others = flag["values"]
    word = "is" if isinstance(first, bool) else "=="
    test = f"in {(first, *others)}" if others else f"{word} {first!r}"
    return {"field": flag["field"], "test": test, "text": line(flag["description"])}


def is_filter(document: Node, schema: Node) -> bool:
    """Return whether a schema is a filter, for which a text or a list of texts can be given."""
    fields = properties(document, schema)
    one, several = (doc.resolve(document, fields.get(name, {})) for name in ("equals", "in"))
    items = doc.resolve(document, several.get("items", {}))
    return one.get("type") == "string" == items.get("type")


def _unsure(node: Node, target: Node, owner: Node) -> str:
    """Return how sure a field is: by its own provenance, else its schema's or its owner's."""
    if "x-provenance" in node:
        return doubts(node)
    if "x-provenance" not in target or "properties" in target or "allOf" in target:
        return mark(owner)
    # The docstring of the enum's class has the rest.
    return mark(target) if "enum" in target else doubts(target)


def _promised(document: Node, schema: Node) -> list[str]:
    """Return the names of the fields that the document requires and that are never null."""
    schema = doc.resolve(document, schema)
    found = [name for part in schema.get("allOf", ()) for name in _promised(document, part)]
    fields = properties(document, schema)
    return found + [
        name
        for name in schema.get("required", ())
        if not _is_nullable(document, fields.get(name, {}))
    ]


def _is_nullable(document: Node, node: Node) -> bool:
    schema = doc.resolve(document, node)
    kinds = schema.get("type")
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return (
        kinds == "null"
        or (isinstance(kinds, list) and "null" in kinds)
        or None in schema.get("enum", ())
        or any(_is_nullable(document, choice) for choice in choices)
    )
