"""Reads the document into a `SpecIndex`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import document as doc
from generator.lines import escaped, lines_of
from generator.problems import UNFORESEEN, GenerationError
from tools.spec import python
from tools.spec.fields import Body, FieldWalker, provenance_of
from tools.spec.model import Code, Enumeration, Field, Operation, SpecIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.document import Node

DOCUMENT = Path(__file__).resolve().parents[2] / "openapi.yaml"

_SCHEMAS = "/components/schemas"
_ERROR_CODES = f"{_SCHEMAS}/ErrorResponse/properties/errorCode"
_CODE = re.compile(r"\b(\d{3})\s+([^,.;]+)")


class ReadError(Exception):
    """The document can't be read; the message gives the reason."""


def read(path: Path = DOCUMENT) -> SpecIndex:
    """Read the document.

    Raises:
        ReadError: When the file is missing or not an OpenAPI document.
    """
    name = doc.shown(path)
    try:
        content = doc.content(path, name)
    except GenerationError as error:
        raise ReadError(str(error)) from None
    return read_text(content.decode(), name)


def read_text(content: str, name: str = "openapi.yaml") -> SpecIndex:
    """Return the index of a document that is given as text; `name` is for messages.

    Raises:
        ReadError: When it is not an OpenAPI document.
    """
    try:
        document = doc.parse(content.encode(), name)
        return flatten(document, lines_of(content), content)
    except GenerationError as error:
        raise ReadError(str(error)) from None
    except UNFORESEEN as error:
        raise ReadError(str(GenerationError.unforeseen(error, name))) from error


def flatten(document: Node, lines: Mapping[str, int], text: str) -> SpecIndex:
    """Return the index of a parsed document, with its text and the lines of its nodes."""
    walker = FieldWalker(document, lines)
    events = {op.path: _event(walker, op) for op in doc.webhooks(document)}
    envelope = _envelope(walker, document, list(events.values()))
    if envelope is not None:
        events["*"] = envelope
    calls = (_call(walker, op) for op in doc.operations(document))
    return SpecIndex(
        operations={call.owner: call for call in calls},
        events=events,
        enumerations=dict(_enumerations(document, lines)),
        codes={code.code: code for code in _codes(document)},
        codes_line=lines.get(_ERROR_CODES, 0),
        servers=tuple(server["url"] for server in document.get("servers", ())),
        document=document,
        lines=lines,
        text=text,
    )


def _call(walker: FieldWalker, op: doc.Operation) -> Operation:
    owner = f"{op.verb.upper()} {op.path}"
    place = f"/paths/{escaped(op.path)}/{op.verb}"
    bodies = {"request": _body(walker.document, op.body.get("requestBody"), f"{place}/requestBody")}
    for status, response in op.body.get("responses", {}).items():
        if status.startswith("2"):
            bodies["response"] = _body(walker.document, response, f"{place}/responses/{status}")
    found = _operation(walker, op, owner, place, bodies)
    parameters = dict(_parameters(walker, op, owner, f"{place}/parameters"))
    if not parameters:
        return found
    request = {**parameters, **found.fields.get("request", {})}
    return replace(found, fields={**found.fields, "request": request})


def _parameters(
    walker: FieldWalker, op: doc.Operation, owner: str, place: str
) -> Iterable[tuple[str, Field]]:
    for index, given in enumerate(op.body.get("parameters", ())):
        at = given["$ref"][1:] if "$ref" in given else f"{place}/{index}"
        field = walker.parameter(owner, Body(given, at), provenance_of(op.body))
        yield field.field_path.path, field


def _event(walker: FieldWalker, op: doc.Operation) -> Operation:
    place = f"/webhooks/{escaped(op.path)}/{op.verb}"
    bodies = {"event": _body(walker.document, op.body.get("requestBody"), f"{place}/requestBody")}
    return _operation(walker, op, op.path, place, bodies)


def _operation(
    walker: FieldWalker,
    op: doc.Operation,
    owner: str,
    place: str,
    bodies: Mapping[str, Body | None],
) -> Operation:
    own = provenance_of(op.body)
    fields: dict[str, Mapping[str, Field]] = {}
    for part, body in bodies.items():
        if body is not None:
            fields[part] = walker.fields(owner, part, body, own)
    return Operation(
        owner=owner,
        id=str(op.body.get("operationId", "")),
        tag="".join(map(python.resource, op.body.get("tags", ())[:1])),
        method=python.as_read(str(op.body.get("x-method", ""))),
        title=str(op.body.get("summary", "")),
        line=walker.lines.get(place, 0),
        provenance=own,
        fields=fields,
        responses={
            status: provenance_of(doc.resolve(walker.document, response), own)
            for status, response in op.body.get("responses", {}).items()
        },
        schemas={part: body.schema for part, body in bodies.items() if body is not None},
        bodies={part: body.pointer for part, body in bodies.items() if body is not None},
    )


def _envelope(walker: FieldWalker, document: Node, events: list[Operation]) -> Operation | None:
    """Return what all events share as an event of its own, named `*`.

    It has their `data` too, whose fields differ from one event to the next.
    """
    shared: list[str] = []
    for op in doc.webhooks(document):
        body = _body(document, op.body.get("requestBody"), "")
        schema = doc.resolve(document, body.schema) if body else {}
        shared += [doc.ref_name(part) or "" for part in schema.get("allOf", ())[:1]]
    names = set(shared)
    if len(names) != 1 or "" in names:
        return None
    name = shared[0]
    node = doc.schemas(document)[name]
    own = provenance_of(node)
    return Operation(
        owner="*",
        id=name,
        tag="",
        method="",
        title=str(node.get("description", "")),
        line=walker.lines.get(f"{_SCHEMAS}/{name}", 0),
        provenance=own,
        fields={
            "event": walker.fields("*", "event", Body(doc.ref_to(name), ""), own) | _shared(events)
        },
        responses={},
        schemas={"event": doc.ref_to(name)},
        bodies={"event": f"{_SCHEMAS}/{name}"},
    )


def _shared(events: list[Operation]) -> dict[str, Field]:
    bodies = [event.fields.get("event", {}) for event in events]
    common = set(bodies[0]).intersection(*bodies)
    return {
        path: replace(field, field_path=field.field_path._replace(owner="*"))
        for path, field in bodies[0].items()
        if path in common and path == "data"
    }


def _body(document: Node, holder: Node | None, place: str) -> Body | None:
    if holder is None:
        return None
    at = holder["$ref"][1:] if "$ref" in holder else place
    for kind, media in doc.resolve(document, holder).get("content", {}).items():
        if "schema" in media:
            return Body(media["schema"], f"{at}/content/{escaped(kind)}/schema")
    return None


def _enumerations(document: Node, lines: Mapping[str, int]) -> Iterable[tuple[str, Enumeration]]:
    for name, schema in doc.schemas(document).items():
        if "enum" in schema:
            line = lines.get(f"{_SCHEMAS}/{name}", 0)
            values = tuple(map(str, schema["enum"]))
            yield name, Enumeration(name, values, line, provenance_of(schema))


def _codes(document: Node) -> Iterable[Code]:
    error: Any = doc.schemas(document).get("ErrorResponse", {})
    text = error.get("properties", {}).get("errorCode", {}).get("description", "")
    for code, words in _CODE.findall(text):
        yield Code(code, words.strip())
