"""Record what shows a finding in a response, and compare another response with it."""

from __future__ import annotations

import re
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tests.contract import document, responses, schemas
from tests.contract.redaction import MASKED, has_form, is_private
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, Finding, of_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.contract.session import Exchange

    Json = dict[str, Any]

# Fields of findings that no response shows by itself, such as the mock's internal state, or that
# a check could not use a response.
_NOT_SHOWN = frozenset({"state", "warnings", "content"})
_STATUS = frozenset({"status", "errorCode", "response"})
_HEADERS = frozenset({"content-type", "content-length", "date", "allow"})
_PART = re.compile(r"[^.\[\]]+")
_PART_OR_ITEMS = re.compile(r"[^.\[\]]+|\[\]")
_MISSING = object()
_CONTROL = "/_mock/"
# Faults that a missing field shows, or a field that is gone on a correct server.
_ABSENT = ("expected it", "expected nothing undocumented")
_REJECTED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_REJECTED_CODES = frozenset({"002", "003"})
NOT_FOUND = "004"
NO_SUCH_PATH = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_VARYING = re.compile(r"\d+|[0-9a-fA-F-]{16,}")
_RANDOM = re.compile(r"[0-9a-fA-F-]{16,}|[0-9A-Za-z_-]{24,}")
# Two times are the same if they differ equally from the times of their requests.
_SECONDS = 120.0


def of(finding: Finding, exchange: Exchange, *, mock: bool, private: bool) -> Json | None:
    """Return what shows a finding; None if the response cannot show it.

    Args:
        finding: The finding.
        exchange: The request, and the response that is wrong.
        mock: Whether it is our mock's, for which more is checked.
        private: Whether personal data and amounts must not be written.
    """
    recorded: Json = {"check": finding.check, "field": finding.field, "mock": mock}
    if finding.check == EVERY_REQUEST:
        return recorded
    if finding.check == EVERY_RESPONSE:
        return {**recorded, "place": finding.field_path, "fault": finding.fault}
    recorded |= {
        "status": exchange.status,
        "code": responses.code(exchange),
        "began": exchange.began,
    }
    if finding.field in _STATUS:
        return recorded
    is_hidden = finding.field in _NOT_SHOWN or (private and is_private(finding.field_path))
    if is_hidden or not _is_shown_by_value(finding, exchange, mock=mock):
        return None
    value = _value(finding.field, exchange)
    if value is None and not _is_documented(finding):
        return None
    if private and value is not None and not has_form(value):
        value = MASKED
    return {**recorded, "value": value}


def shown(recorded: Json, exchange: Exchange) -> bool | None:
    """Return whether a response shows the same finding; None if it cannot show that."""
    if recorded["check"] == EVERY_REQUEST:
        return not exchange.status
    if recorded["check"] == EVERY_RESPONSE:
        faults = responses.faults(exchange, mock=recorded["mock"]) if exchange.status else ()
        made = (of_response(exchange, field, text, ()) for field, text in faults)
        return any(
            (each.field_path, each.fault) == (recorded["place"], recorded["fault"]) for each in made
        )
    if (exchange.status, responses.code(exchange)) != (recorded["status"], recorded["code"]):
        return False
    if "value" not in recorded:
        return True
    value = _value(recorded["field"], exchange)
    if recorded["value"] == MASKED:
        return value is not None and not has_form(value)
    return _same(recorded["value"], recorded["began"], value, exchange.began)


def is_comparison(paths: Sequence[str]) -> bool:
    """Return whether the requests lead to responses that are compared, so one shows nothing.

    For our mock all requests since the reset are recorded. For another server requests before the
    last are recorded only if their responses matter.
    """
    return len(paths) > 1 and not any(path.startswith(_CONTROL) for path in paths)


def obstacle(
    recorded: Json, exchange: Exchange, *, status: int, is_rightly_signed: bool
) -> str | None:
    """Return why a response that does not show a finding does not show that it is gone, either.

    Args:
        recorded: What `of` returned.
        exchange: The request, and the response that does not show the finding.
        status: The status of the response that did.
        is_rightly_signed: Whether the request is correctly signed, so that a rejection is about the
            settings, and not the purpose of the request.

    Returns:
        A description of the response; None if it could have shown the finding, which is gone then.
    """
    found = _why_inconclusive(exchange)
    if found:
        return found
    code = responses.code(exchange)
    if is_rightly_signed and is_rejected(exchange.status, code):
        return "so the account is not allowed this request, or its key or secret is wrong"
    if _is_about_status(recorded):
        return None
    if exchange.status != status or recorded.get("code", code) != code:
        return f"but the finding is about a response with {status}"
    return (
        None
        if _has_what_was_wrong(recorded, exchange)
        else "without the field that the finding is about"
    )


def _why_inconclusive(exchange: Exchange) -> str | None:
    """Return why a response is not a usable one of the API; None if it is."""
    if not exchange.status:
        return "which shows nothing"
    if exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "so the server, or a proxy in front of it, is broken"
    if _is_not_from_api(exchange):
        return "which is not a documented response of the API"
    if exchange.status == HTTPStatus.TOO_MANY_REQUESTS:
        return "which asks to wait"
    is_gone = exchange.status in NO_SUCH_PATH and responses.code(exchange) != NOT_FOUND
    if is_gone and document.has(exchange.label):
        return "so there is no such operation"
    return None


def why_not_sent(exchange: Exchange) -> str | None:
    """Return why the gateway to a server blocked a request; None if it was sent."""
    try:
        body = exchange.json()
    except ValueError:
        return None
    recorded = isinstance(body, dict) and str(body.get("traceId")).startswith("not-sent-")
    return str(body.get("message")) if recorded else None


def is_rejected(status: int, code: str | None) -> bool:
    """Return whether a response rejects the key, the signature or the account."""
    return status in _REJECTED or code in _REJECTED_CODES


def _is_not_from_api(exchange: Exchange) -> bool:
    """Return whether a response is not from the API, but from a proxy or another server."""
    found = responses.faults(exchange, mock=not document.has(exchange.label))
    if {field for field, _ in found} & {"status", "content-type", "body"}:
        return True
    if not (exchange.content and document.has(exchange.label)):
        return False
    value = exchange.json()
    schema = schemas.response_schema(exchange.label, exchange.status) or {}
    known = schemas.of(schema, value).get("properties", {})
    return isinstance(value, dict) and bool(known) and not known.keys() & value.keys()


def _is_about_status(recorded: Json) -> bool:
    place = recorded.get("place", recorded["field"])
    return recorded["check"] == EVERY_REQUEST or place in _STATUS


def _has_what_was_wrong(recorded: Json, exchange: Exchange) -> bool:
    """Return whether a response has the field in which another was wrong."""
    if recorded["check"] != EVERY_RESPONSE:
        return recorded["value"] is None or _value(recorded["field"], exchange) is not None
    if recorded["place"] in {*_HEADERS, "body"}:
        return True
    parts = _PART_OR_ITEMS.findall(recorded["place"])
    if recorded["fault"].startswith(_ABSENT):
        # The field itself may be missing, but not the object that could have it.
        return any(isinstance(each, dict) for each in _at(parts[:-1], exchange))
    return bool(_at(parts, exchange))


def _at(parts: list[str], exchange: Exchange) -> list[Any]:
    """Return all values at a path, such as ``result[].amount``."""
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


def _is_shown_by_value(finding: Finding, exchange: Exchange, *, mock: bool) -> bool:
    """Return whether the same value would be wrong again."""
    if is_comparison([each.path for each in finding.steps]):
        return False
    return mock or _is_single(finding.field, exchange)


def _is_single(field: str, exchange: Exchange) -> bool:
    """Return whether a value does not depend on others in the same response.

    On a server in use there may be another row, and another list, the next time.
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
    # A difference between two random values shows nothing.
    return None if _RANDOM.fullmatch(value) and _RANDOM.fullmatch(other) else False


def _moment(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def _is_documented(finding: Finding) -> bool:
    return document.has(finding.where) and finding.field_path in schemas.success_fields(
        finding.where
    )


def _value(field: str, exchange: Exchange) -> str | None:
    """Return the value of a field as text; None if the field is missing."""
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
