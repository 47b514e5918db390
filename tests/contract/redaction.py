"""Take what nobody else may read out of everything that is printed or kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.contract import answers
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.contract.results import Finding
    from tests.contract.session import Exchange
    from tests.contract.wire import Target

FILTERED = "[Filtered]"
MASKED = "[masked]"

_HEADERS = {"key", "sign", "authorization", "cookie", "set-cookie"}
# Half as many hex digits are the hash of a transaction, which anybody may read.
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128,}")
_MEMBER = re.compile(r'(\\*"(?:secretKey|secret|key)\\*"\s*:\s*\\*")(?!\[Filtered)[^"\\]*')
_HEADER = re.compile(r"(\b(?:Key|Sign): )[^'\"\s\\]+")

# Fields that say nothing of a person and nothing of money. All else is masked: a field that the
# vendor adds tomorrow may hold anything.
_PUBLIC = frozenset(
    {
        *("id", "account", "ownerId", "customerId", "transactionId", "requestId", "traceId"),
        *("currency", "currencyFilter", "status", "blocked", "blockedByErrorCount"),
        *("transactionState", "transactionStateFilter", "complianceState"),
        *("translationToAccountCompleted", "createdDate", "timestamp"),
        *("page", "size", "total", "totalElements", "pageNumber", "pageSize", "sort", "properties"),
        *("notificationEventTypes", "notificationServiceTypes", "errorCode", "message"),
    }
)
_NAME = re.compile(
    r"(?!(?:.*\d){4})(?:[a-z][A-Za-z0-9]{0,39}|[a-z][a-z0-9_-]{0,39}|[A-Z][A-Z0-9_]{0,15})"
)
# What texts of these fields look like: any other text in them may say anything.
_FORM = re.compile(
    r"[A-Z][A-Z0-9_]{0,39}|\d{1,3}|(?:0x)?[0-9a-f]{16,64}|asc|desc|createdDate|amount|True|False|None"
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_PART = re.compile(r"[^.\[\]]+")
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_HTTP_DATE = rf"{_DAY}, \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT"
_CODINGS = r"gzip|deflate|br|zstd|compress|identity|chunked|\*"
_CACHING = (
    r"no-cache|no-store|no-transform|must-revalidate|private|public|(?:s-maxage|max-age)=\d{1,9}"
)
_MEDIA_TYPE = (
    r"\*/\*|application/(?:(?:problem\+)?json|octet-stream|x-www-form-urlencoded|xml)"
    r"|text/(?:plain|html|xml|csv)|multipart/form-data"
)
_CHARSET = r"charset=(\"?)(?:utf-?(?:8|16)|us-ascii|iso-8859-\d{1,2}|windows-125\d)\1"
_VARIED = r"accept(?:-encoding|-language)?|origin|authorization|cookie|user-agent|\*"


def _list_of(item: str) -> str:
    return rf"(?:{item})(?:\s*,\s*(?:{item}))*"


# Headers that say nothing of anybody so long as their values look like this.
_HEADER_FORMS = {
    name: re.compile(form, re.IGNORECASE)
    for name, form in {
        "accept": _list_of(_MEDIA_TYPE),
        "accept-encoding": _list_of(_CODINGS),
        "age": r"\d{1,9}",
        "allow": _list_of("GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE"),
        "cache-control": _list_of(_CACHING),
        "connection": _list_of("close|keep-alive|upgrade"),
        "content-encoding": _list_of(_CODINGS),
        "content-length": r"\d{1,12}",
        "content-type": rf"(?:{_MEDIA_TYPE})\s*;?\s*(?:{_CHARSET})?",
        "date": _HTTP_DATE,
        "expires": rf"{_HTTP_DATE}|-?\d",
        "keep-alive": _list_of(r"(?:timeout|max)=\d{1,6}"),
        "pragma": "no-cache",
        "retry-after": rf"\d{{1,7}}(?:\.\d{{1,3}})?|{_HTTP_DATE}",
        "strict-transport-security": r"max-age=\d{1,9}(?:; ?includeSubDomains)?(?:; ?preload)?",
        "transfer-encoding": _list_of(_CODINGS),
        "user-agent": r"(?:schemathesis|python-requests|python-urllib3?)/\d[\d.]{0,15}",
        "vary": _list_of(_VARIED),
    }.items()
}
_EMAIL = re.compile(r"[^\s\"'<>@\\]+@[^\s\"'<>@\\]+")
# What JSON that is odd, or nested deeply, leads to.
_UNREADABLE = (ValueError, ArithmeticError, RecursionError)
# Shorter ones are a part of any text.
_LEARNT = 5
# A shorter secret is masked only where it stands alone.
_SECRET = 8
_QUOTED = r"\"(?:\\.|[^\"\\])*(?:\"|$)|'(?:\\.|[^'\\])*(?:'|$)"
# The possessive of our own words is no beginning of a quotation.
_TOKEN = re.compile(rf"(?<=[a-z])'s\b|{_QUOTED}|[^\s\"',;(){{}}\[\]]+")
_SEVERAL = re.compile(r"\[masked\](?: \[masked\])+")
_GOT_QUOTED = re.compile(r"([\"'])((?:\\.|(?!\1)[^\\])*)(?:\1|$)")
_OWN_WORD = re.compile(r"[a-z]+(?:[A-Z-][a-z]+)*|[A-Z]{2,}(?:_[A-Z]+)*|None|True|False|[^\w\"']+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COUNT = re.compile(r"\d{1,9}")
_OF_COUNTS = re.compile(r"\b(?:rows?|pages?|times)\b")
# Fields whose texts speak of rows, by their ids, and of how many there are: not of values.
_LISTS = frozenset({"result", "subscriptions", ""})
_WITH_IDS = _LISTS | {"body"}
# No word of ours looks like a name.
_NAMED = re.compile(r"\b(?=\w*[A-Z])(?=\w*[a-z])\w+")
# No fields of a response: texts about these are our own words, and what is quoted there.
_WHOLE = frozenset({"body", "answer", "response", "warnings", "state", "end"})


class Redactor:
    """Removes the secrets of some targets from texts, and data of their customers if need be.

    Args:
        targets: Whose key and secret nobody may see.
        private: Whether data of persons and of money is masked, too.
    """

    def __init__(self, targets: Iterable[Target], *, private: bool = False) -> None:
        targets = list(targets)
        known = {each for target in targets for each in (target.key, target.secret) if each}
        self._short = {each for each in known if len(each) < _SECRET}
        self._known = _any_of(known - self._short)
        self._alone = re.compile(
            rf'([:\[,]\s*\\*")(?:{_any_of(self._short).pattern})(?=\\*"(?!\s*:))'
        )
        self._private = private
        self._learnt: set[str] = set()
        self._too_short: set[str] = set()
        self._ours = {target.account for target in targets}
        self._accounts = {target.account.casefold() for target in targets}
        self._hosts = {urlsplit(target.shown).netloc for target in targets}

    @property
    def is_private(self) -> bool:
        """Whether data of persons and of money is masked."""
        return self._private

    def text(self, text: str) -> str:
        """Return a text without keys, signatures and secrets of subscriptions."""
        for pattern, put in (
            (self._known, FILTERED),
            (self._alone, rf"\1{FILTERED}"),
            (_MEMBER, rf"\1{FILTERED}"),
            (_HEADER, rf"\1{FILTERED}"),
            (_SIGNATURE, FILTERED),
        ):
            text = pattern.sub(put, text)
        return _EMAIL.sub(MASKED, text) if self._private else text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without those that prove who sent a request."""
        return {name: self._header(name.lower(), value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if name in _HEADERS or value.strip() in self._short:
            return FILTERED
        if self._private and not self._is_harmless(name, value):
            return MASKED
        return self.text(value)

    def _is_harmless(self, name: str, value: str) -> bool:
        if name == "host":
            return value in self._hosts
        return name in _HEADER_FORMS and bool(_HEADER_FORMS[name].fullmatch(value))

    def place(self, place: str) -> str:
        """Return the place of a field, without names that are values of somebody's."""
        if not self._private:
            return self.text(place)
        return _PART.sub(lambda found: found[0] if _is_name(found[0]) else MASKED, place)

    def value(self, text: str) -> str:
        """Return a text that is the value of a field, if it has the form of none that is masked."""
        return MASKED if self._private and not has_form(text) else self.text(text)

    def body(self, content: bytes) -> str:
        """Return what a request or a response holds, as text."""
        if not self._private or not content:
            return self.text(content.decode(errors="replace"))
        try:
            masked = self._masked(json.loads(content, parse_float=Decimal))
            return self.text(json.dumps(masked, ensure_ascii=False, default=float))
        except _UNREADABLE:
            return f"[{len(content)} bytes that are not JSON, or nested too deeply, masked]"

    def learn(self, exchanges: Iterable[Exchange]) -> None:
        """Remember values of responses that are masked, and were not said by ourselves before."""
        for each in exchanges if self._private else ():
            self._ours.update(self._texts_of(each.sent) - self._learnt)
            came = self._texts_of(each.content) - self._ours
            came = {text for text in came if text.casefold() not in self._accounts}
            self._learnt.update(text for text in came if len(text) >= _LEARNT)
            self._too_short.update(text for text in came if len(text) < _LEARNT)

    def said(self, text: str) -> str:
        """Return a text in which no value stands that was learnt."""
        return self.text(self.learnt_masked(text))

    def learnt_masked(self, text: str) -> str:
        """Return a text without values that were learnt, though with all else."""
        # The longest first: one may be a part of another.
        for value in sorted((each for each in self._learnt if each in text), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", lambda _: MASKED, text)
        return text

    def finding(self, finding: Finding) -> Finding:
        """Return a finding whose words can be shown."""
        text = finding.text
        if self._private:
            # Later lines of schemathesis show whole bodies.
            text = text.partition("\n")[0]
            # How long no response came, and which status came then, are our own words.
            if is_private(finding.place) and finding.check != EVERY_REQUEST:
                expected, got, _ = text.partition(", got ")
                if finding.check != EVERY_RESPONSE:
                    text = self._values_masked(self.learnt_masked(text), _last(finding.place))
                elif got:
                    text = f"{expected}{got}{MASKED}"
            elif finding.check != EVERY_REQUEST:
                text = self._got_masked(text, finding.field)
        return replace(finding, text=self.said(text), field=self.place(finding.field))

    def _got_masked(self, text: str, field: str) -> str:
        """Mask what came in a field that is shown, where it does not look like what it should."""
        expected, got, came = text.partition(", got ")
        came = self.learnt_masked(came)
        if came in self._too_short:
            came = MASKED
        came = _GOT_QUOTED.sub(self._quoted, came)
        if field == "errorCode":
            came = self._values_masked(came, field)
        return f"{_NAMED.sub(self._short_name, expected)}{got}{came}"

    def _short_name(self, found: re.Match[str]) -> str:
        return MASKED if found[0] in self._too_short else found[0]

    def _values_masked(self, text: str, field: str) -> str:
        """Mask what may be a value in words about a field: each as a whole, or a part would tell.

        Of rows the ids stay, and how many there are.
        """
        are_counts = field in _LISTS and _OF_COUNTS.search(text) is not None

        def masked(found: re.Match[str]) -> str:
            told = found[0].rstrip(".:")
            is_id = field in _WITH_IDS and (
                _UUID.fullmatch(told) or told.casefold() in self._accounts
            )
            is_count = are_counts and _COUNT.fullmatch(told)
            is_shown = is_id or is_count or self._is_word(told, field)
            return found[0] if is_shown else MASKED + found[0][len(told) :]

        return _SEVERAL.sub(MASKED, _TOKEN.sub(masked, text))

    def _is_word(self, told: str, field: str) -> bool:
        """Tell whether a part of a text about a field is a word of ours, and no value."""
        if told == "'s":
            return True
        if field == "errorCode" and (told[1:-1] == MASKED or has_form(told.strip("'"))):
            return True
        if field in _WHOLE:
            return not re.search(r"[\d\"']", told)
        is_value = field not in _LISTS and told in self._too_short
        return not is_value and bool(_OWN_WORD.fullmatch(told))

    def _quoted(self, found: re.Match[str]) -> str:
        quote, text = found.groups()
        is_shown = text == MASKED or text in self._ours or self._has_form(text)
        return found[0] if is_shown else f"{quote}{MASKED}{quote}"

    def _has_form(self, text: str) -> bool:
        return has_form(text) or text.casefold() in self._accounts

    def _is_shown(self, value: Any, name: str) -> bool:
        if value is None or isinstance(value, bool):
            return True
        is_shown = self._has_form(value) if isinstance(value, str) else type(value) is int
        return name in _PUBLIC and is_shown

    def _masked(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {
                (key if _NAME.fullmatch(key) else MASKED): self._masked(inner, key)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._masked(each, name) for each in value]
        if self._is_shown(value, name):
            return value
        return f"[masked {'string' if isinstance(value, str) else 'number'}]"

    def _texts_of(self, content: bytes) -> set[str]:
        try:
            return set(self._private_texts(json.loads(content, parse_float=Decimal)))
        except _UNREADABLE:
            return set()

    def _private_texts(self, value: Any, name: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if not _NAME.fullmatch(key):
                    yield key
                yield from self._private_texts(inner, key)
        elif isinstance(value, list):
            for each in value:
                yield from self._private_texts(each, name)
        elif not self._is_shown(value, name):
            yield str(value)


def is_private(place: str) -> bool:
    """Tell whether a field of a response is masked, by its place such as ``result[].amount``."""
    return _last(place) not in _PUBLIC


def _last(place: str) -> str:
    return place.rpartition(".")[2].partition("[")[0]


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    # The longest first: one may be a part of another.
    parts = sorted(map(re.escape, texts), key=len, reverse=True)
    return re.compile("|".join(parts) or r"(?!)")


def has_form(text: str) -> bool:
    """Tell whether a text looks like an id, a word of an enum, a moment, or is a known message."""
    return bool(_FORM.fullmatch(text)) or text in answers.all_messages()


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name) or name.isdecimal())
