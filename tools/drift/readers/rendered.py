"""Read the reference as the vendor's page shows it, saved as text.

Such a page has lost its boxes and columns: the name, type and duty of a field run together, and
nested fields stand on the level of their parents. What is no fact comes back as prose, so that a
change of it is seen; plain words below a field alone may change as they like.

The layout is that of the account page saved in November 2025; values, limits and the folds for
nested fields follow what GitBook shows for OpenAPI elsewhere. So do the host over the path, a
command in place of the request, and fields without a mark where only required ones have one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.facts import AnswerFact, ExampleFact, FieldFact, OperationFact, ServerFact
from tools.drift.readers.cuttings import Cuttings
from tools.drift.readers.elements import Heading
from tools.drift.readers.saved.description import Description, section_of
from tools.drift.readers.saved.exchanges import (
    VERBS,
    Exchange,
    exchange_at,
    starts_exchange,
)
from tools.drift.readers.saved.lines import like_heading
from tools.drift.readers.saved.places import Places
from tools.drift.readers.saved.samples import starts_call
from tools.spec.model import FieldPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.drift.facts import Fact
    from tools.drift.readers.saved.fields import Draft
    from tools.drift.readers.saved.lines import Line
    from tools.spec.model import Part

_VERBS = frozenset(VERBS) | {verb.lower() for verb in VERBS}
_HOST = re.compile(r"https?://[^/\s]+")
_PATH = re.compile(rf"(?P<host>{_HOST.pattern})?(?P<path>/[^\s?]+)\S*")
_UNSAID = frozenset(
    f"header {name}"
    for name in ("key", "sign", "content-type", "accept", "content-length", "host", "user-agent")
)
"""Headers that every call has, and of which the document speaks elsewhere."""


class Call(NamedTuple):
    """Where the description of a call stands among the lines of a page.

    Attributes:
        start: The first line: the title, or the verb where there is none.
        below: The first line below title, verb and path.
        stop: The first line after all.
        title: The line, or None.
        owner: Such as `POST /api/v1/account`; empty where the page does not say.
        server: The host that stands with the path, or None.
        exchange: The samples, or None.
    """

    start: int
    below: int
    stop: int
    title: Line | None
    owner: str
    server: ServerFact | None
    exchange: Exchange | None


class _Address(NamedTuple):
    """What stands under a verb: a path, its host before or over it, and where the rest begins."""

    path: str
    server: ServerFact | None
    below: int


def find(lines: Sequence[Line]) -> Iterator[Call]:
    """Yield the calls that a page describes, in its order; they do not overlap."""
    index = free = 0
    while index < len(lines):
        if call := _call_at(lines, index, free):
            yield call
            free = call.stop
        index = max(index + 1, free)


def read(lines: Sequence[Line], call: Call) -> Cuttings:
    """Return what the description of a call states.

    Where neither a path nor a request is shown nobody knows which call it is: all stays prose.
    """
    exchange = call.exchange
    asked = Places(exchange.request.value if exchange and exchange.request else None)
    told = Places(exchange.answer.value if exchange and exchange.answer else None)
    between = lines[call.below : exchange.start if exchange else call.stop]
    described = (line for line in between if line.text not in _VERBS)
    description = Description(described, asked.names, told.names)
    heading = [Heading(call.title.number, 2, call.title.text)] if call.title else []
    cut = _cut(lines, call, description)
    facts: list[Fact] = []
    if call.owner:
        title = call.title.text if call.title else ""
        facts.append(
            OperationFact(lines[call.start].number, call.owner, title, cut=cut is not None)
        )
        facts += sorted(_stated(call, description, asked, told), key=lambda fact: fact.line)
    return Cuttings([*heading, *description.prose], facts, cut)


def _call_at(lines: Sequence[Line], index: int, free: int) -> Call | None:
    """Return the call that a line begins, if it is a verb or the first of a request.

    Args:
        lines: Those of the page.
        index: The line.
        free: The first line that does not belong to the call before.
    """
    if starts_exchange(lines[index]):
        exchange = exchange_at(lines, index)
        owner = exchange.owner if exchange else ""
        stop = exchange.stop if exchange else index + 1
        return Call(index, index, stop, None, owner, None, exchange)
    if lines[index].text not in _VERBS:
        return None
    address = _address(lines, index + 1)
    stop, plain = _reach(lines, address.below, plain=bool(address.path))
    exchange = exchange_at(lines, stop) if stop < len(lines) else None
    if not (plain or exchange):
        return None
    titled = index > free and like_heading(lines[index - 1].text)
    owner = f"{lines[index].text.upper()} {address.path}" if address.path else ""
    return Call(
        index - 1 if titled else index,
        address.below,
        exchange.stop if exchange else stop,
        lines[index - 1] if titled else None,
        (exchange.owner if exchange else "") or owner,
        address.server,
        exchange,
    )


def _address(lines: Sequence[Line], start: int) -> _Address:
    """Read the lines below a verb; without a path among them the description begins there."""
    texts = [line.text for line in lines[start : start + 2]]
    over = len(texts) > 1 and _HOST.fullmatch(texts[0].removesuffix("/"))
    path = _PATH.fullmatch(texts[1] if over else texts[0]) if texts else None
    if not path:
        return _Address("", None, start)
    host = over[0] if over else path["host"]
    server = ServerFact(lines[start].number, host) if host else None
    return _Address(path["path"], server, start + (2 if over else 1))


def _reach(lines: Sequence[Line], start: int, *, plain: bool) -> tuple[int, bool]:
    """Return where a description ends, and whether words of the layout show that it is one.

    It ends at its request, else at the title of the next call. The verb right over a request is
    the vendor's form for trying the call out. A command is the request of a description only
    where it is sure that there is one, for guides show commands too.

    Args:
        lines: Those of the page.
        start: The first line below the verb, and the path if there is one.
        plain: Whether there is one.
    """
    for index in range(start, len(lines)):
        text = lines[index].text
        if starts_exchange(lines[index]) or (plain and starts_call(lines[index])):
            return index, plain
        if text in _VERBS and not _tries_out(lines, index):
            titled = index > start and like_heading(lines[index - 1].text)
            return index - 1 if titled else index, plain
        plain = plain or bool(section_of(text))
    return len(lines), plain


def _tries_out(lines: Sequence[Line], index: int) -> bool:
    """Tell whether the verb is that of the form, whose request may have been broken off."""
    return index + 1 == len(lines) or starts_exchange(lines[index + 1])


def _cut(lines: Sequence[Line], call: Call, description: Description) -> int | None:
    """Return where the page breaks off, which it may do before the samples too."""
    if call.exchange:
        return call.exchange.cut
    unfinished = call.stop == len(lines) and not (call.owner and description.statuses)
    return lines[call.start].number if unfinished else None


def _stated(call: Call, description: Description, asked: Places, told: Places) -> Iterator[Fact]:
    for line, status in description.statuses:
        yield AnswerFact(line, call.owner, status)
    for where, draft in description.fields:
        if where == "body":
            yield from _field(FieldPath(call.owner, "request", asked.path_of(draft)), draft)
        elif where.startswith("2"):
            yield from _field(FieldPath(call.owner, "response", told.path_of(draft)), draft)
        elif not where.isdigit() and f"{where} {draft.name}".lower() not in _UNSAID:
            yield from _field(FieldPath(call.owner, "request", f"{where} {draft.name}"), draft)
    if call.server:
        yield call.server
    yield from _shown(call.owner, call.exchange)


def _field(field_path: FieldPath, draft: Draft) -> Iterator[Fact]:
    yield FieldFact(draft.line, field_path, draft.shape())
    if draft.is_array:
        yield FieldFact(
            draft.line, field_path._replace(path=f"{field_path.path}[]"), draft.shape_of_items()
        )


def _shown(owner: str, exchange: Exchange | None) -> Iterator[Fact]:
    """Yield what the request and its answer show."""
    if not exchange:
        return
    if exchange.server:
        yield exchange.server
    parts: tuple[Part, Part] = ("request", "response")
    for part, sample in zip(parts, (exchange.request, exchange.answer), strict=True):
        if sample:
            yield ExampleFact(sample.line, owner, part, sample.value)
