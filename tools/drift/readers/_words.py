"""The words that facts are made of: names of events, of fields and of members of enumerations."""

from __future__ import annotations

import re

EVENT = re.compile(
    r"(?<![A-Za-z0-9_])"
    r"(?:CUSTOMER_PURSE|INVOICE|PAYOUT|TOP_UP|FIAT_DEPOSIT|WALLET)(?:_[A-Z0-9]+)+"
    r"(?![A-Za-z0-9_])"
)
"""A webhook event. Members of enumerations such as MEM_POOL_FOUND lack the group in front."""

_UPPER = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\[\])?(?:\.[A-Za-z_]\w*(?:\[\])?)*", re.ASCII)
_CAMEL = re.compile(r"[a-z][a-z0-9]*[A-Z]\w*", re.ASCII)
_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_ANSWERS = frozenset({"YES", "NO", "TRUE", "FALSE", "N", "Y"})

_LAYOUT = str.maketrans("", "", "*`\\\u200b\u200c\u200d\u2060\ufeff\ufe0f")


def plain(text: str) -> str:
    """Return a text in one line, without emphasis, marks of code and what has no width."""
    return " ".join(text.translate(_LAYOUT).split())


def is_value(text: str) -> bool:
    """Tell whether a text is one word as members of enumerations are written."""
    return (
        len(text) > 1
        and _UPPER.fullmatch(text) is not None
        and text not in _VERBS
        and text not in _ANSWERS
    )


def is_event(text: str) -> bool:
    """Tell whether a text is the name of an event and nothing else."""
    return EVENT.fullmatch(text) is not None


def is_field(text: str) -> bool:
    """Tell whether a text is the name of a field, or a path such as `payload.customerId`."""
    return _PATH.fullmatch(text) is not None and not is_value(text)


def is_camel(text: str) -> bool:
    """Tell whether a text can be nothing but the name of a field: no word of prose looks so."""
    return _CAMEL.fullmatch(text) is not None


def last_camel(text: str) -> str | None:
    """Return the last name of a field that a text mentions."""
    names = (word.strip("\"'(),.:;") for word in reversed(text.split()))
    return next((name for name in names if is_camel(name)), None)
