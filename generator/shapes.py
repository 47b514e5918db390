"""Checks of schemas, so that each documented value can be read as its own type."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import ClassName, PythonIdentifier

from generator import document as doc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

_TYPES = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))
# Names that the modules of models, operations and resources import.
_IMPORTED = frozenset(
    (
        *("Any", "Decimal", "DecodeError", "Final", "Literal", "Mapping", "Model", "Unpicklable"),
        *("Operation", "RawResponse", "RowsError", "Self", "Sequence", "UNSET", "Unset", "UUID"),
        *("Event", "KnownEvent", "UnknownEvent"),
    )
)
# The parser escapes these twice.
_ODD_TEXT = ('"', "\\")


def problems(document: Node) -> Iterator[str]:
    """Yield a sentence for each schema that can't become a type."""
    classes: defaultdict[str, list[str]] = defaultdict(list)
    sent, received = doc.reachable(document)
    for name, schema in doc.schemas(document).items():
        classes[ClassName(name, "")].append(name)
        yield from faults(document, name, schema)
        yield from _directions(name, schema, sent=name in sent, received=name in received)
    for name, same in classes.items():
        if len(same) > 1:
            yield f"{' and '.join(same)}: would both be the class {name}; rename one"
        if name in _IMPORTED:
            yield f"{same[0]}: generated code has another {name}; choose another name"
    yield from _discriminators(document)


def faults(document: Node, place: str, schema: Any) -> Iterator[str]:  # noqa: ANN401 - any YAML
    """Yield what is wrong with a schema and the schemas nested in it."""
    if not isinstance(schema, dict):
        yield f"{place}: is {str(schema).lower()} and has to be an object; write {{}} for any value"
        return
    for rule in (_type, _parts, _values, _options, _fields):
        yield from (f"{place}: {text}" for text in rule(document, schema))
    for name, child in schema.get("properties", {}).items():
        yield from faults(document, f"{place}.{name}", child)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from faults(document, place, schema[key])
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for child in schema.get(key, ()):
            yield from faults(document, place, child)


def properties(document: Node, schema: Node) -> Node:
    """Return all properties of an object, those it takes from others included."""
    schema = doc.resolve(document, schema)
    found: Node = {}
    for part in schema.get("allOf", ()):
        found |= properties(document, part)
    found |= schema.get("properties", {})
    return found


def required(document: Node, schema: Node) -> set[str]:
    """Return the names of the fields that an object requires, those of its parts included."""
    schema = doc.resolve(document, schema)
    parts = (required(document, part) for part in schema.get("allOf", ()))
    return set(schema.get("required", ())).union(*parts)


def conditions(schema: Node) -> bool:
    """Return whether the choices of a schema only name fields that are required together."""
    options = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return bool(options) and all(option.keys() <= {"required", "description"} for option in options)


def _type(_: Node, schema: Node) -> Iterator[str]:
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    unknown = [str(kind) for kind in kinds if kind not in _TYPES]
    if unknown:
        yield f"has the type {', '.join(unknown)}; there are {', '.join(sorted(_TYPES))}"
    if len({"array", "object"} & set(kinds)) and len(set(kinds) - {"null"}) > 1:
        yield "has several types, an object or a list among them; write each as an option of oneOf"
    if "array" in kinds and not isinstance(schema.get("items"), dict):
        yield "is a list without items; add items, {} for any values"
    if schema.get("format") == "binary":
        yield "the format binary does not exist in JSON"


def _parts(document: Node, schema: Node) -> Iterator[str]:
    if "$ref" in schema and doc.ref_name(schema) not in doc.schemas(document):
        yield f"refers to {schema['$ref']}; refer to a whole schema of the components"
    parts = [doc.resolve(document, part) for part in schema.get("allOf", ())]
    if len(parts) > 1 and any(part.get("type", "object") != "object" for part in parts):
        yield "joins by allOf what is not an object; write it out as one schema"


def _values(_: Node, schema: Node) -> Iterator[str]:
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        kinds = {type(value) for value in values}
        if not values:
            yield "is an enum without a value; leave enum out"
        elif len(kinds) > 1:
            yield "lists values of several types; describe one type, or leave enum out"
        elif not kinds <= {str, int, bool}:
            yield "lists values that are neither texts nor whole numbers; leave enum out"
        elif kinds == {bool} and schema.get("type") != "boolean":
            yield "lists booleans; write type: boolean"
    if "const" in schema:
        value = schema["const"]
        odd = isinstance(value, str) and any(sign in value for sign in _ODD_TEXT)
        if odd or isinstance(value, Decimal | dict | list | float):
            yield "has a constant that can't be written; name its type, and leave const out"


def _fields(_: Node, schema: Node) -> Iterator[str]:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for wire in schema.get("properties", {}):
        names[PythonIdentifier(wire, "field_")].append(wire)
    for name, same in names.items():
        if len(same) > 2:  # noqa: PLR2004 - two keep their own names
            yield f"{', '.join(same)} would all be {name} in Python; leave one out"
    choice = schema.keys() & {"oneOf", "anyOf"}
    if choice and schema.keys() & {"properties", "allOf"} and not conditions(schema):
        yield f"has {' and '.join(sorted(choice))} beside its own fields; write whole objects there"


def _options(document: Node, schema: Node) -> Iterator[str]:
    """Reject a choice whose options can't be distinguished: the first would always be read."""
    choices = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    if conditions(schema):
        return
    options = [doc.resolve(document, each) for each in choices if isinstance(each, dict)]
    if sum(option.get("type") == "array" for option in options) > 1:
        yield "offers several lists, which look alike; describe one list of a choice"
    if sum("enum" in option for option in options) > 1:
        yield "offers several enums, which look alike; list their values in one"
    if "discriminator" in schema:
        yield from _discriminator(schema, choices)
        return
    objects = [each for each in options if each.get("type") == "object" or _has_fields(each)]
    for first, second in combinations(objects, 2):
        if not (_own(document, first, second) or _own(document, second, first)):
            yield (
                "offers objects that can't be distinguished: none requires a field that the other "
                "lacks. Add a discriminator, with a mapping, or describe one object"
            )
            return


def _has_fields(schema: Node) -> bool:
    return bool(schema.keys() & {"properties", "allOf", "additionalProperties"})


def _own(document: Node, schema: Node, other: Node) -> set[str]:
    """Return the required fields that another schema does not have at all."""
    return required(document, schema) - properties(document, other).keys()


def _discriminator(schema: Node, choices: list[Node]) -> Iterator[str]:
    found = schema["discriminator"]
    if not isinstance(found, dict) or not isinstance(found.get("propertyName"), str):
        yield "has a discriminator without propertyName"
        return
    names = [doc.ref_name(each) for each in choices if each.get("type") != "null"]
    if None in names:
        yield "has a discriminator and options without a name; move them to components/schemas"
        return
    targets = [str(each).rpartition("/")[2] for each in (found.get("mapping") or {}).values()]
    lost = sorted(set(targets) - set(names))
    if lost:
        yield f"its discriminator maps to {', '.join(lost)}, which is not one of its options"


def mapping(schema: Node) -> dict[str, str]:
    """Return the component that each value of a discriminator stands for, by default its name."""
    options = [doc.ref_name(each) for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]
    given = {
        str(value): str(target).rpartition("/")[2]
        for value, target in (schema["discriminator"].get("mapping") or {}).items()
    }
    return {name: name for name in options if name and name not in given.values()} | given


def _discriminators(document: Node) -> Iterator[str]:
    marks: defaultdict[str, set[tuple[str, frozenset[str]]]] = defaultdict(set)
    for schema in doc.all_schemas(document):
        found = schema.get("discriminator")
        if isinstance(found, dict) and isinstance(found.get("propertyName"), str):
            named = mapping(schema)
            for name in set(named.values()):
                values = frozenset(value for value, each in named.items() if each == name)
                marks[name].add((found["propertyName"], values))
    for name, different in marks.items():
        if len(different) > 1:
            yield f"{name}: several discriminators name it differently; let them agree"


def _directions(name: str, schema: Any, *, sent: bool, received: bool) -> Iterator[str]:  # noqa: ANN401
    for wire, field in schema.get("properties", {}).items() if isinstance(schema, dict) else ():
        if isinstance(field, dict) and sent and field.get("readOnly"):
            yield f"{name}.{wire}: is readOnly and would be sent; leave it out of what is sent"
        if isinstance(field, dict) and received and field.get("writeOnly"):
            yield f"{name}.{wire}: is writeOnly and would be read; leave it out of what is received"
