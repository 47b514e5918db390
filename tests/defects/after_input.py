"""Invalid requests that pass a gap in the checks, and unusual ones that crash the server."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from tests.contract import document
from tests.defects.fixtures import EVERY_OPERATION, SUBSCRIPTION, customer, deposits, every_call
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_BARE_UUID = re.compile(r"[0-9a-fA-F]{32}")
_IDS = ("id", "customerId", "transactionId", "requestId")
_OPERATIONS_WITH_IDS = tuple(
    name for name in EVERY_OPERATION if document.arguments(name).intersection(_IDS)
)
_INT32 = 2**31
_THREE_BYTES = "\uffff"


def empty_lists_of_event_types(client: Client) -> None:
    client.call("createSubscription", {**SUBSCRIPTION, "notificationEventTypes": []})
    client.call("createSubscription", SUBSCRIPTION)
    client.call("changeSubscription", {**SUBSCRIPTION, "notificationEventTypes": []})


@defect(
    "empty-lists-count-as-named",
    "createSubscription",
    "changeSubscription",
    kind=Kind.VALIDATION,
    patch_point="calypso_mock.api._checks.check_payload",
    repro=empty_lists_of_event_types,
    half="after",
)
def empty_lists_count_as_named(
    healthy: Replacement, operation: Any, payload: Any, switches: Any
) -> None:
    """Require one of the two lists of types, but accept it empty."""
    if "url" in payload and "notificationEventTypes" in payload:
        payload = {**payload, "notificationServiceTypes": ["CUSTOMER_PURSE"]}
    healthy(operation, payload, switches)


def invalid_states(client: Client) -> None:
    for member in ("in", "notIn"):
        for states in (["CONFIRMED", "COMPLETED"], ["CONFIRMED", 413]):
            client.call("findTransactions", {"transactionStateFilter": {member: states}})


@defect(
    "only-the-first-state-checked",
    "findTransactions",
    kind=Kind.VALIDATION,
    patch_point="calypso_mock.api._contract.request_error",
    repro=invalid_states,
    half="after",
)
def only_the_first_state_checked(healthy: Replacement, operation: Any, body: Any) -> Any:
    """Validate only the first state of a list."""
    payload = body.get("payload")
    given = payload.get("transactionStateFilter") if isinstance(payload, dict) else None
    if isinstance(given, dict):
        cut = {name: v[:1] if isinstance(v, list) else v for name, v in given.items()}
        body = {**body, "payload": {**payload, "transactionStateFilter": cut}}
    return healthy(operation, body)


def ids_without_hyphens(client: Client) -> None:
    for operation_id, payload in every_call(client):
        bare = {
            name: value.replace("-", "") if name in _IDS else value
            for name, value in (payload or {}).items()
        }
        client.call(operation_id, bare)
    client.call("findTransactions", {"customerId": customer(client).replace("-", "")})


@defect(
    "ids-need-no-hyphens",
    *_OPERATIONS_WITH_IDS,
    kind=Kind.VALIDATION,
    patch_point="calypso_mock.api._checks.read_body",
    repro=ids_without_hyphens,
    half="after",
)
def ids_need_no_hyphens(healthy: Replacement, request: Any) -> Any:
    """Accept ids without hyphens, as a lenient UUID parser does."""
    body = healthy(request)
    payload = body.get("payload")
    if not isinstance(payload, dict):
        return body
    return {**body, "payload": {name: _hyphened(name, v) for name, v in payload.items()}}


def _hyphened(name: str, value: object) -> object:
    bare = name in _IDS and isinstance(value, str) and _BARE_UUID.fullmatch(value)
    return str(uuid.UUID(str(value))) if bare else value


def filters_with_pattern_characters(client: Client) -> None:
    customer_id = deposits(client, "1")
    for part in ("(", "*", "[", "T.X"):
        for member in ("contains", "doesNotContain"):
            search = {"customerId": customer_id, "currencyFilter": {member: part}}
            client.call("findTransactions", search)


@defect(
    "part-of-a-text-is-a-pattern",
    "findTransactions",
    kind=Kind.CRASH,
    patch_point="calypso_mock.api._filters.contains",
    repro=filters_with_pattern_characters,
    half="after",
    visible_to_reads=True,
)
def part_of_a_text_is_a_pattern(_: Replacement, value: str | None, given: Any) -> bool:
    """Use ``contains`` as a regular expression, and crash if it is not a valid one."""
    return "contains" not in given or bool(re.search(given["contains"], value or "", re.IGNORECASE))


def emoji_in_fields(client: Client) -> None:
    customer_id = customer(client, description="Größe \u20ac")
    client.call("createCustomer", {"description": "\U0001f600"})
    client.call("updateCustomer", {"id": customer_id, "externalId": "\U0001d11e"})


@defect(
    "four-byte-characters-crash",
    "createCustomer",
    "updateCustomer",
    kind=Kind.CRASH,
    patch_point="calypso_mock.api._handlers.customer_fields",
    repro=emoji_in_fields,
    half="after",
)
def four_byte_characters_crash(healthy: Replacement, payload: Any) -> Any:
    """Crash on characters that take four bytes in UTF-8."""
    fields = healthy(payload)
    if any(max(text, default="") > _THREE_BYTES for text in fields.values()):
        raise ValueError("Incorrect string value")
    return fields


def far_pages(client: Client) -> None:
    for number in (1000, 50_000_000, _INT32 - 1):
        client.call("findTransactions", {"pageNumber": number, "pageSize": 50})


@defect(
    "far-pages-overflow",
    "findTransactions",
    kind=Kind.CRASH,
    patch_point="calypso_mock.api._search.page",
    repro=far_pages,
    half="after",
    visible_to_reads=True,
)
def far_pages_overflow(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Compute the first row of a page in 32 bits, and crash on overflow."""
    body = healthy(rows, payload, page_base=page_base)
    if (body["page"] - page_base) * body["size"] >= _INT32:
        raise OverflowError("integer out of range")
    return body


def calls_with_a_non_ascii_sign(client: Client) -> None:
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        client.send(operation_id, body, Sign="\xe9" * 128)


@defect(
    "sign-with-accents-crashes",
    *EVERY_OPERATION,
    kind=Kind.CRASH,
    patch_point="calypso_mock.api._checks.check_sign",
    repro=calls_with_a_non_ascii_sign,
    half="after",
    visible_to_reads=True,
)
def sign_with_accents_crashes(
    healthy: Replacement, secret: str, body: bytes, sign: str | None
) -> None:
    """Crash on a signature that is not ASCII."""
    if sign is not None and not sign.isascii():
        raise TypeError("comparing strings with non-ASCII characters is not supported")
    healthy(secret, body, sign)
