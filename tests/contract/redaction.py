"""Take what nobody else may read out of everything that is printed or kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.contract.wire import Target

FILTERED = "[Filtered]"

_HEADERS = {"key", "sign"}
# Half as many hex digits are the hash of a transaction, which anybody may read.
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128,}")
_MEMBER = re.compile(r'(\\*"(?:secretKey|secret|key)\\*"\s*:\s*\\*")(?!\[Filtered)[^"\\]*')
_HEADER = re.compile(r"(\b(?:Key|Sign): )[^'\"\s\\]+")


class Redactor:
    """Removes the secrets of some targets from texts.

    Args:
        targets: Whose key and secret nobody may see.
    """

    def __init__(self, targets: Iterable[Target]) -> None:
        known = {each for target in targets for each in (target.key, target.secret) if each}
        # The longest first: one may be a part of another.
        parts = sorted(map(re.escape, known), key=len, reverse=True)
        self._known = re.compile("|".join(parts) or r"(?!)")

    def text(self, text: str) -> str:
        """Return a text without keys, signatures and secrets of subscriptions."""
        for pattern, put in (
            (self._known, FILTERED),
            (_MEMBER, rf"\1{FILTERED}"),
            (_HEADER, rf"\1{FILTERED}"),
            (_SIGNATURE, FILTERED),
        ):
            text = pattern.sub(put, text)
        return text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without those that prove who sent a request."""
        return {
            name: FILTERED if name.lower() in _HEADERS else self.text(value)
            for name, value in headers.items()
        }
