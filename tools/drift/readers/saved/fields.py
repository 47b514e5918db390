"""Read a field as the vendor's reference shows it: its name, type and duty run together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from tools.spec.model import Shape

if TYPE_CHECKING:
    from collections.abc import Container

_DOT = r"(?:·|ยท|Â·|∙|‧|•)"
"""The dot between type and format, also as it looks when it was saved in one code page and read
in another."""
_WORD = r"(?:string|integer|number|boolean|object|array|any|null|enum)(?:\[\])*"
_TYPE = re.compile(
    rf"\s*(?P<type>{_WORD}(?:\s*\|\s*{_WORD})*)"
    r"(?P<glued>enum|uuid|date-time|date|email|uri|url|int32|int64|float|double|decimal|password)?"
)
_DUTY = re.compile(r"\s*(?:Deprecated)?\s*(Required|Optional)\s*$")
_NAME = re.compile(r"[A-Za-z_$@][\w$@.\-]*(?:\[\])?")
_BREAK = re.compile(rf"\s*{_DOT}\s*")
_NO_FORMATS = {"", "enum", "nullable", "read-only", "write-only", "deprecated"}
_FORMAT = re.compile(r"[A-Za-z][\w\-]*(?:\[\])?")
_LIMIT = re.compile(
    r"(?P<end>[Mm]in|[Mm]ax)(?:imum)?(?: (?P<what>length|items|properties))?:"
    r"\s*(?P<bound>-?\d{1,18})(?!\d|\.)"
)
_ENDS = {
    ("min", "length"): "minLength",
    ("max", "length"): "maxLength",
    ("min", "items"): "minItems",
    ("max", "items"): "maxItems",
    ("min", ""): "minimum",
    ("max", ""): "maximum",
}
_ONE_WORD = re.compile(r"\w(?:string|integer|number|boolean|object|array)(?:\[\])*$")
_LONGEST = 300
_QUOTES = "`'\"“”"


class _Reading(NamedTuple):
    name: str
    types: str
    parts: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """A field while the lines about it are read.

    Attributes:
        line: Where it stands in the page.
        types: The words for its type, `string[]` with its brackets.
    """

    line: int
    name: str
    types: tuple[str, ...]
    required: bool | None = None
    format: str | None = None
    pattern: str | None = None
    values: list[str] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)

    @property
    def is_array(self) -> bool:
        """Tell whether it is a list of something that is named."""
        return any(word.endswith("[]") for word in self.types)

    @property
    def holds_fields(self) -> bool:
        """Tell whether other fields can stand below it."""
        return any(word.startswith(("object", "array")) for word in self.types)

    def shape(self) -> Shape:
        """Return what is said of it; of a list, what is said of the list itself."""
        if self.is_array:
            own = {name: bound for name, bound in self.limits.items() if name in _OF_LISTS}
            return Shape(type="array", required=self.required, limits=own)
        return replace(self._said(self.types, self.limits), required=self.required)

    def shape_of_items(self) -> Shape:
        """Return what is said of the items of a list."""
        inner = tuple(word.removesuffix("[]") for word in self.types)
        limits = {name: bound for name, bound in self.limits.items() if name not in _OF_LISTS}
        return self._said(inner, limits)

    def _said(self, types: tuple[str, ...], limits: dict[str, int]) -> Shape:
        said = sorted({"array" if word.endswith("[]") else word for word in types} - _NO_TYPES)
        return Shape(
            type="|".join(said) or None,
            format=self.format,
            pattern=self.pattern,
            values=tuple(dict.fromkeys(self.values)) or None,
            limits=dict(limits),
        )


_OF_LISTS = frozenset({"minItems", "maxItems"})
_NO_TYPES = frozenset({"any", "enum"})


def field_in(line: int, text: str, names: Container[str] = ()) -> Draft | None:
    """Return the field that a line describes, or None.

    `stringFilterobjectOptional` may be cut at any type word that its end allows: a name that is
    known from the sample decides, else the longest type does.

    Args:
        line: Its number.
        text: Such as `timestampinteger · int64Required`.
        names: The names of fields in the sample that belongs to it.
    """
    if len(text) > _LONGEST:
        return None
    duty = _DUTY.search(text)
    head, *parts = _BREAK.split(text[: duty.start()] if duty else text)
    readings = list(_readings(head, tuple(part.strip() for part in parts)))
    known = [reading for reading in readings if reading.name in names]
    if not (known or (readings and (duty or parts or _is_one_word(text)))):
        return None
    draft = _draft(line, (known or readings)[0])
    draft.required = duty[1] == "Required" if duty else None
    return draft


def _is_one_word(text: str) -> bool:
    """Tell whether a line without any mark can be no words of prose, as `emailstring` can't."""
    return not any(map(str.isspace, text)) and _ONE_WORD.search(text) is not None


def _readings(head: str, parts: tuple[str, ...]) -> list[_Reading]:
    """Return the ways to cut a name from its type, the longest type first."""
    found = list[_Reading]()
    for start in range(1, len(head)):
        match = _TYPE.fullmatch(head, start)
        if match and _NAME.fullmatch(head, 0, start) and _are_parts(parts):
            glued = (match["glued"],) if match["glued"] else ()
            found.append(_Reading(head[:start], match["type"], (*glued, *parts)))
    return found


def _are_parts(parts: tuple[str, ...]) -> bool:
    return all(not part or _FORMAT.fullmatch(part) or _LIMIT.fullmatch(part) for part in parts)


def _draft(line: int, reading: _Reading) -> Draft:
    types = [word.strip() for word in reading.types.split("|")]
    if any(part.endswith("[]") for part in reading.parts):
        # `string · enum[]` is a list of what is named, as `string[] · enum` is.
        types = [word if word.endswith("[]") else f"{word}[]" for word in types]
    if "nullable" in reading.parts:
        types.append("null")
    draft = Draft(line, reading.name, tuple(types))
    for part in reading.parts:
        if limits_in(part):
            draft.limits.update(limits_in(part))
        elif (word := part.removesuffix("[]")).lower() not in _NO_FORMATS:
            draft.format = word
    return draft


def limits_in(text: str) -> dict[str, int]:
    """Return the bounds that a line names under JSON Schema's names, or nothing.

    `Min: 1Max: 64` run together is two of them. Bounds that are no whole numbers are left alone.
    """
    if not text.startswith(("Min", "Max", "min", "max")) or len(text) > _LONGEST:
        return {}
    found = [
        (_ENDS.get((match["end"].lower(), match["what"] or "")), int(match["bound"]))
        for match in _LIMIT.finditer(text)
    ]
    return {name: bound for name, bound in found if name}


def values_in(text: str) -> list[str]:
    """Return the values of a list set in one line, apart by spaces, commas or bars."""
    words = re.split(rf"[\s,|]+|{_DOT}", text)
    return [bare for word in words if (bare := word.strip(_QUOTES))]
