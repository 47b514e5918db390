"""What sentences state: figures, names, and words on which the meaning hangs."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NUMBERS = {
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
    "thirty": 30,
    "sixteen": 16,
    "nineteen": 19,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
}
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "second"),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), "millisecond"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("week", "weeks"), "week"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("year", "years"), "year"),
    **dict.fromkeys(("retry", "retries"), "retry"),
    **dict.fromkeys(("attempt", "attempts"), "attempt"),
    **dict.fromkeys(("error", "errors"), "error"),
    **dict.fromkeys(("time", "times"), "time"),
    **dict.fromkeys(("%", "percent"), "percent"),
}
_DIGITS = r"\d{1,3}(?:[ ,\u202f]\d{3})+(?![\d])|\d+(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?<![\w.\-#/:+$])(?<!\w[-/])(?P<sign>[~+≈]\s?)?(?P<number>{_DIGITS}|"
    + "|".join(sorted(_NUMBERS, key=len, reverse=True))
    + r")(?P<gap>[ \-]?)(?P<unit>%|[A-Za-z]+)?(?![\w/:\-]*\d)",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"HMAC[-\w]*|\b[1-5]xx\b|\b(?:HTTP|status)(?: code)? [1-5]\d\d\b"
    r"|\b(?:GET|POST|PUT|PATCH|DELETE)\b|\b(?:application|text|multipart)/[\w.+\-]+|\bSHA-?\d+\b"
    r"|\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[a-z]+(?:[A-Z][a-z0-9]+)+\b"
    r"|(?:/[\w{}\-]+){2,}|\bhttps?://[\w.\-]+|\"[^\"]{1,40}\""
)
_QUOTES = str.maketrans("\u201c\u201d\u201e\u2018\u2019", '"""\'\'')
_ALGORITHM = re.compile(r"HMAC|SHA-?\d|MD5|RSA|ED25519|BASE64|HEX", re.IGNORECASE)
_DIGEST = re.compile(r"\bHMAC[- ]?SHA-?\d{3}\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019]*|\d+")
# The meaning of a sentence hangs on these; the forms of one word count as the same.
_WEIGHTY = {
    **dict.fromkeys(("not", "no", "never", "cannot", "without", "none", "nor"), "not"),
    **dict.fromkeys(("must", "required", "mandatory", "obligatory", "shall"), "must"),
    **dict.fromkeys(("optional", "optionally"), "optional"),
    **dict.fromkeys(("blocked", "blocks", "block", "blocking"), "block"),
    **dict.fromkeys(("unblock", "unblocked", "unblocking", "unblocks"), "unblock"),
    **dict.fromkeys(("active", "activated"), "active"),
    **dict.fromkeys(("inactive", "deactivated", "disabled", "frozen", "closed"), "inactive"),
    **dict.fromkeys(("credited", "credit"), "credited"),
    **dict.fromkeys(("refunded", "returned", "rejected", "declined", "refused"), "rejected"),
    **dict.fromkeys(("resend", "resent", "resends", "retried"), "resend"),
    **dict.fromkeys(("automatic", "automatically"), "automatic"),
    **dict.fromkeys(("manual", "manually"), "manual"),
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), "second"),
    **dict.fromkeys(("millisecond", "milliseconds", "ms"), "millisecond"),
    **dict.fromkeys(("null", "nullable"), "null"),
    **dict.fromkeys(("stop", "stops", "stopped"), "stop"),
    **dict.fromkeys(("lowercase", "lower-case"), "lowercase"),
    **dict.fromkeys(("uppercase", "upper-case"), "uppercase"),
    **{
        word: word
        for word in (
            *("hex", "base64", "utc", "fibonacci", "exponential", "linear", "guaranteed"),
            *("true", "false", "hourly", "daily", "weekly", "monthly", "twice", "always"),
            *("past", "future", "only", "ip", "sandbox", "minimum", "maximum", "nonce", "xml"),
        )
    },
}
_COMMON = frozenset(
    "a an the of to for in on at by is are be was were will with from and or it its this that these"  # noqa: SIM905 - a list of words
    " which you your our we as if can may has have been per their they one".split()
)
_DEPRECATED = re.compile(
    r"deprecat|\bobsolete\b|discontinu|\bsunset|phased? out|end[- ]of[- ](?:life|support)"
    r"|superseded|\blegacy\b|do not use|\b(?:no longer|not) (?:be )?(?:supported|sent|used|returned"
    r"|delivered|emitted|maintained|recommended)\b(?! (?:to|by|in|with|if|for)\b)"
    r"|\b(?:will|to|shall) be (?:removed|retired|dropped|switched off|shut down|turned off)"
    r"(?! (?:in|after|within) (?:\d+|[a-z]+) (?:second|minute|hour|day|week|month)s?\b)",
    re.IGNORECASE,
)
_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})\b(?:,? \d{{4}})?"
    rf"|\b(?:{_MONTHS}) (?:\d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|\d{{4}})"
    r"|\b(?:in|by|of|since|until|from|before|after|Q[1-4]) 20\d\d\b(?! [a-z])"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“(])|\s+•\s+")
_FAR = 0.2
ALIKE = 0.5
"""How alike two sentences have to be for one to be the other, changed."""


class Figure(NamedTuple):
    """A number with its unit, which is empty where there is none."""

    value: float
    unit: str

    def __str__(self) -> str:
        """Return it as a reader writes it."""
        value = f"{self.value:g}" if self.value < 1e6 else f"{self.value:.0f}"  # noqa: PLR2004
        plural = "" if self.value == 1 or self.unit in {"", "percent", "OK"} else "s"
        unit = "retrie" if self.unit == "retry" and plural else self.unit
        return f"{value} {unit}{plural}".strip()


class Change(NamedTuple):
    """A change of meaning: its kind, and what was and is; None where there was or is nothing."""

    kind: str
    old: str | None
    new: str | None
    is_breaking: bool = False


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a paragraph."""
    return [each.strip() for each in _SENTENCE.split(text) if each.strip()]


@lru_cache(maxsize=4096)
def figures_in(text: str) -> tuple[Figure, ...]:
    """Return the numbers that a text states; names, dates and addresses have none."""
    found = []
    for match in _FIGURE.finditer(_DATE.sub("", text)):
        word = match["number"].lower()
        unit = match["unit"] or ""
        known = _UNITS.get(unit.lower())
        if word in _NUMBERS and known is None:
            continue
        if not match["gap"] and unit and (known is None or unit.isupper()):
            continue
        value = _NUMBERS.get(word) or float(re.sub(r"[ ,\u202f]", "", word))
        found.append(Figure(float(value), known or (unit if unit == "OK" else "")))
    return tuple(found)


@lru_cache(maxsize=4096)
def _names_in(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(_NAME.findall(text.translate(_QUOTES)))))


@lru_cache(maxsize=4096)
def _weight_of(text: str) -> tuple[str, ...]:
    words = (word.lower().replace("\u2019", "'") for word in _WORD.findall(text))
    found = ("not" if word.endswith("n't") else _WEIGHTY.get(word) for word in words)
    note = ["deprecated"] if is_deprecating(text) else []
    return tuple(sorted([*note, *(word for word in found if word)]))


def is_deprecating(text: str) -> bool:
    """Whether a text states that something is deprecated or will go."""
    return _DEPRECATED.search(text) is not None


def algorithms_in(text: str) -> dict[str, str]:
    """Return the algorithms of signing that a text names, each as it stands there."""
    found = _DIGEST.findall(text)
    return {name.upper().replace("-", ""): name for name in found}


def without_deprecation(text: str) -> tuple[str, str]:
    """Return a name without the note that it is deprecated, and that note."""
    match = next(filter(lambda each: is_deprecating(each.group()), _NOTE.finditer(text)), None)
    if match is None:
        return text, ""
    return f"{text[: match.start()].strip()} {text[match.end() :].strip()}".strip(), match.group()


_NOTE = re.compile(
    r"[(\[][^)\]]*[)\]]|^\s*deprecated\b\s*[:.\u2013\u2014-]?|[\s:\u2013\u2014-]+deprecated\s*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def content_of(text: str) -> frozenset[str]:
    """Return the words of a text that carry its meaning, without their endings."""
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(
        re.sub(r"(?:ing|ed|es|s|ly)$", "", word) for word in words if word not in _COMMON
    )


def likeness(one: str, other: str) -> float:
    """Return how much of the words of two texts is the same, from 0 to 1."""
    first, second = content_of(one), content_of(other)
    if not first or not second:
        return float(first == second)
    return len(first & second) / len(first | second)


def changes(old: str, new: str) -> Iterator[Change]:
    """Yield what a sentence states otherwise than it did."""
    if _unmarked(old) == _unmarked(new):
        return
    if is_deprecating(new) and not is_deprecating(old):
        yield Change("deprecated", old, new)
        return
    figures = list(_figure_changes(figures_in(old), figures_in(new)))
    yield from figures
    before, after = _names_of(old, new)
    lost, gained = sorted(before - after), sorted(after - before)
    if any(_ALGORITHM.match(name) for name in (*lost, *gained)):
        yield Change("security", ", ".join(lost) or old, ", ".join(gained) or new, True)  # noqa: FBT003
        return
    if _SIGNING.search(old) and _signed_by(old) != _signed_by(new):
        yield Change("security", old, new, True)  # noqa: FBT003
        return
    weights = _weight_of(old), _weight_of(new)
    if weights[0] == weights[1] and not (lost or gained):
        yield from () if figures else _clause_changes(old, new)
        return
    if _is_encoding(set(weights[0]) ^ set(weights[1])):
        yield Change("security", old, new, True)  # noqa: FBT003
    elif not figures or lost or gained or _only_words(weights):
        is_of_units = bool(_UNITS_OF_TIME & (set(weights[0]) ^ set(weights[1])))
        yield Change("sentence", old, new, is_of_units and not figures)


def _unmarked(text: str) -> str:
    """Return a text without quotes, and with one kind of dash."""
    return re.sub(r"\s*[\u2010-\u2015-]+\s*", "-", text.translate(_QUOTES).replace('"', ""))


def _clause_changes(old: str, new: str) -> Iterator[Change]:
    """Yield the change if a part with a word that joins it came or went, and all else stayed."""
    was, now = (Counter(_CLAUSE.findall(text.lower())) for text in (old, new))
    gained, lost = (now - was).keys(), (was - now).keys()
    changed = gained | lost
    is_one = not gained or not lost
    if is_one and changed & _JOINING and changed - _JOINING - _COMMON:
        yield Change("sentence", old, new)


def _names_of(old: str, new: str) -> tuple[set[str], set[str]]:
    """Return the names in two states of a sentence, and the terms that they explain."""
    before, after = set(_names_in(old)), set(_names_in(new))
    was, now = _TERM.match(old), _TERM.match(new)
    if was and now:
        before.add(was[1].lower())
        after.add(now[1].lower())
    return before, after


_TERM = re.compile(r"(\w+) ?[:\u2013\u2014-] ")
_CLAUSE = re.compile(r"[a-z][a-z'\u2019]*|;")
_JOINING = frozenset(
    "; and or but nor in after before if when unless while until except besides instead".split()  # noqa: SIM905 - a list of words
)
_UNITS_OF_TIME = frozenset({"second", "millisecond"})


# What is signed, and with what.
_SIGNING = re.compile(r"\bsign|HMAC|encrypt", re.IGNORECASE)
_SIGNED = re.compile(r"\b(?:path|url|method|query|headers?|body|nonce|secret|public|bytes)\b")


def _signed_by(text: str) -> set[str]:
    return set(_SIGNED.findall(text.lower()))


def _is_encoding(words: set[str]) -> bool:
    return bool(words & {"hex", "base64"})


def _only_words(weights: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    units = set(_UNITS.values())
    return [word for word in weights[0] if word not in units] != [
        word for word in weights[1] if word not in units
    ]


def stated_by(text: str, *, is_new: bool) -> Iterator[Change]:
    """Yield what a sentence that came or went states; nothing where it states no fact."""

    def change(kind: str, said: str) -> Change:
        return Change(kind, None, said) if is_new else Change(kind, said, None)

    weights = _weight_of(text)
    is_limit = _LIMIT.search(text) is not None
    figures = [figure for figure in figures_in(text) if figure.unit or is_limit]
    if "deprecated" in weights:
        yield change("deprecated", text)
    elif figures:
        for figure in dict.fromkeys(figures):
            yield change("figure", str(figure))
    elif _names_in(text) or (weights and not _TALK.search(text)):
        yield change("sentence", text)


_LIMIT = re.compile(
    r"\b(?:at (?:most|least)|up to|(?:no|not) more than|limited to)\b", re.IGNORECASE
)
# Sentences that lead readers elsewhere state nothing of the API.
_TALK = re.compile(
    r"\b(?:contact|support|help|question|chat|telegram|e-?mail us|feedback|learn more|read more"
    r"|see (?:also|our|the)|find (?:more|the)|visit|let us know|feel free|welcome|thank)",
    re.IGNORECASE,
)


def _figure_changes(old: Sequence[Figure], new: Sequence[Figure]) -> Iterator[Change]:
    parts = [(0, len(old), 0, len(new))]
    if len(old) != len(new):
        parts = [part[1:] for part in SequenceMatcher(None, old, new, False).get_opcodes()]  # noqa: FBT003
    for start, end, first, last in parts:
        for was, now in zip_longest(old[start:end], new[first:last]):
            if was != now:
                yield _figure_change(was, now)


def _figure_change(was: Figure | None, now: Figure | None) -> Change:
    """Return a change of a figure; what gets shorter or fewer may be relied on."""
    shorter = was is not None and bool(was.unit) and (now is None or _size(now) < _size(was))
    old, new = (None if each is None else str(each) for each in (was, now))
    return Change("figure", old, new, shorter)


_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604800,
    "month": 2629800,
    "year": 31557600,
    "millisecond": 0.001,
}


def _size(figure: Figure) -> float:
    return figure.value * _SECONDS.get(figure.unit, 1)


def matched(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield sentences that differ, each with the one it was; None for what came or went."""
    lost = [text for text in dict.fromkeys(old) if text not in set(new)]
    gained = [text for text in dict.fromkeys(new) if text not in set(old)]
    pairs = sorted(
        ((_alikeness(was, now), was, now) for was in lost for now in gained),
        key=lambda pair: -pair[0],
    )
    done_old, done_new = set[str](), set[str]()
    for score, was, now in pairs:
        if score >= ALIKE and was not in done_old and now not in done_new:
            done_old.add(was)
            done_new.add(now)
            yield was, now
    yield from ((was, None) for was in lost if was not in done_old)
    yield from ((None, now) for now in gained if now not in done_new)


def _alikeness(one: str, other: str) -> float:
    score = likeness(one, other)
    if score < _FAR:
        return score
    return max(score, SequenceMatcher(None, one, other, False).ratio() - 0.1)  # noqa: FBT003
