"""Holds the samples of a page against the document's schemas."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from tools.drift.compare.fields import unknown
from tools.drift.compare.lists import member
from tools.drift.compare.samples import at, paths
from tools.drift.compare.words import difference, known
from tools.drift.differences import Kind, Severity
from tools.spec import FieldPath, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.compare.context import Context
    from tools.drift.differences import Difference, Known
    from tools.drift.facts import ExampleFact

# What documentation writes where a value would stand.
_PLACEHOLDER = re.compile(r"text|string|str|<.*>|\{.*\}|\.\.\.|…|your[ _-].*|", re.IGNORECASE)


def examples(context: Context) -> Iterator[Difference | Known]:
    """Yield what samples have that the document lacks, and samples that its schemas refuse."""
    told: set[FieldPath] = set(context.shown)
    for fact in context.examples:
        if context.operation(fact.owner) is None:
            continue
        yield from _new_fields(context, fact, told)
        yield from _missing(context, fact)
        yield from _refused(context, fact)


def _new_fields(
    context: Context, fact: ExampleFact, told: set[FieldPath]
) -> Iterator[Difference | Known]:
    for path in paths(fact.value):
        field_path = FieldPath(fact.owner, fact.part, path)
        if field_path not in told and context.field(field_path) is None:
            told.add(field_path)
            shape = Shape(type=_type(at(fact.value, path)))
            yield from unknown(context, field_path, shape, fact.line)


def _type(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    for kind, name in (
        (bool, "boolean"),
        (int, "integer"),
        (Decimal, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, kind):
            return name
    return None


def _missing(context: Context, fact: ExampleFact) -> Iterator[Known]:
    """Yield fields whose absence the document records as another page's reading."""
    operation = context.operation(fact.owner)
    present = set(paths(fact.value))
    for path, field in operation.fields.get(fact.part, {}).items() if operation else ():
        holder = path.rpartition(".")[0]
        if path not in present and (not holder or holder in present):
            recorded = context.recorded(field.pointer, ["absent"])
            if recorded is not None:
                field_path = FieldPath(fact.owner, fact.part, path)
                yield known(context, fact.line, context.subject(field_path), recorded, field.line)


def _refused(context: Context, fact: ExampleFact) -> Iterator[Difference | Known]:
    operation = context.operation(fact.owner)
    schema = operation.schemas.get(fact.part) if operation else None
    if schema is None:
        return
    whole = {**schema, "components": context.spec.document["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    for error in validator.iter_errors(fact.value):
        yield from _told(context, fact, error)


def _told(
    context: Context, fact: ExampleFact, error: jsonschema_rs.ValidationError
) -> Iterator[Difference | Known]:
    path = _path(error.instance_path)
    missing = str(error.kind.as_dict().get("property", "")) if error.kind.name == "required" else ""
    if missing:
        path = f"{path}.{missing}" if path else missing
    elif _is_placeholder(error):
        return
    field_path = FieldPath(fact.owner, fact.part, path)
    field = context.field(field_path)
    enumeration = context.spec.enumerations.get((field and field.enumeration) or "")
    if error.kind.name == "enum" and enumeration is not None:
        value, pointer = str(error.instance), field.pointer if field else ""
        yield from member(context, enumeration, value, fact.line, pointer=pointer)
        return
    words = ["absent"] if missing else [f'"{error.instance}"', _type(error.instance) or ""]
    recorded = context.recorded(field.pointer, words) if field else None
    if recorded is not None and field is not None:
        if not missing:
            yield known(context, fact.line, context.subject(field_path), recorded, field.line)
        return
    yield difference(
        context,
        Kind.EXAMPLE_REJECTED,
        Severity.BREAKING,
        fact.line,
        context.subject(field_path),
        f"The page's sample does not fit the document: {_reason(error, missing)}.",
        field.line if field else None,
    )


def _reason(error: jsonschema_rs.ValidationError, missing: str) -> str:
    if missing:
        return "it lacks this field, which the document requires"
    text = str(error.message)
    return text if len(text) <= 160 else f"{text[:160]}…"  # noqa: PLR2004 - a line and a half


def _is_placeholder(error: jsonschema_rs.ValidationError) -> bool:
    if error.kind.name == "type":
        return False
    value = error.instance
    if isinstance(value, str):
        return _PLACEHOLDER.fullmatch(value.strip()) is not None
    return value in {0, 1} and not isinstance(value, bool) if isinstance(value, int) else False


def _path(steps: list[str | int]) -> str:
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += "[]"
        else:
            path += f".{step}" if path else step
    return path
