"""Lists: of the parameters of a call, and of the members of an enumeration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.facts import FieldFact, ValueFact
from tools.drift.readers import _bodies
from tools.drift.readers._parameters import Parameter, parse
from tools.drift.readers._words import is_event, is_field, is_value, last_camel, plain
from tools.drift.readers.elements import Item
from tools.spec.model import FieldPath, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.drift.readers._bodies import Body
    from tools.drift.readers._kinds import Kind
    from tools.drift.readers._surroundings import Place
    from tools.drift.readers.elements import Element
    from tools.spec.model import Part

_ENVELOPE = frozenset({"account", "timestamp", "payload"})
_MEMBER = re.compile(
    r"([A-Z][A-Z0-9_]+)(?![A-Za-z0-9])"
    r"(\s+-|-\s|\s*[–—:(]|\s*$)?"  # noqa: RUF001 - the dashes that pages use
)
_DEEPEST = 20


class _Entry(NamedTuple):
    item: Item
    parameter: Parameter


def runs(elements: Sequence[Element]) -> Iterator[tuple[int, list[Item]]]:
    """Yield each list of a page with the index of its first item."""
    run: list[Item] = []
    for index, element in enumerate(elements):
        if isinstance(element, Item):
            run.append(element)
        elif run:
            yield index - len(run), run
            run = []
    if run:
        yield len(elements) - len(run), run


def fields(items: Sequence[Item], place: Place) -> list[FieldFact]:
    """Read a list of parameters; nothing if it is none, or if nobody can tell whose."""
    read = [_Entry(item, parameter) for item in items if (parameter := parse(item.text))]
    if not any(entry.parameter.sure for entry in read):
        return []
    names = {entry.parameter.name for entry in read}
    call = place.before or place.within or place.next
    marked = any(entry.parameter.required is not None for entry in read)
    otherwise: Part = "response" if place.shown == "response" and not marked else "request"
    bodies = _bodies.notifications(place, names) or _bodies.of_call(place, call, otherwise)
    return [fact for body in bodies for fact in _placed(read, body)]


def _placed(entries: Sequence[_Entry], body: Body) -> Iterator[FieldFact]:
    flat = body.part == "request" and not _has_nested(entries)
    parents: list[tuple[int, str]] = []
    within_payload = flat and all(entry.parameter.name != "payload" for entry in entries)
    for item, parameter in entries:
        while parents and parents[-1][0] >= item.depth:
            parents.pop()
        inside = parents[-1][1] if parents else body.inside
        if within_payload and not parents and parameter.name not in _ENVELOPE:
            inside = "payload."
        at = field_path(body._replace(inside=inside), parameter.name)
        yield from shaped(item.line, at, parameter)
        if len(parents) < _DEEPEST:
            array = "[]" if parameter.kind.type == "array" else ""
            parents.append((item.depth, f"{at.path}{array}."))
        within_payload = within_payload or (flat and parameter.name == "payload")


def field_path(body: Body, name: str) -> FieldPath:
    """Return the place of a field, whether its name has the path before it or not."""
    within = "" if body.inside and name.startswith(body.inside) else body.inside
    return FieldPath(body.owner, body.part, within + name)


def _has_nested(entries: Sequence[_Entry]) -> bool:
    """Tell whether the list shows by its depth what stands inside of the payload."""
    depths = {entry.item.depth for entry in entries}
    return len(depths) > 1 or any("." in entry.parameter.name for entry in entries)


def shaped(line: int, field_path: FieldPath, parameter: Parameter) -> Iterator[FieldFact]:
    """Yield the facts of one parameter: itself, and the items of an array whose type is named."""
    kind = parameter.kind
    yield FieldFact(line, field_path, _shape(kind, parameter.required))
    if kind.of:
        yield FieldFact(
            line, field_path._replace(path=f"{field_path.path}[]"), _shape(kind.of, None)
        )


def _shape(kind: Kind, required: bool | None) -> Shape:  # noqa: FBT001 - of three values
    return Shape(type=kind.type, format=kind.format, required=required)


def members(items: Sequence[Item], place: Place) -> list[ValueFact]:
    """Read the members of enumerations that a list names, one enumeration for each depth."""
    facts: list[ValueFact] = []
    parent = ""
    group: list[Item] = []
    for item in items:
        if group and item.depth != group[0].depth:
            facts += _enumeration(group, parent, place)
            parent = _subject_of(group[-1]) if item.depth > group[0].depth else ""
            group = []
        group.append(item)
    return facts + _enumeration(group, parent, place)


def _subject_of(item: Item) -> str:
    parameter = parse(item.text)
    if parameter:
        return parameter.name
    name = plain(item.text).rstrip(" :")
    return name if is_field(name) else ""


def _enumeration(group: Sequence[Item], parent: str, place: Place) -> list[ValueFact]:
    found = [_MEMBER.match(plain(item.text)) for item in group]
    words = [match[1] for match in found if match and is_value(match[1])]
    siblings = tuple(dict.fromkeys(word for word in words if not is_event(word)))
    told = all(match and match[2] is not None for match in found) or any("_" in w for w in words)
    if len(siblings) < 2 or len(words) < len(group) or not told:  # noqa: PLR2004 - one word is no list
        return []
    subject = parent or _subject(place)
    return [
        ValueFact(item.line, subject, word, siblings)
        for item, word in zip(group, words, strict=True)
        if word in siblings
    ]


def _subject(place: Place) -> str:
    named = next(filter(None, map(last_camel, place.lead)), None)
    return named or next(iter(place.headings), "")
