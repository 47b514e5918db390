"""Compares the fields that schemas, lists and tables of a page show with the document's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.drift.compare import edits
from tools.drift.compare.context import parent
from tools.drift.compare.lists import member
from tools.drift.compare.words import difference, known
from tools.drift.differences import Kind
from tools.spec import Shape
from tools.spec.severity import alterations, new_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.compare.context import Context
    from tools.drift.differences import Difference, Edit, Known
    from tools.drift.facts import FieldFact
    from tools.spec import Field, FieldPath
    from tools.spec.severity import Alteration

# The document's own finer words for what the vendor calls by a wider one, or not at all.
_FINER = {("password", None), ("date-time-local", "date-time")}


def fields(context: Context) -> Iterator[Difference | Known]:
    """Yield fields that are new, and what differs in fields that the document has."""
    for field_path, fact in context.shown.items():
        if context.operation(field_path.owner) is None:
            continue
        field = context.field(field_path)
        if field is not None:
            yield from _altered(context, field, fact)
        else:
            yield from unknown(context, field_path, fact.shape, fact.line)


def unknown(
    context: Context, field_path: FieldPath, shape: Shape, line: int
) -> Iterator[Difference | Known]:
    """Yield what is to be said of a field that the document does not have.

    Nothing where it is within another such field: the outer one is told.
    """
    outer = parent(field_path.path)
    holder = holder_of(context, field_path)
    if holder is None or (outer and context.field(field_path._replace(path=outer)) is None):
        return
    name = field_path.path.removesuffix("[]").rpartition(".")[2]
    recorded = context.recorded(holder, [name])
    if recorded is not None:
        yield known(context, line, context.subject(field_path), recorded, _line(context, holder))
        return
    kind = f" ({shape.type})" if shape.type else ""
    need = " and requires it" if shape.required else ""
    yield difference(
        context,
        Kind.FIELD_NEW,
        new_field(field_path.part, shape),
        line,
        context.subject(field_path),
        f"The page shows {name}{kind}{need}; the document does not have it.",
        _line(context, holder),
        edits.new_field(context, holder, name, shape),
    )


def holder_of(context: Context, field_path: FieldPath) -> str | None:
    """Return the pointer of the schema of the object that a field stands in."""
    siblings = [
        field.pointer
        for path, field in context.fields(field_path).items()
        if parent(path) == parent(field_path.path) and "/properties/" in field.pointer
    ]
    if siblings:
        # Of a notification made of two pieces the last holds what is its own.
        return siblings[-1].rpartition("/properties/")[0]
    holder = context.fields(field_path).get(parent(field_path.path))
    if holder is not None:
        return holder.pointer
    operation = context.operation(field_path.owner)
    schema = operation.schemas.get(field_path.part) if operation else None
    return str(schema["$ref"]).removeprefix("#") if schema and "$ref" in schema else None


def _line(context: Context, pointer: str) -> int | None:
    return context.spec.lines.get(pointer)


def _altered(context: Context, field: Field, fact: FieldFact) -> Iterator[Difference | Known]:
    stated = fact.shape
    for alteration in alterations(
        field.field_path.part, field.shape, overlaid(field.shape, stated)
    ):
        recorded = context.recorded(field.pointer, _telling(alteration))
        if recorded is not None:
            yield known(context, fact.line, context.subject(fact.field_path), recorded, field.line)
        else:
            yield _difference(context, field, fact, alteration)
    yield from _values(context, field, fact)


def overlaid(ours: Shape, stated: Shape) -> Shape:
    """Return our shape with what a page states laid over it; what it leaves out stays."""
    # An union says that the type is not known well: one of its members is no news.
    types = set((ours.type or "").split("|"))
    narrower = stated.type in types
    # Tables for people call an integer a number; a schema would give its width besides.
    loose = ours.type == "integer" and stated.type == "number" and stated.format is None
    finer = (ours.format, stated.format) in _FINER
    return replace(
        ours,
        type=ours.type if stated.type is None or narrower or loose else stated.type,
        format=ours.format if stated.format is None or finer else stated.format,
        pattern=ours.pattern if stated.pattern is None else stated.pattern,
        required=ours.required if stated.required is None else stated.required,
        limits={**ours.limits, **stated.limits},
    )


def _telling(alteration: Alteration) -> list[str]:
    """Return the words by which a reading may record an alteration."""
    if alteration.attribute == "required":
        return ["required"] if alteration.now else ["optional", "absent"]
    return [str(alteration.now)]


def _difference(
    context: Context, field: Field, fact: FieldFact, alteration: Alteration
) -> Difference:
    kind, severity, attribute, was, now = alteration
    return difference(
        context,
        kind,
        severity,
        fact.line,
        context.subject(fact.field_path),
        _sentence(attribute, was, now),
        field.line,
        _edits(context, field, alteration),
    )


def _sentence(attribute: str, was: object, now: object) -> str:
    if attribute == "required":
        return (
            "The page requires it; the document does not."
            if now
            else ("The page does not require it; the document does.")
        )
    if was is None:
        return f"The page gives the {attribute} {now}; the document has none."
    if now is None:
        return f"The page no longer gives the {attribute} {was}, which the document has."
    return f"The page gives the {attribute} {now}; the document has {was}."


def _edits(context: Context, field: Field, alteration: Alteration) -> tuple[Edit, ...]:
    if alteration.attribute == "required":
        return edits.required(context, field, now=bool(alteration.now))
    return edits.attribute(context, field, alteration.attribute, alteration.now)


def altered(
    context: Context, field: Field, field_path: FieldPath, alteration: Alteration
) -> Difference:
    """Return the difference that something a page used to state of a field is no longer there."""
    kind, severity, attribute, was, now = alteration
    return difference(
        context,
        kind,
        severity,
        None,
        context.subject(field_path),
        _sentence(attribute, was, now),
        field.line,
        _edits(context, field, alteration),
    )


def _values(context: Context, field: Field, fact: FieldFact) -> Iterator[Difference | Known]:
    shown = fact.shape.values
    if shown is None:
        return
    enumeration = context.spec.enumerations.get(field.enumeration or "")
    if enumeration is not None:
        for value in shown:
            yield from member(context, enumeration, value, fact.line, pointer=field.pointer)
        return
    listed = field.shape.values or ()
    fresh = [value for value in shown if value not in listed]
    if fresh:
        known_values = "lacks" if listed else "does not list:"
        yield difference(
            context,
            Kind.VALUE_NEW,
            new_field(field.field_path.part, Shape(required=not listed)),
            fact.line,
            context.subject(fact.field_path),
            f"The page lists values that the document {known_values} {', '.join(fresh)}.",
            field.line,
        )
