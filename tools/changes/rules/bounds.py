"""Sentences about bounds that are not attributes of a field: what a request must not have."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.changes.line import Difference, joined
from tools.changes.rules.words import plain
from tools.spec import python
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.changes.line import Draft
    from tools.changes.rules.words import MakeDraft, Sentence

_BEYOND = {
    "minProperties": "with fewer than {} field{s}",
    "maxProperties": "with more than {} field{s}",
    "exclusiveMinimum": "of {} or less",
    "exclusiveMaximum": "of {} or more",
    "multipleOf": "that is not a multiple of {}",
}
_UPPER = ("maxProperties", "exclusiveMaximum")
_CHOICES = {"anyOf": "at least", "oneOf": "exactly"}
BOUNDS = frozenset((*_BEYOND, *_CHOICES, "dependentRequired", "not", "readOnly", "uniqueItems"))
"""The keywords of JSON Schema that `bound` has a sentence for."""


_Choice = frozenset[frozenset[str]]
"""The options of a choice, each with the fields that it requires."""


class Bounded(NamedTuple):
    """What a bound is about: how sentences name it, and whether it is sent in requests."""

    sentence: Sentence
    make_draft: MakeDraft
    sent: bool

    def draft(
        self, text: str, *, tighter: bool, kind: Kind | Difference = Kind.LIMIT_CHANGED
    ) -> Draft:
        """Return a sentence; the client does not check what it receives, so there it is words."""
        severity = Severity.BREAKING if tighter else Severity.ADDITIVE
        return self.make_draft(
            severity if self.sent else Severity.EDITORIAL, kind, self.sentence(text)
        )

    def invalid(self, what: str, *, tighter: bool, before: str = "") -> Draft:
        """Return a sentence on values that are invalid now, or no longer."""
        rejected = "is rejected" if self.sent else "is documented as invalid"
        if not tighter and not before:
            rejected = rejected.replace("is ", "is no longer ")
        return self.draft(f"{what} {rejected}{before}", tighter=tighter)


def bound(about: Bounded, keyword: str, was: Any, now: Any) -> Iterator[Draft]:  # noqa: ANN401 - JSON
    """Report that one of `BOUNDS` is new, removed or changed."""
    if keyword == "readOnly":
        yield _read_only(about, now=bool(now))
    elif keyword == "dependentRequired":
        before, after = _pairs(was), _pairs(now)
        for pairs, tighter in ((after - before, True), (before - after, False)):
            for given, needed in sorted(pairs):
                yield about.invalid(f"with `{given}` but without `{needed}`", tighter=tighter)
    elif keyword in _CHOICES:
        yield from _condition(about, keyword, _fields(was), _fields(now))
    elif _is_number(now) and _is_number(was):
        tighter = keyword == "multipleOf" or (now < was if keyword in _UPPER else now > was)
        before_ = f"; the limit was `{was}`"
        yield about.invalid(_beyond(keyword, now), tighter=tighter, before=before_)
    else:
        # A bound of another kind replaces one: users need to know what it rejects now.
        there = now if now not in (None, False) else was
        yield about.invalid(_beyond(keyword, there), tighter=now not in (None, False))


def _read_only(about: Bounded, *, now: bool) -> Draft:
    text = "is no longer documented as read-only"
    if now:
        text = "is documented as read-only now"
        text += ": a request with it is rejected" * about.sent
    return about.draft(text, tighter=now)


def _condition(about: Bounded, keyword: str, was: _Choice, now: _Choice) -> Iterator[Draft]:
    """Describe which fields a choice requires together."""
    if was == now:
        text = about.sentence("is described differently")
        yield about.make_draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)
        return
    # With one more option, more is accepted, unless only one of them may be there.
    wider = keyword == "anyOf" and bool(was) and was < now
    tighter = bool(now) and not wider
    before = f"; it was {_one_of(keyword, was)}" if was and now else ""
    text = f"without {_one_of(keyword, now or was)}"
    yield about.invalid(text, tighter=tighter, before=before)


def _one_of(keyword: str, choice: _Choice) -> str:
    if len(choice) == 1:
        return joined(sorted(*choice))
    options = sorted(" with ".join(f"`{name}`" for name in sorted(each)) for each in choice)
    return f"{_CHOICES[keyword]} one of {', '.join(options[:-1])} and {options[-1]}"


def _fields(choice: Any) -> _Choice:  # noqa: ANN401 - any value of the document
    return frozenset(
        frozenset(map(python.argument, option.get("required", ())))
        for option in choice or ()
        if option.get("required")
    )


def _pairs(found: Any) -> set[tuple[str, str]]:  # noqa: ANN401 - any value of the document
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
