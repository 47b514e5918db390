"""Text that came from outside, made fit for an error or a log line."""

from __future__ import annotations

import re

LONGEST = 2_000

_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
_FILTERED = "[Filtered]"


def without_secrets(text: str, key: str) -> str:
    """Return a text without signatures and this key, however their letters are cased."""
    return _SIGNATURE.sub(_FILTERED, re.sub(re.escape(key), _FILTERED, text, flags=re.IGNORECASE))


def in_one_line(text: str) -> str:
    """Return a text with control characters and the like escaped, so that it steers no terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
