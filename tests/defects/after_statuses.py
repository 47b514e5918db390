"""Errors, deletions and empty responses with a wrong status or content type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import ApiError
from tests.defects.registry import Kind, defect
from tests.defects.scenes import (
    EVERY_OPERATION,
    REQUEST_ID,
    SUBSCRIPTION,
    address,
    customer,
    every_call,
)

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk

_AUTH = frozenset({"002", "003"})


def a_deletion(talk: Talk) -> None:
    talk.call("createSubscription", SUBSCRIPTION)
    talk.call("deleteSubscription", {"requestId": REQUEST_ID})


@defect(
    "deletion-is-204",
    "deleteSubscription",
    kind=Kind.STATUS,
    seam="calypso_mock._core.answer_to",
    witness=a_deletion,
    half="after",
)
def deletion_is_204(healthy: Replacement, world: Any, operation: Any, request: Any) -> Any:
    """Return 204 when there is no content, though 200 is documented."""
    answer = healthy(world, operation, request)
    return replace(answer, status=204) if answer.body is None else answer


def late_calls(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        talk.call(operation_id, payload, timestamp=talk.now - 3_600_000)


@defect(
    "late-calls-refused-with-200",
    *EVERY_OPERATION,
    kind=Kind.STATUS,
    seam="calypso_mock._core.refusal",
    witness=late_calls,
    half="after",
    by_reads=True,
)
def late_calls_refused_with_200(healthy: Replacement, world: Any, error: Any) -> Any:
    """Return error 011 with status 200."""
    answer = healthy(world, error)
    return replace(answer, status=200) if error.code == "011" else answer


def well_formed_nonsense(talk: Talk) -> None:
    talk.call("getAddress", {"customerId": customer(talk), "currency": "GROAT"})
    talk.call("findTransactions", {"properties": "colour"})
    talk.call("createSubscription", {"requestId": REQUEST_ID, "url": "https://shop.example"})
    talk.call("createSubscription", SUBSCRIPTION)
    talk.call("changeSubscription", {**SUBSCRIPTION, "notificationEventTypes": []})


@defect(
    "well-formed-nonsense-is-422",
    "getAddress",
    "findTransactions",
    "createSubscription",
    "changeSubscription",
    kind=Kind.STATUS,
    seam="calypso_mock._checks.check_payload",
    witness=well_formed_nonsense,
    half="after",
    by_reads=True,
)
def well_formed_nonsense_is_422(
    healthy: Replacement, operation: Any, payload: Any, switches: Any
) -> None:
    """Return 422, which is not documented, for values of the right type that are invalid."""
    try:
        healthy(operation, payload, switches)
    except ApiError as error:
        raise ApiError(error.code, error.message, status=422) from None


def unsigned_calls(talk: Talk) -> None:
    for operation_id, _ in every_call(talk):
        talk.send(operation_id, b"{}", Sign=None)


@defect(
    "strangers-get-no-content-type",
    *EVERY_OPERATION,
    kind=Kind.CONTENT_TYPE,
    seam="calypso_mock._core.render",
    witness=unsigned_calls,
    half="after",
    by_reads=True,
)
def strangers_get_no_content_type(
    healthy: Replacement, world: Any, answer: Any, headers: Any = None
) -> Any:
    """Leave the content type out of authentication errors."""
    response = healthy(world, answer, headers)
    if answer.verdict is None or answer.verdict.code not in _AUTH:
        return response
    named = {name: v for name, v in response.headers.items() if name != "content-type"}
    return replace(response, headers=named)


def no_purses_yet(talk: Talk) -> None:
    owner = customer(talk)
    talk.call("getPurses", {"customerId": owner})
    address(talk, owner)
    talk.call("getPurses", {"customerId": owner})


@defect(
    "empty-list-as-plain-text",
    "getPurses",
    kind=Kind.CONTENT_TYPE,
    seam="calypso_mock._core.render",
    witness=no_purses_yet,
    half="after",
)
def empty_list_as_plain_text(
    healthy: Replacement, world: Any, answer: Any, headers: Any = None
) -> Any:
    """Declare an empty list of purses as plain text."""
    plain = {"content-type": "text/plain; charset=utf-8"} if answer.body == [] else {}
    return healthy(world, answer, {**(headers or {}), **plain})
