"""What may hold a secret does not show it by accident: it is copied, but not pickled."""

from __future__ import annotations

import copy
import importlib
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from calypso_api import DecodeError, RawResponse, RowsError
from calypso_api._json import load_json
from calypso_api.errors import UnexpectedStatus
from calypso_api.models import Subscription, SubscriptionList
from calypso_api.types import Response
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

SUBSCRIPTION: dict[str, Any] = {
    "requestId": "510b52e6-4f5f-4d0c-931b-41584249e9ab",
    "url": "https://shop.example/hook",
    "publicKey": "3ab0613f330b98faa1e78adaf93b5485",
    "secretKey": "hush",
    "createdDate": "2026-10-15T08:30:00.000Z",
    "blockedByErrorCount": False,
    "notificationEventTypes": ["CUSTOMER_PURSE_EXPIRED"],
    "previousSecretKey": "hush before",
}
HOLDERS = [
    Subscription.from_dict(SUBSCRIPTION),
    SubscriptionList.from_dict({"subscriptions": [SUBSCRIPTION]}),
    RawResponse(200, {"X-Secret": "hush"}, b"hush", None),
    Response(status_code=200, content=b"hush", headers={"X-Secret": "hush"}, parsed=None),
]


@rows("holder", {type(holder).__name__: holder for holder in HOLDERS})
@rows("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_may_hold_a_secret_is_not_pickled(holder: object, protocol: int) -> None:
    """Neither alone nor within another; leaving the secret out would make an empty one."""
    with pytest.raises(TypeError, match=r"may hold a secret and cannot be pickled: pickle"):
        pickle.dumps(holder, protocol)


@rows("duplicate", [copy.copy, copy.deepcopy])
def test_it_is_copied_whole(duplicate: Callable[[Any], Any]) -> None:
    first, second, raw, _ = HOLDERS
    response = duplicate(raw)

    assert duplicate(first) == first
    assert duplicate(second) == second
    assert duplicate(first).secret_key == "hush"
    assert duplicate(first).additional_properties == {"previousSecretKey": "hush before"}
    assert (response.status, response.headers, response.content) == (
        200,
        {"X-Secret": "hush"},
        b"hush",
    )


def test_a_deep_copy_shares_nothing() -> None:
    found = Subscription.from_dict(SUBSCRIPTION)
    twin = copy.deepcopy(found)
    assert isinstance(twin.notification_event_types, list)
    twin.notification_event_types.clear()

    assert found.notification_event_types == ["CUSTOMER_PURSE_EXPIRED"]


def test_unknown_fields_beside_a_secret_are_not_shown() -> None:
    """They may be secrets as well; their names and values are there to be read."""
    assert "hush" not in repr(HOLDERS[:2])


def test_every_model_with_a_secret_is_protected(kinds: ModuleType) -> None:
    """Where the secret is optional, or taken over from another model, too."""
    models = importlib.import_module(f"{kinds.__name__}.models")
    part = models.Part.from_dict({"name": "nut", "weight": 1, "secret": "hush"})

    with pytest.raises(TypeError, match="Part may hold a secret"):
        pickle.dumps(part)
    assert copy.deepcopy(part) == part


def test_an_error_of_the_stock_functions_is_pickled_without_content() -> None:
    error = UnexpectedStatus(520, b"hush")
    twin = pickle.loads(pickle.dumps(error))

    assert (twin.status_code, twin.content) == (520, b"")
    assert b"hush" not in pickle.dumps(error)
    assert "hush" not in f"{error!r} {error} {error.args}"


@pytest.fixture
def unreadable() -> RowsError:
    """An error that has a row with a secret, and none that could be read."""
    with pytest.raises(RowsError) as caught:
        SubscriptionList.from_dict({"subscriptions": [SUBSCRIPTION | {"publicKey": ["hush"]}]})
    return caught.value


def test_an_error_of_rows_is_pickled_and_copied_without_them(unreadable: RowsError) -> None:
    """Its message is kept, as with any other error."""
    assert b"hush" not in pickle.dumps(unreadable)
    assert "hush" not in f"{unreadable!r} {unreadable} {unreadable.args}"
    for twin in (pickle.loads(pickle.dumps(unreadable)), copy.copy(unreadable)):
        assert (type(twin), str(twin)) == (RowsError, str(unreadable))


def test_what_was_read_of_a_list_has_nothing_of_the_rows_that_were_not(
    unreadable: RowsError,
) -> None:
    """Those are in the error alone."""
    assert unreadable.partial == SubscriptionList(subscriptions=[])
    assert b"hush" not in pickle.dumps(unreadable.partial)


@rows("content", [b'{"secretKey": "hush', b'"\xffhush', b"[" * 10_000 + b'"hush"'])
def test_no_error_behind_the_error_holds_an_answer_that_is_no_json(content: bytes) -> None:
    """The standard library's error holds the whole text."""
    with pytest.raises(DecodeError) as caught:
        load_json(content)

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
