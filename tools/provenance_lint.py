"""Reject facts of the OpenAPI document that have no source.

Every operation, parameter, webhook, response and schema names its source in `x-provenance`, and so
does every property of an inline object of an operation. The source of a schema covers only the
properties in `provenance-baseline.txt`; any other property needs a source of its own, so a new one
can't hide in an old schema. The baseline only shrinks: no command adds to it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from generator import document as doc
from generator.lines import escaped, lines_of
from generator.problems import GenerationError
from tools.provenance_locations import extensions, locations
from tools.spec.received import only_sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from generator.document import Node
    from tools.provenance_locations import Location

BASELINE = Path(__file__).with_name("provenance-baseline.txt")

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
"""The index of the schema's name among the steps of a property's pointer."""

_Finding: TypeAlias = tuple[str, str, str]
"""A pointer, the name of what is there, and what is wrong with it."""


class Complaint(NamedTuple):
    """An error and its location."""

    file: str
    line: int
    location: str
    text: str

    def __str__(self) -> str:
        """Format it as compilers do, so that editors find the line."""
        return f"{self.file}:{self.line}: {self.location}: {self.text}"


def baseline(path: Path = BASELINE) -> list[str]:
    """Return the properties that the sources of their schemas cover."""
    return path.read_text("utf-8").split()


def complaints(content: str, covered: Sequence[str]) -> list[Complaint]:
    """Return all errors in the provenance of a document, in the order of its lines.

    Args:
        content: The document.
        covered: Properties, as `Schema.property`, that the sources of their schemas cover.
    """
    try:
        document = doc.parse(content.encode(), _DOCUMENT)
    except GenerationError as error:
        return [Complaint(_DOCUMENT, 1, "the document", str(error))]
    found = list(locations(document))
    lines = lines_of(content)
    findings = [*_invalid(found), *_missing(found, covered), *_unread(document, found)]
    findings += _placeholders(document)
    located = [Complaint(_DOCUMENT, _line(lines, at), name, text) for at, name, text in findings]
    return [*sorted(located), *_unneeded(found, covered)]


def _line(lines: Mapping[str, int], pointer: str) -> int:
    """Return the line of a node, or of its parent where YAML merged it in."""
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer, 1)


def _invalid(found: Iterable[Location]) -> Iterator[_Finding]:
    for location in found:
        yield from ((location.pointer, location.name, text) for text in _undescribed(location))
        if location.own:
            at = f"{location.pointer}/x-provenance"
            yield from (
                (at, location.name, text) for text in _provenance(location.node["x-provenance"])
            )


def _missing(found: Iterable[Location], covered: Sequence[str]) -> Iterator[_Finding]:
    for location in found:
        if not location.own and not (location.kind == "property" and location.name in covered):
            yield location.pointer, location.name, f"has no source; {_ADVICE}"


def _placeholders(node: Any, pointer: str = "") -> Iterator[_Finding]:  # noqa: ANN401 - any node
    """Find the placeholders that a suggested edit left to be filled in."""
    if isinstance(node, dict | list):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            yield from _placeholders(value, f"{pointer}/{escaped(str(key))}")
    elif isinstance(node, str) and _PLACEHOLDER.fullmatch(node):
        yield pointer, node, "is a placeholder; write the text"


def _unneeded(found: Iterable[Location], covered: Sequence[str]) -> Iterator[Complaint]:
    left = {location.name for location in found if location.kind == "property" and not location.own}
    for line, name in enumerate(covered, 1):
        if name not in left:
            text = "is not a property without a source of its own; delete this line"
            yield Complaint(BASELINE.name, line, name, text)


def _undescribed(location: Location) -> Iterator[str]:
    if location.described and not str(location.target.get("description", "")).strip():
        yield "has no description; write one in your own words"
    if location.described and _is_scalar(location.target) and not location.target.get("examples"):
        yield "has no example; add examples: […]"


def _is_scalar(schema: Node) -> bool:
    kinds = schema.get("type", ())
    scalar = not {"object", "array"}.intersection([kinds] if isinstance(kinds, str) else kinds)
    return bool(kinds) and scalar and "enum" not in schema


def _provenance(given: Any) -> Iterator[str]:  # noqa: ANN401 - any value of the document
    if not isinstance(given, dict):
        yield "x-provenance is not an object; give it level, page and date"
        return
    for check in _CHECKS:
        yield from (f"x-provenance {text}" for text in check(given))


def _keys(given: Node) -> Iterator[str]:
    for key in given.keys() - _KEYS:
        yield f"has the unknown key {key!r}; use {', '.join(sorted(_KEYS))}"


def _level(given: Node) -> Iterator[str]:
    level = given.get("level")
    if level not in _LEVELS:
        yield f"has the level {level!r}; it is one of {', '.join(_LEVELS)}"
    if level in ("observed", "inferred") and not _is_text(given.get("note")):
        yield f"is {level} and has no note; write what it was {level} from"


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
        yield "has incomplete readings; write each as {value: …, page: …}"
        return
    values = [reading["value"] for reading in readings]
    if len(values) < 2:  # noqa: PLR2004 - one alone contradicts nothing
        yield "has one reading; add that of the other page, or remove readings"
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


def _unread(document: Node, found: Iterable[Location]) -> Iterator[_Finding]:
    allowed = {f"{location.pointer}/x-provenance" for location in found} | {
        f"{location.pointer}/{name}"
        for location in found
        if location.kind == "operation"
        for name in ("x-method", "x-retry")
    }
    # Optional: the reference shows it; otherwise the operation's source covers it.
    allowed |= {
        f"/{part}/{escaped(op.path)}/{op.verb}/responses/{status}/x-provenance"
        for part, ops in (("paths", doc.operations(document)), ("webhooks", doc.webhooks(document)))
        for op in ops
        for status in op.body.get("responses", {})
    }
    sent = only_sent(document)
    allowed |= {
        f"{location.pointer}/x-essential"
        for location in found
        if location.kind == "property" and _is_received(location.pointer, sent)
    }
    allowed |= {
        f"{location.pointer}/{name}"
        for location in found
        if location.kind == "schema"
        for name in ("x-facts" if "enum" in location.node else "x-flags",)
    }
    for pointer, name in extensions(document, ""):
        if pointer not in allowed:
            yield pointer, name, "nothing reads this extension here; delete it"
