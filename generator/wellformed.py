"""Whether a document is put together as all that read it rely on.

Whether it is good OpenAPI is the linter's business. Found here is what would end a reader in the
middle, with a traceback: a list where an object belongs, a reference that leads nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator import references
from generator.lines import escaped
from generator.problems import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_TOLD: Mapping[str, str] = {"summary": "text", "description": "text"}
# What a key of an object holds, by the name of what holds it: the name of another one, in brackets
# where it is a list of them, with a question mark where it may be something else than an object.
# An asterisk is any key.
_FORMS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "info": "info",
        "servers": "[object]",
        "tags": "[tag]",
        "paths": "paths",
        "webhooks": "paths",
        "components": "components",
    },
    "info": {"title": "text", **_TOLD},
    "paths": {"*": "path"},
    "path": {**dict.fromkeys(VERBS, "operation"), **_TOLD},
    "operation": {
        "tags": "[text]",
        "parameters": "[parameter]",
        "requestBody": "body",
        "responses": "bodies",
        **_TOLD,
    },
    "bodies": {"*": "body"},
    "body": {"content": "contents", **_TOLD},
    "contents": {"*": "content"},
    "content": {"schema": "schema", "examples": "object"},
    "components": {
        "schemas": "schemas",
        "parameters": "parameters",
        "responses": "bodies",
        "requestBodies": "bodies",
        "securitySchemes": "objects",
    },
    "parameters": {"*": "parameter"},
    "schemas": {"*": "schema"},
    "schema": {
        "properties": "schemas",
        "type": "type",
        "discriminator": "discriminator",
        "required": "[text]",
        "enum": "[]",
        "examples": "[]",
        "allOf": "[schema]",
        "anyOf": "[schema]",
        "oneOf": "[schema]",
        "prefixItems": "[schema]",
        "items": "schema?",
        "additionalProperties": "schema?",
        "title": "text",
        "format": "text",
        "x-flags": "objects",
        "x-facts": "objects",
        **_TOLD,
    },
    "discriminator": {"propertyName": "text", "mapping": "texts"},
    "texts": {"*": "text"},
    "tag": {"name": "text", **_TOLD},
    "parameter": {"name": "text", "in": "text", "schema": "schema", **_TOLD},
    "objects": {"*": "object"},
    "object": {},
}

_KINDS: Mapping[str, tuple[type, str]] = {"text": (str, "a text")}


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong, in the document's order; references only where all else is right."""
    odd = list(_misformed(document, "document", ""))
    yield from odd or references.faults(document)


def _misformed(node: Any, form: str, pointer: str) -> Iterator[Fault]:  # noqa: ANN401 - any node
    if form.endswith("?"):
        if isinstance(node, dict):
            yield from _misformed(node, form.rstrip("?"), pointer)
        return
    if form == "type":
        # One or several; YAML's null is none, and an easy slip.
        listed = node if isinstance(node, list) else [node]
        if not all(isinstance(each, str) for each in listed):
            text = 'has to be a text or a list of texts; null too is written in quotes, "null"'
            yield Fault(pointer, f"not an OpenAPI document: {_at(pointer)} {text}")
        return
    kind, name = (list, "a list") if form.startswith("[") else _KINDS.get(form, (dict, "an object"))
    if not isinstance(node, kind):
        yield Fault(pointer, f"not an OpenAPI document: {_at(pointer)} has to be {name}")
        return
    for step, value, inner in _members(node, form):
        yield from _misformed(value, inner, f"{pointer}/{step}")


def _members(node: Any, form: str) -> Iterator[tuple[str, Any, str]]:  # noqa: ANN401 - any node
    """Yield what is within a node and has a form of its own: the step there, itself, the form."""
    if isinstance(node, list):
        inner = form.strip("[]")
        yield from ((str(index), item, inner) for index, item in enumerate(node if inner else ()))
    elif isinstance(node, dict):
        known = _FORMS[form]
        for key, value in node.items():
            inner = known.get(key) or known.get("*", "")
            if inner:
                yield escaped(str(key)), value, inner


def _at(pointer: str) -> str:
    """Return a place as messages show it: the keys that lead to it."""
    return " > ".join(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
