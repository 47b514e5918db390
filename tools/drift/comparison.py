"""What both comparisons share: how a fact that came or went is reported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.differences import ADDITION, BREAKING, INFORMATION, Difference
from tools.drift.document import ERROR
from tools.drift.fields import effect_of_new_field
from tools.drift.naming import described, ending, place_of, shown_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.drift.document import Document, Key
    from tools.drift.facts import Fact, Facts
    from tools.drift.model import Field


class Comparison:
    """What both comparisons share: how a fact that came, went or changed is reported."""

    def __init__(self, new: Facts, document: Document) -> None:
        self.new = new
        self.document = document

    def known(self, key: Key) -> bool:
        """Whether the document has a fact."""
        return key in self.document.facts

    def has_call(self, call: str) -> bool:
        """Whether the document has a call, of which guides leave out the start of the path."""
        verb, _, path = call.partition(" ")
        names = (*self.document.spec.operations, *self.document.aliases)
        return any(each.startswith(f"{verb} ") and each.endswith(f"/{path}") for each in names)

    def of_other_bodies(
        self, facts: Mapping[Key, Fact], before: Mapping[Key, Field], keys: set[Key]
    ) -> set[Key]:
        """Return the fields of bodies that are of another type as a whole, such as a list now."""
        changed = tuple(
            f"{key[1]} "
            for key, fact in facts.items()
            if key[0] == "field"
            and key[1].endswith((" request", " response"))
            and key in before
            and {fact.value.type, before[key].type} == {"object", "array"}
        )
        return {key for key in keys if key[1].startswith(changed)}

    def of_field(self, difference: Difference) -> Difference:
        """Return a difference of a field under the kind that fields of the error object have."""
        if difference.where.startswith(ERROR):
            difference.kind = "error-changed"
        return difference

    def added(self, key: Key, fact: Fact) -> Difference:
        """Report a fact that is new."""
        where = _where(key, fact)
        kind = _kind(key, where, "added")
        value = fact.value if key[0] == "call" else shown_value(key, fact)
        effect = INFORMATION if self.known(key) else _effect_of_new(key, where, fact)
        text = f"The page has {described(key)}, which is new."
        return Difference(
            kind, where, None, value, effect, text, key=key, value=fact.value, line=fact.line
        )

    def removed(self, key: Key, fact: Fact) -> Difference:
        """Report a fact that the page no longer has."""
        where = _where(key, fact)
        kind = _kind(key, where, "removed")
        is_ours = self.known(key) or (key[0] == "example" and self.known(("field", key[1])))
        if key[0] == "status":
            is_ours = is_ours and key[2].startswith("2")
        if key[0] == "header":
            is_ours = key[2] in self.document.headers
        is_breaking = is_ours and key[0] not in _WITHOUT_LOSS
        effect = BREAKING if is_breaking else INFORMATION
        text = f"The page no longer has {described(key)}."
        return Difference(kind, where, shown_value(key, fact), None, effect, text, key=key)


# What is gone of these is not needed any more.
_WITHOUT_LOSS = frozenset({"security", "media", "deprecated"})
_OF_RESPONSE = re.compile(r" \d{3}$")


def _is_second_meaning(key: Key) -> bool:
    """Whether a code stands on the page once more, with another meaning."""
    return key[0] == "error" and len(key) > 2  # noqa: PLR2004 - its message is in the key, too


def _where(key: Key, fact: Fact) -> str:
    if key[0] == "server":
        return "servers"
    return str(fact.value) if key[0] == "call" else place_of(key)


def _kind(key: Key, where: str, last: str) -> str:
    kind = ending(key[0], last)
    is_of_error = where.startswith(ERROR) and kind.startswith("field-")
    return "error-changed" if is_of_error or _is_second_meaning(key) else kind


def _effect_of_new(key: Key, where: str, fact: Fact) -> str:
    if key[0] == "field":
        return effect_of_new_field(where, fact.value)
    if key[0] in {"server", "security", "media"}:
        return BREAKING
    if key[0] == "header" and fact.value.required and not _OF_RESPONSE.search(key[1]):
        return BREAKING
    return INFORMATION if key[0] == "deprecated" or _is_second_meaning(key) else ADDITION
