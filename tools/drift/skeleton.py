"""The skeleton of a new operation, made from the page's own OpenAPI."""

from __future__ import annotations

import re
from typing import Any

from tools.drift.samples import at

_DEPTH = 10
_KEPT = (
    *("type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "required", "deprecated", "default"),
)
_ERRORS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "429": "TooManyRequests",
    "500": "InternalServerError",
}
_ENVELOPE = {
    "account": {"$ref": "#/components/schemas/AccountId"},
    "timestamp": {"$ref": "#/components/schemas/Timestamp"},
}
_EXAMPLES: dict[str, Any] = {
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "string": "<an example>",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
}
WORDS = "<what it is, in your own words>"
_SIGNING = frozenset({"key", "sign", "content-type"})


def operation(
    source: Any,  # noqa: ANN401 - any JSON
    pointer: str,
    provenance: dict[str, Any],
) -> dict[str, Any] | None:
    """Return an operation of the page's document in the form of ours; None where it is not there.

    What a person has to decide or to word stands in <…>.
    """
    found = at(source, pointer)
    if not isinstance(found, dict):
        return None
    reader = _Reader(source, provenance)
    parameters = [
        each
        for each in found.get("parameters", ())
        if isinstance(each, dict) and str(each.get("name", "")).lower() not in _SIGNING
    ]
    body: dict[str, Any] = {
        "operationId": str(found.get("operationId") or _id_of(pointer)),
        "tags": ["<one of the tags of this document>"],
        "summary": "<what it does, in your own words>",
        "description": "<what a caller has to know, in your own words>",
        "x-method": "<name of the method>",
        "x-retry": {"class": "<safe or unsafe>", "reason": "<one sentence>"},
        "x-provenance": provenance,
    }
    if parameters:
        body["parameters"] = [reader.parameter(each) for each in parameters]
    if isinstance(found.get("requestBody"), dict):
        schema = reader.schema(_schema_of(found["requestBody"]), is_body=True)
        body["requestBody"] = {"required": True, "content": _content(schema)}
    body["responses"] = reader.responses(found.get("responses"))
    return body


def examples(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword with an example of a schema; nothing for objects, arrays and unions."""
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _EXAMPLES:
        return {}
    values = schema.get("enum") or [_EXAMPLES.get(str(schema.get("format")), _EXAMPLES[kind])]
    is_other = isinstance(values[0], str) != (kind == "string")
    return {"examples": [_EXAMPLES[kind] if is_other else values[0]]}


class _Reader:
    def __init__(self, source: Any, provenance: dict[str, Any]) -> None:  # noqa: ANN401
        self.source = source
        self.provenance = provenance

    def parameter(self, found: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {
            key: found[key] for key in ("name", "in", "required") if key in found
        }
        schema = self.schema(found.get("schema"))
        schema |= examples(schema)
        return {**kept, "description": WORDS, "schema": schema, "x-provenance": self.provenance}

    def responses(self, found: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        responses: dict[str, Any] = {}
        for status, response in (found if isinstance(found, dict) else {}).items():
            if str(status) in _ERRORS:
                reference = f"#/components/responses/{_ERRORS[str(status)]}"
                responses[str(status)] = {"$ref": reference}
                continue
            responses[str(status)] = {"description": WORDS}
            schema = _schema_of(response)
            if schema:
                content = _content(self.schema(schema, is_body=True))
                responses[str(status)]["content"] = content
        return responses

    def schema(
        self,
        node: Any,  # noqa: ANN401 - any JSON
        depth: int = 0,
        *,
        is_body: bool = False,
    ) -> dict[str, Any]:
        node = self._resolved(node)
        found: dict[str, Any] = {key: node[key] for key in _KEPT if key in node}
        if depth > _DEPTH:
            return found
        if isinstance(node.get("items"), dict):
            found["items"] = self.schema(node["items"], depth + 1)
        properties = node.get("properties")
        if isinstance(properties, dict):
            found["properties"] = {
                name: self._property(name, inner, depth, is_body=is_body)
                for name, inner in properties.items()
            }
        return found

    def _property(
        self,
        name: str,
        node: Any,  # noqa: ANN401 - any JSON
        depth: int,
        *,
        is_body: bool,
    ) -> dict[str, Any]:
        if is_body and name in _ENVELOPE and depth == 0:
            return dict(_ENVELOPE[name])
        found = self.schema(node, depth + 1)
        found |= {"description": WORDS, **examples(found)}
        # The payload has the provenance of its operation.
        is_payload = is_body and name == "payload" and depth == 0
        return found if is_payload else {**found, "x-provenance": self.provenance}

    def _resolved(self, node: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        for _ in range(_DEPTH):
            if not isinstance(node, dict) or "$ref" not in node:
                break
            node = at(self.source, "/" + str(node["$ref"]).removeprefix("#/"))
        return node if isinstance(node, dict) else {}


def _schema_of(holder: Any) -> Any:  # noqa: ANN401 - any JSON
    content = holder.get("content") if isinstance(holder, dict) else None
    for media in content.values() if isinstance(content, dict) else ():
        if isinstance(media, dict) and "schema" in media:
            return media["schema"]
    return None


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _id_of(pointer: str) -> str:
    path, _, verb = pointer.replace("~1", "/").rpartition("/")
    words = re.findall(r"[A-Za-z0-9]+", path)[-2:]
    return verb + "".join(map(str.capitalize, words))
