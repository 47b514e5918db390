"""Checks of references: each has a target, and one of the right kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.lines import escaped
from generator.problems import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The values of these are data, not part of the schema.
_DATA = frozenset(("const", "default", "enum", "example", "examples"))
_SCHEMAS = "#/components/schemas/"


def faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with references; cycles only if all have a target."""
    found = [*_astray(document), *_misdirected(document)]
    yield from found or _cycles(document)


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
            return "the target of this reference is not an object"
        if "$ref" not in target:
            return None
        ref = str(target["$ref"])


def _misdirected(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the references of operations to components of the wrong kind."""
    for pointer, holder, home in _holders(document):
        ref = holder.get("$ref")
        fitting = f"#/components/{home}/"
        if isinstance(ref, str) and not ref.startswith(fitting):
            text = f"{ref}: this does not fit here; refer to something below {fitting}"
            yield Fault(f"{pointer}/$ref", text)


def _holders(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield each node that may be such a reference: pointer, node, allowed kind of component."""
    for section in ("paths", "webhooks"):
        for path, item in document.get(section, {}).items():
            for verb, op in item.items():
                if isinstance(op, dict):
                    pointer = f"/{section}/{escaped(path)}/{escaped(verb)}"
                    yield from _of_operation(pointer, op)
    for home in ("parameters", "requestBodies", "responses"):
        for name, each in document.get("components", {}).get(home, {}).items():
            yield f"/components/{home}/{escaped(name)}", each, home


def _of_operation(
    pointer: str, op: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    if "requestBody" in op:
        yield f"{pointer}/requestBody", op["requestBody"], "requestBodies"
    for index, each in enumerate(op.get("parameters", ())):
        yield f"{pointer}/parameters/{index}", each, "parameters"
    for status, each in op.get("responses", {}).items():
        yield f"{pointer}/responses/{escaped(status)}", each, "responses"


def _cycles(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the schemas that are a part of themselves: they have no finite value."""
    schemas = document.get("components", {}).get("schemas", {})
    within = {name: set(_parts(schema)) for name, schema in schemas.items()}
    for name in schemas:
        if name in _reached(within, name):
            yield Fault(
                f"/components/schemas/{escaped(name)}",
                f"{name}: is a part of itself by allOf, oneOf or anyOf; take that reference out",
            )


def _parts(schema: Any) -> Iterator[str]:  # noqa: ANN401 - any node
    if not isinstance(schema, dict):
        return
    if str(schema.get("$ref")).startswith(_SCHEMAS):
        yield str(schema["$ref"]).removeprefix(_SCHEMAS)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from _parts(part)


def _reached(within: Mapping[str, set[str]], name: str) -> set[str]:
    found: set[str] = set()
    left = list(within[name])
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left.extend(within.get(each, ()))
    return found
