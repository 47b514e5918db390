"""Suggested edits of `openapi.yaml`, where they are mechanical.

What a person has to word stands in <…>; the linters refuse a document that still holds it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from generator.lines import escaped
from tools.drift.differences import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.drift.compare.context import Context
    from tools.spec import Enumeration, Field, Shape

_SAMPLES = {
    "string": "<an example>",
    "integer": "1",
    "number": "1.5",
    "boolean": "true",
}


class Text:
    """The lines of the document, to find out where something ends and how it is written."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    def at(self, line: int) -> str:
        """Return a line, counted from 1."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    def indent(self, line: int) -> int:
        """Return by how many spaces a line is indented."""
        text = self.at(line)
        return len(text) - len(text.lstrip(" "))

    def after(self, line: int) -> int:
        """Return the line that follows the block which begins at a line."""
        depth = self.indent(line)
        following = line + 1
        while self.at(following).strip() and self.indent(following) > depth:
            following += 1
        return following


def document(context: Context) -> Text:
    """Return the document's text."""
    return Text(context.spec.text.splitlines())


def new_member(context: Context, enumeration: Enumeration, value: str) -> tuple[Edit, ...]:
    """Return the edit that adds a member to an enumeration."""
    pointer = f"/components/schemas/{enumeration.name}/enum"
    line = context.spec.lines.get(pointer, 0)
    text = document(context)
    if re.search(r"enum: \[.*\]\s*$", text.at(line)):
        return (Edit(line, "replace", re.sub(r"\]\s*$", f", {value}]", text.at(line))),)
    last = context.spec.lines.get(f"{pointer}/{len(enumeration.values) - 1}", 0)
    if not last or not text.at(last).lstrip().startswith("- "):
        return ()
    return (Edit(last + 1, "insert", f"{' ' * text.indent(last)}- {value}"),)


def new_field(context: Context, holder: str, name: str, shape: Shape) -> tuple[Edit, ...]:
    """Return the edits that add a field to the object whose schema is at the pointer `holder`."""
    lines, text = context.spec.lines, document(context)
    properties = [
        line
        for pointer, line in lines.items()
        if pointer.startswith(f"{holder}/properties/")
        and "/" not in pointer.removeprefix(f"{holder}/properties/")
    ]
    if not properties or not re.match(r"\s*[\w-]+:", text.at(max(properties))):
        return ()
    last = max(properties)
    margin = " " * text.indent(last)
    rows = [f"{name}:", *(f"  {row}" for row in _rows(context, shape))]
    added = Edit(text.after(last), "insert", "\n".join(f"{margin}{row}" for row in rows))
    return (*_required(context, holder, name, add=True), added) if shape.required else (added,)


def _rows(context: Context, shape: Shape) -> Iterator[str]:
    kind = shape.type or "string"
    yield f"type: {kind if '|' not in kind else '[' + kind.replace('|', ', ') + ']'}"
    if shape.format:
        yield f"format: {shape.format}"
    if kind == "array":
        yield "items: {type: <type of the entries>}"
    if shape.values:
        yield f"enum: [{', '.join(shape.values)}]"
    if shape.pattern:
        yield f'pattern: "{shape.pattern}"'
    for limit, bound in shape.limits.items():
        yield f"{limit}: {bound}"
    yield "description: <what it is, in your own words>"
    sample = shape.values[0] if shape.values else _SAMPLES.get(kind)
    if sample is not None:
        yield f"examples: [{sample}]"
    yield "x-provenance:"
    yield "  level: documented"
    yield f"  page: [{address(context)}]"
    yield f'  date: "{datetime.now(UTC):%Y-%m}"'


def address(context: Context) -> str:
    """Return the page's address as the document writes it, without scheme and ending."""
    page = context.reading.page
    if page.address:
        return page.address.partition("://")[2].removesuffix(".md")
    return f"<address of {page.name}>"


def required(context: Context, field: Field, *, now: bool) -> tuple[Edit, ...]:
    """Return the edit that makes a field required, or optional."""
    holder, _, name = field.pointer.rpartition("/properties/")
    return _required(context, holder, name, add=now)


def _required(context: Context, holder: str, name: str, *, add: bool) -> tuple[Edit, ...]:
    lines, text = context.spec.lines, document(context)
    line = lines.get(f"{holder}/required")
    if line is None:
        inside = lines.get(f"{holder}/properties")
        if not add or inside is None:
            return ()
        return (Edit(inside, "insert", f"{' ' * text.indent(inside)}required: [{name}]"),)
    found = re.match(r"(\s*required: \[)(.*)(\]\s*)$", text.at(line))
    if not found:
        last = text.after(line)
        item = text.at(line + 1).partition("-")[0]
        return (Edit(last, "insert", f"{item}- {name}"),) if add and not item.strip() else ()
    names = [each.strip() for each in found[2].split(",")]
    names = [*names, name] if add else [each for each in names if each != name]
    return (Edit(line, "replace", f"{found[1]}{', '.join(names)}{found[3]}"),)


def attribute(context: Context, field: Field, name: str, value: object) -> tuple[Edit, ...]:
    """Return the edit that gives an attribute of a field another value."""
    lines, text = context.spec.lines, document(context)
    line = lines.get(f"{field.pointer}/{name}")
    written = _scalar(value)
    if line is not None:
        if value is None or text.at(line).count(":") != 1:
            return ()
        return (Edit(line, "replace", f"{' ' * text.indent(line)}{name}: {written}"),)
    kind = lines.get(f"{field.pointer}/type")
    if kind is None or value is None or kind == field.line:
        return ()
    return (Edit(kind + 1, "insert", f"{' ' * text.indent(kind)}{name}: {written}"),)


def _scalar(value: Any) -> str:  # noqa: ANN401 - an attribute's value
    if isinstance(value, str) and "|" in value and re.fullmatch(r"[a-z|]+", value):
        return f"[{value.replace('|', ', ')}]"
    plain = isinstance(value, int) or re.fullmatch(r"[\w-]+", str(value))
    return str(value) if plain else f'"{value}"'


def path(context: Context, owner: str, now: str) -> tuple[Edit, ...]:
    """Return the edit that gives a call another path."""
    verb, old = owner.split(" ", 1)
    new_verb, new = now.split(" ", 1)
    line = context.spec.lines.get(f"/paths/{escaped(old)}")
    if line is None or verb != new_verb or document(context).at(line).strip() != f"{old}:":
        return ()
    return (Edit(line, "replace", document(context).at(line).replace(old, new)),)
