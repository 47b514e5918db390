"""Read and add amounts of money without losing a digit."""

from __future__ import annotations

import decimal
from decimal import Decimal, InvalidOperation

from calypso_mock import _json
from calypso_mock._errors import MockError

_DIGITS = 60
# These have a message of their own.
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
# Enough digits for sums: the default context would round them to 28.
_EXACT = decimal.Context(prec=4 * _DIGITS, traps=[decimal.Inexact, decimal.InvalidOperation])


def read_amount(amount: Decimal | str | int) -> Decimal:
    """Read an amount of money.

    Args:
        amount: A positive number; a text is written as in JSON. A float is rejected: it has lost
            the exact amount already.

    Raises:
        MockError: For anything else, and for more than 60 digits on a side of the point.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | str | int):
        raise MockError(f"an amount is a Decimal, a str or an int, not {type(amount).__name__}")
    number = _read(amount)
    if not number.is_finite() or number <= 0:
        raise MockError("an amount has to be a number greater than zero")
    return number


def _read(amount: Decimal | str | int) -> Decimal:
    if isinstance(amount, str) and amount not in _NOT_FINITE and not _json.NUMBER.fullmatch(amount):
        raise MockError("an amount has to be written as a decimal number")
    try:
        number = Decimal(amount)
    except (InvalidOperation, ValueError):
        raise MockError("an amount has to be written as a decimal number") from None
    if number.is_finite() and not _is_short(number):
        raise MockError(f"an amount has at most {_DIGITS} digits on each side of the point")
    return number


def _is_short(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= _DIGITS and number.adjusted() < _DIGITS


def add(left: Decimal, right: Decimal) -> Decimal:
    """Add two amounts exactly, whatever decimal context the caller has set."""
    return _EXACT.add(left, right)
