"""What the merchant has booked: read from whatever their ledger yields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from calypso_api import DecodeError
from calypso_api._read import as_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

_FIELDS = ("id", "amount", "currency", "state")
_FORMS = (
    "A booking is an object, a mapping or a tuple with id, amount, currency and, if you record it, "
    "state"
)


class Booking(NamedTuple):
    """A deposit as the merchant has booked it.

    Attributes:
        id: Id of the transaction.
        amount: Amount in units of the currency, exact; None if the ledger records none, and it is
            not compared.
        currency: Code of the currency; likewise.
        state: The transaction's state as it was recorded, in the API's words; None if the ledger
            records none, and a booking means that the customer's money was credited.
    """

    id: str
    amount: Decimal | None
    currency: str | None
    state: str | None = None


def booking_of(value: Any, customer_id: str) -> Booking:  # noqa: ANN401 - what a ledger yields
    """Read a booking.

    Args:
        value: An object with attributes, a mapping or a row with names, or a tuple.
        customer_id: The customer whose booking it is, for the error.

    Raises:
        TypeError: It is not a booking, or its amount is a float or not a number.
    """
    # In other forms None is more likely a mistake than a ledger without amounts.
    may_be_none = isinstance(value, Booking)
    try:
        identity, amount, currency, state = _fields(value)
        return Booking(
            _identity(identity),
            None if amount is None and may_be_none else _amount(amount),
            None if currency is None and may_be_none else _text(currency, "currency"),
            None if state is None else _text(state, "state"),
        )
    except (TypeError, LookupError) as error:
        raise TypeError(
            f"The ledger's booking {value!r:.300} of customer {customer_id} cannot be read: "
            f"{error}. {_FORMS}."
        ) from None


def _fields(value: Any) -> Sequence[Any]:  # noqa: ANN401 - likewise
    if hasattr(value, "id") and hasattr(value, "amount"):
        return [value.id, value.amount, value.currency, getattr(value, "state", None)]
    if hasattr(value, "keys"):
        # A dict, and the rows of sqlite3 and asyncpg.
        row: Mapping[str, Any] = {name: value[name] for name in value.keys()}  # noqa: SIM118
        if missing := [name for name in _FIELDS[:3] if name not in row]:
            raise LookupError(f"{missing[0]} is absent")
        return [row.get(name) for name in _FIELDS]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if len(value) not in {3, 4}:
            raise TypeError(f"it has {len(value)} values")
        return [*value, None][:4]
    raise TypeError(f"it is of type {type(value).__name__}")


def _identity(value: object) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if isinstance(value, UUID) or is_number else _text(value, "id")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"{name} is {value!r:.100}, and has to be text")
    return str(value)


def _amount(value: object) -> Decimal:
    if isinstance(value, float):
        raise TypeError("amount is a float, which loses digits: yield a Decimal or text")
    try:
        return as_decimal(value, "amount")
    except DecodeError as error:
        raise TypeError(str(error)) from None
