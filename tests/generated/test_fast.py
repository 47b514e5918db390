"""With msgspec the same JSON is accepted, and read as the same values, as without it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import DecodeError, RowsError, _engine, _json
from calypso_api._json import fast_reader, load_json, only_once
from calypso_api.models import Transaction, TransactionPage
from calypso_api.operations.transactions import FIND_TRANSACTIONS, GET_TRANSACTION
from tests.properties import examples
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROW = {
    "id": b'"804c5026-8c89-4dd5-acac-777cefc249be"',
    "amount": b"1500.750",
    "currency": b'"USDT_TRX"',
    "transactionState": b'"CONFIRMED"',
    "addressFrom": b'"TXVB2pNgQSvQucWGFpnkWUUEjo4Bz16Src"',
    "complianceState": b'"CHECKED"',
    "translationToAccountCompleted": b"true",
    "createdDate": b'"2026-11-02T10:53:50.356Z"',
    "transactionHash": b'"f2"',
}
COUNTS = {"page": b"1", "size": b"2", "total": b"1", "totalElements": b"2"}

# What readers of JSON differ in.
FRAGMENTS = [
    *b'[ ] { } , : " \\ - + . e E 0 1 9 true false null nul NaN Infinity -Infinity'.split(),
    *b"0x1 1_0 01 -01 1. .5 1e 1e+ -0 -00 -0.0 0e1 1E+2 1e2 1e400 1e-400 1e1001 1.10".split(),
    *[b"1e999999999999999999999", b"1e-999999999999999999999", b"1." + b"9" * 4_400],
    *[b"9" * 19, b"9" * 20, b"9" * 30, b"9" * 4_300, b"-" + b"9" * 4_300, b"9" * 4_301],
    *[b"9223372036854775808", b"18446744073709551616", b"-9223372036854775809"],
    *[rb'"\ud800"', rb'"\udc00\ud800"', rb'"\ud83d\ude00"', rb'"\ud83dx"', rb'"\ud83d\u0041"'],
    *[rb'"\u0000"', rb'"\u12"', rb'"\u+123"', rb'"\u 12"', rb'"\u1_23"', rb'"\x"', rb'"\u00E9"'],
    *[rb'"\/\b\f\n\r\t\"\\"', b'"\x00"', b'"\x1f"', b'"\x7f"', b'"\t"', b'"\n"', b'"\xff"'],
    *[
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        b'"\xf4\x90\x80\x80"',
        b'"\xe2\x82"',
        b'"\xf0\x9f\x98\x80"',
    ],
    *[b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\x0b", b"\x0c", b"\xc2\xa0", b" ", b"\n\r\t", b"//"],
    *[b'{"a":1,"a":2}', rb'{"\u0061":1,"a":2}', b'{"a":{"a":1},"a":[]}', b"'a'", b"[1,]", b"{1:2}"],
    *[b"[]", b"{}", b'"1.5"', b'"true"', b'"NEW"', b'"2026-11-02"', b'"now"', b"1777777777777"],
]
fragments = st.sampled_from(FRAGMENTS)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
pieces = st.lists(fragments | st.binary(max_size=3), max_size=8).map(b"".join)
encodings = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-le"]
written = st.builds(
    lambda value, ascii_, encoding: json.dumps(value, ensure_ascii=ascii_).encode(
        encoding, "surrogatepass"
    ),
    values,
    st.booleans(),
    st.sampled_from(encodings),
)


def joined(members: list[tuple[str, bytes]]) -> bytes:
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), value) for name, value in members) + b"}"


@st.composite
def changed(draw: st.DrawFn, whole: dict[str, bytes]) -> bytes:
    """Return an object with a few members changed, left out, doubled, moved or added."""
    members = list(whole.items())
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        place = draw(st.integers(0, len(members) - 1))
        name = draw(st.sampled_from([members[place][0], "unknown", "errorCode", "amount", "page"]))
        value = draw(fragments | values.map(lambda value: json.dumps(value).encode()))
        change = draw(st.sampled_from([[(name, value)], [members[place], (name, value)], []]))
        members[place : place + 1] = change
        if not members:
            break
    return joined(members)


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    found = draw(st.lists(changed(ROW) | fragments, max_size=3))
    result = b"[" + b",".join(found) + b"]"
    return draw(changed({"result": result} | COUNTS))


@st.composite
def broken(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Return JSON in which bytes are replaced, removed or added."""
    content = draw(whole)
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.integers(0, 4))
        content = content[:start] + draw(fragments | st.binary(max_size=2)) + content[end:]
    return content


@contextmanager
def threshold(size: int) -> Iterator[None]:
    """Let msgspec read what is at least of this size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_json, "LARGE", size)
        patch.setattr(_engine, "LARGE", size)
        yield


def both(read: Callable[[bytes], Any], content: bytes) -> tuple[object, object]:
    """Return the result without msgspec, and with it."""
    with threshold(sys.maxsize):
        plain = outcome(read, content)
    with threshold(0):
        return plain, outcome(read, content)


def outcome(read: Callable[[bytes], Any], content: bytes) -> object:
    try:
        return shape(read(content))
    except RowsError as error:
        return type(error), str(error), shape(error.partial), shape(list(error.rows))
    except Exception as error:  # noqa: BLE001 - it has to be the same
        return type(error), str(error)


def shape(value: Any) -> object:
    """Return the whole value with all types: 1, True and Decimal(1) are equal, and -0 is 0."""
    if isinstance(value, dict):
        return type(value), [(shape(name), shape(item)) for name, item in value.items()]
    if isinstance(value, list):
        return type(value), [shape(item) for item in value]
    if attrs.has(type(value)):
        return type(value), [shape(getattr(value, f.name)) for f in attrs.fields(type(value))]
    return type(value), repr(value)


def page(content: bytes) -> Any:
    """Read a page as the client does."""
    found = FIND_TRANSACTIONS.read_large(content)
    return FIND_TRANSACTIONS.decode(load_json(content)) if found is None else found  # type: ignore[misc]


def row(content: bytes) -> Any:
    found = GET_TRANSACTION.read_large(content)
    return GET_TRANSACTION.decode(load_json(content)) if found is None else found  # type: ignore[misc]


@given(pieces | written | broken(written) | fragments)
@examples(400)
def test_any_json_is_the_same_value_or_the_same_error(content: bytes) -> None:
    """Value, type and message; whether or not it is JSON at all."""
    plain, fast = both(load_json, content)

    assert plain == fast


@given(pages() | broken(pages()))
@examples(400)
def test_any_page_is_the_same_object_or_the_same_error(content: bytes) -> None:
    """Unknown fields, odd values, doubled names, unreadable rows, and JSON that breaks off."""
    plain, fast = both(page, content)

    assert plain == fast


@given(st.lists(changed(ROW), max_size=4))
@examples(200)
def test_rows_of_a_list_are_read_as_each_is_alone(contents: list[bytes]) -> None:
    """In bulk or not: with absent, unknown and odd fields, and unreadable rows among them."""
    with contextlib.suppress(DecodeError):
        documents = [load_json(content) for content in contents]
        alone, lost = [], []
        for document in documents:
            try:
                alone.append(shape(Transaction.from_dict(document)))
            except DecodeError:
                lost.append(document)

        try:
            found, unread = TransactionPage.from_dict({"result": documents}).result, []
        except RowsError as error:
            found, unread = error.partial.result, list(error.rows)

        assert [shape(each) for each in found] == alone
        assert unread == lost


@given(changed(ROW) | broken(changed(ROW)))
@examples(200)
def test_any_single_object_is_the_same_or_the_same_error(content: bytes) -> None:
    plain, fast = both(row, content)

    assert plain == fast


@rows("content", FRAGMENTS)
def test_each_value_that_readers_differ_in(content: bytes) -> None:
    """Alone, in an array, as a value, twice, and as a field of a row."""
    for whole in (content, b"[" + content + b"]", b'{"k":' + content + b',"k":1}'):
        plain, fast = both(load_json, whole)
        assert plain == fast
    for name in ROW:
        result = b"[%s,%s]" % (
            joined(list(ROW.items())),
            joined([*(ROW | {name: content}).items()]),
        )
        plain, fast = both(page, joined([("result", result), *COUNTS.items()]))
        assert plain == fast


@rows("start, end", [(b"[", b"]"), (b'{"a":', b"}")])
@rows("inside", [b"%s", b'{"result":[],"page":%s}', b'{"result":[],"unknown":%s}'])
def test_the_deepest_nesting_is_the_same(start: bytes, end: bytes, inside: bytes) -> None:
    """To the level: what only msgspec read would depend on the extra."""

    def nested(depth: int) -> bytes:
        return inside % (start * depth + b"1" + end * depth)

    def kind(content: bytes) -> type[Any]:
        return type(load_json(content))

    def page_kind(content: bytes) -> type[Any]:
        return type(page(content))

    def is_read(depth: int) -> bool:
        with threshold(sys.maxsize):
            return DecodeError not in outcome(kind, nested(depth))  # type: ignore[operator]

    low, high = 1, 200_000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_read(middle) else (low, middle)
    for depth in range(low - 20, low + 20):
        for read in (kind, page_kind):
            plain, fast = both(read, nested(depth))
            assert plain == fast


@rows("limit", [640, 5_000, 0])
def test_the_limit_on_digits_of_an_integer_is_the_interpreters(limit: int) -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(limit)
    try:
        for digits in (639, 640, 641, 4_300, 4_301, 5_000, 5_001):
            plain, fast = both(load_json, b"9" * digits)
            assert plain == fast
    finally:
        sys.set_int_max_str_digits(before)


def test_a_usual_page_is_read_by_msgspec() -> None:
    """And one with an unknown field is left to the other way, which keeps it."""
    usual = joined([("result", b"[" + joined(list(ROW.items())) + b"]"), *COUNTS.items()])
    odd = usual.replace(b'"page"', b'"pages":3,"page"')

    with threshold(0):
        found = FIND_TRANSACTIONS.read_large(usual)
        assert isinstance(found, TransactionPage)
        assert found.result[0].amount == Decimal("1500.750")
        assert FIND_TRANSACTIONS.read_large(odd) is None
    assert FIND_TRANSACTIONS.read_large(usual) is None


def test_large_json_is_decoded_by_msgspec(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the threshold on, unless members of the same name have to be noticed."""
    fast: Any = fast_reader()
    monkeypatch.setattr(fast, "load", lambda _: "by msgspec")
    content = b"[" + b" " * (_json.LARGE - 2) + b"]"

    assert load_json(content) == "by msgspec"
    assert load_json(content[:-2] + b"]") == load_json(content, only_once) == []


def test_objects_of_a_page_share_nothing() -> None:
    """A field that is added to one is not in another."""
    content = joined([("result", b"[" + b",".join([joined([*ROW.items()])] * 2) + b"]")])
    for size in (0, sys.maxsize):
        with threshold(size):
            first, second = page(content).result
        first.additional_properties["mark"] = 1
        assert second.additional_properties == {}


CALL = """
import sys
{before}
from calypso_api._json import load_json
from calypso_api.operations.transactions import FIND_TRANSACTIONS as find
content = b'{{"result": []}}' + b" " * 5000
assert "msgspec" not in sys.modules or sys.modules["msgspec"] is None
assert (find.read_large(content) is None) is {absent}
assert load_json(content) == {{"result": []}}
load_json(content[:100])
assert ("msgspec" in sys.modules and sys.modules["msgspec"] is not None) is not {absent}
"""


@rows("before, absent", [("", False), ('sys.modules["msgspec"] = None', True)])
def test_msgspec_is_optional_and_imported_with_the_first_large_body(
    before: str, absent: bool
) -> None:
    code = CALL.format(before=before, absent=absent)
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
