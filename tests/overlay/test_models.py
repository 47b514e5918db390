"""Models go out of a program and back: exact as JSON, readable as text."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import uuid
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given

import calypso_pay
from calypso_mock import Mock
from calypso_pay import Calypso, DecodeError, RowsError, to_jsonable
from calypso_pay.models import Account, Balance, Subscription, Transaction, TransactionPage
from calypso_pay.webhooks import PurseFundsReceivedEvent, UnknownEvent, unwrap
from generator.document import load, operations
from tests.overlay.forms import amounts, subscriptions, transactions
from tests.rows import rows

if TYPE_CHECKING:
    from tests.overlay.forms import Form

ROOT = Path(__file__).resolve().parents[2]
DEPOSIT = """{"id":"1","amount":0.00000001,"currency":"BTC","transactionState":"CONFIRMED",
"translationToAccountCompleted":null,"createdDate":"2026-11-02T10:53:50.356Z","risk":{"score":1e-8}}"""


@given(transactions)
def test_a_deposit_comes_back_from_its_json_equal_to_the_last_digit(form: Form) -> None:
    deposit = Transaction.from_json(form[0])

    assert Transaction.from_json(deposit.to_json()) == deposit
    assert Transaction.from_json(deposit.to_json().encode()).to_json() == deposit.to_json()


@given(amounts)
def test_an_amount_is_a_number_without_an_exponent_in_json(amount: Decimal) -> None:
    text = Balance(currency="BTC", amount=amount).to_json()

    assert text == f'{{"currency":"BTC","amount":{amount:f}}}'
    assert json.dumps(Balance("BTC", amount), default=to_jsonable) == (
        f'{{"currency": "BTC", "amount": "{amount:f}"}}'
    )


@given(transactions)
def test_json_dumps_loses_nothing_though_its_amounts_are_text(form: Form) -> None:
    deposit = Transaction.from_json(form[0])
    text = json.dumps([deposit], default=to_jsonable)

    [read] = json.loads(text)
    found = Transaction.from_dict(read)
    found.additional_properties = deposit.additional_properties
    assert found == deposit


@rows(
    "value, expected",
    [
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("2.50"), "2.50"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "2026-01-02T00:00:00Z"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_what_json_does_not_know_is_written_as_text(value: Any, expected: str) -> None:
    assert json.loads(json.dumps(value, default=to_jsonable)) == expected


@rows("value", [object(), {1, 2}, b"x", Balance(currency="BTC", amount=0.1)])  # type: ignore[arg-type]
def test_what_has_no_exact_form_is_rejected_by_both_writers(value: Any) -> None:
    with pytest.raises(TypeError):
        json.dumps(value, default=to_jsonable)
    if isinstance(value, Balance):
        with pytest.raises(TypeError, match="amount: a float"):
            value.to_json()


@rows(
    "text, message",
    [
        ("", "not JSON"),
        ("[]", "Transaction: expected an object"),
        ("{}", "Transaction.id"),
        ('{"id":"1","id":"2","amount":1,"currency":"X","transactionState":"Y"}', "a member twice"),
        (DEPOSIT.replace("0.00000001", "NaN"), "NaN"),
    ],
)
def test_json_that_is_not_a_deposit_is_rejected(text: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        Transaction.from_json(text)


def test_rows_that_cannot_be_read_hide_no_others() -> None:
    page = f'{{"result":[{DEPOSIT},{{}}],"page":0,"size":2,"total":1,"totalElements":2}}'
    with pytest.raises(RowsError) as caught:
        TransactionPage.from_json(page)

    assert [each.id for each in caught.value.partial.result] == ["1"]


def test_the_text_of_a_model_has_one_field_a_line_and_amounts_without_an_exponent() -> None:
    came = {
        "id": "1",
        "amount": "0.00000001",
        "currency": "BTC",
        "transaction_state": "CONFIRMED",
        "created_date": "2026-11-02 10:53:50.356000+00:00",
    }
    fields = [each.name for each in attrs.fields(Transaction)]
    fields.remove("additional_properties")

    assert came.keys() | {"address_from", "transaction_hash"} <= set(fields)
    assert str(Transaction.from_json(DEPOSIT)).splitlines() == [
        "Transaction",
        *(f"  {name}: {came.get(name)}" for name in fields),
        "  risk: {'score': Decimal('1E-8')}",
    ]


def test_the_text_of_a_list_is_indented_and_ends_after_some_rows() -> None:
    row = json.loads(DEPOSIT) | {"amount": "1"}
    page = TransactionPage.from_dict({"result": [row] * 25})
    lines = str(page).splitlines()

    assert lines[:4] == ["TransactionPage", "  result:", "    - id: 1", "      amount: 1"]
    assert "    … and 5 more" in lines
    assert "  balances: none" in str(Account(balances=[]))


@given(subscriptions)
def test_no_text_shows_a_secret(form: Form) -> None:
    found = Subscription.from_json(form[0])
    found.secret_key, found.additional_properties["unknown"] = "canary", "canary"

    assert "  secret_key: (hidden)" in str(found)
    assert "canary" not in str(found)


def test_no_text_of_the_servers_passes_for_a_line_or_moves_the_cursor() -> None:
    wire = json.loads(DEPOSIT) | {"amount": "1", "currency": "B\nid: 2", "a\n  id: 3": "\x1b[2J"}
    lines = str(Transaction.from_dict(wire)).splitlines()

    assert [line for line in lines if line.strip().startswith("id:")] == ["  id: 1"]
    assert "\x1b" not in "".join(lines)


def test_an_event_comes_back_from_its_json() -> None:
    body = b'{"id":1,"requestId":"r","eventType":"%s","data":{"amount":0.1,"x":1}}'
    content = body % b"CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE"
    event = unwrap(content, {"Sign": calypso_pay.webhooks.sign(content, "secret")}, "secret")

    assert PurseFundsReceivedEvent.from_json(event.to_json()) == event
    assert UnknownEvent.from_json(body % b"NEW").data == {"amount": Decimal("0.1"), "x": 1}


@rows(
    "state, completed, is_final, is_credited",
    [
        ("CONFIRMED", True, True, True),
        ("CONFIRMED", False, True, False),
        ("DECLINED", None, True, None),
        ("PENDING_COMPLIANCE_CHECK", "odd", False, None),
        ("A_NEW_STATE", "true", False, True),
        ("COMPLETED", False, False, False),
    ],
)
def test_when_a_deposit_is_final_and_when_it_is_credited(
    state: str, completed: Any, is_final: bool, is_credited: bool | None
) -> None:
    """A state that is not known may change; a field that can't be read is not a state."""
    wire = json.loads(DEPOSIT) | {"amount": 1, "transactionState": state}
    found = Transaction.from_dict(wire | {"translationToAccountCompleted": completed})

    assert (found.is_final, found.is_credited) == (is_final, is_credited)


def test_resources_and_iterators_have_a_readable_repr() -> None:
    mock = Mock()
    document = load(ROOT / "openapi.yaml")
    names = sorted(
        op.body["x-method"] for op in operations(document) if op.body["tags"] == ["customers"]
    )
    assert names
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        found = calypso.transactions.iter(customer_id="c-1", currency_filter="BTC")

        assert repr(calypso.raw.customers) == f"<RawCustomers: {', '.join(names)}>"
        helpers = sorted([*names, "get_or_create"])
        assert repr(calypso.customers) == f"<Customers: {', '.join(helpers)}>"
        assert repr(calypso.raw.purses) == "<RawPurses: list>"
        assert "request" in repr(calypso.raw)
        assert repr(found) == (
            "<TransactionIterator (customer_id='c-1', currency_filter='BTC', page_size=100, "
            "sort='ASC', properties='createdDate'), 0 rows so far>"
        )


def test_everything_is_an_attribute_of_the_one_package() -> None:
    """After its import alone, in a program of its own; what is not used is not imported."""
    code = """
import sys, calypso_pay
assert "calypso_pay.receiver" not in sys.modules and "calypso_pay.webhooks" not in sys.modules
names = dir(calypso_pay)
assert set(names) == set(calypso_pay.__all__), names
assert all(hasattr(calypso_pay, name) for name in names)
assert calypso_pay.models.Transaction and calypso_pay.receiver.Receiver
assert calypso_pay.webhooks.unwrap
assert dir(calypso_pay.models) == list(calypso_pay.models.__all__)
for wrong in (calypso_pay, calypso_pay.models):
    try:
        wrong.Nothing
    except AttributeError as error:
        assert wrong.__name__ in str(error)
    else:
        raise AssertionError
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_every_public_name_is_listed() -> None:
    assert not [name for name in dir(calypso_pay) if name.startswith("_") and name != "__version__"]
