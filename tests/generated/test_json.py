"""JSON is written and read with every digit; values without a JSON form are rejected."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import DecodeError
from calypso_api._json import dump_json, load_json
from calypso_api._read import MAX_EXPONENT
from tests.rows import rows

# Any digits at any scale: far more than the 28 that Python's default context keeps.
decimals = st.builds(
    lambda negative, digits, exponent: Decimal((negative, tuple(map(int, str(digits))), exponent)),
    st.integers(0, 1),
    st.integers(0, 10**60),
    st.integers(-400, 400),
)
text = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.none() | st.booleans() | st.integers() | text


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what makes JSON of these values."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(text, inner, max_size=5),
        max_leaves=20,
    )


@given(decimals)
def test_a_decimal_keeps_every_digit_both_ways(number: Decimal) -> None:
    """Value and trailing zeros survive, and no exponent is written."""
    written = dump_json({"amount": number}).decode()

    digits = written.removeprefix('{"amount":').removesuffix("}")
    assert "e" not in digits.lower()
    assert number == Decimal(digits)
    # A number with no digits after the point comes back as an integer.
    back = load_json(written.encode())["amount"]
    assert (number, type(back)) == (Decimal(back), Decimal if "." in digits else int)


@given(nested(plain | decimals))
def test_what_is_written_is_the_json_of_the_standard_library(value: Any) -> None:
    """With or without decimals in it, another reader finds the same values."""
    written = dump_json(value)

    assert value == json.loads(written, parse_float=Decimal, parse_int=Decimal)
    assert value == load_json(written)


@given(nested(plain))
def test_without_decimals_the_bytes_are_compact_json(value: Any) -> None:
    """The quick way and the exact one write the same form."""
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    assert compact == dump_json(value)
    assert compact + b",1.0]" == dump_json([value, Decimal("1.0")])[1:]


def test_examples_of_exact_numbers() -> None:
    """The forms that money takes."""
    numbers = ["0.123456789012345678", "1E-18", "1.10", "1e3", "-0", "12345678901234567890.1"]

    written = dump_json([Decimal(number) for number in numbers])

    expected = b"[0.123456789012345678,0.000000000000000001,1.10,1000,-0,12345678901234567890.1]"
    assert expected == written


@rows("value", [1.5, [1, {"a": 1.5}], [Decimal(1), 1.5], {"a": {"b": (0.0,)}}])
def test_a_float_is_rejected_wherever_it_is(value: object) -> None:
    """It has lost digits before it gets here; the message names the right type."""
    with pytest.raises(TypeError, match=r"use decimal\.Decimal"):
        dump_json(value)


@rows("value", [float("nan"), object(), b"bytes", {1, 2}])
def test_what_json_can_not_express_is_rejected(value: object) -> None:
    """Whether or not the exact writer is at work."""
    with pytest.raises(TypeError):
        dump_json(value)
    with pytest.raises(TypeError):
        dump_json([Decimal(1), value])


@rows("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_decimal_that_is_not_a_number_is_rejected(number: str) -> None:
    """JSON has neither NaN nor Infinity."""
    with pytest.raises(ValueError, match="not a JSON number"):
        dump_json(Decimal(number))


@rows("exponent", [MAX_EXPONENT + 1, 10**17])
@rows("digit", [0, 1])
def test_exponents_are_bounded(exponent: int, digit: int) -> None:
    """A few bytes never become megabytes."""
    with pytest.raises(ValueError, match="is not sent"):
        dump_json(Decimal((0, (digit,), exponent)))
    with pytest.raises(ValueError, match="is not sent"):
        dump_json(Decimal((0, (digit,), -exponent)))


def test_the_largest_exponents_are_written() -> None:
    """The bound itself is within."""
    assert b"1" + b"0" * MAX_EXPONENT == dump_json(Decimal(10) ** MAX_EXPONENT)
    assert MAX_EXPONENT + 2 == len(dump_json(Decimal(1).scaleb(-MAX_EXPONENT)))


@rows("key", [1, None, True, 1.5, (1,)])
def test_a_key_that_is_not_text_is_rejected(key: object) -> None:
    """The standard library would make text of it, which the caller did not ask for."""
    with pytest.raises(TypeError, match="keys of JSON objects are text"):
        dump_json({key: 1})


def test_a_lone_surrogate_is_rejected_without_showing_the_text() -> None:
    """The standard library's error holds the whole text, which may be secret."""
    with pytest.raises(ValueError, match="lone surrogate") as caught:
        dump_json({"secretKey": "hush \ud800"})

    assert type(caught.value) is ValueError
    assert "hush" not in str(caught.value)
    assert caught.value.__context__ is None


@rows(
    "content",
    [
        b"",
        b"<html>",
        b"{",
        b"[1,]",
        b"NaN",
        b'{"a": Infinity}',
        b"-Infinity",
        b"\xff\xfe\xfa",
        b"[" * 200_000,
        b"1e99999999999999999999",
        b"9" * 5_000,
    ],
)
def test_what_is_not_json_gives_one_error(content: bytes) -> None:
    """Never a foreign exception, whatever came."""
    with pytest.raises(DecodeError, match="not JSON"):
        load_json(content)


@given(st.binary() | text.map(str.encode))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    """Any bytes are a value or a DecodeError."""
    with contextlib.suppress(DecodeError):
        load_json(content)


def test_the_error_shows_no_content() -> None:
    """A truncated response may hold a secret."""
    with pytest.raises(DecodeError) as caught:
        load_json(b'{"secretKey": "hush"')

    assert "hush" not in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert caught.value.__context__ is None
