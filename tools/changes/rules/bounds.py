"""Sentences about bounds that are no attributes of a field: what a request must not have."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.changes.rules.words import plain
from tools.surface import python
from tools.surface.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.changes.line import Difference, Draft
    from tools.changes.rules.words import Name, Say

_BEYOND = {
    "minProperties": "with fewer than {} field{s}",
    "maxProperties": "with more than {} field{s}",
    "exclusiveMinimum": "of {} or less",
    "exclusiveMaximum": "of {} or more",
    "multipleOf": "that is no multiple of {}",
}
_UPPER = ("maxProperties", "exclusiveMaximum")
BOUNDS = frozenset((*_BEYOND, "dependentRequired", "not", "readOnly", "uniqueItems"))
"""The keywords of JSON Schema that `bound` has a sentence for."""


class Bounded(NamedTuple):
    """What a bound is about: how sentences name it, and whether it is sent in requests."""

    name: Name
    say: Say
    sent: bool

    def draft(
        self, text: str, *, tighter: bool, kind: Kind | Difference = Kind.LIMIT_CHANGED
    ) -> Draft:
        """Return a sentence; the client does not check what it receives, so there it is words."""
        grave = Severity.BREAKING if tighter else Severity.ADDITIVE
        return self.say(grave if self.sent else Severity.EDITORIAL, kind, self.name(text))

    def invalid(self, what: str, *, tighter: bool, before: str = "") -> Draft:
        """Return a sentence on values that are invalid now, or no longer."""
        rejected = "is rejected" if self.sent else "is documented as invalid"
        if not tighter and not before:
            rejected = rejected.replace("is ", "is no longer ")
        return self.draft(f"{what} {rejected}{before}", tighter=tighter)


def bound(about: Bounded, keyword: str, was: Any, now: Any) -> Iterator[Draft]:  # noqa: ANN401 - JSON
    """Say that one of `BOUNDS` is new, gone or another one."""
    if keyword == "readOnly":
        yield _read_only(about, now=bool(now))
    elif keyword == "dependentRequired":
        before, after = _pairs(was), _pairs(now)
        for pairs, tighter in ((after - before, True), (before - after, False)):
            for given, needed in sorted(pairs):
                yield about.invalid(f"with `{given}` but without `{needed}`", tighter=tighter)
    elif _is_number(now) and _is_number(was):
        tighter = keyword == "multipleOf" or (now < was if keyword in _UPPER else now > was)
        before_ = f"; the limit was `{was}`"
        yield about.invalid(_beyond(keyword, now), tighter=tighter, before=before_)
    else:
        # A bound of another kind replaces one: what it rejects now is what users have to know.
        there = now if now not in (None, False) else was
        yield about.invalid(_beyond(keyword, there), tighter=now not in (None, False))


def _read_only(about: Bounded, *, now: bool) -> Draft:
    text = "is no longer documented as read-only"
    if now:
        text = "is documented as read-only now"
        text += ": a request with it is rejected" * about.sent
    return about.draft(text, tighter=now)


def _pairs(found: Any) -> set[tuple[str, str]]:  # noqa: ANN401 - whatever stands in the document
    return {
        (python.argument(given), python.argument(needed))
        for given, several in (found or {}).items()
        for needed in several
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _beyond(keyword: str, value: object) -> str:
    if keyword == "uniqueItems":
        return "with an item twice"
    if keyword == "not":
        return f"that matches {plain(value)}"
    return _BEYOND[keyword].format(value, s="s" * (value != 1))
