"""Reads the rows of fields in saved text: name, type and duty run together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tools.drift.model import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = r"(?:string|integer|number|boolean|object|array|any|null|enum)(?:\[\])*"
_FORMATS = "uuid|date-time|date|email|uri|url|int32|int64|float|double|decimal|password"
_FIELD = re.compile(
    rf"(?P<name>[A-Za-z_$@][\w$@.\-]*?) ?(?P<type>{_WORD}(?:\s*\|\s*{_WORD})*)"
    rf"(?P<glued>{_FORMATS})?(?P<parts>(?:\s*·\s*[\w\-:\[\] .]+?)*?)"
    r"\s*(?P<duty>(?:Deprecated|Required|Optional|\s)*)"
)
_LIMIT = re.compile(
    r"(?P<end>min|max)(?:imum)?(?: (?P<what>length|items|properties))?:\s*(?P<bound>-?[\d.]+)",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?P<key>Possible values|Pattern|Default(?: value)?|Example|Min(?:imum)?|Max(?:imum)?"
    r"|Min length|Max length|Min items|Max items):\s*(?P<rest>.*)"
)
_NO_FORMAT = frozenset({"enum", "nullable", "read-only", "write-only", "deprecated"})
_VALUE = re.compile(r"[A-Z][A-Z0-9_\-]*|[a-z0-9][\w\-]*")
_CHILDREN = re.compile(r"(?:Hide|Show) (?:child )?(?:attributes|properties)", re.IGNORECASE)
_LONGEST = 200


@dataclass(slots=True)
class Row:
    """A field while the lines about it are read.

    Attributes:
        stated: What was stated so far, except for its values and its text.
        is_array: Whether it is a list of something that is named.
        has_children: Whether the lines about it say so.
    """

    name: str
    stated: Field
    is_array: bool
    values: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    takes_values: bool = False
    has_children: bool = False

    def fields(self, path: str) -> dict[str, Field]:
        """Return it as a field, and its items as another."""
        whole = replace(
            self.stated,
            type=self.stated.type or ("string" if self.values else None),
            values=tuple(dict.fromkeys(self.values)),
            text=" ".join(self.text),
        )
        if not self.is_array:
            return {path: whole}
        items = replace(
            whole, nullable=None, required=None, default=None, deprecated=False, text=""
        )
        whole = replace(whole, type="array", format=None, default=None, bounds={}, values=())
        return {path: whole, f"{path}[]": items}

    def take(self, text: str) -> None:
        """Take in a line about the field."""
        values = words_in(text)
        if _CHILDREN.fullmatch(text):
            self.has_children = True
        elif note := _NOTE.fullmatch(text):
            self._note(note["key"].lower(), note["rest"].strip())
        elif self.takes_values and all(map(_VALUE.fullmatch, values)):
            self.values += values
        else:
            self.takes_values = False
            self.text.append(text)

    def _note(self, key: str, rest: str) -> None:
        self.takes_values = key == "possible values"
        if self.takes_values:
            self.values += words_in(rest)
        elif key.startswith("default"):
            self.stated = replace(self.stated, default=rest)
        elif key != "example":
            found = {key: rest} if key == "pattern" else limits_in(f"{key}: {rest}", self.stated)
            self.stated = replace(self.stated, bounds={**self.stated.bounds, **found})


def row_in(line: int, text: str) -> Row | None:
    """Return the field that a line such as `timestampinteger · int64Required` describes."""
    match = _FIELD.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or (" " in text and "·" not in text and not match["duty"]):
        return None
    parts = [part.strip() for part in match["parts"].split("·") if part.strip()]
    words = re.split(r"\s*\|\s*", match["type"])
    types = {word.removesuffix("[]") for word in words}
    duty = match["duty"]
    found = Field(
        line=line,
        type="|".join(sorted(types - {"any", "enum", "null"})) or None,
        format=match["glued"],
        nullable="null" in types or "nullable" in parts,
        required="Required" in duty or (False if "Optional" in duty else None),
        deprecated="Deprecated" in duty or "deprecated" in parts,
    )
    for part in parts:
        plain = part.removesuffix("[]")
        if limits := limits_in(part, found):
            found = replace(found, bounds={**found.bounds, **limits})
        elif plain not in _NO_FORMAT:
            found = replace(found, format=plain)
    return Row(match["name"], found, any(each.endswith("[]") for each in (*words, *parts)))


def limits_in(text: str, about: Field) -> dict[str, str]:
    """Return the bounds that a text such as `min: 1Max: 64` names, under JSON Schema's names."""
    plain = "Length" if about.type == "string" else "imum"
    return {
        match["end"].lower() + ((match["what"] or "").capitalize() or plain): match["bound"]
        for match in _LIMIT.finditer(text)
    }


def words_in(text: str) -> list[str]:
    """Return the values of a list that is set in one line."""
    return [bare for word in re.split(r"[\s,|·]+", text) if (bare := word.strip("`'\"“”"))]


def place(rows: Sequence[Row], order: Sequence[str]) -> dict[str, Field]:
    """Return rows as fields by path.

    Text does not show which field is within which; the paths of a sample, in its order, do.

    Args:
        rows: In the order of the page.
        order: The paths of the fields that are known from elsewhere, in their order.
    """
    paths = _paths(rows, order)
    found: dict[str, Field] = {}
    for index, row in enumerate(rows):
        path = paths[index] or _guess(rows, paths, index, order)
        paths[index] = path
        found.update(row.fields(path))
    return found


def _paths(rows: Sequence[Row], order: Sequence[str]) -> list[str]:
    """Return the known path of each row, the next in their order; empty where there is none."""
    found: list[str] = []
    position = 0
    for row in rows:
        fitting = [
            index
            for index, path in enumerate(order)
            if path.rpartition(".")[2] == row.name and path not in found
        ]
        later = [index for index in fitting if index >= position]
        if fitting:
            position = (later or fitting)[0] + 1
        found.append(order[position - 1] if fitting else "")
    return found


def _guess(rows: Sequence[Row], paths: Sequence[str], index: int, order: Sequence[str]) -> str:
    """Return the path of a field that is not known from elsewhere: beside its neighbour."""
    after = next(filter(None, paths[index + 1 :]), "")
    beside = paths[index - 1] if index else after
    inside = beside.rpartition(".")[0]
    if index:
        before = rows[index - 1]
        items = f"{beside}[]" if before.is_array else beside
        is_named_object = before.stated.type == "object" and not order
        if before.has_children or is_named_object or after.startswith(f"{items}."):
            inside = items
    return f"{inside}.{rows[index].name}" if inside else rows[index].name
