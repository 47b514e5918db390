"""What the vendor changes is found under its kind, place and effect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.drift import layouts
from tests.drift.compared import changed, document, facts, found, short
from tests.rows import rows
from tools.drift.compare import compare

ADDITION, BREAKING, INFORMATION = "addition", "breaking", "information"


@rows("change", layouts.table("changes.yaml"))
def test_a_change_is_found_under_its_kind_place_and_effect(change: dict[str, Any]) -> None:
    page = change["page"]
    differences = short(changed(layouts.PAGES[page], change["old"], change["new"], page))
    assert (change["kind"], change["where"], change["effect"]) in differences
    expected = {change["kind"], "value-removed", *change.get("also", ())}
    others = [each for each in differences if each[0] not in expected]
    assert others == []


@rows("change", layouts.table("harmless.yaml"))
def test_a_harmless_change_raises_nothing(change: dict[str, str]) -> None:
    page = change["page"]
    assert short(changed(layouts.PAGES[page], change["old"], change["new"], page)) == []


def test_a_figure_is_reported_with_what_stood_there_at_first_sight_too() -> None:
    (difference,) = found(layouts.OVERVIEW.replace("19 retries", "12 retries"), name="o.txt")
    assert (difference.kind, difference.old, difference.new) == (
        "figure",
        "19 retries",
        "12 retries",
    )


def test_a_recorded_absence_does_not_hide_that_a_field_is_no_longer_required() -> None:
    """The document records that one page lacks addressFrom."""
    (difference,) = changed(layouts.REFERENCE, '"addressFrom","currency"', '"currency"')
    assert (difference.kind, difference.new) == ("required", "optional")


def test_what_the_document_records_of_other_pages_is_no_difference() -> None:
    pattern = '"account":{"pattern":"^0x[0-9a-fA-F]{40}$","type":"string"'
    page = layouts.REFERENCE.replace('"account":{"type":"string"', pattern)
    assert short(found(page)) == []
    assert short(found(page, layouts.REFERENCE)) == []


def test_nothing_stops_working_where_the_document_has_nothing_of_it() -> None:
    head = "Rate API\n\nPOST /api/v1/rate HTTP/1.1\nHost: api.calypso.finance\n\n"
    page = f'{head}{{}}\n{{\n  "rate": 1\n}}\n'
    (difference,) = changed(page, '"rate": 1', '"rates": 1', "r.txt")[:1]
    assert difference.effect != BREAKING
    assert "Nothing stops working" in difference.meaning


def test_an_operation_that_the_page_adds_is_one_difference() -> None:
    post = layouts.REFERENCE.index('{"post":')
    added = '"/api/v1/customer-purse/transaction/cancel":{"post":{"responses":{"200":{}}}},'
    start = layouts.REFERENCE.index('"/api/v1/customer-purse/transaction/get"')
    assert start < post
    page = layouts.REFERENCE[:start] + added + layouts.REFERENCE[start:]
    where = "POST /api/v1/customer-purse/transaction/cancel"
    assert short(found(page)) == [("operation-added", where, ADDITION)]
    assert short(found(page, layouts.REFERENCE)) == [("operation-added", where, ADDITION)]
    assert short(found(layouts.REFERENCE, page)) == [("operation-removed", where, INFORMATION)]


@pytest.mark.parametrize("size", [400, 700, 1500])
def test_what_is_behind_the_end_of_a_page_that_breaks_off_is_not_gone(size: int) -> None:
    cut = facts(layouts.REFERENCE[:size], "page.md")
    whole = facts(layouts.REFERENCE, "page.md")
    assert short(compare(cut, document(), whole, is_whole=False)) == []
    assert short(compare(cut, document(), None, is_whole=False)) == []


def test_curly_quotes_are_quotes() -> None:
    page = f'{layouts.OVERVIEW}\nCall it with "account/id" in the body.\n'
    assert changed(page, '"account/id"', "\u201caccount/id\u201d", "o.txt") == []


def test_a_value_that_a_table_loses_is_found_though_a_sample_has_it() -> None:
    body = '{"id": "1", "amount": 1, "currency": "BTC", "transactionState": "DECLINED"}'
    row = "<tr><td>DECLINED</td><td>DECLINE</td><td>Refused.</td></tr>"
    differences = short(changed(f"{layouts.PAGES['states.md']}\n```json\n{body}\n```\n", row, ""))
    assert ("value-removed", "TransactionState", BREAKING) in differences


def test_another_algorithm_of_signing_is_found_at_first_sight() -> None:
    page = layouts.PAGES["authentication.md"].replace("HMAC-SHA512", "HMAC-SHA256")
    (difference,) = found(page)
    assert (difference.kind, difference.new, difference.effect) == (
        "security",
        "HMAC-SHA256",
        BREAKING,
    )


def test_a_field_that_a_sentence_announces_is_found_at_first_sight() -> None:
    words = "Use the POST /api/v1/account method."
    page = layouts.PAGES["balances.txt"].replace(words, f"{words} It requires the field network.")
    where = "POST /api/v1/account request network"
    assert short(found(page, name="b.txt")) == [("field-added", where, BREAKING)]


@pytest.mark.parametrize(
    ("page", "old", "new", "expected"),
    [
        ("authentication.md", "3 minutes", "30 seconds", ("figure", "3 minutes", BREAKING)),
        ("errors.md", "Wrong sign ", "Suspended  ", ("error-changed", "Wrong sign", INFORMATION)),
        ("purse.txt", "api.calypso.finance", "g.calypso.io", ("operation-moved", None, BREAKING)),
    ],
)
def test_what_the_document_knows_otherwise_is_found_at_first_sight(
    page: str, old: str, new: str, expected: tuple[str, str | None, str]
) -> None:
    differences = found(layouts.PAGES[page].replace(old, new), name=page)
    assert expected in [(each.kind, each.old, each.effect) for each in differences]


def test_a_call_of_a_reference_with_the_fields_of_one_that_is_gone_is_that_one() -> None:
    body = '{"account": "a", "timestamp": 1, "payload": {"requestId": "b"}}'
    page = f"Webhook API\n\nPOST /api/v1/webhook/cancel HTTP/1.1\nKey: a\nSign: b\n\n{body}\n"
    moved = page.replace("/webhook/cancel", "/subscription/webhook/cancel")
    where = "POST /api/v1/subscription/webhook/cancel"
    assert short(found(moved, name="p.txt")) == [("operation-moved", where, BREAKING)]
    assert short(found(page, name="p.txt")) == []


@pytest.mark.parametrize("name", ["customer-purse/customer/suspend", "customer-purse/client/block"])
def test_guides_may_leave_out_the_start_of_a_path(name: str) -> None:
    known = "Block it - POST **customer-purse/customer/block**."
    page = f"# How to create a Customer\n\nCalypso.\n\n* {known}\n"
    new = page.replace("customer-purse/customer/block", name)
    assert short(found(new, page)) == [("operation-moved", f"POST {name}", BREAKING)]
    assert short(found(new)) == [("operation-added", f"POST {name}", ADDITION)]
    assert short(found(page)) == []
