"""Invalid requests that pass a gap in the checks, and unusual ones that crash the server."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from tests.contract import document
from tests.defects.registry import Kind, defect
from tests.defects.scenes import EVERY_OPERATION, SUBSCRIPTION, customer, deposits, every_call

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk

_BARE_UUID = re.compile(r"[0-9a-fA-F]{32}")
_IDS = ("id", "customerId", "transactionId", "requestId")
_NAMING_SOMETHING = tuple(
    name for name in EVERY_OPERATION if document.arguments(name).intersection(_IDS)
)
_INT32 = 2**31
_THREE_BYTES = "\uffff"


def subscribing_to_nothing(talk: Talk) -> None:
    talk.call("createSubscription", {**SUBSCRIPTION, "notificationEventTypes": []})
    talk.call("createSubscription", SUBSCRIPTION)
    talk.call("changeSubscription", {**SUBSCRIPTION, "notificationEventTypes": []})


@defect(
    "empty-lists-count-as-named",
    "createSubscription",
    "changeSubscription",
    kind=Kind.VALIDATION,
    seam="calypso_mock._checks.check_payload",
    witness=subscribing_to_nothing,
    half="after",
)
def empty_lists_count_as_named(
    healthy: Replacement, operation: Any, payload: Any, switches: Any
) -> None:
    """Require one of the two lists of types, but accept it empty."""
    if "url" in payload and "notificationEventTypes" in payload:
        payload = {**payload, "notificationServiceTypes": ["CUSTOMER_PURSE"]}
    healthy(operation, payload, switches)


def states_that_are_none(talk: Talk) -> None:
    for member in ("in", "notIn"):
        for states in (["CONFIRMED", "COMPLETED"], ["CONFIRMED", 413]):
            talk.call("findTransactions", {"transactionStateFilter": {member: states}})


@defect(
    "only-the-first-state-checked",
    "findTransactions",
    kind=Kind.VALIDATION,
    seam="calypso_mock._contract.request_faults",
    witness=states_that_are_none,
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


def ids_without_hyphens(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        bare = {
            name: value.replace("-", "") if name in _IDS else value
            for name, value in (payload or {}).items()
        }
        talk.call(operation_id, bare)
    talk.call("findTransactions", {"customerId": customer(talk).replace("-", "")})


@defect(
    "ids-need-no-hyphens",
    *_NAMING_SOMETHING,
    kind=Kind.VALIDATION,
    seam="calypso_mock._checks.read_body",
    witness=ids_without_hyphens,
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


def odd_parts(talk: Talk) -> None:
    owner = deposits(talk, "1")
    for part in ("(", "*", "[", "T.X"):
        for member in ("contains", "doesNotContain"):
            search = {"customerId": owner, "currencyFilter": {member: part}}
            talk.call("findTransactions", search)


@defect(
    "part-of-a-text-is-a-pattern",
    "findTransactions",
    kind=Kind.CRASH,
    seam="calypso_mock._filters.contains",
    witness=odd_parts,
    half="after",
    by_reads=True,
)
def part_of_a_text_is_a_pattern(_: Replacement, value: str | None, given: Any) -> bool:
    """Use ``contains`` as a regular expression, and crash if it is not a valid one."""
    return "contains" not in given or bool(re.search(given["contains"], value or "", re.IGNORECASE))


def smiling_customers(talk: Talk) -> None:
    owner = customer(talk, description="Größe \u20ac")
    talk.call("createCustomer", {"description": "\U0001f600"})
    talk.call("updateCustomer", {"id": owner, "externalId": "\U0001d11e"})


@defect(
    "four-byte-characters-crash",
    "createCustomer",
    "updateCustomer",
    kind=Kind.CRASH,
    seam="calypso_mock._handlers.said",
    witness=smiling_customers,
    half="after",
)
def four_byte_characters_crash(healthy: Replacement, payload: Any) -> Any:
    """Crash on characters that take four bytes in UTF-8."""
    fields = healthy(payload)
    if any(max(text, default="") > _THREE_BYTES for text in fields.values()):
        raise ValueError("Incorrect string value")
    return fields


def pages_far_away(talk: Talk) -> None:
    for number in (1000, 50_000_000, _INT32 - 1):
        talk.call("findTransactions", {"pageNumber": number, "pageSize": 50})


@defect(
    "far-pages-overflow",
    "findTransactions",
    kind=Kind.CRASH,
    seam="calypso_mock._find.page",
    witness=pages_far_away,
    half="after",
    by_reads=True,
)
def far_pages_overflow(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Compute the first row of a page in 32 bits, and crash on overflow."""
    shown = healthy(rows, payload, page_base=page_base)
    if (shown["page"] - page_base) * shown["size"] >= _INT32:
        raise OverflowError("integer out of range")
    return shown


def calls_with_an_odd_sign(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        body = json.dumps(talk.envelope(payload)).encode()
        talk.send(operation_id, body, Sign="\xe9" * 128)


@defect(
    "sign-with-accents-crashes",
    *EVERY_OPERATION,
    kind=Kind.CRASH,
    seam="calypso_mock._checks.check_sign",
    witness=calls_with_an_odd_sign,
    half="after",
    by_reads=True,
)
def sign_with_accents_crashes(
    healthy: Replacement, secret: str, body: bytes, sign: str | None
) -> None:
    """Crash on a signature that is not ASCII."""
    if sign is not None and not sign.isascii():
        raise TypeError("comparing strings with non-ASCII characters is not supported")
    healthy(secret, body, sign)
