"""Reads the document into a `Surface`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import document as doc
from generator.problems import GenerationError
from tools.surface.fields import Walk, provenance_of
from tools.surface.lines import escaped, lines_of
from tools.surface.model import Code, Enumeration, Field, Operation, Surface

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.document import Node

DOCUMENT = Path(__file__).resolve().parents[2] / "openapi.yaml"

_SCHEMAS = "/components/schemas"
_ERROR_CODES = f"{_SCHEMAS}/ErrorResponse/properties/errorCode"
_CODE = re.compile(r"\b(\d{3})\s+([^,.;]+)")


class ReadError(Exception):
    """The document can't be read; the message says why."""


def read(path: Path = DOCUMENT) -> Surface:
    """Read the document.

    Raises:
        ReadError: When there is none, or it is no OpenAPI document.
    """
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{path}: {error}") from None
    return read_text(content, path.name)


def read_text(content: str, name: str = "openapi.yaml") -> Surface:
    """Return the surface of a document that is given as text; `name` is for messages.

    Raises:
        ReadError: When it is no OpenAPI document.
    """
    try:
        document = doc.parse(content.encode(), name)
        return flatten(document, lines_of(content), content)
    except GenerationError as error:
        raise ReadError(str(error)) from None


def flatten(document: Node, lines: Mapping[str, int], text: str) -> Surface:
    """Return the surface of a document that was read; `lines` and `text` are where it stood."""
    walk = Walk(document, lines)
    events = {op.path: _event(walk, op) for op in doc.webhooks(document)}
    envelope = _envelope(walk, document, list(events.values()))
    if envelope is not None:
        events["*"] = envelope
    calls = (_call(walk, op) for op in doc.operations(document))
    return Surface(
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


def _call(walk: Walk, op: doc.Operation) -> Operation:
    owner = f"{op.verb.upper()} {op.path}"
    place = f"/paths/{escaped(op.path)}/{op.verb}"
    bodies = {"request": _body(walk.document, op.body.get("requestBody"))}
    for status, answer in op.body.get("responses", {}).items():
        if status.startswith("2"):
            bodies["answer"] = _body(walk.document, answer)
    return _operation(walk, op, owner, place, bodies)


def _event(walk: Walk, op: doc.Operation) -> Operation:
    place = f"/webhooks/{escaped(op.path)}/{op.verb}"
    bodies = {"event": _body(walk.document, op.body.get("requestBody"))}
    return _operation(walk, op, op.path, place, bodies)


def _operation(
    walk: Walk, op: doc.Operation, owner: str, place: str, bodies: Mapping[str, Node | None]
) -> Operation:
    own = provenance_of(op.body)
    fields: dict[str, Mapping[str, Field]] = {}
    for part, schema in bodies.items():
        if schema is not None:
            fields[part] = walk.fields(owner, part, schema, own)
    return Operation(
        owner=owner,
        id=str(op.body.get("operationId", "")),
        tag="".join(op.body.get("tags", ())[:1]),
        method=str(op.body.get("x-method", "")),
        title=str(op.body.get("summary", "")),
        line=walk.lines.get(place, 0),
        provenance=own,
        fields=fields,
        answers={
            status: provenance_of(doc.resolve(walk.document, answer), own)
            for status, answer in op.body.get("responses", {}).items()
        },
        schemas={part: schema for part, schema in bodies.items() if schema is not None},
    )


def _envelope(walk: Walk, document: Node, events: list[Operation]) -> Operation | None:
    """Return what all events share as an event of its own, named `*`.

    It has their `data` too, whose fields differ from one event to the next.
    """
    shared: list[str] = []
    for op in doc.webhooks(document):
        schema = doc.resolve(document, _body(document, op.body.get("requestBody")) or {})
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
        line=walk.lines.get(f"{_SCHEMAS}/{name}", 0),
        provenance=own,
        fields={"event": walk.fields("*", "event", doc.ref_to(name), own) | _shared(events)},
        answers={},
        schemas={"event": doc.ref_to(name)},
    )


def _shared(events: list[Operation]) -> dict[str, Field]:
    bodies = [event.fields.get("event", {}) for event in events]
    common = set(bodies[0]).intersection(*bodies)
    return {
        path: replace(field, spot=field.spot._replace(owner="*"))
        for path, field in bodies[0].items()
        if path in common and path == "data"
    }


def _body(document: Node, holder: Node | None) -> Node | None:
    found = list(doc.media(document, holder)) if holder else []
    schema: Node | None = found[0]["schema"] if found else None
    return schema


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
