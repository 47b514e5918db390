"""Keep what shows a finding in a response, and tell whether another response shows it, too."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.contract import answers, document, schemas
from tests.contract.redaction import MASKED, has_form, is_private
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, Finding, of_response

if TYPE_CHECKING:
    from tests.contract.session import Exchange

    Json = dict[str, Any]

# What a finding is about that no response shows, such as the state that a mock tells of itself.
_NOT_SHOWN = frozenset({"state", "warnings"})
_STATUS = frozenset({"status", "errorCode", "answer", "response"})
_HEADERS = frozenset({"content-type", "content-length", "date", "allow"})
_PART = re.compile(r"[^.\[\]]+")
_VARYING = re.compile(r"\d+|[0-9a-fA-F-]{16,}")
_RANDOM = re.compile(r"[0-9a-fA-F-]{16,}|[0-9A-Za-z_-]{24,}")
# Two moments are the same if they are as far from the time at which each was asked.
_SECONDS = 120.0


def of(finding: Finding, exchange: Exchange, *, mock: bool, private: bool) -> Json | None:
    """Return what shows a finding; None where the response cannot show it.

    Args:
        finding: What was found.
        exchange: The request, and the response that is wrong.
        mock: Whether it is our mock's, of which more is expected.
        private: Whether values of persons and of money must not be kept.
    """
    told: Json = {"check": finding.check, "field": finding.field, "mock": mock}
    if finding.check == EVERY_REQUEST:
        return told
    if finding.check == EVERY_RESPONSE:
        return {**told, "place": finding.place, "fault": finding.fault}
    told |= {"status": exchange.status, "code": answers.code(exchange), "began": exchange.began}
    if finding.field in _STATUS:
        return told
    if finding.field in _NOT_SHOWN or (private and is_private(finding.place)):
        return None
    value = _value(finding.field, exchange)
    if value is None and not _is_documented(finding):
        return None
    if private and value is not None and not has_form(value):
        value = MASKED
    return {**told, "value": value}


def shown(told: Json, exchange: Exchange) -> bool | None:
    """Tell whether a response shows the same; None where that cannot be told."""
    if told["check"] == EVERY_REQUEST:
        return not exchange.status
    if told["check"] == EVERY_RESPONSE:
        faults = answers.faults(exchange, mock=told["mock"]) if exchange.status else ()
        made = (of_response(exchange, field, text, ()) for field, text in faults)
        return any((each.place, each.fault) == (told["place"], told["fault"]) for each in made)
    if (exchange.status, answers.code(exchange)) != (told["status"], told["code"]):
        return False
    if "value" not in told:
        return True
    value = _value(told["field"], exchange)
    if told["value"] == MASKED:
        return value is not None and not has_form(value)
    return _same(told["value"], told["began"], value, exchange.began)


def _same(value: object, then: float, other: object, now: float) -> bool | None:
    if value == other:
        return True
    if not (isinstance(value, str) and isinstance(other, str)):
        return False
    moments = _moment(value), _moment(other)
    if moments[0] is not None and moments[1] is not None:
        return abs((moments[0] - then) - (moments[1] - now)) < _SECONDS
    # Of two that were drawn at random nothing is said by their difference.
    return None if _RANDOM.fullmatch(value) and _RANDOM.fullmatch(other) else False


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def _is_documented(finding: Finding) -> bool:
    return document.has(finding.where) and finding.place in schemas.answered(finding.where)


def _value(field: str, exchange: Exchange) -> str | None:
    """Return what stands in a field, as JSON writes it; None where it is not there."""
    if field in _HEADERS:
        return exchange.headers.get(field)
    if field == "body":
        return _VARYING.sub("#", exchange.content.decode(errors="replace"))
    try:
        value = exchange.json()
        for part in _PART.findall(field):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return str(value)
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        return None
