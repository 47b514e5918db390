"""Refuse what stands in the document and nobody documented.

Every operation, parameter, notification, answer and schema says in `x-provenance` where it is from,
and so does every property of an object that stands at an operation. What a schema says covers the
properties that it had when it said so, and those are listed in `inherited.txt`. A property that is
not listed says it itself, so a new one can't hide in an old schema. The list only ever becomes
shorter: no command adds to it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from generator import document as doc
from generator.lines import escaped, lines_of
from generator.problems import GenerationError
from tools.provenance_places import extensions, places
from tools.surface.received import only_sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from generator.document import Node
    from tools.provenance_places import Place

INHERITED = Path(__file__).with_name("inherited.txt")

_LEVELS = ("documented", "observed", "inferred")
_KEYS = frozenset(("level", "page", "date", "vendor-name", "note", "readings"))
_HOSTS = (
    "docs.calypso.finance/",
    "docs.calypso.money/",
    # The vendor's own copy of what it served until 2023.
    "github.com/aidma/calypso-docs.github.io",
)
_DATE = re.compile(r"20\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_PLACEHOLDER = re.compile(r"<[^<>]+>")
_DOCUMENT = "openapi.yaml"
_ADVICE = "add x-provenance with level, page and date"
_SCHEMA = 3
"""Where the name of its schema stands among the steps of a property's pointer."""

_Told: TypeAlias = tuple[str, str, str]
"""A pointer, what stands there, and what is wrong with it."""


class Complaint(NamedTuple):
    """Something to be mended, and where."""

    file: str
    line: int
    place: str
    text: str

    def __str__(self) -> str:
        """Return it as compilers do, so that editors find the line."""
        return f"{self.file}:{self.line}: {self.place}: {self.text}"


def inherited(path: Path = INHERITED) -> list[str]:
    """Return the properties that what is said of their schemas covers."""
    return path.read_text("utf-8").split()


def complaints(content: str, covered: Sequence[str]) -> list[Complaint]:
    """Return all that is wrong with the provenance in a document, in the order of its lines.

    Args:
        content: The document.
        covered: Properties, as `Schema.property`, that what is said of their schemas covers.
    """
    try:
        document = doc.parse(content.encode(), _DOCUMENT)
    except GenerationError as error:
        return [Complaint(_DOCUMENT, 1, "the document", str(error))]
    found = list(places(document))
    lines = lines_of(content)
    mended = [*_wrong(found), *_silent(found, covered), *_unread(document, found)]
    mended += _unworded(document)
    told = [Complaint(_DOCUMENT, _line(lines, at), name, text) for at, name, text in mended]
    return [*sorted(told), *_gone(found, covered)]


def _line(lines: Mapping[str, int], pointer: str) -> int:
    """Return the line of a node, or of what is around it where YAML merged it in."""
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer, 1)


def _wrong(found: Iterable[Place]) -> Iterator[_Told]:
    for place in found:
        yield from ((place.pointer, place.name, text) for text in _undescribed(place))
        if place.own:
            at = f"{place.pointer}/x-provenance"
            yield from ((at, place.name, text) for text in _provenance(place.node["x-provenance"]))


def _silent(found: Iterable[Place], covered: Sequence[str]) -> Iterator[_Told]:
    for place in found:
        if not place.own and not (place.kind == "property" and place.name in covered):
            yield place.pointer, place.name, f"nothing says where it is from; {_ADVICE}"


def _unworded(node: Any, pointer: str = "") -> Iterator[_Told]:  # noqa: ANN401 - any node
    """Find what a suggested edit left for a person to word."""
    if isinstance(node, dict | list):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            yield from _unworded(value, f"{pointer}/{escaped(str(key))}")
    elif isinstance(node, str) and _PLACEHOLDER.fullmatch(node):
        yield pointer, node, "is still to be put into words"


def _gone(found: Iterable[Place], covered: Sequence[str]) -> Iterator[Complaint]:
    left = {place.name for place in found if place.kind == "property" and not place.own}
    for line, name in enumerate(covered, 1):
        if name not in left:
            text = "is no property that leaves it to its schema to say; delete this line"
            yield Complaint(INHERITED.name, line, name, text)


def _undescribed(place: Place) -> Iterator[str]:
    if place.described and not str(place.target.get("description", "")).strip():
        yield "has no description; say in own words what it is"
    if place.described and _is_scalar(place.target) and not place.target.get("examples"):
        yield "has no example; add examples: […]"


def _is_scalar(schema: Node) -> bool:
    kinds = schema.get("type", ())
    scalar = not {"object", "array"}.intersection([kinds] if isinstance(kinds, str) else kinds)
    return bool(kinds) and scalar and "enum" not in schema


def _provenance(given: Any) -> Iterator[str]:  # noqa: ANN401 - whatever stands in the document
    if not isinstance(given, dict):
        yield "x-provenance is not an object; give it level, page and date"
        return
    for check in _CHECKS:
        yield from (f"x-provenance {text}" for text in check(given))


def _keys(given: Node) -> Iterator[str]:
    for key in given.keys() - _KEYS:
        yield f"has the unknown key {key!r}; there are {', '.join(sorted(_KEYS))}"


def _level(given: Node) -> Iterator[str]:
    level = given.get("level")
    if level not in _LEVELS:
        yield f"has the level {level!r}; it is one of {', '.join(_LEVELS)}"
    if level in ("observed", "inferred") and not _is_text(given.get("note")):
        yield f"is {level} and has no note; say what it was {level} from"


def _pages(given: Node) -> Iterator[str]:
    pages = given.get("page")
    if not isinstance(pages, list) or not pages or not all(map(_is_text, pages)):
        yield "has no page; list at least one, as page: [docs.calypso.money/…]"
    elif given.get("level") == "documented" and not any(page.startswith(_HOSTS) for page in pages):
        yield "is documented on none of the vendor's pages; name one, or make it observed"


def _date(given: Node) -> Iterator[str]:
    date = given.get("date")
    if not isinstance(date, str) or not _DATE.fullmatch(date):
        yield f'has the date {date!r}; write a year, a month or a day as text, date: "2026-11-21"'


def _readings(given: Node) -> Iterator[str]:
    readings = given.get("readings")
    if readings is None:
        return
    if not isinstance(readings, list) or not all(map(_is_reading, readings)):
        yield "has readings that lack something; each is {value: …, page: …}"
        return
    values = [reading["value"] for reading in readings]
    if len(values) < 2:  # noqa: PLR2004 - one alone contradicts nothing
        yield "has one reading; add what the other page says, or drop readings"
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield f"has the reading {value!r} twice; name both pages in one"


def _is_reading(reading: object) -> bool:
    return (
        isinstance(reading, dict)
        and set(reading) == {"value", "page"}
        and all(map(_is_text, reading.values()))
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


_CHECKS: tuple[Callable[[Node], Iterator[str]], ...] = (_keys, _level, _pages, _date, _readings)


def _is_received(pointer: str, sent: frozenset[str]) -> bool:
    if pointer.startswith("/paths/"):
        return "/responses/" in pointer
    return pointer.split("/")[_SCHEMA] not in sent


def _unread(document: Node, found: Iterable[Place]) -> Iterator[_Told]:
    allowed = {f"{place.pointer}/x-provenance" for place in found} | {
        f"{place.pointer}/{name}"
        for place in found
        if place.kind == "operation"
        for name in ("x-method", "x-retry")
    }
    # It may do so, and the reference shows it; what its operation says covers it otherwise.
    allowed |= {
        f"/{part}/{escaped(op.path)}/{op.verb}/responses/{status}/x-provenance"
        for part, ops in (("paths", doc.operations(document)), ("webhooks", doc.webhooks(document)))
        for op in ops
        for status in op.body.get("responses", {})
    }
    sent = only_sent(document)
    allowed |= {
        f"{place.pointer}/x-essential"
        for place in found
        if place.kind == "property" and _is_received(place.pointer, sent)
    }
    allowed |= {
        f"{place.pointer}/{name}"
        for place in found
        if place.kind == "schema"
        for name in ("x-facts" if "enum" in place.node else "x-flags",)
    }
    for pointer, name in extensions(document, ""):
        if pointer not in allowed:
            yield pointer, name, "nothing reads this extension here; delete it"
