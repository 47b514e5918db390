"""JSON in and out without the loss of a digit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from calypso_mock import _json
from tests.mock.rows import outcomes

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**100), 10**100) | DECIMALS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def _bounded(value: Any) -> bool:
    if isinstance(value, Decimal):
        return len(_json.decimal_text(value)) <= _json.MAX_NUMBER_LENGTH
    if isinstance(value, list):
        return all(map(_bounded, value))
    if isinstance(value, dict):
        return all(map(_bounded, value.values()))
    return True


@given(value=VALUES.filter(_bounded))
def test_what_is_written_is_read_back(value: Any) -> None:
    """Exactly, by this reader and, but for digits, by Python's own."""
    text = _json.dump(value)

    assert _json.load(text) == value
    assert json.loads(text, parse_float=Decimal) == value


@given(number=DECIMALS)
def test_no_decimal_is_written_with_an_exponent(number: Decimal) -> None:
    """Digits and a point, and the same number."""
    text = _json.dump(number).decode()

    assert set(text) <= set("-.0123456789")
    assert Decimal(text) == number


def test_what_has_no_exact_form_is_not_written() -> None:
    """A float least of all."""

    def raised(value: Any) -> str:
        try:
            return _json.dump({"amount": [value]}).decode()
        except TypeError:
            return "TypeError"

    values = [0.1, Decimal("NaN"), Decimal("-Infinity"), {1}, b"", object()]
    assert outcomes(values, raised) == dict.fromkeys(map(repr, values), "TypeError")
