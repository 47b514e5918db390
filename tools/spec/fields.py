"""Flattens the schema of a body into its fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from generator import document as doc
from tools.spec.model import Alternative, Field, FieldPath, Provenance, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.document import Node
    from tools.spec.model import Part

LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")

IMPLIED = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
}


class Body(NamedTuple):
    """The schema of a body, and where the document has it."""

    schema: Node
    pointer: str


class _At(NamedTuple):
    """The position of a walker: the schema, its pointer, its path in the body, its source."""

    schema: Node
    pointer: str
    path: str
    provenance: Provenance
    seen: frozenset[str]


class FieldWalker:
    """Finds the fields of bodies in one document."""

    def __init__(self, document: Node, lines: Mapping[str, int]) -> None:
        self.document = document
        self.lines = lines

    def fields(self, owner: str, part: str, body: Body, provenance: Provenance) -> dict[str, Field]:
        """Return the fields of a body by path; a reference back to an outer schema ends there."""
        found: dict[str, Field] = {}
        start = _At(body.schema, body.pointer, "", provenance, frozenset())
        name = doc.ref_name(body.schema)
        pointer = f"/components/schemas/{name}" if name else body.pointer
        whole = ("", (body.schema, pointer, provenance, None))
        for path, (node, place, source, required) in [whole, *self._members(start)]:
            target, names = self._target(node)
            # When several options of a choice have the field, the first wins.
            found.setdefault(
                path,
                Field(
                    field_path=FieldPath(owner, cast("Part", part), path),
                    shape=shape_of(target, required=required),
                    pointer=place,
                    line=self.lines.get(place, 0),
                    provenance=_closest(node, target, source),
                    enumeration=names[-1] if names and "enum" in target else None,
                ),
            )
        return found

    def parameter(self, owner: str, given: Body, around: Provenance) -> Field:
        """Return a parameter as a field of the request; its path is `query pageSize`."""
        parameter = doc.resolve(self.document, given.schema)
        target, names = self._target(parameter.get("schema", {}))
        required = parameter.get("in") == "path" or parameter.get("required") is True
        return Field(
            field_path=FieldPath(
                owner, "request", f"{parameter.get('in')} {parameter.get('name')}"
            ),
            shape=shape_of(target, required=required),
            pointer=given.pointer,
            line=self.lines.get(given.pointer, 0),
            provenance=provenance_of(parameter, around),
            enumeration=names[-1] if names and "enum" in target else None,
        )

    def _members(self, at: _At) -> Iterator[tuple[str, tuple[Node, str, Provenance, bool | None]]]:
        schema, names = self._target(at.schema)
        if at.seen.intersection(names):
            return
        pointer = f"/components/schemas/{names[-1]}" if names else at.pointer
        source = provenance_of(schema, at.provenance)
        inner = at._replace(
            schema=schema, pointer=pointer, provenance=source, seen=at.seen | set(names)
        )
        for index, piece in enumerate(schema.get("allOf", ())):
            yield from self._members(
                inner._replace(schema=piece, pointer=f"{pointer}/allOf/{index}")
            )
        for key in ("oneOf", "anyOf"):
            for index, piece in enumerate(schema.get(key, ())):
                option = inner._replace(schema=piece, pointer=f"{pointer}/{key}/{index}")
                for path, (node, place, own, _) in self._members(option):
                    yield path, (node, place, own, None)
        yield from self._properties(inner)
        if isinstance(schema.get("items"), dict):
            item = inner._replace(
                schema=schema["items"], pointer=f"{pointer}/items", path=f"{at.path}[]"
            )
            yield item.path, (item.schema, item.pointer, source, None)
            yield from self._members(item)

    def _properties(
        self, at: _At
    ) -> Iterator[tuple[str, tuple[Node, str, Provenance, bool | None]]]:
        required = at.schema.get("required", ())
        for name, node in at.schema.get("properties", {}).items():
            place = f"{at.pointer}/properties/{name}"
            path = f"{at.path}.{name}" if at.path else name
            yield path, (node, place, at.provenance, name in required)
            yield from self._members(at._replace(schema=node, pointer=place, path=path))

    def _target(self, node: Node) -> tuple[Node, list[str]]:
        """Follow references; return what they lead to and the names of the schemas on the way."""
        names = []
        while (name := doc.ref_name(node)) is not None:
            names.append(name)
            node = doc.resolve(self.document, doc.ref_to(name))
        return node, names


def shape_of(schema: Node, *, required: bool | None) -> Shape:
    """Return the shape of the field that a schema describes."""
    form = schema.get("format")
    limits = {name: schema[name] for name in LIMITS if isinstance(schema.get(name), int | Decimal)}
    implied = IMPLIED.get(str(form), {})
    return Shape(
        type=_type(schema),
        format=form,
        pattern=schema.get("pattern"),
        required=required,
        values=tuple(map(str, schema["enum"])) if "enum" in schema else None,
        limits={name: bound for name, bound in limits.items() if implied.get(name) != bound},
    )


def _type(schema: Node) -> str | None:
    kind = schema.get("type")
    if isinstance(kind, list):
        return "|".join(sorted(kind))
    if kind is None and ("properties" in schema or "allOf" in schema):
        return "object"
    return kind


def provenance_of(node: Node, around: Provenance | None = None) -> Provenance:
    """Return the source of a node: its own, else that of the node around it."""
    given: Any = node.get("x-provenance")
    if not isinstance(given, dict):
        outer = around or Provenance("documented")
        return Provenance(outer.level, outer.pages, outer.date, own=False)
    pages, readings = given.get("page", []), given.get("readings", ())
    return Provenance(
        level=str(given.get("level", "documented")),
        pages=tuple(map(str, pages if isinstance(pages, list) else [pages])),
        date=str(given.get("date", "")),
        note=" ".join(str(given.get("note", "")).split()),
        readings=tuple(
            Alternative(str(each.get("value", "")), str(each.get("page", "")))
            # The generator rejects malformed readings.
            for each in (readings if isinstance(readings, list) else ())
            if isinstance(each, dict)
        ),
    )


def _closest(node: Node, target: Node, source: Provenance) -> Provenance:
    """Return a field's own provenance, else its type's unless an object, else its object's."""
    if "x-provenance" in node:
        return provenance_of(node)
    scalar = "properties" not in target and "allOf" not in target
    # A field of an inferred object is inferred, even when its type is documented.
    if "x-provenance" in target and scalar and source.level != "inferred":
        return provenance_of(target)
    return provenance_of({}, source)
