"""What the vendor changes is found under its kind, place and effect."""

from __future__ import annotations

import pytest

from tests.drift import layouts
from tests.drift.compared import changed, found, short
from tests.drift.layouts import ACCOUNT, FIND, GET
from tests.rows import rows

ADDITION, BREAKING, INFORMATION = "addition", "breaking", "information"

HASH = '"transactionHash":{"type":"string","description":"Its hash"}'
ADDRESS = "POST /api/v1/customer-purse/address/get"
CREATED = "POST /api/v1/customer-purse/customer/create"

# The page, what is replaced, by what, and the one difference.
CHANGES = [
    ("reference.md", HASH, f'{HASH},"fee":{{"type":"number"}}', "field-added", f"{GET} response fee", ADDITION),
    ("reference.md", f"{HASH},", "", "field-removed", f"{GET} response transactionHash", BREAKING),
    ("reference.md", '"amount","addressFrom"', '"addressFrom"', "required", f"{GET} response amount", BREAKING),
    ("reference.md", '["transactionId"]', "[]", "required", f"{GET} request payload.transactionId", INFORMATION),
    ("reference.md", '"int64"', '"int32"', "type", f"{GET} request timestamp", BREAKING),
    ("reference.md", '"amount":{"type":"number"}', '"amount":{"type":"string"}', "type", f"{GET} response amount", BREAKING),
    ("reference.md", '"amount":{"type":"number"}', '"amount":{"type":"number","nullable":true}', "type", f"{GET} response amount", BREAKING),
    ("reference.md", '"transactionId":{"type":"string"', '"transactionId":{"maxLength":36,"type":"string"', "bounds", f"{GET} request payload.transactionId", BREAKING),
    ("reference.md", '"currency":{"type":"string"}', '"currency":{"type":"string","default":"BTC"}', "default", f"{GET} response currency", INFORMATION),
    ("reference.md", '"currency":{"type":"string"}', '"currency":{"type":"string","deprecated":true}', "deprecated", f"{GET} response currency", INFORMATION),
    ("reference.md", "Its hash", "Its hash. Deprecated, use the id", "deprecated", f"{GET} response transactionHash", INFORMATION),
    ("reference.md", '"operationId"', '"deprecated":true,"operationId"', "deprecated", GET, INFORMATION),
    ("reference.md", '"operationId"', '"security":[{"bearer":[]}],"operationId"', "security", GET, BREAKING),
    ("reference.md", '"DECLINED","CONFIRMED"', '"DECLINED","CONFIRMED","LOST"', "value-added", f"{GET} response transactionState", ADDITION),
    ("reference.md", '"DECLINED",', "", "value-removed", f"{GET} response transactionState", BREAKING),
    ("reference.md", '{"name":"Sign"', '{"name":"Nonce","in":"header","required":true},{"name":"Sign"', "header", f"{GET} header Nonce", BREAKING),
    ("reference.md", '"400":', '"409":{"description":"Conflict"},"400":', "status-added", f"{GET} 409", ADDITION),
    ("reference.md", "/transaction/get", "/transaction/show", "operation-moved", GET.replace("/get", "/show"), BREAKING),
    ("reference.md", '{"post":', '{"put":', "operation-moved", GET.replace("POST", "PUT"), BREAKING),
    ("reference.md", "3 minutes", "1 minute", "figure", f"{GET} request timestamp", BREAKING),
    ("reference.md", '"errorCode":{"type":"string"}', '"errorCode":{"type":"string"},"hint":{"type":"string"}', "error-changed", "error object hint", ADDITION),
    ("reference.md", "api.calypso.finance", "api.calypso.example", "operation-moved", "servers", BREAKING),
    ("reference.md", "# Customer Purse API", "# Purses", "page", "Purses", INFORMATION),
    ("compact.txt", '"amount": 1,', '"amount": 1,\n"fee": 1,', "example", f"{GET} response fee", ADDITION),
    ("compact.txt", '"amount": 1,\n', "", "example", f"{GET} response amount", BREAKING),
    ("compact.txt", '"amount": 1', '"amount": "1"', "type", f"{GET} response amount", BREAKING),
    ("compact.txt", '"MEM_POOL_FOUND"', '"LOST"', "value-added", "TransactionState", ADDITION),
    ("compact.txt", "transaction/get HTTP", "transaction/show HTTP", "operation-moved", GET.replace("/get", "/show"), BREAKING),
    ("compact.txt", "Sign: text\n", "Sign: text\nNonce: text\n", "header", f"{GET} header Nonce", ADDITION),
    ("path at the end.txt", "amountnumberRequired", "amountstringRequired", "type", f"{GET} response amount", BREAKING),
    ("path at the end.txt", "transactionHashstringOptional", "transactionHashstringRequired", "required", f"{GET} response transactionHash", INFORMATION),
    ("path at the end.txt", "amountnumberRequired\n", "amountnumberRequired\n\nfeenumberOptional\n", "field-added", f"{GET} response fee", ADDITION),
    ("path at the end.txt", "Possible values:\n", "Possible values:\nMEM_POOL_FOUND\nLOST\n", "value-added", f"{GET} response transactionState", ADDITION),
    ("path at the end.txt", "transaction/find", "transaction/search", "operation-moved", FIND.replace("/find", "/search"), BREAKING),
    ("path at the start.txt", "transactionIdstring · uuidRequired", "transactionIdstring · uuidRequired\n\nlabelstringOptional", "field-added", f"{GET} request payload.label", ADDITION),
    ("descriptions.txt", "Its hash\n", "Its hash\nNetwork fee\n", "field-added", "call 1 response (Network fee)", ADDITION),
    ("descriptions.txt", "Its hash\n", "", "field-removed", "call 1 response (Its hash)", INFORMATION),
    ("errors.md", "| 011", "| 029       | Too much | |\n| 011", "error-added", "029", ADDITION),
    ("errors.md", "| 003       | Wrong sign                  | It does not fit the body       |\n", "", "error-removed", "003", BREAKING),
    ("errors.md", "Invalid timestamp parameter", "Invalid nonce parameter    ", "error-changed", "011", INFORMATION),
    ("errors.md", '"errorCode": "000",', '"errorCode": "000", "hint": "x",', "example", "error object hint", ADDITION),
    ("errors.md", "over 3 minutes", "over 5 minutes", "figure", "011", INFORMATION),
    ("events.md", "| INVOICE\\_PAID                     |", "| CUSTOMER\\_PURSE\\_FROZEN | Held. |\n| INVOICE\\_PAID                     |", "event-added", "CUSTOMER_PURSE_FROZEN", ADDITION),
    ("events.md", "| address         | string  | Where it is |\n", "", "field-removed", "CUSTOMER_PURSE_EXPIRED data.address", BREAKING),
    ("events.md", "| amount    | number |", "| amount    | string |", "type", "INVOICE_PAID data.amount", INFORMATION),
    ("events.md", "30 days", "14 days", "figure", "CUSTOMER_PURSE_EXPIRED", BREAKING),
    ("states.md", "(transactionState: CONFIRMED)", "(transactionState: SETTLED)", "value-added", "TransactionState", ADDITION),
    ("states.md", "\\[POST]", "\\[GET]", "operation-moved", "GET purse-transaction", BREAKING),
    ("states.md", "<tr><td>CONFIRMED", "<tr><td>REFUNDED</td><td>CHECKED</td><td>Back.</td></tr><tr><td>CONFIRMED", "value-added", "TransactionState", ADDITION),
    ("payload.md", "INFO, WARNING]", "INFO, WARNING, ERROR]", "value-added", "webhook payload level", ADDITION),
    ("payload.md", "| service   | string | Yes", "| service   | string | No ", "required", "webhook payload service", BREAKING),
    ("payload.md", '"level": "SUCCESS"', '"level": "FATAL"', "value-added", "NotificationLevel", ADDITION),
    ("payload.md", '"amount": 0.01,', '"amount": 0.01, "fee": 0,', "example", "INVOICE_PAID data.fee", ADDITION),
    ("payload.md", "| data ", "| attempt   | number | No | Which try. |\n| data ", "field-added", "webhook payload attempt", ADDITION),
    ("overview.txt", "19 retries", "12 retries", "figure", "Retry policy", BREAKING),
    ("overview.txt", "90 s and", "100 s and", "figure", "Retry policy", INFORMATION),
    ("overview.txt", "within 10 minutes", "within 5 minutes", "figure", "Blocking", BREAKING),
    ("authentication.md", "HMAC-SHA512", "HMAC-SHA256", "security", "API Authentication", BREAKING),
    ("authentication.md", "HEX form", "Base64 form", "security", "every request header Sign", BREAKING),
    ("authentication.md", "| Content-Type |", "| Nonce | A number |\n| Content-Type |", "header", "every request header Nonce", BREAKING),
    ("create.md", '"blocked": true', '"blocked": true,\n  "phone": "string"', "example", f"{CREATED} response phone", ADDITION),
    ("create.md", "POST **block**", "PUT **block**", "operation-moved", "PUT block", BREAKING),
    ("create.md", "are still credited", "are no longer credited", "sentence", "Example of the create customer response:", INFORMATION),
    ("purse.txt", "currency (required)", "currency (optional)", "required", f"{ADDRESS} request payload.currency", INFORMATION),
    ("purse.txt", "--request POST", "--request PUT", "operation-moved", ADDRESS.replace("POST", "PUT"), BREAKING),
    ("types.txt", "PAYOUT, RECURRENT", "PAYOUT, RECURRENT, EXCHANGE", "value-added", "NotificationServiceType", ADDITION),
    ("types.txt", "INVOICE_EXPIRED\nAn invoice was not paid in time\n", "", "event-removed", "INVOICE_EXPIRED", BREAKING),
    ("balances.txt", "string (UUID)", "integer", "type", f"{ACCOUNT} response ownerId", BREAKING),
    ("balances.txt", "USDT_TRX, BTC", "USDT_TRX, BTC, SOL", "value-added", "Currency", ADDITION),
    ("balances.txt", "(string, required)", "(string, optional)", "required", f"{ACCOUNT} request account", INFORMATION),
]  # fmt: skip

HARMLESS = [
    ("reference.md", '"summary":"One deposit"', '"summary":"A deposit"'),
    ("reference.md", "Calls on purses", "All calls on purses"),
    ("reference.md", "Its hash", "The hash of it"),
    ("compact.txt", "Content-Length: 99", "Content-Length: 120"),
    ("compact.txt", "123e4567", "223e4567"),
    ("errors.md", "Write to us", "Please write to us"),
    ("errors.md", "| 002       |", "| 002 |"),
    ("events.md", "**Webhook events**", "## Webhook events"),
    ("states.md", 'width="320"', 'width="200.5"'),
    ("states.md", "docs.calypso.money/x", "docs.calypso.money/y"),
    ("overview.txt", "Calypso tells your server of what happens.", "Calypso will tell your server what happens."),
    ("overview.txt", "Overview\n", "Overview\n\nLast updated 3 days ago\n\nCopy\n"),
    ("purse.txt", "whose call it is", "who is calling"),
    ("payload.md", '"id": 1,', '"id": 7,'),
    ("create.md", '"blocked": true', '"blocked": false'),
    ("balances.txt", "1743110400000", "1753110400000"),
    ("types.txt", "An order failed", "The order has failed"),
]  # fmt: skip


@rows("page, old, new, kind, where, effect", CHANGES)
def test_a_change_is_found_under_its_kind_place_and_effect(  # noqa: PLR0913 - a row
    page: str, old: str, new: str, kind: str, where: str, effect: str
) -> None:
    differences = short(changed(layouts.PAGES[page], old, new, page))
    assert (kind, where, effect) in differences, differences
    others = [each for each in differences if each[0] not in {kind, "value-removed"}]
    assert others == []


@rows("page, old, new", HARMLESS)
def test_a_harmless_change_raises_nothing(page: str, old: str, new: str) -> None:
    assert short(changed(layouts.PAGES[page], old, new, page)) == []


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
    page = 'Rate API\n\nPOST /api/v1/rate HTTP/1.1\nHost: api.calypso.finance\n\n{}\n{\n  "rate": 1\n}\n'
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
    from tests.drift.compared import document, facts
    from tools.drift.compare import compare

    cut = facts(layouts.REFERENCE[:size], "page.md")
    whole = facts(layouts.REFERENCE, "page.md")
    assert short(compare(cut, document(), whole, is_whole=False)) == []
    assert short(compare(cut, document(), None, is_whole=False)) == []
