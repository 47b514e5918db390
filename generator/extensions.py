"""Checks of the extensions of the document, before anything is generated from them."""

from __future__ import annotations

import functools
import keyword
import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from openapi_python_client.strings import PythonIdentifier

from generator import document as doc
from generator import provenance, rules
from generator.problems import GenerationError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keys that messages leave out of the path of a field.
_SILENT = frozenset(
    (
        *("allOf", "application/json", "components", "content", "parameters", "properties"),
        *("responses", "schema", "schemas"),
    )
)
# The keys of these objects are names that the author of the document chose.
_NAMES = frozenset(
    (
        *("content", "headers", "mapping", "parameters", "properties", "requestBodies"),
        *("responses", "schemas", "x-facts", "x-flags"),
    )
)
_DATA = frozenset(("const", "default", "enum", "example", "examples", "x-provenance"))
# Members that every generated model has, without underscores.
_TAKEN = frozenset(("additionalproperties", "todict", "fromdict", "tojson", "fromjson"))
_RETRY = ("safe", "unsafe")
# A method of such a name hides the type from every annotation after it. `list` may be one:
# the templates write `builtins.list`.
_TYPES = frozenset(("bool", "bytes", "datetime", "dict", "float", "int", "object", "str", "tuple"))


def check(document: doc.Node) -> None:
    """Reject a document whose operations can't become methods.

    Raises:
        GenerationError: It lists every problem and what to do about it.
    """
    nodes = list(_nodes(document))
    problems = [
        *_info(document.get("info", {})),
        *rules.problems(document),
        *(f"{op.label}: {text}" for op in doc.operations(document) for text in _faults(op)),
        *_repeated(document),
        *(f"{place}: {text}" for place, node in nodes for text in _node(node)),
        *(
            f"{name}: {text}"
            for name, schema in doc.schemas(document).items()
            for text in (*_flags(document, schema), *_facts(schema))
        ),
        *(text for place, node in nodes for text in _taken(place, node)),
        *(f"{place}: {text}" for place, node in nodes for text in _alike(node)),
    ]
    if problems:
        raise GenerationError.listing("the document can't be generated from yet:", problems)


def _info(info: doc.Node) -> Iterator[str]:
    for name, example in (("title", "Calypso Pay API"), ("version", "2026.11.0")):
        if name not in info:
            yield f'info: {name} is missing; write it as text, as in {name}: "{example}"'
        elif not isinstance(info[name], str):
            yield (
                f"info: {name} is {_shown(info[name])} and has to be text; write it in quotes, as "
                f'in {name}: "{info[name]}"'
            )


def _shown(value: object) -> str:
    """Return a value of the document with its kind, for messages."""
    return f"the number {value}" if type(value) in (int, Decimal) else "not text"


def _faults(op: doc.Operation) -> Iterator[str]:
    yield from _method(op.body.get("x-method"))
    yield from _retry(op.body.get("x-retry"))
    if "x-provenance" not in op.body:
        yield "x-provenance is missing; add level, page and date of what is known of it"


def _node(node: doc.Node) -> Iterator[str]:
    if "x-provenance" in node:
        yield from provenance.faults(node["x-provenance"])
    if node.get("x-essential", True) is not True:
        yield "x-essential has to be true, or absent"


def _method(name: Any) -> Iterator[str]:  # noqa: ANN401 - any value of the document
    if name is None:
        yield "x-method is missing; add the name of its method, e.g. x-method: create"
        return
    name = normalize("NFKC", name) if isinstance(name, str) else name
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        yield f"x-method {name!r} is not a method name; use an identifier, e.g. create"
    elif name.startswith("_") or name in _TYPES:
        yield f"x-method {name!r} would hide a built-in type or a private name; choose another name"


def _retry(retry: Any) -> Iterator[str]:  # noqa: ANN401 - any value of the document
    if retry is None:
        yield "x-retry is missing; add class (safe or unsafe) and reason (one sentence)"
        return
    if not isinstance(retry, dict):
        yield (
            "x-retry is not an object; give it class (safe or unsafe) and reason (one sentence), "
            "as in x-retry: {class: safe, reason: It only reads.}"
        )
        return
    if retry.get("class") not in _RETRY:
        yield f"x-retry has the class {retry.get('class')!r}; it is safe or unsafe"
    reason = retry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        yield "x-retry has no reason; state in one sentence why a retry is safe or not"


def _flags(document: doc.Node, schema: doc.Node) -> Iterator[str]:
    for name, flag in schema.get("x-flags", {}).items():
        if not str(name).isidentifier() or {"field", "values", "description"} != set(flag):
            yield f"x-flags {name!r} needs a name for Python, field, values and description"
        elif not _is_flag(flag):
            yield f"x-flags {name!r} needs a list of values; field and description are texts"
        elif _is_taken(name):
            yield f"x-flags {name!r} is a member of all models already; choose another name"
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


def _is_flag(flag: doc.Node) -> bool:
    texts = (flag["field"], flag["description"])
    return isinstance(flag["values"], list) and all(isinstance(text, str) for text in texts)


@functools.cache
def _attribute(wire: str) -> str:
    return str(PythonIdentifier(wire, "field_"))


def _facts(schema: doc.Node) -> Iterator[str]:
    for name, fact in schema.get("x-facts", {}).items():
        if not str(name).isidentifier() or {"values", "description"} != set(fact):
            yield f"x-facts {name!r} needs a name for Python, values and description"
        elif not isinstance(fact["values"], dict) or not isinstance(fact["description"], str):
            yield (
                f"x-facts {name!r} needs values as an object, a text for each member, and a text "
                "as its description"
            )
        else:
            odd = sorted(set(fact["values"]) - set(schema.get("enum", ())))
            if odd:
                yield f"x-facts {name!r} names {', '.join(odd)}, which the enum does not have"


def _taken(place: str, node: doc.Node) -> Iterator[str]:
    fields = node.get("properties", {})
    for name in fields if isinstance(fields, dict) else ():
        if _is_taken(name):
            yield (
                f"{place}.{name}: models have a member of that name already; leave the field out: "
                "what comes under its name is in additional_properties all the same"
            )


def _alike(node: doc.Node) -> Iterator[str]:
    """Yield fields whose names are the same identifier in Python."""
    read: defaultdict[str, dict[str, str]] = defaultdict(dict)
    fields = node.get("properties", {})
    for wire in fields if isinstance(fields, dict) else ():
        name = _attribute(wire)
        read[normalize("NFKC", name)][name] = wire
    for name, same in read.items():
        if len(same) > 1:
            yield f"{' and '.join(same.values())} would both be {name} in Python; leave one out"


def _is_taken(name: str) -> bool:
    return re.sub(r"[^0-9a-z]", "", name.lower()) in _TAKEN


def _nodes(document: doc.Node) -> Iterator[tuple[str, doc.Node]]:
    """Yield all objects that may have extensions, each with its path for messages."""
    for op in doc.operations(document):
        yield from _within(op.body, op.label)
    for op in doc.webhooks(document):
        yield from _within(op.body, op.path)
    yield from _within(document.get("components", {}), "")


def _within(node: Any, place: str, *, named: bool = False) -> Iterator[tuple[str, doc.Node]]:  # noqa: ANN401
    if isinstance(node, list):
        for child in node:
            inner = isinstance(child, dict) and "in" in child and child.get("name")
            yield from _within(child, f"{place}.{inner}" if inner else place)
    elif isinstance(node, dict):
        if not named:
            yield place, node
        for key, child in node.items():
            if named or key not in _DATA:
                silent = key in _SILENT and (not named or key == "application/json")
                below = place if silent else f"{place}.{key}".lstrip(".")
                yield from _within(child, below, named=key in _NAMES and not named)


def _repeated(document: doc.Node) -> Iterator[str]:
    ids: defaultdict[str, list[str]] = defaultdict(list)
    methods: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for op in doc.operations(document):
        ids[op.label].append(f"{op.verb.upper()} {op.path}")
        if isinstance(op.body.get("x-method"), str):
            method = normalize("NFKC", op.body["x-method"])
            methods["".join(op.body.get("tags", ())), method].append(op.label)
    for label, places in ids.items():
        if len(places) > 1:
            yield f"{label}: {' and '.join(places)} have this operationId; give each its own"
    for (tag, method), labels in methods.items():
        if len(labels) > 1:
            yield f"{', '.join(labels)}: all are x-method {method!r} of {tag}; give each its own"
