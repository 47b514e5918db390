"""Whose fields a list or a table holds, judged by what stands around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.readers._words import EVENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tools.drift.readers._calls import Call
    from tools.drift.readers._surroundings import Place
    from tools.spec.model import Owner, Part

_ANSWER = re.compile(
    r"\b(?:responses?|answers?|returns?|returned|receives?|received)\b", re.IGNORECASE
)
_REQUEST = re.compile(r"\b(?:requests?|pass|passed|send|sent|input)\b", re.IGNORECASE)
_BODY = re.compile(r"\b(?:body|parameters?|payload)\b", re.IGNORECASE)
_NOTICE = re.compile(r"\b(?:webhooks?|events?|notifications?)\b", re.IGNORECASE)

# The fields that every notification has; those of the second line no call has.
_NOTIFICATION = frozenset(
    {"requestId", "id", "createdDate", "level", "service", "eventType", "data"}
)
_TELLING = frozenset({"level", "service", "eventType"})
_FEWEST = 3


class Body(NamedTuple):
    """A body that fields belong to; `inside` is the path of the object that holds them."""

    owner: Owner
    part: Part
    inside: str = ""


def notifications(place: Place, names: Collection[str]) -> list[Body]:
    """Return the notifications that fields belong to: the envelope, or the data of some events."""
    if len(_NOTIFICATION.intersection(names)) >= _FEWEST and not _TELLING.isdisjoint(names):
        return [Body("*", "event")]
    return [Body(name, "event", "data.") for name in _events_named(place)]


def _events_named(place: Place) -> list[str]:
    """Return the events of the nearest text that names any."""
    nearest = (*place.headings[:1], *place.lead, *place.headings[1:])
    named = (EVENT.findall(text) for text in nearest)
    return list(dict.fromkeys(next(filter(None, named), [])))


def of_call(place: Place, call: Call | None, otherwise: Part | None) -> list[Body]:
    """Return the body of a call that fields belong to, if it can be told which."""
    nearest = (*place.lead, *place.headings[:1])
    part = part_named(nearest)
    if part is None and any(_NOTICE.search(text) for text in nearest):
        return []
    part = part or otherwise
    return [Body(call.owner, part)] if call and part else []


def part_named(texts: Iterable[str]) -> Part | None:
    """Return which body the first of some texts that speaks of one only speaks of."""
    for text in texts:
        answer, request = _ANSWER.search(text), _REQUEST.search(text)
        if answer and not request:
            return "response"
        if request and not answer:
            return "request"
        if not answer and _BODY.search(text):
            return "request"
    return None
