"""The extensions of the document, checked before anything is made of them."""

from __future__ import annotations

import keyword
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import PythonIdentifier

from generator import document as doc
from generator import rules
from generator.problems import GenerationError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keys that say nothing to who looks for a field.
_SHELVES = frozenset(("allOf", "components", "properties", "schemas"))
_LEVELS = ("documented", "observed", "inferred")
_RETRY = ("safe", "unsafe")
# A method of such a name hides the type from every annotation after it. `list` may be one:
# the templates write `builtins.list`.
_TYPES = frozenset(("bool", "bytes", "datetime", "dict", "float", "int", "object", "str", "tuple"))


def check(document: doc.Node) -> None:
    """Refuse a document whose operations can't become methods.

    Raises:
        GenerationError: Naming every operation at fault and what to do.
    """
    problems = [
        *rules.problems(document),
        *(f"{op.label}: {text}" for op in doc.operations(document) for text in _faults(op)),
        *_repeated(document),
        *(
            f"{name}: {text}"
            for name, schema in doc.schemas(document).items()
            for text in _provenance(schema.get("x-provenance"))
        ),
        *(
            f"{name}: {text}"
            for name, schema in doc.schemas(document).items()
            for text in (*_flags(document, schema), *_facts(schema))
        ),
        *(f"{place}: x-essential is true, or not there" for place in _odd_marks(document)),
    ]
    if problems:
        raise GenerationError.listing("the document can't be generated from yet:", problems)


def _faults(op: doc.Operation) -> Iterator[str]:
    yield from _method(op.body.get("x-method"))
    yield from _retry(op.body.get("x-retry"))
    if "x-provenance" not in op.body:
        yield "x-provenance is missing; add level, page and date of what is known of it"
    yield from _provenance(op.body.get("x-provenance"))


def _method(name: Any) -> Iterator[str]:  # noqa: ANN401 - whatever stands in the document
    if name is None:
        yield "x-method is missing; add the name of its method, e.g. x-method: create"
    elif not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        yield f"x-method {name!r} is no name for a method; use an identifier, e.g. create"
    elif name.startswith("_") or name in _TYPES:
        yield f"x-method {name!r} would hide something else; choose another name"


def _retry(retry: Any) -> Iterator[str]:  # noqa: ANN401 - whatever stands in the document
    if not isinstance(retry, dict):
        yield "x-retry is missing; add class (safe or unsafe) and reason (one sentence)"
        return
    if retry.get("class") not in _RETRY:
        yield f"x-retry has the class {retry.get('class')!r}; it is safe or unsafe"
    if not str(retry.get("reason") or "").strip():
        yield "x-retry has no reason; say in one sentence why repeating the call is safe or not"


def _provenance(provenance: Any) -> Iterator[str]:  # noqa: ANN401 - whatever stands in the document
    if provenance is None:
        return
    if not isinstance(provenance, dict):
        yield "x-provenance is no object; give it level, page and date"
    elif provenance.get("level") not in _LEVELS:
        found = provenance.get("level")
        yield f"x-provenance has the level {found!r}; it is one of {', '.join(_LEVELS)}"


def _flags(document: doc.Node, schema: doc.Node) -> Iterator[str]:
    for name, flag in schema.get("x-flags", {}).items():
        if not str(name).isidentifier() or {"field", "values", "description"} != set(flag):
            yield f"x-flags {name!r} needs a name for Python, field, values and description"
        elif name in map(_attribute, schema.get("properties", {})):
            yield f"x-flags {name!r} is a field already; choose another name"
        elif flag["field"] not in schema.get("properties", {}):
            yield f"x-flags {name!r} names the field {flag['field']!r}, which is not there"
        else:
            field = doc.resolve(document, schema["properties"][flag["field"]])
            known = field.get("enum", [True, False] if field.get("type") == "boolean" else ())
            odd = [value for value in flag["values"] if value not in known]
            if odd or not flag["values"]:
                yield f"x-flags {name!r} needs values that {flag['field']} can have, not {odd}"


def _attribute(wire: str) -> str:
    return str(PythonIdentifier(wire, "field_"))


def _facts(schema: doc.Node) -> Iterator[str]:
    for name, fact in schema.get("x-facts", {}).items():
        if not str(name).isidentifier() or {"values", "description"} != set(fact):
            yield f"x-facts {name!r} needs a name for Python, values and description"
        else:
            odd = sorted(set(fact["values"]) - set(schema.get("enum", ())))
            if odd:
                yield f"x-facts {name!r} tells of {', '.join(odd)}, which the enum does not have"


def _odd_marks(node: Any, place: str = "") -> Iterator[str]:  # noqa: ANN401 - any part of it
    """Go through the places where x-essential has another value than true."""
    if isinstance(node, dict):
        if node.get("x-essential", True) is not True:
            yield place
        for name, child in node.items():
            if name not in ("example", "examples"):
                below = place if name in _SHELVES else f"{place}.{name}".lstrip(".")
                yield from _odd_marks(child, below)
    elif isinstance(node, list):
        for child in node:
            yield from _odd_marks(child, place)


def _repeated(document: doc.Node) -> Iterator[str]:
    ids: defaultdict[str, list[str]] = defaultdict(list)
    methods: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for op in doc.operations(document):
        ids[op.label].append(f"{op.verb.upper()} {op.path}")
        if isinstance(op.body.get("x-method"), str):
            methods["".join(op.body.get("tags", ())), op.body["x-method"]].append(op.label)
    for label, places in ids.items():
        if len(places) > 1:
            yield f"{label}: {' and '.join(places)} have this operationId; give each its own"
    for (tag, method), labels in methods.items():
        if len(labels) > 1:
            yield f"{', '.join(labels)}: all are x-method {method!r} of {tag}; give each its own"
