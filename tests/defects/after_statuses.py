"""Errors, deletions and empty responses with a wrong status or content type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import ApiError
from tests.defects.fixtures import (
    EVERY_OPERATION,
    REQUEST_ID,
    SUBSCRIPTION,
    address,
    customer,
    every_call,
)
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_AUTH = frozenset({"002", "003"})


def a_deletion(client: Client) -> None:
    client.call("createSubscription", SUBSCRIPTION)
    client.call("deleteSubscription", {"requestId": REQUEST_ID})


@defect(
    "deletion-is-204",
    "deleteSubscription",
    kind=Kind.STATUS,
    patch_point="calypso_mock.api._core.operation_response",
    repro=a_deletion,
    half="after",
)
def deletion_is_204(healthy: Replacement, context: Any, operation: Any, request: Any) -> Any:
    """Return 204 when there is no content, though 200 is documented."""
    response = healthy(context, operation, request)
    return replace(response, status=204) if response.body is None else response


def late_calls(client: Client) -> None:
    for operation_id, payload in every_call(client):
        client.call(operation_id, payload, timestamp=client.now - 3_600_000)


@defect(
    "late-calls-refused-with-200",
    *EVERY_OPERATION,
    kind=Kind.STATUS,
    patch_point="calypso_mock.api._responses.error_response",
    repro=late_calls,
    half="after",
    visible_to_reads=True,
)
def late_calls_refused_with_200(healthy: Replacement, context: Any, error: Any) -> Any:
    """Return error 011 with status 200."""
    response = healthy(context, error)
    return replace(response, status=200) if error.code == "011" else response


def well_typed_invalid_values(client: Client) -> None:
    client.call("getAddress", {"customerId": customer(client), "currency": "GROAT"})
    client.call("findTransactions", {"properties": "colour"})
    client.call("createSubscription", {"requestId": REQUEST_ID, "url": "https://shop.example"})
    client.call("createSubscription", SUBSCRIPTION)
    client.call("changeSubscription", {**SUBSCRIPTION, "notificationEventTypes": []})


@defect(
    "well-formed-nonsense-is-422",
    "getAddress",
    "findTransactions",
    "createSubscription",
    "changeSubscription",
    kind=Kind.STATUS,
    patch_point="calypso_mock.api._checks.check_payload",
    repro=well_typed_invalid_values,
    half="after",
    visible_to_reads=True,
)
def well_formed_nonsense_is_422(
    healthy: Replacement, operation: Any, payload: Any, switches: Any
) -> None:
    """Return 422, which is not documented, for values of the right type that are invalid."""
    try:
        healthy(operation, payload, switches)
    except ApiError as error:
        raise ApiError(error.code, error.message, status=422) from None


def unsigned_calls(client: Client) -> None:
    for operation_id, _ in every_call(client):
        client.send(operation_id, b"{}", Sign=None)


@defect(
    "strangers-get-no-content-type",
    *EVERY_OPERATION,
    kind=Kind.CONTENT_TYPE,
    patch_point="calypso_mock.api._responses.render",
    repro=unsigned_calls,
    half="after",
    visible_to_reads=True,
)
def strangers_get_no_content_type(
    healthy: Replacement, context: Any, response: Any, headers: Any = None
) -> Any:
    """Leave the content type out of authentication errors."""
    rendered = healthy(context, response, headers)
    if response.rejection is None or response.rejection.code not in _AUTH:
        return rendered
    named = {name: v for name, v in rendered.headers.items() if name != "content-type"}
    return replace(rendered, headers=named)


def no_purses_yet(client: Client) -> None:
    customer_id = customer(client)
    client.call("getPurses", {"customerId": customer_id})
    address(client, customer_id)
    client.call("getPurses", {"customerId": customer_id})


@defect(
    "empty-list-as-plain-text",
    "getPurses",
    kind=Kind.CONTENT_TYPE,
    patch_point="calypso_mock.api._responses.render",
    repro=no_purses_yet,
    half="after",
)
def empty_list_as_plain_text(
    healthy: Replacement, context: Any, response: Any, headers: Any = None
) -> Any:
    """Declare an empty list of purses as plain text."""
    plain = {"content-type": "text/plain; charset=utf-8"} if response.body == [] else {}
    return healthy(context, response, {**(headers or {}), **plain})
