"""What stands around an element: its headings, the words that lead to it, the calls near it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.readers import _json_samples
from tools.drift.readers._calls import Call, calls_in
from tools.drift.readers._words import plain
from tools.drift.readers.elements import Code, Heading, Item, Prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.drift.readers.elements import Element
    from tools.spec.model import Part

# Headings that part one description of a call, where others begin the next.
_PARTS = frozenset(
    "request requests response responses answer answers example examples sample samples body"  # noqa: SIM905 - a list of words is read as words
    " parameter parameters header headers result output success successful error errors json curl"
    " payload http code field fields attribute attributes format data the of a an in and for"
    " with required optional 200 201 ok main".split()
)
# A word such as JSON over a sample says nothing of what is shown.
_LABELS = frozenset({"json", "curl", "http", "bash", "shell", "copy", "python", "javascript"})
_WORD = re.compile(r"\w+")
_MOST_HEADINGS = 6
_MOST_LEADING = 2


class Place(NamedTuple):
    """The surroundings of one element.

    Attributes:
        headings: From the innermost to the outermost.
        lead: The last prose before it, latest first, back to the last sample or table.
        before: The last call in the section.
        within: The next call in the section.
        next: The next call on the page.
        shown: What the last sample in the section is a sample of.
        calls: Those that the element itself shows.
    """

    headings: tuple[str, ...]
    lead: tuple[str, ...]
    before: Call | None
    within: Call | None
    next: Call | None
    shown: Part | None
    calls: Sequence[Call]


class _Behind(NamedTuple):
    headings: tuple[tuple[int, str], ...] = ()
    lead: tuple[str, ...] = ()
    before: Call | None = None
    shown: Part | None = None


def survey(elements: Sequence[Element]) -> list[Place]:
    """Return the place of each element."""
    calls = [calls_in(element) for element in elements]
    sections = list(_sections(elements, calls))
    behind = _behind(elements, calls, sections)
    return [
        Place(tuple(text for _, text in past.headings), *past[1:3], *ahead, past.shown, own)
        for past, ahead, own in zip(behind, _ahead(calls, sections), calls, strict=True)
    ]


def _sections(elements: Sequence[Element], calls: Sequence[Sequence[Call]]) -> Iterator[int]:
    """Number the sections: each heading begins one, unless it stands inside of a description."""
    section, opened, called = 0, 0, False
    for element, calling in zip(elements, _calling(elements, calls), strict=True):
        if isinstance(element, Heading) and not _is_part(element.text):
            inside = called and not calling and element.level > opened > 0
            if not inside:
                section, opened, called = section + 1, element.level, False
        called = called or calling
        yield section


def _calling(elements: Sequence[Element], calls: Sequence[Sequence[Call]]) -> list[bool]:
    """Tell whether an element shows a call, or for a heading, whether one follows under it."""
    found: list[bool] = []
    pending = False
    for element, own in zip(reversed(elements), reversed(calls), strict=True):
        pending = pending or bool(own)
        found.append(pending if isinstance(element, Heading) else bool(own))
        pending = pending and not isinstance(element, Heading)
    return found[::-1]


def _is_part(heading: str) -> bool:
    words = _WORD.findall(heading.lower())
    return bool(words) and all(word in _PARTS for word in words)


def _ahead(
    calls: Sequence[Sequence[Call]], sections: Sequence[int]
) -> list[tuple[Call | None, Call | None]]:
    """Return the next call in the section and the next one on the page, for each element."""
    found: list[tuple[Call | None, Call | None]] = []
    call: Call | None = None
    where = -1
    for own, section in zip(reversed(calls), reversed(sections), strict=True):
        found.append((call if where == section else None, call))
        if own:
            call, where = own[0], section
    return found[::-1]


def _behind(
    elements: Sequence[Element], calls: Sequence[Sequence[Call]], sections: Sequence[int]
) -> Iterator[_Behind]:
    behind, last = _Behind(), 0
    for element, own, section in zip(elements, calls, sections, strict=True):
        if section != last:
            behind, last = behind._replace(before=None, shown=None), section
        yield behind
        behind = _past(element, own, behind)


def _past(element: Element, own: Sequence[Call], behind: _Behind) -> _Behind:
    if own:
        behind = behind._replace(before=own[-1])
    if isinstance(element, Heading):
        outer = [each for each in behind.headings if _heads(each, element)]
        headings = ((element.level, plain(element.text)), *outer)
        return behind._replace(headings=headings[:_MOST_HEADINGS], lead=())
    if isinstance(element, Prose):
        text = plain(element.text)
        lead = behind.lead if text.lower() in _LABELS else (text, *behind.lead)[:_MOST_LEADING]
        return behind._replace(lead=lead)
    if isinstance(element, Code):
        return behind._replace(lead=(), shown=_shown(element, own) or behind.shown)
    # What leads to a list leads to each of its items.
    return behind if isinstance(element, Item) else behind._replace(lead=())


def _heads(outer: tuple[int, str], heading: Heading) -> bool:
    """Tell whether a heading stands under an earlier one.

    A part of a description does even on the same level, for pages saved as text have one level.
    """
    level, text = outer
    part = _is_part(heading.text) and not _is_part(text)
    return level < heading.level or (level == heading.level and part)


def _shown(element: Code, own: Sequence[Call]) -> Part | None:
    samples = own[-1].samples if own else tuple(_json_samples.values(element.text))
    if not samples or _json_samples.speaks_for_itself(samples[-1]):
        return None
    return "request" if _json_samples.is_request(samples[-1]) else "response"
