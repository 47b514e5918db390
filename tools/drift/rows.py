"""Reads the rows of fields in saved text: name, type and duty run together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.drift.model import Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    """A field while the lines about it are read."""

    line: int
    name: str
    types: tuple[str, ...]
    format: str | None = None
    nullable: bool = False
    required: bool | None = None
    deprecated: bool = False
    default: str | None = None
    bounds: dict[str, str] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    takes_values: bool = False
    children: bool = False

    @property
    def is_array(self) -> bool:
        """Whether it is a list of something that is named."""
        return any(word.endswith("[]") for word in self.types)

    def fields(self, path: str) -> dict[str, Field]:
        """Return it as a field, and its items as another."""
        types = {word.removesuffix("[]") for word in self.types} - {"any", "enum"}
        if not types and self.values:
            types = {"string"}
        inner = Field(
            line=self.line,
            type="|".join(sorted(types)) or None,
            format=self.format,
            nullable=self.nullable,
            required=self.required,
            default=self.default,
            bounds=self.bounds,
            values=tuple(dict.fromkeys(self.values)),
            deprecated=self.deprecated,
            text=" ".join(self.text),
        )
        if not self.is_array:
            return {path: inner}
        whole = Field(
            line=self.line,
            type="array",
            required=self.required,
            nullable=self.nullable,
            deprecated=self.deprecated,
            text=" ".join(self.text),
        )
        items = Field(
            line=self.line,
            type=inner.type,
            format=self.format,
            values=inner.values,
            bounds=self.bounds,
        )
        return {path: whole, f"{path}[]": items}

    def take(self, text: str) -> bool:
        """Take in a line about the field; return whether it is one."""
        if _CHILDREN.fullmatch(text):
            self.children = True
            return True
        if note := _NOTE.fullmatch(text):
            self._note(note["key"].lower(), note["rest"].strip())
            return True
        if self.takes_values and all(_VALUE.fullmatch(word) for word in words_in(text)):
            self.values += words_in(text)
            return True
        self.takes_values = False
        self.text.append(text)
        return True

    def _note(self, key: str, rest: str) -> None:
        self.takes_values = key == "possible values"
        if self.takes_values:
            self.values += words_in(rest)
        elif key == "pattern":
            self.bounds["pattern"] = rest
        elif key.startswith("default"):
            self.default = rest
        elif key != "example":
            self.bounds.update(limits_in(f"{key}: {rest}", self.types))


def row_in(line: int, text: str) -> Row | None:
    """Return the field that a line such as `timestampinteger · int64Required` describes."""
    if len(text) > _LONGEST:
        return None
    match = _FIELD.fullmatch(text)
    if match is None or (" " in text and "·" not in text and not match["duty"]):
        return None
    parts = [part.strip() for part in match["parts"].split("·") if part.strip()]
    types = tuple(word.strip() for word in match["type"].split("|"))
    if any(part.endswith("[]") for part in parts):
        types = tuple(word if word.endswith("[]") else f"{word}[]" for word in types)
    row = Row(line, match["name"], tuple(word for word in types if word != "null"))
    row.nullable = "null" in types or "nullable" in parts
    row.deprecated = "Deprecated" in match["duty"] or "deprecated" in parts
    if "Required" in match["duty"]:
        row.required = True
    elif "Optional" in match["duty"]:
        row.required = False
    _read_parts(row, [*([match["glued"]] if match["glued"] else []), *parts])
    return row


def _read_parts(row: Row, parts: Sequence[str]) -> None:
    for part in parts:
        if limits := limits_in(part, row.types):
            row.bounds.update(limits)
        elif part.removesuffix("[]") not in _NO_FORMAT:
            row.format = part.removesuffix("[]")


def limits_in(text: str, types: Sequence[str]) -> Mapping[str, str]:
    """Return the bounds that a text such as `min: 1Max: 64` names, under JSON Schema's names."""
    plain = "Length" if set(types) == {"string"} else "imum"
    found = {}
    for match in _LIMIT.finditer(text):
        ending = (match["what"] or "").lower().capitalize() or plain
        found[match["end"].lower() + ending] = match["bound"]
    return found


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
    for row, path in zip(rows, paths, strict=True):
        found.update(row.fields(path))
    return found


def _paths(rows: Sequence[Row], order: Sequence[str]) -> list[str]:
    found: list[str | None] = []
    position = 0
    used: set[str] = set()
    for row in rows:
        fitting = [
            index
            for index, path in enumerate(order)
            if path.rpartition(".")[2].removesuffix("[]") == row.name
            and not path.endswith("[]")
            and path not in used
        ]
        index = next((each for each in fitting if each >= position), fitting[0] if fitting else -1)
        found.append(order[index] if index >= 0 else None)
        if index >= 0:
            position = index + 1
            used.add(order[index])
    return [path or _guess(rows, found, index) for index, path in enumerate(found)]


def _guess(rows: Sequence[Row], found: list[str | None], index: int) -> str:
    """Return the path of a field that is not known from elsewhere: beside its neighbour."""
    before = found[index - 1] if index else None
    row = rows[index]
    after = next((path for path in found[index + 1 :] if path), None)
    inside = ""
    if before is not None:
        items = f"{before}[]" if rows[index - 1].is_array else before
        opened = rows[index - 1].children
        if opened or (after is not None and after.startswith(f"{items}.")):
            inside = items
        else:
            inside = before.rpartition(".")[0]
    elif after is not None:
        inside = after.rpartition(".")[0]
    path = f"{inside}.{row.name}" if inside else row.name
    found[index] = path
    return path
