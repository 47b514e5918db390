"""The helpers for webhook subscriptions, with both clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest

from calypso_mock import Mock
from calypso_pay import Calypso, ConfigurationError, OutcomeUnknownError
from tests.overlay.guises import in_two_guises

if TYPE_CHECKING:
    from tests.overlay.guises import Guise

URL = "https://shop.example/calypso"
TYPES = ["CUSTOMER_PURSE_EXPIRED", "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE"]
LIST = "/api/v1/subscription/webhook"
CREATE = f"{LIST}/create"


def subscribed(guise: Guise) -> Any:
    return guise.call("subscriptions.create", url=URL, notification_event_types=TYPES)


@in_two_guises
def test_a_subscription_is_created_with_a_generated_id_or_with_the_given_one(guise: Guise) -> None:
    first, second = subscribed(guise), subscribed(guise)
    named = guise.call(
        "subscriptions.create",
        url=URL,
        request_id="11111111-2222-4333-8444-555555555555",
        notification_event_types=TYPES,
    )

    assert first.request_id != second.request_id
    assert UUID(first.request_id).version == 4
    assert named.request_id == "11111111-2222-4333-8444-555555555555"


@in_two_guises
def test_a_subscription_without_event_types_is_rejected_before_anything_is_sent(
    guise: Guise,
) -> None:
    sent: list[object] = []
    guise.mock.observe(sent.append)

    with pytest.raises(ConfigurationError, match="No event types were given: pass at least one"):
        guise.call("subscriptions.create", url=URL)
    with pytest.raises(ConfigurationError, match="No event types were given: pass at least one"):
        guise.call("subscriptions.create", url=URL, notification_event_types=[])
    assert sent == []


@in_two_guises
def test_a_rotation_creates_a_copy_with_other_keys_and_then_deletes_the_old_subscription(
    guise: Guise,
) -> None:
    old = subscribed(guise)
    rotation = guise.call("subscriptions.rotate", old.request_id)

    assert (rotation.new.url, rotation.new.notification_event_types) == (URL, TYPES)
    assert rotation.secrets == {
        old.public_key: old.secret_key,
        rotation.new.public_key: rotation.new.secret_key,
    }
    assert len(rotation.secrets) == 2
    assert rotation.secrets == guise.call("subscriptions.secrets")
    assert old.secret_key not in repr(rotation)

    guise.call("finish", on=rotation)

    assert guise.call("subscriptions.secrets") == {rotation.new.public_key: rotation.new.secret_key}


@in_two_guises
def test_a_second_rotate_after_a_crash_continues_the_same_rotation(guise: Guise) -> None:
    old = subscribed(guise)
    lost = guise.call("subscriptions.rotate", old.request_id)
    again = guise.call("subscriptions.rotate", old.request_id)

    assert again.new.request_id == lost.new.request_id
    assert len(guise.call("subscriptions.list").subscriptions) == 2

    guise.call("finish", on=again)
    guise.call("finish", on=lost)

    assert len(guise.call("subscriptions.list").subscriptions) == 1


@in_two_guises
def test_a_rotated_subscription_can_be_rotated_again(guise: Guise) -> None:
    names = {(request_id := subscribed(guise).request_id)}
    for _ in range(3):
        rotation = guise.call("subscriptions.rotate", request_id)
        guise.call("finish", on=rotation)
        names.add(request_id := rotation.new.request_id)

    assert len(names) == 4


@in_two_guises
def test_a_rotation_can_change_the_event_types(guise: Guise) -> None:
    old = subscribed(guise)
    rotation = guise.call(
        "subscriptions.rotate", old.request_id, notification_event_types=TYPES[:1]
    )

    assert rotation.new.notification_event_types == TYPES[:1]


@in_two_guises
def test_a_subscription_that_does_not_exist_cannot_be_rotated(guise: Guise) -> None:
    with pytest.raises(ConfigurationError, match="No subscription"):
        guise.call("subscriptions.rotate", "11111111-2222-4333-8444-555555555555")


class Losing(httpx.BaseTransport):
    """Loses the response to a create, before or after the server has carried it out."""

    def __init__(self, mock: Mock, *, carried_out: bool, listing: bool = True) -> None:
        self._inner = mock.transport()
        self._carried_out = carried_out
        self._listing = listing

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == CREATE:
            if self._carried_out:
                self._inner.handle_request(request)
            raise httpx.ReadTimeout("no response")
        if request.url.path == LIST and not self._listing:
            raise httpx.ConnectError("no network")
        return self._inner.handle_request(request)


@pytest.mark.parametrize(("carried_out", "listing"), [(True, True), (False, True), (True, False)])
def test_after_a_lost_response_the_subscription_is_looked_for_in_the_list(
    *, carried_out: bool, listing: bool
) -> None:
    mock = Mock()
    transport = Losing(mock, carried_out=carried_out, listing=listing)
    with Calypso(**mock.settings(), transport=transport, max_retries=0) as calypso:
        if carried_out and listing:
            made = calypso.subscriptions.create(url=URL, notification_event_types=TYPES)
            assert calypso.subscriptions.list().subscriptions == [made]
            return
        with pytest.raises(OutcomeUnknownError) as caught:
            calypso.subscriptions.create(url=URL, notification_event_types=TYPES)

    [note] = caught.value.__notes__
    assert UUID(note.rpartition(" ")[2])


class Blocking(httpx.BaseTransport):
    """Returns a list in which the second and the last subscription are blocked."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        listed = [
            {
                "requestId": name,
                "url": URL,
                "publicKey": name,
                "secretKey": "s",
                "createdDate": "2025-07-30T10:53:50.356Z",
                "blockedByErrorCount": blocked,
            }
            for name, blocked in [("a", False), ("b", True), ("c", 0), ("d", 101)]
        ]
        return httpx.Response(200, json={"subscriptions": listed})


def test_blocked_subscriptions_are_listed_whether_the_field_is_a_flag_or_a_count() -> None:
    with Calypso(**Mock().settings(), transport=Blocking()) as calypso:
        assert [each.request_id for each in calypso.subscriptions.blocked()] == ["b", "d"]
