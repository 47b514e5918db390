"""What users can notice of a schema, as a plain dict: no order, no examples, no place."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from generator import document as doc
from tools.changes.line import joined
from tools.spec import python
from tools.spec.fields import LIMITS, provenance_of, shape_of
from tools.spec.received import as_received, is_essential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node
    from tools.spec import Provenance

_SILENT = frozenset(("deprecated", "description", "title", "example", "examples", "x-provenance"))
_FIELD = _SILENT | {
    *("$ref", "type", "format", "pattern", "items", "anyOf", "oneOf", "x-essential"),
    "discriminator",
    *LIMITS,
}
_CLASS = _SILENT | {"type", "properties", "required", "allOf", "additionalProperties", "x-flags"}
_ENUM = _SILENT | {"type", "enum", "x-facts"}


class Member(NamedTuple):
    """A field of an object, or a parameter.

    Attributes:
        owner: The component that defines it; nothing for a parameter.
        pointer: Where the document has it.
        place: Where a parameter is sent, `path` or `query`.
    """

    wire: str
    schema: Node
    owner: str
    pointer: str
    around: Provenance
    required: bool
    place: str = ""


def members(document: Node, component: str) -> dict[str, Member]:
    """Return the fields of an object by their Python names, those of its parts included."""
    needed: set[str] = set()
    place = f"/components/schemas/{component}"
    at = _At(component, place, provenance_of(doc.schemas(document)[component]))
    walk = _members(document, doc.schemas(document)[component], at, needed)
    found = {each.wire: each for each in walk}
    usual = Counter(map(python.argument, found))
    return {
        # Fields that would share a name keep their own, in the generated class as well.
        name if usual[name := python.argument(wire)] == 1 else python.distinct(wire): (
            each._replace(required=wire in needed)
        )
        for wire, each in found.items()
    }


class _At(NamedTuple):
    owner: str
    pointer: str
    around: Provenance


def _members(document: Node, schema: Node, at: _At, needed: set[str]) -> Iterator[Member]:
    if (name := doc.ref_name(schema)) is not None:
        schema = doc.resolve(document, schema)
        at = _At(name, f"/components/schemas/{name}", provenance_of(schema, at.around))
    needed.update(schema.get("required", ()))
    for index, piece in enumerate(schema.get("allOf", ())):
        inner = at._replace(pointer=f"{at.pointer}/allOf/{index}")
        yield from _members(document, piece, inner, needed)
    for wire, node in schema.get("properties", {}).items():
        place = f"{at.pointer}/properties/{wire}"
        yield Member(wire, node, at.owner, place, at.around, required=False)


def field(document: Node, member: Member, *, received: bool = False) -> Node:
    """Return what users can notice of a field; `received` is whether its class is."""
    found = value(document, member.schema)
    essential = received and is_essential(member.schema)
    if received:
        found["type"] = as_received(found["type"], essential=essential)
    return {
        "wire": member.wire,
        "place": member.place,
        "deprecated": _deprecated(document, member.schema),
        "required": member.required,
        "essential": essential,
        "source": _source(document, member),
        **found,
    }


def value(document: Node, schema: Node) -> Node:
    """Return what users can notice of a value of any kind; a class or an enum is only named."""
    target, name = python.followed(document, schema)
    found: Node = {
        "type": python.type_of(document, schema),
        "words": words(schema) if name or target is schema else words(schema, target),
    }
    return found | (_beside(schema, target) if name else _details(document, target))


def _beside(reference: Node, target: Node) -> Node:
    kind = shape_of(target, required=None).type
    other = _rest(reference, _FIELD | {"allOf"})
    return {"json": kind, "format": None, "pattern": None, "limits": {}, "other": other}


def _details(document: Node, schema: Node) -> Node:
    shape = shape_of(schema, required=None)
    found: Node = {
        "json": shape.type,
        "format": shape.format,
        "pattern": shape.pattern,
        # Unchanged: a shape has whole numbers only.
        "limits": {name: schema[name] for name in shape.limits},
        "other": _rest(schema, _FIELD),
    }
    if isinstance(schema.get("items"), dict):
        found["items"] = value(document, schema["items"])
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if options:
        found["options"] = {
            python.type_of(document, each): value(document, each) for each in options
        }
    if "discriminator" in schema:
        found["choice"] = _choice(schema, options)
    return found


def _choice(schema: Node, options: list[Node]) -> Node:
    """Return which field decides the class of what is received, and the class for each value."""
    names = [name for each in options if (name := doc.ref_name(each)) is not None]
    given = {
        value: target.rpartition("/")[2]
        for value, target in schema["discriminator"].get("mapping", {}).items()
    }
    # Without a mapping, the value is the name of the schema.
    chosen = {name: name for name in names if name not in given.values()} | given
    return {
        "by": schema["discriminator"].get("propertyName"),
        "classes": {value: python.class_name(name) for value, name in chosen.items()},
    }


def class_(document: Node, component: str, *, received: bool = False) -> Node:
    """Return what users can notice of a class."""
    schema = doc.schemas(document)[component]
    other: Node = {}
    for piece in (schema, *schema.get("allOf", ())):
        # A schema with properties is an object, with or without `type`.
        odd = piece.get("type", "object") != "object"
        other |= _rest(piece, (_CLASS - {"type"} if odd else _CLASS) | {"$ref"})
    return {
        "name": python.class_name(component),
        "source": provenance_of(schema).level,
        "deprecated": bool(schema.get("deprecated")),
        "words": words(schema),
        "holds": _held(document, schema),
        "fields": {
            name: field(document, member, received=received)
            for name, member in members(document, component).items()
        },
        "flags": {name: _flag(each) for name, each in schema.get("x-flags", {}).items()},
        "other": other,
    }


def _flag(flag: Node) -> Node:
    return {
        "field": python.argument(str(flag.get("field"))),
        "values": joined(sorted(map(str, flag.get("values", ())))),
        "words": words(flag),
    }


def _held(document: Node, schema: Node) -> str | None:
    """Return the type of the values of a map, of which the document names no key."""
    values = schema.get("additionalProperties")
    return python.type_of(document, values) if isinstance(values, dict) else None


def _deprecated(document: Node, schema: Node) -> bool:
    return bool(schema.get("deprecated") or doc.resolve(document, schema).get("deprecated"))


def enum(schema: Node, component: str, member_names: dict[str, str], others: Node) -> Node:
    """Return what users can notice of an enum."""
    return {
        "name": python.class_name(component),
        "source": provenance_of(schema).level,
        "deprecated": bool(schema.get("deprecated")),
        "words": words(schema),
        "values": member_names,
        "spellings": others,
        "facts": {
            name: {
                "values": {
                    python.enum_member(each): text for each, text in fact.get("values", {}).items()
                },
                "words": words(fact),
            }
            for name, fact in schema.get("x-facts", {}).items()
        },
        "other": _rest(schema, _ENUM),
    }


def words(*nodes: Node) -> str:
    """Return what docstrings contain of a node besides the other attributes."""
    keys = ("summary", "description", "x-provenance")
    # The level has an attribute of its own, and the names of the vendor's schemas are not shown.
    return json.dumps(
        [[_normalized(node.get(key)) for key in keys] for node in nodes],
        default=str,
        sort_keys=True,
    )


def _normalized(text: Any) -> object:  # noqa: ANN401 - any value of the document
    if isinstance(text, dict):
        return {
            key: _normalized(each)
            for key, each in text.items()
            if key not in {"level", "vendor-name"}
        }
    return " ".join(text.split()) if isinstance(text, str) else text


def _rest(schema: Node, known: frozenset[str]) -> Node:
    return {key: each for key, each in schema.items() if key not in known}


def _source(document: Node, member: Member) -> str:
    target, name = python.followed(document, member.schema)
    for node in (member.schema, *(() if name else (target,))):
        if "x-provenance" in node:
            return provenance_of(node).level
    return member.around.level
