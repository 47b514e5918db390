"""How reports name facts, and which facts belong to others."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from tools.drift import words
from tools.drift.differences import BREAKING, INFORMATION, Difference
from tools.drift.document import VERBS, split, where_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.drift.document import Key
    from tools.drift.facts import Fact

# The kinds of differences of facts; all others have the name of the fact.
_KINDS = {
    "media": "header",
    "sample-value": "value",
    "stated-value": "value",
    "sample-event": "event",
    "call": "operation",
    "server": "operation-moved",
    "described": "field",
}
_WITHOUT_ENDING = frozenset({"header", "example", "security", "deprecated", "operation-moved"})
EVERY, EVERY_WEBHOOK = "every request", "every webhook"
_BARE = re.compile(r"[^a-z0-9{}]+")
_VERSION = re.compile(r"/v\d+(?=/)")
SAMPLES = frozenset({"sample-value", "stated-value", "sample-event"})
_THIRD = frozenset({"value", "sample-value", "stated-value", "status", "header", "described"})
_ALONE = frozenset(
    {"operation", "value", "event", "error", "server", "call", "described", *SAMPLES}
)


def of_words(
    where: str, old: str | None, new: str | None, line: int, *, is_of_signing: bool = False
) -> Iterator[Difference]:
    """Yield what a text states otherwise than it did."""
    if old and new:
        changes = words.changes(old, new, is_of_signing=is_of_signing)
    else:
        changes = words.stated_by(new or old or "", is_new=not old, is_of_signing=is_of_signing)
    for change in changes:
        yield as_difference(where, change, line)


def as_difference(where: str, change: words.Change, line: int) -> Difference:
    """Report what a text states otherwise."""
    effect = BREAKING if change.is_breaking else INFORMATION
    kind = change.kind
    if kind == "deprecated" and words.is_gone(change.new or ""):
        effect = BREAKING
        kind = "operation-removed" if where.partition(" ")[0] in VERBS else kind
    if change.old and change.new:
        text = f"It was: {change.old}; it is: {change.new}."
    elif change.new:
        text = f"The page now states: {change.new}."
    else:
        text = f"The page no longer states: {change.old}."
    return Difference(kind, where, change.old, change.new, effect, text, line=line)


def moved_operation(new: str, old: str, fact: Fact) -> Difference:
    """Report an operation that has another verb or path."""
    text = f"The page has {new} in the place of {old}."
    return Difference(
        "operation-moved", new, old, new, BREAKING, text, key=("operation", old), line=fact.line
    )


def renamed(facts: Mapping[Key, Fact], names: Mapping[str, str]) -> dict[Key, Fact]:
    """Return facts with operations under the names that they had."""
    if not names:
        return dict(facts)
    found: dict[Key, Fact] = {}
    for key, fact in facts.items():
        renamed = key
        for new, old in names.items():
            if len(key) > 1 and (key[1] == new or key[1].startswith((f"{new} ", f"{new}."))):
                renamed = (key[0], old + key[1].removeprefix(new), *key[2:])
        found[renamed] = fact
    return found


def within(key: Key, others: set[Key]) -> bool:
    """Whether a fact belongs to another one that is reported as a whole."""
    if key[0] in _ALONE:
        return False
    owner, part, path = split(key[1])
    if {("operation", owner), ("event", owner), ("sample-event", owner)} & others:
        return True
    if key[0] not in {"field", "example"}:
        return False
    while path:
        path = path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]
        where = where_of(owner, part, path)
        if path and {("field", where), ("example", where)} & others:
            return True
    return False


def ending(kind: str, last: str) -> str:
    """Return the kind of a difference of a fact that came or went."""
    name = _KINDS.get(kind, kind)
    return name if name in _WITHOUT_ENDING else f"{name}-{last}"


def place_of(key: Key) -> str:
    """Return how a report names a fact."""
    match key[0]:
        case "status":
            return f"{key[1]} {key[2]}"
        case "header":
            return f"{key[1]} header {key[2]}"
        case "media":
            return f"{key[1]} request Content-Type"
        case "described":
            return f"{key[1]} ({key[2]})"
    return key[1]


def words_place(key: Key) -> str:
    """Return how a report names what the words about a fact are about."""
    return f"{place_of(key)} {key[2]}" if key[0] == "value" else place_of(key)


def shown_value(key: Key, fact: Fact) -> str:
    """Return the value of a fact for the report."""
    if key[0] in _THIRD:
        return key[2]
    if key[0] == "field":
        return str(fact.value.type or "stated")
    if key[0] in {"error", "example", "security", "media"}:
        return str(fact.value or key[1])
    return key[1]


_DESCRIBED = {
    "value": "the value {2} of {1}",
    "event": "the event {1}",
    "error": "the error code {1}",
    "deprecated": "a note that {1} is deprecated",
    "security": "the security of {1}",
    "example": "{1} in an example",
}


def described(key: Key) -> str:
    """Return what a sentence calls a fact."""
    pattern = _DESCRIBED.get(key[0].rpartition("-")[2])
    return pattern.format(*key) if pattern else place_of(key)


def is_near(one: str, other: str) -> bool:
    """Whether two calls may be one that was renamed."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > 0.6  # noqa: PLR2004 - most


def tail(operation: str) -> str:
    """Return an operation without the version in its path."""
    return _VERSION.sub("", operation)


def bare(text: str) -> str:
    """Return a text without case and punctuation."""
    return _BARE.sub(" ", text.lower()).strip()
