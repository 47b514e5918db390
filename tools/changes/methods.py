"""What users can notice of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator import document as doc
from generator.facts import leading
from generator.lines import escaped
from tools.changes import schemas
from tools.spec import python
from tools.spec.fields import provenance_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

_KNOWN = frozenset(
    (
        *("operationId", "tags", "summary", "description", "requestBody", "responses"),
        *("deprecated", "parameters"),
        *("x-method", "x-retry", "x-provenance"),
    )
)


_BESIDE = ("deprecated", "description", "x-provenance")
"""Keys beside a parameter's schema that a property has within its schema."""


class Bodies(NamedTuple):
    """What a call sends and receives: components of what is sent, schemas of the rest."""

    envelope: str | None
    payload: str | None
    response: Node | None
    errors: list[Node]


def bodies(document: Node, op: doc.Operation) -> Bodies:
    """Return the bodies of an operation of a document in which every object has a name."""
    envelope = payload = None
    for media in doc.media(document, op.body.get("requestBody", {})):
        _, envelope = python.followed(document, media["schema"])
    if envelope is not None:
        inner = schemas.members(document, envelope).get("payload")
        _, payload = python.followed(document, inner.schema) if inner else ({}, None)
    success, errors = None, []
    for status, response in op.body.get("responses", {}).items():
        for media in doc.media(document, response):
            if not status.startswith("2"):
                errors.append(media["schema"])
            elif success is None:
                success = media["schema"]
    return Bodies(envelope, payload, success, errors)


def label(body: Node) -> str:
    """Return a method's name as users write it."""
    tag = "".join(map(python.resource, body.get("tags", ())[:1]))
    return f"{tag}.{python.as_read(str(body.get('x-method', body.get('operationId'))))}"


def method(document: Node, op: doc.Operation, found: Bodies) -> Node:
    """Return what users can notice of a call."""
    taken = arguments_of(document, op, found)
    arguments = {name: schemas.field(document, member) for name, member in taken.items()}
    needed = [name for name, each in arguments.items() if each["required"]]
    ids = {name for name, each in arguments.items() if each["format"] == "uuid"}
    return {
        "name": label(op.body),
        "operation": str(op.body.get("operationId")),
        "call": f"{op.verb.upper()} {op.path}",
        "deprecated": bool(op.body.get("deprecated")),
        "retry": _retry(op).get("class"),
        "positional": leading(needed, ids, str(_retry(op).get("class"))),
        "body": python.class_name(found.envelope) if found.envelope else None,
        "payload": python.class_name(found.payload) if found.payload else None,
        "returns": "None" if found.response is None else python.type_of(document, found.response),
        "response": {} if found.response is None else schemas.value(document, found.response),
        "request": _request(document, op),
        "source": provenance_of(op.body).level,
        "words": schemas.words(op.body, {"description": _retry(op).get("reason")}),
        "arguments": arguments,
        "envelope": _envelope(document, found),
        "carriers": {
            name: _carrier(document, component, payload=name == "payload")
            for name, component in (("envelope", found.envelope), ("payload", found.payload))
            if component is not None
        },
        "statuses": {
            status: _status(document, response, is_error=not status.startswith("2"))
            for status, response in op.body.get("responses", {}).items()
        },
        "other": {key: each for key, each in op.body.items() if key not in _KNOWN}
        | _beside(document["paths"][op.path]),
    }


def arguments_of(document: Node, op: doc.Operation, found: Bodies) -> dict[str, schemas.Member]:
    """Return what users give to a call: parameters, and the fields of the payload."""
    members = {python.argument(each.wire): each for each in _parameters(document, op)}
    return members | (schemas.members(document, found.payload) if found.payload else {})


def _parameters(document: Node, op: doc.Operation) -> Iterator[schemas.Member]:
    own = provenance_of(op.body)
    for index, given in enumerate(op.body.get("parameters", ())):
        at = f"/paths/{escaped(op.path)}/{op.verb}/parameters/{index}"
        parameter = doc.resolve(document, given)
        beside = {key: parameter[key] for key in _BESIDE if key in parameter}
        yield schemas.Member(
            wire=str(parameter.get("name")),
            schema=parameter.get("schema", {}) | beside,
            owner="",
            pointer=given["$ref"][1:] if "$ref" in given else at,
            around=provenance_of(parameter, own),
            required=parameter.get("in") == "path" or bool(parameter.get("required")),
            place=str(parameter.get("in")),
        )


def _retry(op: doc.Operation) -> Node:
    found: Any = op.body.get("x-retry")
    return found if isinstance(found, dict) else {}


def _beside(item: Node) -> Node:
    """Return what a path has for all of its calls."""
    return {key: item[key] for key in ("parameters", "servers") if key in item}


def _fields(document: Node, component: str | None) -> Node:
    if component is None:
        return {}
    found = schemas.members(document, component)
    return {name: schemas.field(document, member) for name, member in found.items()}


def _request(document: Node, op: doc.Operation) -> Node:
    body = doc.resolve(document, op.body.get("requestBody", {}))
    return {
        "required": body.get("required"),
        "media": dict.fromkeys(body.get("content", {}), True),
    }


def _envelope(document: Node, found: Bodies) -> Node:
    fields = _fields(document, found.envelope)
    if found.payload is not None:
        # What it is called is an attribute of the method.
        fields["payload"]["type"] = "object"
    return fields


def _carrier(document: Node, component: str, *, payload: bool) -> Node:
    """Return the rest of a class that only carries arguments, which are reported as such."""
    whole = schemas.class_(document, component)
    found = {key: whole[key] for key in ("source", "words", "other")}
    # Whether a payload is deprecated is an attribute of the envelope's field.
    return found if payload else found | {"deprecated": whole["deprecated"]}


def _status(document: Node, response: Node, *, is_error: bool) -> Node:
    target = doc.resolve(document, response)
    types = [python.type_of(document, media["schema"]) for media in doc.media(document, response)]
    return {
        "words": schemas.words(target),
        "source": provenance_of(target).level,
        # What a call returns is an attribute of the method.
        "types": dict.fromkeys(types if is_error else (), True),
        "media": dict.fromkeys(target.get("content", {}), True),
        "headers": {
            name: {key: each for key, each in header.items() if key != "description"}
            for name, header in target.get("headers", {}).items()
        },
    }
