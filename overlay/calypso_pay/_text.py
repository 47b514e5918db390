"""Making text from a server safe for errors and log lines."""

from __future__ import annotations

import re

LONGEST = 2_000

_SIGNATURE = r"[0-9a-fA-F]{128}"
_FILTERED = "[Filtered]"


def without_secrets(text: str, key: str) -> str:
    """Return a text without signatures and this key, in upper or lower case."""
    return re.sub(
        _SIGNATURE, _FILTERED, re.sub(re.escape(key), _FILTERED, text, flags=re.IGNORECASE)
    )


def in_one_line(text: str) -> str:
    """Return a text with control characters escaped, so that it cannot control a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
