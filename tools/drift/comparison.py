"""What both comparisons share: how a fact that came or went is reported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.differences import ADDITION, BREAKING, INFORMATION, Difference
from tools.drift.document import ERROR
from tools.drift.fields import effect_of_new_field
from tools.drift.naming import described, ending, place_of, shown_value

if TYPE_CHECKING:
    from tools.drift.document import Document, Key
    from tools.drift.facts import Fact, Facts


class Comparison:
    """What both comparisons share: how a fact that came, went or changed is reported."""

    def __init__(self, new: Facts, document: Document) -> None:
        self.new = new
        self.document = document

    def known(self, key: Key) -> bool:
        """Whether the document has a fact."""
        return key in self.document.facts

    def of_field(self, difference: Difference) -> Difference:
        """Return a difference of a field under the kind that fields of the error object have."""
        if difference.where.startswith(ERROR):
            difference.kind = "error-changed"
        return difference

    def added(self, key: Key, fact: Fact) -> Difference:
        """Report a fact that is new."""
        kind = ending(key[0], "added")
        effect = ADDITION
        where, value = place_of(key), shown_value(key, fact)
        if key[0] == "field":
            effect = effect_of_new_field(where, fact.value)
        elif key[0] == "server":
            where, effect = "servers", BREAKING
        elif key[0] in {"security", "media"}:
            effect = BREAKING
        elif key[0] == "header" and fact.value.required and " response" not in where:
            effect = BREAKING if not re.search(r" \d{3}$", key[1]) else ADDITION
        elif key[0] == "deprecated":
            effect = INFORMATION
        elif key[0] == "error" and len(key) > 2:  # noqa: PLR2004 - a second meaning
            kind, effect = "error-changed", INFORMATION
        if where.startswith(ERROR) and kind == "field-added":
            kind = "error-changed"
        text = f"The page has {described(key)}, which is new."
        return Difference(
            kind, where, None, value, effect, text, key=key, value=fact.value, line=fact.line
        )

    def removed(self, key: Key, fact: Fact) -> Difference:
        """Report a fact that the page no longer has."""
        kind = ending(key[0], "removed")
        is_ours = self.known(key) or (key[0] == "example" and self.known(("field", key[1])))
        effect = BREAKING if is_ours else INFORMATION
        if key[0] in {"security", "media", "deprecated", "header"}:
            effect = INFORMATION
        elif key[0] == "status":
            effect = BREAKING if is_ours and key[2].startswith("2") else INFORMATION
        elif key[0] == "error" and len(key) > 2:  # noqa: PLR2004 - a second meaning
            kind, effect = "error-changed", INFORMATION
        where = place_of(key)
        if where.startswith(ERROR) and kind == "field-removed":
            kind = "error-changed"
        text = f"The page no longer has {described(key)}."
        return Difference(kind, where, shown_value(key, fact), None, effect, text, key=key)
