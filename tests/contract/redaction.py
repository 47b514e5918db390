"""Mask secrets and private data in everything that is printed or written."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.contract import responses
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.contract.results import Finding
    from tests.contract.session import Exchange
    from tests.contract.wire import Target

FILTERED = "[Filtered]"
MASKED = "[masked]"

_HEADERS = {"key", "sign", "authorization", "cookie", "set-cookie"}
# Half as many hex digits are a transaction hash, which is public.
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128,}")
_MEMBER = re.compile(r'(\\*"(?:secretKey|secret|key)\\*"\s*:\s*\\*")(?!\[Filtered)[^"\\]*')
_HEADER = re.compile(r"(\b(?:Key|Sign): )[^'\"\s\\]+")

# Fields without personal data or amounts. All others are masked: a field that the vendor adds
# later may contain anything.
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
# The forms of texts in these fields: a text of another form may be private.
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


# Headers that contain nothing private if their values have these forms.
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
# The errors of odd or deeply nested JSON.
_UNREADABLE = (ValueError, ArithmeticError, RecursionError)
# Shorter values are a part of any text.
_MIN_PRIVATE = 5
# A shorter secret is masked only where it is a whole value.
_MIN_SECRET = 8
_QUOTED = r"\"(?:\\.|[^\"\\])*(?:\"|$)|'(?:\\.|[^'\\])*(?:'|$)"
# An apostrophe in our own words does not begin a quotation.
_TOKEN = re.compile(rf"(?<=[a-z])'s\b|{_QUOTED}|[^\s\"',;(){{}}\[\]]+")
_SEVERAL = re.compile(r"\[masked\](?: \[masked\])+")
_GOT_QUOTED = re.compile(r"([\"'])((?:\\.|(?!\1)[^\\])*)(?:\1|$)")
_OWN_WORD = re.compile(r"[a-z]+(?:[A-Z-][a-z]+)*|[A-Z]{2,}(?:_[A-Z]+)*|None|True|False|[^\w\"']+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COUNT = re.compile(r"\d{1,9}")
_OF_COUNTS = re.compile(r"\b(?:rows?|pages?|times)\b")
# Fields whose texts are about rows, their ids and their number, not about values.
_LISTS = frozenset({"result", "subscriptions", ""})
_WITH_IDS = _LISTS | {"body"}
# None of our own words looks like a name.
_NAMED = re.compile(r"\b(?=\w*[A-Z])(?=\w*[a-z])\w+")
# Not fields of a response: texts about these are our own words, and quotations.
_WHOLE = frozenset({"body", "content", "response", "warnings", "state", "end"})


class Redactor:
    """Masks the secrets of targets in texts, and on request the data of their customers.

    Args:
        targets: The targets whose keys and secrets are masked.
        private: Whether personal data and amounts are masked, too.
    """

    def __init__(self, targets: Iterable[Target], *, private: bool = False) -> None:
        targets = list(targets)
        known = {each for target in targets for each in (target.key, target.secret) if each}
        self._short = {each for each in known if len(each) < _MIN_SECRET}
        self._known = _any_of(known - self._short)
        self._alone = re.compile(
            rf'([:\[,]\s*\\*")(?:{_any_of(self._short).pattern})(?=\\*"(?!\s*:))'
        )
        self._private = private
        self._private_values: set[str] = set()
        self._short_values: set[str] = set()
        self._own_values = {target.account for target in targets}
        self._accounts = {target.account.casefold() for target in targets}
        self._hosts = {urlsplit(target.shown).netloc for target in targets}

    @property
    def is_private(self) -> bool:
        """Whether personal data and amounts are masked."""
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
        """Return headers with those that authenticate a request masked."""
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

    def field_path(self, path: str) -> str:
        """Return the path of a field, with names masked that may be private."""
        if not self._private:
            return self.text(path)
        return _PART.sub(lambda found: found[0] if _is_name(found[0]) else MASKED, path)

    def value(self, text: str) -> str:
        """Return the value of a field, masked unless its form is harmless."""
        return MASKED if self._private and not has_form(text) else self.text(text)

    def body(self, content: bytes) -> str:
        """Return the body of a request or response as text."""
        if not self._private or not content:
            return self.text(content.decode(errors="replace"))
        try:
            masked = self._masked(json.loads(content, parse_float=Decimal))
            return self.text(json.dumps(masked, ensure_ascii=False, default=float))
        except _UNREADABLE:
            return f"[{len(content)} bytes that are not JSON, or nested too deeply, masked]"

    def learn(self, exchanges: Iterable[Exchange]) -> None:
        """Remember private values of responses, unless we sent them ourselves before."""
        for each in exchanges if self._private else ():
            self._own_values.update(self._texts_of(each.sent) - self._private_values)
            came = self._texts_of(each.content) - self._own_values
            came = {text for text in came if text.casefold() not in self._accounts}
            self._private_values.update(text for text in came if len(text) >= _MIN_PRIVATE)
            self._short_values.update(text for text in came if len(text) < _MIN_PRIVATE)

    def message(self, text: str) -> str:
        """Return a text without secrets and without private values of responses."""
        return self.text(self.without_private_values(text))

    def without_private_values(self, text: str) -> str:
        """Return a text without private values of responses; secrets may remain."""
        # The longest first: a value may be a part of another.
        for value in sorted(
            (each for each in self._private_values if each in text), key=len, reverse=True
        ):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", lambda _: MASKED, text)
        return text

    def finding(self, finding: Finding) -> Finding:
        """Return a finding that can be shown."""
        text = finding.text
        if self._private:
            # Later lines of schemathesis show whole bodies.
            text = text.partition("\n")[0]
            # How long there was no response, and the status of the retry, are our own words.
            if is_private(finding.field_path) and finding.check != EVERY_REQUEST:
                expected, got, _ = text.partition(", got ")
                if finding.check != EVERY_RESPONSE:
                    text = self._values_masked(
                        self.without_private_values(text), _last(finding.field_path)
                    )
                elif got:
                    text = f"{expected}{got}{MASKED}"
            elif finding.check != EVERY_REQUEST:
                text = self._got_masked(text, finding.field)
        return replace(finding, text=self.message(text), field=self.field_path(finding.field))

    def _got_masked(self, text: str, field: str) -> str:
        """Mask the received value of a public field if it does not have the field's form."""
        expected, got, came = text.partition(", got ")
        came = self.without_private_values(came)
        if came in self._short_values:
            came = MASKED
        came = _GOT_QUOTED.sub(self._quoted, came)
        if field == "errorCode":
            came = self._values_masked(came, field)
        return f"{_NAMED.sub(self._short_name, expected)}{got}{came}"

    def _short_name(self, found: re.Match[str]) -> str:
        return MASKED if found[0] in self._short_values else found[0]

    def _values_masked(self, text: str, field: str) -> str:
        """Mask what may be a value in a text about a field: always all of it, not a part.

        Ids and numbers of rows are not masked.
        """
        are_counts = field in _LISTS and _OF_COUNTS.search(text) is not None

        def masked(found: re.Match[str]) -> str:
            word = found[0].rstrip(".:")
            is_id = field in _WITH_IDS and (
                _UUID.fullmatch(word) or word.casefold() in self._accounts
            )
            is_count = are_counts and _COUNT.fullmatch(word)
            is_shown = is_id or is_count or self._is_word(word, field)
            return found[0] if is_shown else MASKED + found[0][len(word) :]

        return _SEVERAL.sub(MASKED, _TOKEN.sub(masked, text))

    def _is_word(self, word: str, field: str) -> bool:
        """Return whether a part of a text about a field is our own word, not a value."""
        if word == "'s":
            return True
        if field == "errorCode" and (word[1:-1] == MASKED or has_form(word.strip("'"))):
            return True
        if field in _WHOLE:
            return not re.search(r"[\d\"']", word)
        is_value = field not in _LISTS and word in self._short_values
        return not is_value and bool(_OWN_WORD.fullmatch(word))

    def _quoted(self, found: re.Match[str]) -> str:
        quote, text = found.groups()
        is_shown = text == MASKED or text in self._own_values or self._has_form(text)
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


def is_private(path: str) -> bool:
    """Return whether a field of a response is masked, by its path such as ``result[].amount``."""
    return _last(path) not in _PUBLIC


def _last(path: str) -> str:
    return path.rpartition(".")[2].partition("[")[0]


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    # The longest first: one may be a part of another.
    parts = sorted(map(re.escape, texts), key=len, reverse=True)
    return re.compile("|".join(parts) or r"(?!)")


def has_form(text: str) -> bool:
    """Return whether a text looks like an id, an enum value or a time, or is a known message."""
    return bool(_FORM.fullmatch(text)) or text in responses.all_messages()


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name) or name.isdecimal())
