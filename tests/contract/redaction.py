"""Take what nobody else may read out of everything that is printed or kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

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
_HARMLESS_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "age", "allow", "cache-control", "connection", "date"),
        *("content-encoding", "content-length", "content-type", "expires", "host", "keep-alive"),
        *("pragma", "retry-after", "server", "strict-transport-security", "transfer-encoding"),
        *("user-agent", "vary", "via", "x-schemathesis-testcaseid"),
    }
)
_EMAIL = re.compile(r"[^\s\"'<>@\\]+@[^\s\"'<>@\\]+")
# What JSON that is odd, or nested deeply, leads to.
_UNREADABLE = (ValueError, ArithmeticError, RecursionError)
# Shorter ones are a part of any text.
_LEARNT = 5
_SHOWN_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|-?\d[\w.+-]*")


class Redactor:
    """Removes the secrets of some targets from texts, and data of their customers if need be.

    Args:
        targets: Whose key and secret nobody may see.
        private: Whether data of persons and of money is masked, too.
    """

    def __init__(self, targets: Iterable[Target], *, private: bool = False) -> None:
        targets = list(targets)
        known = {each for target in targets for each in (target.key, target.secret) if each}
        # The longest first: one may be a part of another.
        parts = sorted(map(re.escape, known), key=len, reverse=True)
        self._known = re.compile("|".join(parts) or r"(?!)")
        self._private = private
        self._learnt: set[str] = set()
        self._ours = {target.account for target in targets}

    @property
    def is_private(self) -> bool:
        """Whether data of persons and of money is masked."""
        return self._private

    def text(self, text: str) -> str:
        """Return a text without keys, signatures and secrets of subscriptions."""
        for pattern, put in (
            (self._known, FILTERED),
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
        if name in _HEADERS:
            return FILTERED
        return MASKED if self._private and name not in _HARMLESS_HEADERS else self.text(value)

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
            masked = _masked(json.loads(content, parse_float=Decimal))
            return self.text(json.dumps(masked, ensure_ascii=False, default=float))
        except _UNREADABLE:
            return f"[{len(content)} bytes that are not JSON, or nested too deeply, masked]"

    def learn(self, exchanges: Iterable[Exchange]) -> None:
        """Remember values of responses that are masked, and were not said by ourselves before."""
        for each in exchanges if self._private else ():
            self._ours.update(_texts_of(each.sent) - self._learnt)
            self._learnt.update(_texts_of(each.content) - self._ours)

    def said(self, text: str) -> str:
        """Return a text in which no value stands that was learnt."""
        return self.text(self.learnt_masked(text))

    def learnt_masked(self, text: str) -> str:
        """Return a text without values that were learnt, though with all else."""
        for value in self._learnt:
            if value in text:
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
                    text = _SHOWN_VALUE.sub(MASKED, text)
                elif got:
                    text = f"{expected}{got}{MASKED}"
        return replace(finding, text=self.said(text), field=self.place(finding.field))


def is_private(place: str) -> bool:
    """Tell whether a field of a response is masked, by its place such as ``result[].amount``."""
    return place.rpartition(".")[2].partition("[")[0] not in _PUBLIC


def has_form(text: str) -> bool:
    """Tell whether a text looks like an id, a word of an enum, a moment, or is a known message."""
    return bool(_FORM.fullmatch(text)) or text in answers.all_messages()


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name) or name.isdecimal())


def _is_shown(value: Any, name: str) -> bool:
    if value is None or isinstance(value, bool):
        return True
    return name in _PUBLIC and (has_form(value) if isinstance(value, str) else type(value) is int)


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {
            (key if _NAME.fullmatch(key) else MASKED): _masked(inner, key)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(each, name) for each in value]
    if _is_shown(value, name):
        return value
    return f"[masked {'string' if isinstance(value, str) else 'number'}]"


def _texts_of(content: bytes) -> set[str]:
    try:
        value = json.loads(content, parse_float=Decimal)
        return {text for text in _private_texts(value) if len(text) >= _LEARNT}
    except _UNREADABLE:
        return set()


def _private_texts(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not _NAME.fullmatch(key):
                yield key
            yield from _private_texts(inner, key)
    elif isinstance(value, list):
        for each in value:
            yield from _private_texts(each, name)
    elif not _is_shown(value, name):
        yield str(value)
