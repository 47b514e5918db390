"""Times in an odd but plain form are read, and what JSON cannot hold is named by its place."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import DecodeError
from calypso_api._json import dump_json
from calypso_api._read import as_datetime
from tests.rows import rows

EVE = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@rows(
    "text, moment",
    [
        ("2016-12-31t23:59:59z", EVE),
        ("2016-12-31T23:59:60Z", EVE + timedelta(seconds=1)),
        ("2016-12-31T23:59:60.25+00:00", EVE + timedelta(seconds=1.25)),
        ("2016-12-31t23:59:60", EVE + timedelta(seconds=1)),
        ("2016-12-31T24:00:00Z", EVE + timedelta(seconds=1)),
        ("2016-12-31T24:00", EVE + timedelta(seconds=1)),
    ],
)
def test_odd_forms_of_a_time_are_read_as_the_moment_that_they_name(
    text: str, moment: datetime
) -> None:
    assert as_datetime(text, "Model.field") == moment


@rows(
    "text", ["2016-12-31T24:00:01Z", "2016-12-31T23:59:61Z", "9999-12-31T23:59:60Z", "", "t", "24"]
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(DecodeError, match=r"Model\.field: expected an ISO 8601 date-time"):
        as_datetime(text, "Model.field")


@given(st.text(max_size=40) | st.text("0123456789-:.tTzZ+", max_size=32))
def test_any_text_is_an_aware_time_or_a_decode_error(text: str) -> None:
    with contextlib.suppress(DecodeError):
        assert as_datetime(text, "Model.field").tzinfo is not None


@rows(
    "value, place",
    [
        ({"amount": 0.1}, "amount: a float"),
        ({"filter": {"values": ["a", 0.1]}}, r"filter\.values\[\]: a float"),
        ({"rows": [{"a": 1}, {"b": 0.1}]}, r"rows\[\]\.b: a float"),
        ({"when": datetime(2025, 1, 1, tzinfo=UTC)}, "when: Object of type datetime"),
        (0.1, "^a float"),
    ],
)
def test_what_json_has_no_exact_form_for_is_named_by_its_place(value: Any, place: str) -> None:
    with pytest.raises(TypeError, match=place):
        dump_json(value)
