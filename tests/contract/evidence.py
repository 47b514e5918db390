"""Keep what shows a finding in a response, and tell whether another response shows it, too."""

from __future__ import annotations

import re
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tests.contract import answers, document, schemas
from tests.contract.redaction import MASKED, has_form, is_private
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, Finding, of_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.contract.session import Exchange

    Json = dict[str, Any]

# What a finding is about that no response shows, such as the state that a mock tells of itself,
# or that a check could make nothing of a response.
_NOT_SHOWN = frozenset({"state", "warnings", "answer"})
_STATUS = frozenset({"status", "errorCode", "response"})
_HEADERS = frozenset({"content-type", "content-length", "date", "allow"})
_PART = re.compile(r"[^.\[\]]+")
_PART_OR_ITEMS = re.compile(r"[^.\[\]]+|\[\]")
_MISSING = object()
_CONTROL = "/_mock/"
# What is shown by a field that is not there, or is gone when all is well.
_ABSENT = ("expected it", "expected nothing undocumented")
_REJECTED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_REJECTED_CODES = frozenset({"002", "003"})
NOT_FOUND = "004"
NO_SUCH_PATH = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
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
    is_hidden = finding.field in _NOT_SHOWN or (private and is_private(finding.place))
    if is_hidden or not _is_told_by_value(finding, exchange, mock=mock):
        return None
    value = _value(finding.field, exchange)
    if value is None and not _is_documented(finding):
        return None
    if private and value is not None and not has_form(value):
        value = MASKED
    return {**told, "value": value}


def shown(told: Json, exchange: Exchange) -> bool | None:
    """Return whether a response shows the same; None where it cannot show that."""
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


def is_comparison(paths: Sequence[str]) -> bool:
    """Tell by what was asked whether responses contradict each other, so that one shows nothing.

    Of our mock all is kept that was sent since it began anew. Of another server a request before
    the last is kept only where its response matters, too.
    """
    return len(paths) > 1 and not any(path.startswith(_CONTROL) for path in paths)


def obstacle(told: Json, exchange: Exchange, *, status: int, is_rightly_signed: bool) -> str | None:
    """Say why a response that does not show a finding does not show that it is gone, either.

    Args:
        told: What `of` returned.
        exchange: The request, and the response that does not show the finding.
        status: The status of the response that did.
        is_rightly_signed: Whether the request proves who sends it, so that a rejection is about
            the settings, and not what it was sent for.

    Returns:
        What the response is; None where it could have shown the finding, so that it is gone.
    """
    found = _why_silent(exchange)
    if found:
        return found
    code = answers.code(exchange)
    if is_rightly_signed and is_rejected(exchange.status, code):
        return "so the account may not ask for this, or its key or secret is wrong"
    if _is_about_status(told):
        return None
    if exchange.status != status or told.get("code", code) != code:
        return f"and the finding is about a response with {status}"
    return None if _has_what_was_wrong(told, exchange) else "without what the finding is about"


def _why_silent(exchange: Exchange) -> str | None:
    """Say why a response tells nothing of what the API would answer; None where it is from it."""
    if not exchange.status:
        return "which tells nothing"
    if exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "so the server, or a proxy before it, is broken"
    if _is_foreign(exchange):
        return "which is not a documented response of the API"
    if exchange.status == HTTPStatus.TOO_MANY_REQUESTS:
        return "which asks to wait"
    is_gone = exchange.status in NO_SUCH_PATH and answers.code(exchange) != NOT_FOUND
    if is_gone and document.has(exchange.label):
        return "so there is no such operation"
    return None


def why_not_sent(exchange: Exchange) -> str | None:
    """Return why the gateway to a server held a request back; None where it was sent."""
    try:
        body = exchange.json()
    except ValueError:
        return None
    told = isinstance(body, dict) and str(body.get("traceId")).startswith("not-sent-")
    return str(body.get("message")) if told else None


def is_rejected(status: int, code: str | None) -> bool:
    """Tell whether a response rejects the key, the signature or the account."""
    return status in _REJECTED or code in _REJECTED_CODES


def _is_foreign(exchange: Exchange) -> bool:
    """Tell whether a response is not the API's, but of a proxy, or of another server."""
    found = answers.faults(exchange, mock=not document.has(exchange.label))
    if {field for field, _ in found} & {"status", "content-type", "body"}:
        return True
    if not (exchange.content and document.has(exchange.label)):
        return False
    value = exchange.json()
    schema = schemas.answer_schema(exchange.label, exchange.status) or {}
    known = schemas.of(schema, value).get("properties", {})
    return isinstance(value, dict) and bool(known) and not known.keys() & value.keys()


def _is_about_status(told: Json) -> bool:
    place = told.get("place", told["field"])
    return told["check"] == EVERY_REQUEST or place in _STATUS


def _has_what_was_wrong(told: Json, exchange: Exchange) -> bool:
    """Tell whether a response has the place at which another was wrong."""
    if told["check"] != EVERY_RESPONSE:
        return told["value"] is None or _value(told["field"], exchange) is not None
    if told["place"] in {*_HEADERS, "body"}:
        return True
    parts = _PART_OR_ITEMS.findall(told["place"])
    if told["fault"].startswith(_ABSENT):
        # At the last part nothing is expected, but something that could have it.
        return any(isinstance(each, dict) for each in _at(parts[:-1], exchange))
    return bool(_at(parts, exchange))


def _at(parts: list[str], exchange: Exchange) -> list[Any]:
    """Return all values at a place, such as ``result[].amount``."""
    try:
        values = [exchange.json()]
    except ValueError:
        return []
    for part in parts:
        if part == "[]":
            values = [each for value in values if isinstance(value, list) for each in value]
        else:
            values = [each[part] for each in values if isinstance(each, dict) and part in each]
    return values


def _is_told_by_value(finding: Finding, exchange: Exchange, *, mock: bool) -> bool:
    """Tell whether the same value, there once more, is as wrong as it was."""
    if is_comparison([each.path for each in finding.steps]):
        return False
    return mock or _is_single(finding.field, exchange)


def _is_single(field: str, exchange: Exchange) -> bool:
    """Tell whether a value is one that others of the same response say nothing of.

    Of a server in use another row may stand there the next time, and a whole list is another.
    """
    if field in _HEADERS:
        return True
    return "[" not in field and field != "body" and not isinstance(_found(field, exchange), list)


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
    value = _found(field, exchange)
    try:
        return None if value is _MISSING else str(value)
    except RecursionError:
        return None


def _found(field: str, exchange: Exchange) -> Any:
    try:
        value = exchange.json()
        for part in _PART.findall(field):
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        return _MISSING
    return value
