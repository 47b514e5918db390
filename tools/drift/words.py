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

_TO_TWENTY = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
)
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100}
_NUMBERS = _TENS | {word: number for number, word in enumerate(_TO_TWENTY.split(), 1)}
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
    rf"(?<![\w.\-#/:+$])(?<!\w[-/])(?<!HTTP )(?<!status )(?<!code )(?<!error )"
    rf"(?P<sign>[~+≈]\s?)?(?P<number>{_DIGITS}|(?:"
    + "|".join(sorted(_NUMBERS, key=len, reverse=True))
    + r")\b)(?P<gap>[ \-]?)(?P<unit>%|[A-Za-z]+)?(?![\w/:\-]*\d)",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"HMAC[-\w]*|\b(?:Ed25519|ECDSA|RSA|OAuth2?|JWT|mTLS)\b|\b[1-5]xx\b"
    r"|\b(?:HTTP|status)(?: code)? [1-5]\d\d\b"
    r"|\b(?:GET|POST|PUT|PATCH|DELETE)\b|\b(?:application|text|multipart)/[\w.+\-]+|\bSHA-?\d+\b"
    r"|\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[a-z]+(?:[A-Z][a-z0-9]+)+\b"
    r"|(?:/[\w{}\-]+){2,}|\bhttps?://[\w.\-]+|\"[^\"]{1,40}\""
)
_QUOTES = str.maketrans("\u201c\u201d\u201e\u2018\u2019", '"""\'\'')
_ALGORITHM = re.compile(
    r"HMAC|SHA-?\d|MD5|RSA|ED25519|ECDSA|OAUTH|JWT|MTLS|BASE64|HEX", re.IGNORECASE
)
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
_THING = (
    r"(?:method|endpoint|call|operation|event(?: type)?|field|parameter|member|property|attribute"
    r"|header|version|webhook|API|currency|coin|code|feature|format|option|function)s?"
)
_ENDED = (
    r"(?:removed|retired|dropped|switched off|shut down|turned off|disabled|decommissioned"
    r"|withdrawn|delisted|discontinued|unavailable|closed)"
)
_SERVED = (
    r"(?:supported|sent|used|returned|delivered|emitted|available|accepted|offered|provided"
    r"|served|deposited|processed|possible|in use|works?|exists?|functional|operational)"
)
_ELSEWHERE = r"\b(?! (?:to|by|in|with|if|for|again|twice|until|when|unless|before|more than)\b)"
_GONE = re.compile(
    rf"\bno longer (?:be )?{_SERVED}{_ELSEWHERE}|\bnot (?:be )?{_SERVED} any ?(?:more|longer)"
    rf"|\bcan(?:not| no longer) (?:be )?{_SERVED}(?: any ?(?:more|longer))?{_ELSEWHERE}"
    rf"|\b{_THING}(?: \S+){{0,3}}? (?:was|were|is|are|ha(?:s|ve) been)(?: now)? {_ENDED}"
    rf"(?! (?:if|when|after|because|by|until|for)\b)"
    rf"|\b(?-i:[A-Z_]{{3,}}) (?:was|is|has been) {_ENDED}"
    r"|(?:^|[.!?] )\W*(?:removed|retired|withdrawn|switched off)\b"
    r"|\bwas (?:removed|retired|withdrawn|discontinued|delisted)\b"
    r"|\b(?:stopped|ceased) (?:working|sending|supporting|accepting)\b"
    r"|\b(?:we|calypso|the api) (?:do )?no longer (?:supports?|accepts?|sends?|offers?|returns?)\b"
    r"|\bsupport (?:of|for) .* (?:has )?ended\b",
    re.IGNORECASE,
)
_COMING = re.compile(r"\b(?:will|shall|going to|to be|soon|planned|plan to)\b", re.IGNORECASE)
_DEPRECATED = re.compile(
    r"deprecat|\bobsolete\b|\boutdated\b(?! (?:timestamp|key|data|sign))|discontinu|\bsunset"
    r"|phased? out|end[- ]of[- ](?:life|support)|superseded|\blegacy\b(?! address)|decommission"
    r"|\bretir(?:ing|ement)|(?:scheduled|planned|due) for (?:removal|deletion)"
    r"|do not use|stop using|\b(?:should|must) (?:not|no longer) be used|\b(?:stops?|cease) working"
    r"|\bgo(?:es|ing) away\b|\bkept (?:only )?for (?:existing|old|back|compat)"
    r"|\((?:retired|removed|withdrawn)\)"
    r"|\b(?:no longer|not) (?:be )?(?:supported|sent|used|returned|delivered|emitted|maintained"
    rf"|recommended|developed){_ELSEWHERE}"
    rf"|\b(?:will|to|shall) be {_ENDED}\b"
    r"(?! (?:if|when|because|by|until)\b)"
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
_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?")
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
    for match in _FIGURE.finditer(_DATE.sub("", _IP.sub("IP", text))):
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
    text = _AND_NOT.sub(r"\1or", _PREFIX.sub("re", text))
    words = (word.lower().replace("\u2019", "'") for word in _WORD.findall(text))
    found = ("not" if word.endswith("n't") else _WEIGHTY.get(word) for word in words)
    phrases = [" ".join(each.lower().split()) for each in _PHRASE.findall(text)]
    note = ["deprecated"] if is_deprecating(text) else []
    return tuple(sorted([*note, *phrases, *(word for word in found if word)]))


_AND_NOT = re.compile(r"(\bnot\b[^.;]*?\b)(?:and|or|nor) not\b", re.IGNORECASE)
_PREFIX = re.compile(r"\bre-(?=[a-z])")
_PHRASE = re.compile(
    r"\b(?:any order|out of order|in (?:the|their) order|(?:more than|at least|exactly|only) once"
    r"|several times|idempotent|case[- ]sensitive|irreversible|(?<!non-)unique)\b",
    re.IGNORECASE,
)


def is_deprecating(text: str) -> bool:
    """Whether a text states that something is deprecated, will go or is gone."""
    return _DEPRECATED.search(text) is not None or _GONE.search(text) is not None


def is_gone(text: str) -> bool:
    """Whether a text states that something is gone already."""
    return _GONE.search(text) is not None and _COMING.search(text) is None


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


def share_meaning(one: str, other: str) -> bool:
    """Whether two short messages have a word in common that is more than that something failed."""
    texts = (_ABSENT.sub("not found", each) for each in (one, other))
    first, second = ({word[:4] for word in content_of(each)} for each in texts)
    if first - _VAGUE and second - _VAGUE:
        first, second = first - _VAGUE, second - _VAGUE
    return bool(first & second)


_ABSENT = re.compile(r"\b(?:do(?:es)? not|doesn't|non-?) ?exist\w*", re.IGNORECASE)
_VAGUE = frozenset({"inva", "wron", "inco", "bad", "erro", "requ", "fail", "not"})


def likeness(one: str, other: str) -> float:
    """Return how much of the words of two texts is the same, from 0 to 1."""
    first, second = content_of(one), content_of(other)
    if not first or not second:
        return float(first == second)
    return len(first & second) / len(first | second)


def changes(old: str, new: str, *, is_of_signing: bool = False) -> Iterator[Change]:
    """Yield what a sentence states otherwise than it did.

    Args:
        old: What it was.
        new: What it is.
        is_of_signing: Whether what stands around it is about how requests are signed.
    """
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
    if _is_signed_otherwise(old, new, is_of_signing=is_of_signing):
        yield Change("security", old, new, True)  # noqa: FBT003
        return
    weights = _weights_of(old, new)
    if weights[0] == weights[1] and not (lost or gained):
        yield from () if figures else _clause_changes(old, new)
        return
    is_of_message = bool(_MESSAGE.search(old)) if is_of_signing else bool(_SIGNING.search(old))
    changed = set(weights[0]) ^ set(weights[1])
    if is_of_message or changed & {"hex", "base64"}:
        yield Change("security", old, new, True)  # noqa: FBT003
    elif not figures or lost or gained or len({*map(_without_units, weights)}) > 1:
        is_of_units = bool(changed & {"second", "millisecond"})
        yield Change("sentence", old, new, is_of_units and not figures)


def _unmarked(text: str) -> str:
    """Return a text without quotes, and with one kind of dash."""
    return re.sub(r"\s*[\u2010-\u2015-]+\s*", "-", text.translate(_QUOTES).replace('"', ""))


def _clause_changes(old: str, new: str) -> Iterator[Change]:
    """Yield the change if a part with a word that joins it came or went, and all else stayed."""
    was, now = (
        Counter(_CLAUSE.findall(text.lower().replace("in order to ", "to "))) for text in (old, new)
    )
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


# What is signed, with what, and in what form.
_SIGNING = re.compile(r"\bsign|HMAC|encrypt|\bdigest", re.IGNORECASE)
_PARTS = r"paths?|urls?|uri|quer(?:y|ies)|headers?|bod(?:y|ies)|payload|message"
_SIGNED = re.compile(
    rf"\b(?:{_PARTS}|(?:http|request) method|nonce|secret|public|private|bytes|timestamp|version"
    r"|salt|account|ids?|params|parameters|sorted|alphabetical|order|white ?space|concatenated"
    r"|followed|prefixed|joined|twice|minified|hash|line breaks?"
    r"|(?:lower|upper)[- ]?case|hex|base64)\b"
)
_MESSAGE = re.compile(
    r"\bsign(?!ing)|HMAC|encrypt|\bbody\b|\bmessage\b|\bhex\b|base64", re.IGNORECASE
)
_PART = re.compile(rf"\b(?:{_PARTS})\b")


def _signed_by(text: str) -> set[str]:
    return {each.replace("ies", "y").rstrip("s") for each in _SIGNED.findall(text.lower())}


def _is_signed_otherwise(old: str, new: str, *, is_of_signing: bool) -> bool:
    """Whether requests are signed in another way than before."""
    if _SIGNING.search(old) or (is_of_signing and _MESSAGE.search(old)):
        return _signed_by(old) != _signed_by(new)
    return is_of_signing and set(_PART.findall(old.lower())) != set(_PART.findall(new.lower()))


def _states_signing(text: str) -> bool:
    """Whether a sentence states how something is signed, beyond that it is."""
    is_of_name = any(_ALGORITHM.match(name) for name in _names_in(text))
    is_of_parts = _signed_by(text) - {"secret", "public", "private", "account"}
    return bool(_SIGN.match(text) and (is_of_name or is_of_parts) and not _TALK.search(text))


_JOINED = re.compile(
    rf"\b(?:{_PARTS}|timestamp|nonce|method)\b\W*(?:\+|and|followed by|plus|then)\W*(?:the )?"
    rf"(?:request )?(?:{_PARTS}|timestamp|nonce|method)\b",
    re.IGNORECASE,
)
_SIGN = re.compile(
    r"(?=.*(?:\bsign|\bencrypted))"
    r".*\b(?:is|are|must|should|has|have|contains?|sign (?:the|it))\b",
    re.IGNORECASE | re.DOTALL,
)


def _weights_of(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the weighty words of two sentences; without units where times are in others."""
    was, now = figures_in(old), figures_in(new)
    if was != now and [*map(size, was)] == [*map(size, now)]:
        return _without_units(_weight_of(old)), _without_units(_weight_of(new))
    return _weight_of(old), _weight_of(new)


def _without_units(weights: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in weights if word not in _UNITS.values())


def stated_by(text: str, *, is_new: bool, is_of_signing: bool = False) -> Iterator[Change]:
    """Yield what a sentence that came or went states; nothing where it states no fact."""

    def change(kind: str, said: str) -> Change:
        return Change(kind, None, said) if is_new else Change(kind, said, None)

    is_limit = _LIMIT.search(text) is not None or _is_of_api(text)
    figures = [figure for figure in figures_in(text) if figure.unit or is_limit]
    if is_deprecating(text):
        yield change("deprecated", text)
    elif figures:
        for figure in dict.fromkeys(figures):
            yield change("figure", str(figure))
    elif (names := [each for each in _names_in(text) if _ALGORITHM.match(each)]) and is_of_signing:
        yield change("security", ", ".join(names))._replace(is_breaking=True)
    elif _states_signing(text) or (is_of_signing and _JOINED.search(text)):
        yield change("security", text)._replace(is_breaking=True)
    elif _names_in(text) or (_states_fact(text) and not _TALK.search(text)):
        yield change("sentence", text)


def _states_fact(text: str) -> bool:
    """Whether the words of a sentence weigh, or state what a part of the API may or has to do."""
    return bool(_weight_of(text) or (_is_of_api(text) and _RULE.search(text)))


def _is_of_api(text: str) -> bool:
    """Whether a sentence has a part of the API as its subject, and does not lead elsewhere."""
    is_subject = _SUBJECT.match(text) is not None
    return is_subject and not _OURS.search(text) and not _MANNERS.search(text)


_SUBJECT = re.compile(
    r"(?:\W*\w+\W+){0,6}?(?:webhook|request|response|event|notification|field|parameter|value"
    r"|transaction|deposit|payout|invoice|address|purse|customer|account|amount|balance|currency"
    r"|url|server|key|sign|signature|header|status|state|error|e-?mail|id|\w+Id|redirect"
    r"|subscription|limit|duplicate|delivery|order|body|call)(?:e?s)?\b",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"\b(?:may|might|must|should|shall|can (?:only|have|be(?! an? ))|cannot|has to|have to"
    r"|needs? to|(?:is|are)(?: \w+ly)? (?!described|listed|shown|explained|given|called|used|part"
    r"|needed|easy|here|available|defined|documented|also|now|based|made|created)"
    r"\w+(?:ed|ent|en|eld|ost|ept))\b",
    re.IGNORECASE,
)
_MANNERS = re.compile(
    r"\b(?:below|above|following|section|page|picture|diagram|table|guide|article|example|steps?"
    r"|please|want|wish|like|interested|version)\b|!",
    re.IGNORECASE,
)
_OURS = re.compile(r"\b(?:we|our|us)\b", re.IGNORECASE)


_LIMIT = re.compile(
    r"\b(?:at (?:most|least)|up to|(?:no|not) more than|limit(?:ed|s)?|minim\w+|maxim\w+|fee"
    r"|per (?:second|minute|hour|day))\b",
    re.IGNORECASE,
)
# Sentences that lead readers elsewhere state nothing of the API.
_TALK = re.compile(
    r"\b(?:contact|support|help|question|chat|telegram|e-?mail us|feedback|learn\b|read (?:more|on)"
    r"|see (?:also|our|the)|find (?:more|the)|visit|let us know|feel free|welcome|thank)|\?\s*$",
    re.IGNORECASE,
)


def _figure_changes(old: Sequence[Figure], new: Sequence[Figure]) -> Iterator[Change]:
    parts = [(0, len(old), 0, len(new))]
    if len(old) != len(new):
        parts = [part[1:] for part in SequenceMatcher(None, old, new, False).get_opcodes()]  # noqa: FBT003
    for start, end, first, last in parts:
        for was, now in zip_longest(old[start:end], new[first:last]):
            if was != now and not _is_same_time(was, now):
                yield _figure_change(was, now)


def _is_same_time(was: Figure | None, now: Figure | None) -> bool:
    """Whether two figures are the same in other units of time."""
    if was is None or now is None or not {was.unit, now.unit} <= SECONDS.keys():
        return False
    return size(was) == size(now)


def _figure_change(was: Figure | None, now: Figure | None) -> Change:
    """Return a change of a figure; what gets shorter or fewer may be relied on."""
    shorter = was is not None and bool(was.unit) and (now is None or size(now) < size(was))
    old, new = (None if each is None else str(each) for each in (was, now))
    return Change("figure", old, new, shorter)


SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604800,
    "month": 2629800,
    "year": 31557600,
    "millisecond": 0.001,
}


def size(figure: Figure) -> float:
    """Return a figure in seconds where its unit is one of time."""
    return figure.value * SECONDS.get(figure.unit, 1)


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
