"""Whether a document is put together as all that read it rely on.

Whether it is good OpenAPI is the linter's business. Found here is what would end a reader in the
middle, with a traceback: a list where an object belongs, a reference that leads nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.lines import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# What a key of an object holds, by the name of what holds it: the name of another one, in brackets
# where it is a list of them. An asterisk is any key.
_FORMS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "info": "object",
        "servers": "[object]",
        "tags": "[tag]",
        "paths": "paths",
        "webhooks": "paths",
        "components": "components",
    },
    "paths": {"*": "path"},
    "path": dict.fromkeys(VERBS, "operation"),
    "operation": {
        "tags": "[text]",
        "parameters": "[parameter]",
        "requestBody": "body",
        "responses": "bodies",
    },
    "bodies": {"*": "body"},
    "body": {"content": "contents"},
    "contents": {"*": "content"},
    "content": {"schema": "schema", "examples": "object"},
    "components": {"schemas": "schemas", "responses": "bodies", "requestBodies": "bodies"},
    "schemas": {"*": "schema"},
    "schema": {
        "properties": "schemas",
        "required": "[]",
        "enum": "[]",
        "examples": "[]",
        "allOf": "[schema]",
        "anyOf": "[schema]",
        "oneOf": "[schema]",
        "prefixItems": "[schema]",
        "x-flags": "objects",
        "x-facts": "objects",
    },
    "tag": {"name": "text"},
    "parameter": {"name": "text", "in": "text", "schema": "schema"},
    "objects": {"*": "object"},
    "object": {},
}
# What stands in these is data, or no schema's own.
_DATA = frozenset(("const", "default", "enum", "example", "examples"))


class Fault(NamedTuple):
    """What is wrong, and the JSON pointer of where."""

    pointer: str
    text: str


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong, in the document's order; references only where all else is right."""
    odd = list(_misformed(document, "document", ""))
    yield from odd or _astray(document)


def _misformed(node: Any, form: str, pointer: str) -> Iterator[Fault]:  # noqa: ANN401 - any node
    if form.startswith("["):
        if not isinstance(node, list):
            yield Fault(pointer, f"not an OpenAPI document: {_at(pointer)} has to be a list")
            return
        inner = form.strip("[]")
        for index, item in enumerate(node if inner else ()):
            yield from _misformed(item, inner, f"{pointer}/{index}")
        return
    if form == "text":
        if not isinstance(node, str):
            yield Fault(pointer, f"not an OpenAPI document: {_at(pointer)} has to be a text")
        return
    if not isinstance(node, dict):
        yield Fault(pointer, f"not an OpenAPI document: {_at(pointer)} has to be an object")
        return
    known = _FORMS[form]
    for key, value in node.items():
        inner = known.get(key) or known.get("*", "")
        if inner:
            yield from _misformed(value, inner, f"{pointer}/{escaped(str(key))}")


def _at(pointer: str) -> str:
    """Return a place as messages show it: the keys that lead to it."""
    return " > ".join(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _astray(document: Mapping[str, Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for pointer, ref in _references(document, ""):
        if ref not in seen:
            seen.add(ref)
            text = _wrong_with(document, ref)
            if text:
                yield Fault(pointer, f"{ref}: {text}")


def _references(node: Any, pointer: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any node
    if isinstance(node, dict):
        if "$ref" in node and not isinstance(node["$ref"], dict):
            yield f"{pointer}/$ref", str(node["$ref"])
        for key, value in node.items():
            if key not in _DATA:
                yield from _references(value, f"{pointer}/{escaped(str(key))}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _references(item, f"{pointer}/{index}")


def _wrong_with(document: Mapping[str, Any], ref: str) -> str | None:
    followed: set[str] = set()
    while True:
        if ref in followed:
            return "this reference leads back to itself"
        followed.add(ref)
        target: Any = document
        for step in ref.removeprefix("#/").split("/"):
            if not isinstance(target, dict) or step not in target:
                return "there is nothing at this reference"
            target = target[step]
        if not isinstance(target, dict):
            return "what is at this reference is no object"
        if "$ref" not in target:
            return None
        ref = str(target["$ref"])
