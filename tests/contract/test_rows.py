"""A page of a search is checked against its request and for consistency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.contract import rows as checked
from tests.rows import rows

if TYPE_CHECKING:
    from tests.contract.rows import PageCheck

    Json = dict[str, Any]


def row(number: int = 1, **others: Any) -> Json:
    return {
        "id": f"{number}",
        "amount": Decimal(number),
        "currency": "USDT_TRX",
        "transactionState": "CONFIRMED",
        "complianceState": "CHECKED",
        "translationToAccountCompleted": True,
        "createdDate": f"2026-11-0{number}T09:00:00.000Z",
        **others,
    }


def page(*shown: Json, **others: Any) -> Json:
    count = len(shown)
    numbers = {"page": 0, "size": 20, "total": -(-count // 20), "totalElements": count}
    return {"result": list(shown), **numbers, **others}


def fields(check: PageCheck, asked: Json, shown: Json, *, base: int = 0) -> list[str]:
    return [field for field, _ in check(asked, shown, base=base, usual=20)]


@rows(
    ("asked", "shown", "base", "wrong"),
    [
        ({}, page(), 0, []),
        ({}, page(total=1), 0, []),
        ({}, page(page=1), 1, []),
        ({}, page(row(1), row(2)), 0, []),
        ({}, page(row(1), row(1)), 0, ["result"]),
        ({}, page(row(1), total=2), 0, ["total"]),
        ({}, page(row(1), totalElements=2), 0, ["result"]),
        ({"pageSize": 2}, page(row(1), row(2), size=2, total=2, totalElements=3), 0, []),
        ({"pageSize": 2}, page(row(1), row(2)), 0, ["size"]),
        # A size above the default may be limited, if the numbers fit.
        ({"pageSize": 50}, page(row(1)), 0, []),
        ({"pageSize": 50}, page(row(1), size=10), 0, ["size"]),
        ({"pageNumber": 1}, page(row(1), page=1), 1, []),
        ({"pageNumber": 1}, page(row(1)), 1, ["page"]),
        ({"pageNumber": 1}, page(row(1), page=1), 0, ["result"]),
        ({"pageNumber": 1}, page(page=1, total=1, totalElements=20), 0, []),
        ({"pageNumber": 1}, page(page=1, total=2, totalElements=21), 0, ["result"]),
    ],
)
def test_numbers_have_to_fit(asked: Json, shown: Json, base: int, wrong: list[str]) -> None:
    assert fields(checked.count_faults, asked, shown, base=base) == wrong


@rows(
    ("others", "wrong"),
    [
        ({}, []),
        ({"amount": 0}, []),
        ({"amount": Decimal("-0.1")}, ["result[0].amount"]),
        ({"translationToAccountCompleted": False}, []),
        ({"complianceState": "IN_PROGRESS"}, ["result[0].complianceState"]),
        (
            {"transactionState": "DECLINED", "complianceState": "DECLINE"},
            ["result[0].translationToAccountCompleted"],
        ),
        # Unknown values are ignored.
        ({"transactionState": "REFUNDED"}, []),
        ({"complianceState": "WAIVED"}, []),
    ],
)
def test_a_row_must_not_contradict_itself(others: Json, wrong: list[str]) -> None:
    assert fields(checked.row_faults, {}, page(row(1, **others))) == wrong


@rows(
    ("conditions", "passing"),
    [
        ({"equals": "BTC"}, False),
        ({"notEquals": "BTC"}, True),
        ({"in": []}, False),
        ({"in": ["BTC", "USDT_TRX"]}, True),
        ({"notIn": ["USDT_TRX"]}, False),
        ({"contains": "usdt"}, True),
        ({"contains": "T.T"}, False),
        ({"doesNotContain": "trx"}, False),
        ({"specified": True}, True),
        ({"specified": False}, False),
        ({"equals": "USDT_TRX", "notIn": ["USDT_TRX"]}, False),
    ],
)
def test_a_filter_excludes_some_rows_and_includes_others(
    conditions: Json, *, passing: bool
) -> None:
    asked, known = {"currencyFilter": conditions}, {"1": row(1)}

    assert fields(checked.filter_faults, asked, page(row(1))) == (
        [] if passing else ["result[0].currency"]
    )
    assert fields(checked.missing(known), asked, page()) == (["result"] if passing else [])


def test_a_deposit_in_progress_or_beyond_a_full_page_may_be_missing() -> None:
    pending = row(1, transactionState="PENDING_COMPLIANCE_CHECK")
    asked = {"transactionStateFilter": {"notEquals": "CONFIRMED"}}

    assert fields(checked.missing({"1": pending}), asked, page()) == []
    assert fields(checked.missing({"1": row(1)}), {}, page(row(2), totalElements=2)) == []


LONG = Decimal("12345678901234567.123456789012345678")


@rows(
    ("properties", "values", "sort", "ordered"),
    [
        ("amount", (Decimal(9), Decimal(10)), "ASC", True),
        ("amount", (Decimal(9), Decimal(10)), "DESC", False),
        ("amount", (LONG, LONG), "ASC", True),
        ("amount", (LONG, LONG - Decimal("1E-18")), "ASC", False),
        ("createdDate", ("2026-11-02T09:00:00Z", "2026-11-02T10:00:00+02:00"), "ASC", False),
        ("createdDate", ("2026-11-02T09:00:00.0000001Z", "2026-11-02T09:00:00Z"), "ASC", False),
        ("createdDate", ("2026-11-02T09:00:00.22Z", "2026-11-02T10:00:00.220+01:00"), "ASC", True),
        ("currency", ("BTC", "ETH", "BTC"), "ASC", False),
        # Databases differ in how they order underscores and capitals.
        ("currency", ("USDT_TRX", "USDTX"), "ASC", True),
        ("currency", ("USDTX", "USDT_TRX"), "ASC", True),
        # The values of an enum may be in any order, but equal ones together.
        ("transactionState", ("DECLINED", "CONFIRMED"), "ASC", True),
        ("transactionState", ("DECLINED", "CONFIRMED", "DECLINED"), "ASC", False),
        # A missing field is ignored.
        ("transactionHash", (None, "a", None), "ASC", True),
    ],
)
def test_rows_have_to_be_in_order(
    properties: str, values: tuple[Any, ...], sort: str, *, ordered: bool
) -> None:
    asked = {"properties": properties, "sort": sort}
    shown = page(*(row(number, **{properties: each}) for number, each in enumerate(values, 1)))

    assert (fields(checked.order_faults, asked, shown) == []) is ordered


def test_the_second_field_orders_rows_that_the_first_leaves_equal() -> None:
    asked = {"properties": "currency,amount", "sort": "DESC"}
    first, second, third = row(1, currency="ETH"), row(2, currency="BTC"), row(3, currency="BTC")

    assert fields(checked.order_faults, asked, page(first, third, second)) == []
    assert fields(checked.order_faults, asked, page(first, second, third)) == ["result[2].amount"]


def test_no_row_may_come_later_than_its_position() -> None:
    asked = {"properties": "amount", "sort": "ASC"}
    known = {f"{number}": row(number) for number in (1, 2, 3)}

    assert fields(checked.overtaken(known), asked, page(row(1), row(2))) == []
    assert fields(checked.overtaken(known), asked, page(row(1), row(3))) == ["result[1]"]
    assert fields(checked.overtaken(known, ["2"]), asked, page(row(1), row(3))) == []
    assert fields(checked.follows([row(2)]), asked, page(row(3))) == []
    assert fields(checked.follows([row(2)]), asked, page(row(1))) == ["result[1].amount"]


ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
ACCOUNT = f"0x{'aB' * 20}"


@rows(
    ("one", "other", "same"),
    [
        ("2026-11-02T09:00:00.22Z", "2026-11-02T12:00:00.220000000+03:00", True),
        ("2026-11-02T09:00:00Z", "2026-11-02t09:00:00.000z", True),
        ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00", True),
        ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00+03:00", False),
        ("2026-11-02T09:00:00.22Z", "2026-11-02T09:00:00.220000001Z", False),
        ("2026-11-02T09:00:00.1Z", "2026-11-02T09:00:00.01Z", False),
        ("0001-01-01T00:00:00+23:00", "0001-01-01T00:00:00+22:00", False),
        ("2026-13-02T09:00:00Z", "2026-13-02t09:00:00z", False),
        (ID, ID.upper(), True),
        (ID, f"{ID[:-1]}7", False),
        (ACCOUNT, ACCOUNT.lower(), True),
        (ACCOUNT, f"{ACCOUNT[:-1]}A", False),
        # Other addresses, texts and secrets are case-sensitive.
        ("TM92mD1U", "TM92MD1U", False),
        ({"secretKey": ID}, {"secretKey": ID.upper()}, False),
        ({"list": [{"id": ID}]}, {"list": [{"id": ID.upper()}]}, True),
        (Decimal("1.50"), Decimal("15E-1"), True),
        (100, Decimal("1E+2"), True),
        (0, Decimal("-0.00"), True),
        (LONG, LONG + Decimal("1E-18"), False),
        (Decimal("1E+999999"), Decimal("1E+999998"), False),
        (True, "true", False),
        (None, None, True),
    ],
)
def test_equal_values_have_one_normal_form(one: object, other: object, *, same: bool) -> None:
    assert (checked.plain(one) == checked.plain(other)) is same
    assert (str(checked.plain(one)) == str(checked.plain(other))) is same


def test_whole_numbers_are_read_in_any_form_up_to_a_limit() -> None:
    read = [checked.whole(Decimal(text)) for text in ("57.0", "2E+1", "0.5", "1E+99999999")]

    assert read == [57, 20, None, None]
    assert [checked.whole(each) for each in (3, True, "3", None)] == [3, None, None, None]


def test_a_row_is_the_same_however_its_id_is_written() -> None:
    lower, upper = row(1, id=ID), row(1, id=ID.upper())

    assert fields(checked.count_faults, {}, page(lower, upper)) == ["result"]
    assert fields(checked.missing({ID: lower}), {}, page(upper)) == []
    assert fields(checked.overtaken({ID: lower}), {}, page(upper)) == []


TRON = {"id": "a", "address": f"T{'M' * 33}", "createdDate": "2026-11-01T08:00:00Z"}
LIVE, CLOSED = {**TRON, "status": "PENDING_PAYMENT"}, {**TRON, "status": "DECLINED", "id": "b"}


@rows(
    ("purses", "deposits", "declined", "wrong"),
    [
        ([], [], 0, []),
        ([LIVE, CLOSED], [row(1)], 1, []),
        ([TRON], [row(1)], 1, []),
        ([], [row(1)], 0, ["body", "[].address"]),
        ([LIVE, LIVE], [row(1)], 0, ["[].id"]),
        ([LIVE], [row(1)], 1, ["[].status"]),
        ([CLOSED], [row(1)], 0, ["[0].status"]),
        ([LIVE], [row(1, createdDate="2026-11-01T07:59:59Z")], 0, ["[].createdDate"]),
        ([LIVE], [row(1, currency="ETH")], 0, ["[].address"]),
        ([LIVE], [row(1, currency="NEW")], 0, []),
    ],
)
def test_purses_have_to_fit_the_deposits(
    purses: list[Json], deposits: list[Json], declined: int, wrong: list[str]
) -> None:
    assert [field for field, _ in checked.purse_faults(purses, deposits, declined)] == wrong
