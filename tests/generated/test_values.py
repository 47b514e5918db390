"""Values: the forms that are read, how they are sent, and which are rejected by name."""

from __future__ import annotations

import copy
import pickle
import re
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import UNSET, DecodeError, RowsError, Unset
from calypso_api._json import dump_json, load_json
from calypso_api._read import MAX_EXPONENT
from calypso_api.models import (
    Account,
    Balance,
    ByCustomerIdPayload,
    Customer,
    ErrorResponse,
    FindTransactionsPayload,
    Notification,
    Purse,
    SortDirection,
    Subscription,
    SubscriptionList,
    SubscriptionPayload,
    Transaction,
    TransactionPage,
    TransactionState,
    TransactionStateFilter,
)
from calypso_api.operations.purses import GET_PURSES
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRANSACTION: dict[str, Any] = {
    "id": "804c5026-8c89-4dd5-acac-777cefc249be",
    "amount": Decimal("1500.75"),
    "addressFrom": "TXVB2pNgQSvQucWGFpnkWUUEjo4Bz16Src",
    "currency": "USDT_TRX",
    "transactionState": "CONFIRMED",
    "complianceState": "CHECKED",
    "translationToAccountCompleted": True,
    "createdDate": "2026-11-02T10:53:50.356Z",
}
SUBSCRIPTION: dict[str, Any] = {
    "requestId": "510b52e6-4f5f-4d0c-931b-41584249e9ab",
    "url": "https://shop.example/hook",
    "publicKey": "3ab0613f330b98faa1e78adaf93b5485",
    "secretKey": "8274265f861c69085a9cc426fd68cae0",
    "createdDate": "2026-10-15T08:30:00.000Z",
    "blockedByErrorCount": False,
}

# Put together from digits: arithmetic would round them to the 28 of the default context.
amounts = st.builds(
    lambda sign, digits, scale: Decimal((sign, tuple(digits), -scale)),
    st.integers(0, 1),
    st.lists(st.integers(0, 9), min_size=1, max_size=38),
    st.integers(0, 38),
).filter(lambda amount: amount or not amount.is_signed())  # -0 is read as the integer it equals


@given(amounts | st.integers(-(10**38), 10**38).map(Decimal), st.booleans())
def test_an_amount_is_exact_from_the_wire_and_back(amount: Decimal, as_text: bool) -> None:
    """38 digits at any scale, as a number or as text that holds one."""
    wire = f'"{amount:f}"' if as_text else f"{amount:f}"

    balance = Balance.from_dict(load_json(f'{{"currency":"BTC","amount":{wire}}}'.encode()))

    assert isinstance(balance.amount, Decimal)
    assert f"{amount:f}" == f"{balance.amount:f}"
    assert f'{{"currency":"BTC","amount":{amount:f}}}'.encode() == dump_json(balance.to_dict())


@rows(
    "amount",
    [
        True,
        1.5,
        None,
        [],
        {},
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal(1).scaleb(MAX_EXPONENT + 1),
        Decimal(0).scaleb(-MAX_EXPONENT - 1),
        10 ** (MAX_EXPONENT + 1),
        "",
        "NaN",
        "Infinity",
        "1_000",
        " 1",
        "1,5",
        "0x10",
        "\u0661",
        "1e1001",
        "1e99999999999999999999",
    ],
)
def test_what_is_not_an_amount_is_rejected(amount: object) -> None:
    """Booleans, floats, NaN, Infinity, vast exponents, and text that only resembles a number."""
    with pytest.raises(DecodeError, match=r"^Balance\.amount: expected a number"):
        Balance.from_dict({"currency": "BTC", "amount": amount})


LISTS: dict[str, tuple[Callable[[Any], Any], str, dict[str, Any]]] = {
    "TransactionPage.result": (TransactionPage.from_dict, "result", TRANSACTION),
    "Account.balances": (Account.from_dict, "balances", {"currency": "BTC", "amount": 1}),
    "SubscriptionList.subscriptions": (SubscriptionList.from_dict, "subscriptions", SUBSCRIPTION),
    "list[Purse]": (GET_PURSES.decode, "", {"address": "a"}),
    "list[Purse].result page": (GET_PURSES.decode, "result", {"address": "a"}),
}


@given(
    st.sampled_from(list(LISTS)),
    st.lists(st.booleans(), max_size=6),
    st.none() | st.integers() | st.text() | st.lists(st.integers(), max_size=2),
)
def test_rows_that_can_not_be_read_hide_no_others(where: str, good: list[bool], odd: Any) -> None:
    """The error has the rows that were read, in a whole object, and the others as they came."""
    decode, name, row = LISTS[where]
    sent = [row if each else odd for each in good]
    whole = decode({name: [row] * sum(good), "page": 3} if name else [row] * sum(good))

    def read() -> Any:
        return decode({name: sent, "page": 3} if name else sent)

    if all(good):
        assert read() == whole
        return
    with pytest.raises(RowsError) as caught:
        read()
    error = caught.value
    assert isinstance(error, DecodeError)
    assert error.partial == whole
    assert list(error.rows) == [odd] * good.count(False)
    more = f" (and {good.count(False) - 1} more)" if good.count(False) > 1 else ""
    assert str(error).startswith(f"{where.removesuffix('.result page')}[{good.index(False)}]: ")
    assert re.search(r"( \(and \d+ more\))?$", str(error))[0] == more


@rows(
    "result, message",
    [
        ({}, "TransactionPage.result: expected an array, got a JSON object"),
        (None, "TransactionPage.result: expected an array, got null"),
        (
            [TRANSACTION, "text"],
            "TransactionPage.result[1]: Transaction: expected an object, got a JSON string",
        ),
        ([{}], "TransactionPage.result[0]: Transaction.id: required, but absent"),
        (
            [{**TRANSACTION, "id": []}, TRANSACTION, None, {}],
            "TransactionPage.result[0]: Transaction.id: expected text, got a JSON array"
            " (and 2 more)",
        ),
    ],
)
def test_an_error_within_a_list_names_the_first_row_and_its_field(
    result: object, message: str
) -> None:
    """It counts the others; without a list there are no rows."""
    with pytest.raises(DecodeError) as caught:
        TransactionPage.from_dict({"result": result})

    assert str(caught.value) == message
    assert isinstance(caught.value, RowsError) == isinstance(result, list)


def test_rows_are_read_though_something_beside_them_is_odd() -> None:
    """What is odd there is kept in the partial object as in any other."""
    with pytest.raises(RowsError) as caught:
        TransactionPage.from_dict({"result": [TRANSACTION, 7], "page": "one", "size": 1})

    partial = caught.value.partial
    assert partial.result == [Transaction.from_dict(TRANSACTION)]
    assert (partial.page, partial.size) == (None, 1)
    assert partial.additional_properties == {"page": "one"}
    assert list(caught.value.rows) == [7]


@rows("sent, read", [("413", "413"), (413, "413"), ("a text", "a text")])
def test_ids_come_as_text_or_as_a_number(sent: object, read: str) -> None:
    """One odd id must not cost a page."""
    assert read == Customer.from_dict({"id": sent}).id


@rows("sent", [True, Decimal("1.5"), ["413"]])
def test_other_ids_are_rejected(sent: object) -> None:
    """What is not an id in any form is an error that names the field."""
    with pytest.raises(DecodeError, match=r"^Customer\.id: expected text"):
        Customer.from_dict({"id": sent})


@rows("sent, read", [(True, True), (False, False), ("true", True), ("false", False)])
def test_booleans_come_as_such_or_as_text(sent: object, read: bool) -> None:
    """A guide of the vendor shows a flag in quotes."""
    assert read is Customer.from_dict({"id": "1", "blocked": sent}).blocked


@rows("sent", [1, 0, "yes", "", "True"])
def test_other_booleans_are_none(sent: object) -> None:
    """A number or another word is not a boolean; it is kept unchanged."""
    found = Customer.from_dict({"id": "1", "blocked": sent})

    assert found.blocked is None
    assert found.to_dict()["blocked"] is sent


@rows("sent", [413, Decimal("413.0"), Decimal("4.13E2"), "413"])
def test_integers_come_with_a_fraction_of_zero_and_as_text(sent: object) -> None:
    """413.0 is an integer to JSON, and ids come as text or as numbers."""
    page = TransactionPage.from_dict({"result": [], "page": sent})

    assert (413, int) == (page.page, type(page.page))


@rows("sent", [True, Decimal("4.5"), Decimal("NaN"), Decimal("1e9999"), "4.5"])
def test_other_integers_are_none(sent: object) -> None:
    """A fraction, a flag, and what would fill the memory; it is kept as it came."""
    found = TransactionPage.from_dict({"result": [], "page": sent, "size": 1})

    assert (found.page, found.size) == (None, 1)
    assert found.to_dict()["page"] is sent


@rows(
    "sent, read",
    [
        *[(True, True), (False, False), ("true", True), (3, 3), (0, 0), (Decimal("3.0"), 3)],
        *[([], None), (Decimal("3.5"), None), ("never", None)],
    ],
)
def test_a_field_of_two_types_keeps_the_type_that_came(sent: object, read: object) -> None:
    """0 is not false, and 1 is not true; what is of neither type is None."""
    found = Subscription.from_dict(SUBSCRIPTION | {"blockedByErrorCount": sent})

    assert (read, type(read)) == (found.blocked_by_error_count, type(found.blocked_by_error_count))


@pytest.fixture
def in_new_york() -> Iterator[None]:
    """Let the program run in another zone than UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@rows(
    "sent, read",
    [
        ("2025-07-30T10:53:50.356Z", (2025, 7, 30, 10, 53, 50, 356000)),
        ("2025-07-30T13:53:50.356+03:00", (2025, 7, 30, 10, 53, 50, 356000)),
        ("2025-10-30T14:08:39.96068", (2025, 10, 30, 14, 8, 39, 960680)),
        ("2025-10-30T14:08:39", (2025, 10, 30, 14, 8, 39, 0)),
        ("2025-10-30T14:08:39.123456789Z", (2025, 10, 30, 14, 8, 39, 123456)),
    ],
)
def test_times_are_aware_and_naive_ones_are_read_as_utc(
    sent: str, read: tuple[int, int, int, int, int, int, int]
) -> None:
    """That a time without a zone is UTC is inferred; where the program runs never matters."""
    moment = Transaction.from_dict(TRANSACTION | {"createdDate": sent}).created_date

    assert moment is not None
    assert datetime(*read, tzinfo=UTC) == moment
    assert (timedelta(hours=3) if "+" in sent else timedelta(0)) == moment.utcoffset()


@rows("sent", ["", "yesterday", "2025-13-01T00:00:00Z", 1753872830, [2025], True])
def test_what_is_no_time_is_none(sent: object) -> None:
    """Junk, and seconds since 1970; it is kept as it came."""
    found = Transaction.from_dict(TRANSACTION | {"createdDate": sent})

    assert found.created_date is None
    assert found.to_dict() == TRANSACTION | {"createdDate": sent}


def test_a_local_time_of_a_notification_is_read_as_utc() -> None:
    """The document gives it a format of its own; in Python it is a datetime as any other."""
    event = Notification.from_dict(
        {"requestId": "r", "id": 1815001, "createdDate": "2026-11-21T09:00:00.909616"}
    )

    assert datetime(2026, 11, 21, 9, 0, 0, 909616, tzinfo=UTC) == event.created_date


@given(
    st.datetimes(timezones=st.just(UTC))
    | st.datetimes(timezones=st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m))))
)
def test_a_time_is_the_same_moment_after_the_way_there_and_back(moment: datetime) -> None:
    """To the microsecond, with its offset; UTC is written as Z."""
    sent = attrs.evolve(Transaction.from_dict(TRANSACTION), created_date=moment).to_dict()
    back = Transaction.from_dict(sent).created_date

    assert back is not None
    assert (moment, moment.utcoffset()) == (back, back.utcoffset())
    assert sent["createdDate"].endswith("Z") == (moment.utcoffset() == timedelta(0))


def test_a_naive_time_is_not_sent() -> None:
    """It could be any of several moments; the message states what to do."""
    transaction = Transaction.from_dict(TRANSACTION)
    transaction.created_date = datetime(2026, 1, 1)  # noqa: DTZ001 - the point

    with pytest.raises(ValueError, match=r"^Transaction\.createdDate: this datetime has no zone"):
        transaction.to_dict()


def test_what_is_no_time_is_not_sent() -> None:
    """Neither text nor a date passes for a time."""
    transaction = Transaction.from_dict(TRANSACTION)
    transaction.created_date = date(2026, 1, 1)  # type: ignore[assignment]

    with pytest.raises(ValueError, match=r"^Transaction\.createdDate: expected a datetime"):
        transaction.to_dict()


def test_a_secret_is_in_no_repr_and_no_message() -> None:
    """Neither alone, nor within a list, nor where reading it fails."""
    secret = SUBSCRIPTION["secretKey"]
    subscriptions = SubscriptionList.from_dict({"subscriptions": [SUBSCRIPTION]})

    assert secret == subscriptions.subscriptions[0].secret_key
    assert secret not in repr(subscriptions)
    assert secret not in f"{subscriptions.subscriptions[0]}"
    for name in SUBSCRIPTION:
        odd = SUBSCRIPTION | {name: {secret: secret}}
        if name not in ("requestId", "publicKey", "secretKey"):
            assert secret not in repr(Subscription.from_dict(odd))
            continue
        with pytest.raises(RowsError) as caught:
            SubscriptionList.from_dict({"subscriptions": [SUBSCRIPTION, odd]})
        assert secret not in f"{caught.value} {caught.value!r} {caught.value.partial!r}"


def test_unset_is_one_object() -> None:
    """Through pickle and copies; it is falsy, and its repr names it."""
    assert UNSET is Unset.UNSET
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET
    assert copy.copy(UNSET) is copy.deepcopy([UNSET])[0] is UNSET


def test_what_is_unset_is_not_sent() -> None:
    """An absent argument leaves no trace in the request."""
    assert FindTransactionsPayload().to_dict() == {}
    assert ByCustomerIdPayload(customer_id="1").to_dict() == {"customerId": "1"}


def test_requests_take_the_text_of_an_enum_or_its_member() -> None:
    """Both are sent as the same text, alone and in lists."""
    by_member = FindTransactionsPayload(
        sort=SortDirection.DESC,
        transaction_state_filter=TransactionStateFilter(
            equals=TransactionState.CONFIRMED, in_=[TransactionState.CONFIRMED]
        ),
    )
    by_text = FindTransactionsPayload(
        sort="DESC",
        transaction_state_filter=TransactionStateFilter(equals="CONFIRMED", in_=["CONFIRMED"]),
    )
    states = {"equals": "CONFIRMED", "in": ["CONFIRMED"]}

    assert {"sort": "DESC", "transactionStateFilter": states} == by_member.to_dict()
    assert by_member.to_dict() == by_text.to_dict()
    assert {str} == {type(by_member.to_dict()["sort"]), type(by_text.to_dict()["sort"])}


def test_a_request_takes_what_the_document_does_not_know() -> None:
    """A field that the vendor adds can be sent before this package knows it."""
    payload = SubscriptionPayload(request_id="r", url="https://shop.example")
    payload.additional_properties["retryPolicy"] = {"times": 3}

    assert {
        "retryPolicy": {"times": 3},
        "requestId": "r",
        "url": "https://shop.example",
    } == payload.to_dict()


def test_docstrings_say_what_is_inferred() -> None:
    """A model, a field and a method that no page documents are marked; others are not."""
    from calypso_api.resources.purses import Purses

    assert "Inferred, not documented." in (Purse.__doc__ or "")
    assert "Inferred, not documented." in (Purses.list.__doc__ or "")
    assert "Inferred, not documented." not in (Account.__doc__ or "")
    assert "Source: docs.calypso" in (ErrorResponse.__doc__ or "")
