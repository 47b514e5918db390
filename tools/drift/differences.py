"""Differences, and what each means for users."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.drift.document import Key

BREAKING, ADDITION, INFORMATION = "breaking", "addition", "information"

_MEANINGS = {
    BREAKING: "Clients or handlers made from openapi.yaml may stop working.",
    ADDITION: "Nothing stops working; it is not in the client yet.",
    INFORMATION: "Nothing stops working.",
}


@dataclass(slots=True)
class Difference:
    """A difference between a page and the document, or what the page was before.

    Attributes:
        kind: One of the kinds in CONTRIBUTING.
        where: What differs, such as `POST /api/v1/account response name`.
        text: The difference, in one sentence.
        edit: Text to paste into openapi.yaml.
        key: The key of the fact.
        value: What the page has now, for edits.
        line: The line of the page, or 0.
    """

    kind: str
    where: str
    old: Any
    new: Any
    effect: str
    text: str
    page: str = ""
    edit: str | None = None
    key: Key = ()
    value: Any = None
    line: int = 0

    @property
    def id(self) -> str:
        """An id that is the same in each run: of the page, the kind, the place and the values."""
        parts = (self.page, self.kind, self.where, self.old, self.new)
        return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]

    @property
    def meaning(self) -> str:
        """What it means for users, in a sentence."""
        return _MEANINGS[self.effect]
