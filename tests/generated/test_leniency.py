"""Times in an odd but plain form are read, and what JSON cannot hold is named by its place."""

from __future__ import annotations

import contextlib
import json
import signal
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import DecodeError
from calypso_api._json import dump_json, load_json
from calypso_api._read import as_date, as_datetime
from calypso_api._records import Reader
from calypso_api.models import Transaction, TransactionPage
from tests.generated.test_fast import COUNTS, ROW, both, joined, page
from tests.generated.test_models import SAMPLES
from tests.properties import examples
from tests.rows import rows

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EVE = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@rows(
    "value, moment",
    [
        ("2016-12-31t23:59:59z", EVE),
        ("2016-12-31T23:59:60Z", EVE + timedelta(seconds=1)),
        ("2016-12-31T23:59:60.25+00:00", EVE + timedelta(seconds=1.25)),
        ("2016-12-31t23:59:60", EVE + timedelta(seconds=1)),
        ("2016-12-31T24:00:00Z", EVE + timedelta(seconds=1)),
        ("2016-12-31T24:00", EVE + timedelta(seconds=1)),
        ("2016-12-31T23:59:59Z[UTC]", EVE),
        ("2016-12-31t23:59:60z[Etc/GMT+0]", EVE + timedelta(seconds=1)),
        ("2017-01-01T00:59:59+01:00[Europe/Berlin]", EVE),
        (1483228799000, EVE),
        (Decimal("1483228799000.0"), EVE),
        (10**11, EPOCH + timedelta(milliseconds=10**11)),
        (-(10**11), EPOCH - timedelta(milliseconds=10**11)),
        ([2016, 12, 31, 23, 59], EVE.replace(second=0)),
        ([2016, 12, 31, 23, 59, 59], EVE),
        ([2016, 12, 31, 23, 59, 59, 999], EVE),
        ([2016, 12, 31, 23, 59, 59, 123456789], EVE.replace(microsecond=123456)),
    ],
)
def test_odd_forms_of_a_time_are_read_as_the_moment_that_they_name(
    value: object, moment: datetime
) -> None:
    """Among them what Java writes: milliseconds since 1970, arrays, and the name of a zone."""
    assert as_datetime(value, "Model.field") == moment


@rows(
    "value",
    [
        "2016-12-31T24:00:01Z",
        "2016-12-31T23:59:61Z",
        "9999-12-31T23:59:60Z",
        "",
        "t",
        "24",
        "2016-12-31T23:59:59[Europe/Berlin]",
        "2016-12-31T23:59:59Z[]",
        "2016-12-31T23:59:59[UTC]Z",
        10**11 - 1,
        1 - 10**11,
        0,
        10**17,
        Decimal("1483228799000.5"),
        True,
        None,
        {},
        [],
        [2016, 12, 31],
        [2016, 12, 31, 23],
        [2016, 12, 31, 23, 59, 59, 0, 0],
        [2016, 12, 31, 23, 59, 59, -1],
        [2016, 12, 31, 23, 59, 59, 10**9],
        [2016, 13, 31, 23, 59],
        [2016, 12, 31, 23, "59"],
        [2016, 12, 31, 23, True],
        [10**30, 12, 31, 23, 59],
    ],
)
def test_what_is_not_a_moment_is_rejected(value: object) -> None:
    """A number that is near to 1970, for seconds would be, and the name of a zone alone."""
    with pytest.raises(DecodeError, match=r"Model\.field: expected an ISO 8601 date-time"):
        as_datetime(value, "Model.field")


@given(st.datetimes())
def test_a_moment_is_the_same_in_each_form_that_java_writes(local: datetime) -> None:
    """To the millisecond as a number, which is not taken so near to 1970 as to be seconds."""
    moment = local.replace(tzinfo=UTC)
    array = [*local.timetuple()[:6], local.microsecond * 1000]
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)

    assert as_datetime(array, "Model.field") == moment
    assert as_datetime(f"{moment.isoformat()}[Etc/UTC]", "Model.field") == moment
    if abs(milliseconds) >= 10**11:
        whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        assert as_datetime(milliseconds, "Model.field") == whole


@rows(
    "value, read",
    [
        ("2016-12-31", EVE.date()),
        ([2016, 12, 31], EVE.date()),
        ([2016, 12], None),
        ([2016, 12, 31, 0], None),
        ([2016, 12, 32], None),
        ([2016, 12, "31"], None),
        (1483228799000, None),
        ("", None),
    ],
)
def test_a_date_is_text_or_an_array_of_three(value: object, read: date | None) -> None:
    if read is not None:
        assert as_date(value, "Model.field") == read
    else:
        with pytest.raises(DecodeError, match=r"Model\.field: expected an ISO 8601 date, got"):
            as_date(value, "Model.field")


def test_no_text_takes_long_to_be_no_time() -> None:
    """Neither does one of a megabyte, which a search from each of its places would."""
    for text in ("x" * 1_000_000, "2016-12-31T" + "0" * 1_000_000, "1" * 1_000_000):
        with pytest.raises(DecodeError):
            as_datetime(text, "Model.field")


@given(st.text(max_size=40) | st.text("0123456789-:.tTzZ+", max_size=32))
def test_any_text_is_an_aware_time_or_a_decode_error(text: str) -> None:
    with contextlib.suppress(DecodeError):
        assert as_datetime(text, "Model.field").tzinfo is not None


ODD_TIMES: list[Any] = [
    "2016-12-31t23:59:59z",
    "2016-12-31T23:59:60Z",
    "2016-12-31T24:00Z",
    "2016-12-31 23:59:59+00:00",
    "20161231T235959Z",
    "20161231T23Z",
    "2016-W52-6T23Z",
    "2016-12-31Z",
    "2016-12-31",
    "20161231",
    "2016-12-31T23:59:59",
    "2016-12-31T23:59:59+23:59:59.999999",
    "2016-12-31T23:59:59+24:00",
    "2016-12-31T23:59:59.1234567891Z",
    f"2016-12-31T23:59:59.{'1' * 79}Z",
    f"2016-12-31T23:59:59.{'1' * 80}Z",
    f"2016-12-31T23:59:59.{'1' * 100_000}Z",
    "2016-12-31T23:59:59Z[UTC]",
    "2016-12-31T23:59:59\ud800Z",
    "2016-12-31T23:59:59\x00Z",
    "9999-12-31T23:59:60Z",
    "9999-12-31T24:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "\u0661\u0662016-12-31T23:59:59Z",
    "148322879900",
    "1483228799000",
    "14832287990000",
    "148322879900000",
    1483228799000,
    Decimal(1483228799000),
    Decimal("NaN"),
    [2016, 12, 31, 23, 59],
    [],
    {},
    True,
    "",
    "Z",
]
times = (
    st.sampled_from(ODD_TIMES)
    | st.none()
    | st.datetimes(timezones=st.none() | st.just(UTC)).map(datetime.isoformat)
    | st.text("0123456789-:.,tTzZW+", max_size=32)
    | st.text(max_size=20)
    | st.integers()
    | st.lists(st.integers(0, 60), max_size=8)
)


def read_as_any(value: Any) -> datetime | None:
    """Return what a field with this value is by itself."""
    with contextlib.suppress(DecodeError):
        return None if value is None else as_datetime(value, "Model.field")
    return None


def seen(moment: datetime | None) -> object:
    # Equal times may have other zones.
    return repr(moment)


@given(st.lists(times, max_size=6))
@examples(300)
def test_times_of_many_objects_are_read_as_each_is_alone(values: list[Any]) -> None:
    """The same forms as the same moments, also of an event's data; what is unreadable is kept."""
    whole = SAMPLES[Transaction]
    rows_ = [whole | {"createdDate": value} for value in values]

    found = TransactionPage.from_dict({"result": rows_}).result

    for value, row in zip(values, found, strict=True):
        expected = read_as_any(value)
        assert seen(row.created_date) == seen(expected)
        assert row.additional_properties == (
            {} if expected or value is None else {"createdDate": value}
        )
        assert row == Transaction.from_dict(whole | {"createdDate": value})


@given(st.lists(times, max_size=4))
@examples(100)
def test_times_that_an_object_needs_are_read_in_the_same_forms(
    kinds: Any, values: list[Any]
) -> None:
    """Or the row is unreadable, with the same error in bulk and alone."""
    decode = import_module(f"{kinds.__name__}.operations.odd_things").LIST_SHIFTS.decode
    problems, expected = [], []
    for number, value in enumerate(values):
        try:
            expected.append(seen(as_datetime(value, "Shift.begin")))
        except DecodeError as error:
            problems.append(f"list[Shift][{number}]: {error}")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    problem = ""
    try:
        found = decode([{"begin": value, "end": value} for value in values])
    except kinds.RowsError as error:
        found, problem = error.partial, str(error)

    assert problem == (f"{problems[0]}{more}" if problems else "")
    assert [seen(each.begin) for each in found] == expected
    assert [seen(each.end) for each in found] == expected


@rows("content", [json.dumps(each) for each in ODD_TIMES if not isinstance(each, Decimal)])
def test_msgspec_reads_the_same_times(content: str) -> None:
    """Each odd form in a page with usual ones, from the bytes."""
    usual = joined([*ROW.items()])
    odd = joined([*(ROW | {"createdDate": content.encode()}).items()])
    whole = joined([("result", b"[%s,%s,%s]" % (usual, odd, usual)), *COUNTS.items()])

    plain, fast = both(page, whole)

    assert plain == fast
    expected = read_as_any(load_json(content))
    assert seen(page(whole).result[1].created_date) == seen(expected)
    assert isinstance(page(whole).result[2].created_date, datetime)


class Text(str):
    """Text of a user's own class."""

    __slots__ = ()


@rows(
    "value",
    [Text("2016-12-31T23:59:59Z"), Text("2016-12-31T23:59:60Z"), Text("148322879900"), Text("x")],
)
def test_text_of_another_class_is_the_same_time(value: Any) -> None:
    [row] = TransactionPage.from_dict(
        {"result": [SAMPLES[Transaction] | {"createdDate": value}]}
    ).result

    assert seen(row.created_date) == seen(read_as_any(value))


class Slow(str):
    """A text during whose reading a signal arrives."""

    __slots__ = ()

    def __len__(self) -> int:
        signal.raise_signal(signal.SIGUSR1)
        return super().__len__()


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


@define
class Loose:
    """A model with an essential field of any type, which no reader rejects."""

    thing: Any
    other: Any = None
    additional_properties: dict[str, Any] = field(init=False, factory=dict)


def make(rows: Any, found: list[Any], /) -> None:
    found.extend(Loose(*row) for row in rows)


@rows(
    "row",
    [
        {},
        {"other": 1},
        {"new": 2},
        {"other": 1, "new": 2},  # as many fields as the model has
        {"other": 1, "new": 2, "newer": 3},
    ],
)
def test_an_essential_field_of_any_type_that_is_absent_is_noticed(row: dict[str, Any]) -> None:
    reader = Reader(Loose, make, ("thing", "other"), frozenset({"thing"}))
    with pytest.raises(DecodeError, match=r"thing: required, but absent"):
        reader.one(row)

    assert reader.one(row | {"thing": None}).thing is None
