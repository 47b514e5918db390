"""A line of the changelog, from the sentence of a rule to what is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable


class Difference(StrEnum):
    """Kinds of differences that the shared list of kinds does not have."""

    METHOD_RENAMED = "method renamed"
    OPERATION_RENAMED = "operation renamed"
    DEPRECATED = "deprecated"
    BODY_CHANGED = "body changed"
    RETRY_CHANGED = "retry changed"
    RETURN_CHANGED = "return changed"
    POSITION_CHANGED = "position changed"
    CLASS_NEW = "class new"
    CLASS_REMOVED = "class removed"
    CLASS_RENAMED = "class renamed"
    VALUE_CHANGED = "value changed"
    CHOICE_CHANGED = "choice changed"
    SERVER_CHANGED = "server changed"
    SIGNING_CHANGED = "signing changed"
    SOURCE_CHANGED = "source changed"
    WORDS_CHANGED = "words changed"
    VERSION_CHANGED = "version changed"
    UNEXPLAINED = "unexplained"
    NEW_REJECTED = "new document rejected"
    OLD_REJECTED = "old document rejected"


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that may hold for several methods.

    Attributes:
        text: Has `{who}` for the methods and `<takes|take>` for a verb after one or after several.
        who: The methods or other names that take the place of `{who}`.
        pointer: Where the document has it now, or had it.
    """

    severity: Severity
    kind: Kind | Difference
    text: str
    who: frozenset[str]
    pointer: str


@dataclass(frozen=True, slots=True)
class Line:
    """One change, in a sentence."""

    severity: Severity
    kind: Kind | Difference
    text: str
    methods: tuple[str, ...]
    pointer: str

    @property
    def group(self) -> str:
        """The heading of the changelog that it belongs under; nothing for a rejection."""
        if self.kind in (Difference.NEW_REJECTED, Difference.OLD_REJECTED):
            return ""
        if self.severity is Severity.BREAKING:
            return "Breaking"
        if self.severity is Severity.EDITORIAL and self.kind is not Difference.UNEXPLAINED:
            return "Editorial"
        return "Added" if self.kind.value.endswith(" new") else "Changed"


_VERB = re.compile(r"<([a-z ]+)\|([a-z ]+)>")


def lines(drafts: Iterable[Draft], everyone: frozenset[str] = frozenset()) -> list[Line]:
    """Return the lines of drafts: what holds for several methods is one line.

    Args:
        drafts: The sentences.
        everyone: All methods there are; a sentence about all of them reads "every call".
    """
    merged: dict[tuple[Severity, Kind | Difference, str], list[Draft]] = {}
    for draft in drafts:
        merged.setdefault((draft.severity, draft.kind, draft.text), []).append(draft)
    found = [_line(same, everyone) for same in merged.values()]
    order = list(Severity)
    return sorted(found, key=lambda line: (order.index(line.severity), line.text))


def _line(same: list[Draft], everyone: frozenset[str]) -> Line:
    who = sorted({name for draft in same for name in draft.who})
    text = same[0].text
    if "{who}" in text:
        head, _, tail = text.partition("{who}")
        every = len(who) > 1 and everyone <= set(who) and bool(everyone)
        count = 1 if every else len(who)
        text = (
            numbered(head, count) + ("every call" if every else joined(who)) + numbered(tail, count)
        )
    pointer = min(draft.pointer for draft in same)
    methods = tuple(name for name in who if "." in name)
    return Line(same[0].severity, same[0].kind, text[:1].upper() + text[1:], methods, pointer)


def numbered(text: str, count: int) -> str:
    """Choose the verbs of a sentence."""
    return _VERB.sub(lambda verb: verb[1 if count == 1 else 2], text)


def joined(names: Iterable[str]) -> str:
    """Return names as a list in a sentence, each in backticks."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
