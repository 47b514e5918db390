"""Lengths of time in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.facts import PeriodFact

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "twenty-four": 24,
    "thirty": 30,
    "forty-five": 45,
    "sixty": 60,
    "ninety": 90,
}
_UNITS = {
    "second": ("second", 1),
    "sec": ("second", 1),
    "s": ("second", 1),
    "minute": ("minute", 1),
    "min": ("minute", 1),
    "hour": ("hour", 1),
    "hr": ("hour", 1),
    "h": ("hour", 1),
    "day": ("day", 1),
    "d": ("day", 1),
    "week": ("day", 7),
    "month": ("month", 1),
    "year": ("month", 12),
}
_COUNT = r"(?P<count>[0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,6}|" + "|".join(
    sorted(map(re.escape, _NUMBERS), reverse=True)
)
_PERIOD = re.compile(
    # Neither the end of a version, a fraction, an identifier nor a date.
    rf"(?<![\w.#$])(?<![0-9],)(?<![A-Za-z]-)(?<![0-9]{{2}}-){_COUNT})"
    r"(?P<space>[ -]|\s?\(?)(?:(?:calendar|business|working|full|whole|consecutive)\s)?"
    r"(?P<unit>seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|months?|years?)"
    r"(?![\w-])(?!\s+(?:ago|earlier)\b)",
    re.IGNORECASE,
)
_ARTICLES = frozenset({"a", "an"})
# With an article, these are as often an ordinal, or a rate, as a length of time.
_COUNTED_ONLY = frozenset({"second", "minute", "day"})
_DECADE = 1900


def read(line: int, text: str) -> Iterator[PeriodFact]:
    """Yield the lengths of time that a text speaks of; points in time are none."""
    for match in _PERIOD.finditer(text):
        word, unit = match["count"].lower(), match["unit"]
        base, times = _UNITS[_singular(unit.lower())]
        amount = _NUMBERS.get(word) or int(word.replace(",", ""))
        if not _is_other(word, amount, unit):
            yield PeriodFact(line, amount * times, base)


def _singular(unit: str) -> str:
    return unit if unit == "s" else unit.removesuffix("s")


def _is_other(word: str, amount: int, unit: str) -> bool:
    if word in _NUMBERS:
        return len(unit) == 1 or (word in _ARTICLES and unit.lower() in _COUNTED_ONLY)
    # `2D` and `1990s` are no lengths of time.
    return len(unit) == 1 and (unit.isupper() or amount >= _DECADE)
