"""Checks of the structure of a document, which all its readers rely on.

The linter checks whether it is good OpenAPI. These checks find what would end a reader with a
traceback: a list where an object belongs, a reference without a target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator import references
from generator.lines import escaped
from generator.problems import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_TEXTS: Mapping[str, str] = {"summary": "text", "description": "text"}
# For each form, the form of the value of each key; `*` is any other key. Brackets mean a list of
# that form, a question mark that the value may also be something else than an object.
_FORMS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "info": "info",
        "servers": "[object]",
        "tags": "[tag]",
        "paths": "paths",
        "webhooks": "paths",
        "components": "components",
    },
    "info": {"title": "text", **_TEXTS},
    "paths": {"*": "path"},
    "path": {**dict.fromkeys(VERBS, "operation"), **_TEXTS},
    "operation": {
        "tags": "[text]",
        "parameters": "[parameter]",
        "requestBody": "body",
        "responses": "bodies",
        **_TEXTS,
    },
    "bodies": {"*": "body"},
    "body": {"content": "contents", **_TEXTS},
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
        **_TEXTS,
    },
    "discriminator": {"propertyName": "text", "mapping": "texts"},
    "texts": {"*": "text"},
    "tag": {"name": "text", **_TEXTS},
    "parameter": {"name": "text", "in": "text", "schema": "schema", **_TEXTS},
    "objects": {"*": "object"},
    "object": {},
}

_KINDS: Mapping[str, tuple[type, str]] = {"text": (str, "a text")}


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the faults in the document's order; those of references only if there are no others."""
    odd = list(_misformed(document, "document", ""))
    yield from odd or references.faults(document)


def _misformed(node: Any, form: str, pointer: str) -> Iterator[Fault]:  # noqa: ANN401 - any node
    if form.endswith("?"):
        if isinstance(node, dict):
            yield from _misformed(node, form.rstrip("?"), pointer)
        return
    if form == "type":
        # One or several. An unquoted null is not a type, but an easy mistake.
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
    """Yield each child that has a form: its step in the pointer, the child, the form."""
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
    """Return a pointer as messages show it: the keys that lead to the node."""
    return " > ".join(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
