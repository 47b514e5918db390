"""Each layout of the vendor's pages is turned into the same facts."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.drift import layouts
from tests.drift.compared import facts, found, short
from tests.drift.layouts import ACCOUNT, FIND, GET
from tests.rows import rows

FIELDS = {
    "reference.md": {
        f"{GET} request payload.transactionId": ("string", "uuid", True),
        f"{GET} response transactionHash": ("string", None, False),
        f"{GET} response createdDate": ("string", "date-time", True),
        "error object errorCode": ("string", None, True),
    },
    "path-at-the-end.txt": {
        f"{GET} request timestamp": ("integer", "int64", True),
        f"{GET} response transactionHash": ("string", None, False),
        f"{FIND} response page": ("integer", "int32", True),
    },
    "path-at-the-start.txt": {
        f"{GET} request payload.transactionId": ("string", "uuid", True),
        f"{GET} response amount": ("number", None, True),
    },
    "events.md": {"CUSTOMER_PURSE_EXPIRED data.purseId": ("string", None, None)},
    "payload.md": {"webhook payload level": ("string", None, True)},
    "balances.txt": {
        f"{ACCOUNT} request timestamp": ("integer", "int64", True),
        f"{ACCOUNT} response ownerId": ("string", "uuid", None),
    },
    "purse.txt": {
        "POST /api/v1/customer-purse/address/get request payload.currency": (None, None, True),
    },
}
KEYS = {
    "glued.txt": {("error", "016"), ("error", "028")},
    "glued-payload.txt": {("event", "INVOICE_EXPIRED"), ("field", "webhook payload level")},
    "folded.txt": {("operation", GET), ("operation", FIND)},
    "path-after-description.txt": {("operation", FIND), ("status", GET, "200")},
    "reference.md": {("status", GET, "400"), ("header", GET, "Sign"), ("operation", GET)},
    "compact.txt": {
        ("operation", GET),
        ("header", GET, "Key"),
        ("example", f"{GET} request payload.transactionId"),
        ("example", f"{GET} response amount"),
        ("sample-value", "TransactionState", "MEM_POOL_FOUND"),
    },
    "path-at-the-start.txt": {("example", f"{GET} request payload.transactionId")},
    "descriptions.txt": {("described", "call 1 response", "Its hash"), ("status", "call 2", "400")},
    "errors.md": {("error", "011"), ("example", "error object errorCode")},
    "events.md": {("event", "CUSTOMER_PURSE_EXPIRED"), ("event", "INVOICE_PAID")},
    "states.md": {
        ("value", "TransactionState", "MEM_POOL_FOUND"),
        ("value", "ComplianceState", "CHECKED"),
        ("call", "purse-transaction"),
    },
    "payload.md": {("sample-event", "INVOICE_PAID"), ("example", "webhook payload service")},
    "authentication.md": {("header", "every request", "Key"), ("header", "every request", "Sign")},
    "create.md": {
        ("example", "POST /api/v1/customer-purse/customer/create response blocked"),
        ("call", "block"),
    },
    "types.txt": {
        ("event", "FIAT_DEPOSIT_ORDER_FAILED"),
        ("value", "NotificationServiceType", "RECURRENT"),
    },
    "balances.txt": {("value", "Currency", "BTC"), ("sample-value", "Currency", "USDT_TRX")},
    "purse.txt": {("example", "POST /api/v1/customer-purse/address/get response address")},
}


@rows("name, fields", list(FIELDS.items()))
def test_fields_have_their_paths_types_and_duties(
    name: str, fields: dict[str, tuple[object, ...]]
) -> None:
    by_key = facts(layouts.PAGES[name], name).by_key
    read = {
        where: (value.type, value.format, value.required)
        for where in fields
        if (value := by_key["field", where].value)
    }
    assert read == fields


@rows("name, keys", list(KEYS.items()))
def test_each_layout_states_its_facts(name: str, keys: set[tuple[str, ...]]) -> None:
    assert keys - facts(layouts.PAGES[name], name).by_key.keys() == set()


@rows("name, text", list(layouts.PAGES.items()))
def test_pages_that_agree_with_the_document_raise_nothing(name: str, text: str) -> None:
    """Neither at first sight nor when they were accepted as they are."""
    assert short(found(text, name=name)) == []
    assert short(found(text, text, name)) == []


def test_a_group_of_events_is_no_event() -> None:
    events = {key[1] for key in facts(layouts.TYPES, "t.txt").by_key if key[0] == "event"}
    assert "INVOICE" not in events
    assert len(events) == 4


def test_the_section_for_agents_and_the_line_about_the_index_are_no_facts() -> None:
    page = (
        "> For the complete documentation index, see [llms.txt](https://docs.calypso.money/llms.txt)."
        f"\n\n{layouts.ERRORS}\n# Agent Instructions: Querying\n\nAsk again within 30 seconds.\n"
    )
    assert short(found(page, layouts.ERRORS)) == []


def test_a_name_of_a_field_that_text_glues_to_its_type_is_cut_where_the_sample_has_it() -> None:
    page = layouts.PATH_AT_THE_START.replace("amountnumber", "substringstring").replace(
        '"amount": 1', '"substring": "x"'
    )
    assert ("field", f"{GET} response substring") in facts(page, "p.txt").by_key


def test_fields_that_the_browser_folded_away_are_not_gone_while_the_sample_has_them() -> None:
    folded = layouts.PATH_AT_THE_START.replace(
        "Hide child attributes\n\ntransactionIdstring · uuidRequired\n\n",
        "Show child attributes\n\n",
    )
    assert short(found(folded, layouts.PATH_AT_THE_START, "p.txt")) == []


def test_a_heading_in_the_plural_names_the_values_of_a_table_of_one_row() -> None:
    page = (
        "# Purses\n\n**Purse statuses**\n\n| State | Meaning |\n| --- | --- |\n| DECLINED | No |\n"
    )
    assert ("value", "PurseStatus", "DECLINED") in facts(page, "p.md").by_key


def test_a_paragraph_below_a_list_is_no_meaning_of_its_last_name() -> None:
    page = "Types\n\n• CUSTOMER_PURSE_EXPIRED\n\n• INVOICE_PAID\n\nWe send these.\n"
    texts = [fact.text for fact in facts(page, "p.txt").by_key.values()]
    assert "We send these." not in texts


def test_text_shows_parameters_of_the_query_and_that_a_call_is_deprecated() -> None:
    head = "Rate API\n\nRates\nget\n/api/v1/rate/list\nDeprecated, use another.\n"
    rows = (
        "Query Parameters\npage integer \u00b7 int32 Required\nDefault: 1\nsize integer Optional\n"
    )
    found = facts(f"{head}{rows}Responses\n200\nOK\n", "r.txt").by_key
    page = found["field", "GET /api/v1/rate/list request query page"].value
    assert (page.type, page.format, page.required, page.default) == ("integer", "int32", True, "1")
    assert ("field", "GET /api/v1/rate/list request query size") in found
    assert ("deprecated", "GET /api/v1/rate/list") in found


def test_lines_of_bars_alone_are_no_table() -> None:
    assert ("operation", GET) in facts(f"Overview\n| | |\n| | |\n{GET}\n", "o.txt").by_key


ROWS = """Customer Purse API

One deposit

post

Header parameters
KeystringRequired
Body

accountstringRequired

timestampinteger \u00b7 int64Required

Off our clock by 3 minutes at most

payloadobjectRequired

transactionIdstring \u00b7 uuidRequired

Responses
200

OK

*/*

idstring \u00b7 uuidRequired

post
/api/v1/customer-purse/transaction/get
"""
HEAD = "POST /api/v1/customer-purse/transaction/get HTTP/1.1\nHost: api.calypso.finance\n"
SAMPLES = f"""{HEAD}Key: text
Content-Type: application/json

{{
  "account": "text",
  "timestamp": 1,
  "payload": {{
    "transactionId": "123e4567-e89b-12d3-a456-426614174000"
  }}
}}
{{
  "id": "123e4567-e89b-12d3-a456-426614174000"
}}
"""
PAYLOAD = """payloadobjectRequired

transactionIdstring \u00b7 uuidRequired
"""
SAME = {
    "rows": ROWS,
    "rows with samples": f"{ROWS}\n{SAMPLES}",
    "folded rows": f"{ROWS.replace(PAYLOAD, '')}\n{SAMPLES}",
    "samples": f"Customer Purse API\n\n{SAMPLES}",
}


@rows("old, new", list(permutations(SAME, 2)))
def test_a_page_states_the_same_in_another_layout(old: str, new: str) -> None:
    """A layout may lack the rows, the samples or the heads of requests."""
    assert short(found(SAME[new], SAME[old], "p.txt")) == []


@pytest.mark.parametrize("badge", ["Deprecated", "Beta"])
@pytest.mark.parametrize(
    "lines",
    [
        "One deposit\n\n{verb}{badge}",
        "One deposit\n\n{badge}{verb}",
        "One deposit{badge}\n\n{verb}",
    ],
)
def test_a_badge_glued_to_a_call_hides_nothing_of_it(lines: str, badge: str) -> None:
    page = ROWS.replace("One deposit\n\npost", lines.format(verb="post", badge=badge))
    expected = [("deprecated", GET, "information")] if badge == "Deprecated" else []
    assert short(found(page, ROWS, "p.txt")) == expected
    assert short(found(page, name="p.txt")) == expected


@pytest.mark.parametrize("above", ["One deposit", "post\n"])
def test_a_badge_on_a_line_of_its_own_is_reported_once(above: str) -> None:
    page = ROWS.replace(above, f"{above}\n\nDeprecated\n", 1)
    assert short(found(page, ROWS, "p.txt")) == [("deprecated", GET, "information")]


@pytest.mark.parametrize("name", ["transaction/get/one", "deposit/get"])
def test_fields_of_a_call_that_moved_are_where_they_were(name: str) -> None:
    page = ROWS.replace("transaction/get", name)
    moved = f"POST /api/v1/customer-purse/{name}"
    assert short(found(page, ROWS, "p.txt")) == [("operation-moved", moved, "breaking")]
