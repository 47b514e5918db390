"""Anything that has an id, an amount, a currency and a state is a booking."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from calypso_pay.reconcile import Booking
from calypso_pay.reconcile._bookings import booking_of

ID = "804c5026-8c89-4dd5-acac-777cefc249be"
EXPECTED = Booking(ID, Decimal("25.50"), "USDT_TRX", "CONFIRMED")


@dataclass
class Row:
    id: Any = ID
    amount: Any = "25.50"
    currency: Any = "USDT_TRX"
    state: Any = "CONFIRMED"


def _sqlite_row() -> sqlite3.Row:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    # Names decide, not their order.
    statement = "SELECT 'CONFIRMED' AS state, 'USDT_TRX' AS currency, '25.50' AS amount, ? AS id"
    row: sqlite3.Row = connection.execute(statement, [ID]).fetchone()
    connection.close()
    return row


@pytest.mark.parametrize(
    "value",
    [
        EXPECTED,
        Row(),
        Row(amount=Decimal("25.50"), id=UUID(ID)),
        vars(Row()),
        {**vars(Row()), "booked_at": "2026-11-29"},
        (ID, "25.50", "USDT_TRX", "CONFIRMED"),
        [ID, Decimal("25.500"), "USDT_TRX", "CONFIRMED"],
        namedtuple("Named", "state currency amount id")("CONFIRMED", "USDT_TRX", "25.50", ID),  # noqa: PYI024
        _sqlite_row(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_booking_is_read_from_the_usual_forms(value: Any) -> None:
    assert booking_of(value, "customer") == EXPECTED


def test_a_booking_may_lack_a_state() -> None:
    values = {name: value for name, value in vars(Row()).items() if name != "state"}
    for value in (values, (ID, "25.50", "USDT_TRX"), Row(state=None)):
        assert booking_of(value, "customer").state is None


@pytest.mark.parametrize("amount", [0, 25, "0.000000000000000001", "-3", Decimal("1E+3")])
def test_amounts_are_read_exactly(amount: Any) -> None:
    assert booking_of(Row(amount=amount), "customer").amount == Decimal(amount)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (Row(amount=25.5), "float"),
        (Row(amount="25,50"), "amount"),
        (Row(amount=None), "amount"),
        (Row(currency=5), "currency"),
        (Row(amount=True), "amount"),
        (Row(amount=Decimal("NaN")), "amount"),
        (Booking(ID, Decimal("Infinity"), "BTC"), "amount"),
        (Booking(ID, 25.5, "BTC"), "float"),  # type: ignore[arg-type]
        (Row(id=None), "id"),
        (Row(id=" "), "id"),
        (Row(id=True), "id"),
        (Row(currency=None), "currency"),
        (Row(state=3.5), "state"),
        ({"id": ID, "amount": "1"}, "currency"),
        ({"transaction_id": ID, "amount": "1", "currency": "BTC"}, "id"),
        ((ID, "1"), "2 values"),
        (ID, "str"),
        (None, "NoneType"),
        (7, "int"),
    ],
)
def test_anything_else_is_an_error_that_names_the_customer_and_what_is_wrong(
    value: Any, hint: str
) -> None:
    with pytest.raises(TypeError, match="customer 4711") as caught:
        booking_of(value, "4711")
    assert hint in str(caught.value)
