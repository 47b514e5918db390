"""Checks of the names that become identifiers in Python."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from openapi_python_client.strings import PythonIdentifier

from generator import document as doc
from generator.lines import escaped
from generator.locations import located_operations, located_schemas
from generator.problems import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.document import Node

_COMPONENT = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


def faults(document: Node) -> Iterator[Fault]:
    """Yield what is wrong with names of schemas, fields, parameters, tags and operations."""
    for name in doc.schemas(document):
        if not _COMPONENT.fullmatch(name):
            text = f"{name!r} is not a schema name; use letters, digits, . _ and -"
            yield Fault(f"/components/schemas/{escaped(name)}", text)
    for located in located_schemas(document):
        given = located.schema.get("properties", {})
        for name, text in (*_fields(given), *_alike(given)):
            pointer = f"{located.pointer}/properties/{escaped(name)}"
            yield Fault(pointer, f"{located.label}: the field {name!r} {text}")
    for pointer, op in located_operations(document):
        yield from _of_operation(pointer, op)
    parameters = document.get("components", {}).get("parameters", {})
    for key, each in parameters.items():
        for text in _wrong(str(each.get("name", key))):
            pointer = f"/components/parameters/{escaped(key)}/name"
            yield Fault(pointer, f"{key}: the parameter {each['name']!r} {text}")


def _of_operation(pointer: str, op: doc.Operation) -> Iterator[Fault]:
    for index, parameter in enumerate(op.body.get("parameters", ())):
        name = str(parameter.get("name") or "")
        for text in _wrong(name) if name else ():
            place = f"{pointer}/parameters/{index}/name"
            yield Fault(place, f"{op.label}: the parameter {name!r} {text}")
    for index, tag in enumerate(op.body.get("tags", ())):
        for text in (*_wrong(tag), *_unnamed(tag)):
            yield Fault(f"{pointer}/tags/{index}", f"{op.label}: the tag {tag!r} {text}")
    given = op.body.get("operationId")
    for text in (*_wrong(given), *_unnamed(given)) if isinstance(given, str) else ():
        yield Fault(f"{pointer}/operationId", f"{op.path}: the operationId {given!r} {text}")


def _fields(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        yield from ((name, text) for text in _wrong(name))
        if name and not any(sign.isalnum() for sign in name):
            yield name, "gives no name for Python; leave it out"


def _alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the names that are the same identifier in Python as an earlier one."""
    first: dict[str, str] = {}
    for name in names:
        written = str(PythonIdentifier(name, "field_", skip_snake_case=True))
        other = first.setdefault(written, name)
        if other != name:
            yield name, f"would be {written} in Python, as {other!r} is; leave one out"


def _wrong(name: str) -> Iterator[str]:
    if not name:
        yield "is empty; give it a name"
    elif not name.isprintable():
        odd = next(sign for sign in name if not sign.isprintable())
        yield f"holds U+{ord(odd):04X}, which can't be shown; write it without"
    elif not _is_normal(name):
        # Python normalizes identifiers, but not strings that hold their names.
        yield f"would be {normalize('NFKC', name)!r} in Python; write that, or leave it out"


@functools.cache
def _is_normal(name: str) -> bool:
    written = str(PythonIdentifier(name, "field_"))
    return all(normalize("NFKC", each) == each for each in (name, written))


def _unnamed(name: str) -> Iterator[str]:
    if name and not any(sign.isalpha() for sign in name):
        yield "gives no name for Python; use letters"
