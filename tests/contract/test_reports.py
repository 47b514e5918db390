"""A run prints and writes the drift that it saw, and no secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from tests.contract import document, drift, results, schemas
from tests.contract.redaction import FILTERED, Redactor
from tests.contract.results import Finding, Result
from tests.contract.session import Exchange
from tests.contract.wire import Target, signature

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = Target("http://127.0.0.1:9", "public-canary", "secret-canary", "0xacc")
WEBHOOK = "webhook-canary"
RESPONSE = json.dumps({"subscriptions": [{"secretKey": WEBHOOK, "url": "https://shop.example"}]})
SENT = b'{"account": "0xacc", "timestamp": 1}'

LIST = document.routes()["getSubscriptions"][1]
FIND = document.routes()["findTransactions"][1]

EXCHANGE = Exchange(
    "POST",
    TARGET.base_url + LIST,
    LIST,
    {"Content-Type": "application/json", **signature(TARGET, SENT)},
    SENT,
    200,
    {"content-type": "application/json"},
    RESPONSE.encode(),
    1_700_000_000.0,
    0.001,
)
CANARIES = (TARGET.key, TARGET.secret, WEBHOOK, signature(TARGET, SENT)["Sign"])


def test_reports_hold_no_secret() -> None:
    """Neither without findings, nor in the text of a finding."""
    curl = "".join(f"-H '{name}: {value}' " for name, value in EXCHANGE.sent_headers.items())
    finding = Finding("check", "where", "field", f"{curl} {RESPONSE}", [EXCHANGE])
    found = [Result("checks", "a name", 0.1, [finding]), Result("model", "another", 0.2)]
    redactor = Redactor([TARGET])

    for text in (
        results.junit(found, redactor).decode(),
        results.har([EXCHANGE], redactor).decode(),
        redactor.text(curl),
        redactor.text(json.dumps(RESPONSE)),
    ):
        assert [canary for canary in CANARIES if canary in text] == []
        assert FILTERED in text
        assert "shop.example" in text or text == redactor.text(curl)


@given(st.text())
def test_a_secret_is_masked_in_any_text(around: str) -> None:
    sign = signature(TARGET, around.encode(errors="replace"))["Sign"]
    text = Redactor([TARGET]).text(f"{around}{TARGET.secret}{around}{sign}{around}")

    assert TARGET.secret not in text
    assert sign not in text


def test_a_har_is_complete_except_for_secrets() -> None:
    """It contains requests and responses, so that a browser's tools can show them."""
    entry = json.loads(results.har([EXCHANGE], Redactor([TARGET])))["log"]["entries"][0]

    assert entry["request"]["method"] == "POST"
    assert entry["request"]["url"] == EXCHANGE.url
    assert entry["request"]["postData"]["text"] == SENT.decode()
    assert entry["response"]["status"] == 200
    assert json.loads(entry["response"]["content"]["text"].replace(FILTERED, WEBHOOK)) == (
        json.loads(RESPONSE)
    )


def test_junit_contains_failures_and_skipped_checks() -> None:
    """It is well-formed even if a response contains control characters."""
    finding = Finding("sorted", "findTransactions", "result[1].amount", "got \x00\x1b")
    written = results.junit(
        [
            Result("checks", "sorted", 1.5, [finding]),
            Result("checks", "signed", 0.5),
            Result("model", "stories", 0.0, skipped="needs: writes"),
        ],
        Redactor([TARGET]),
    )
    root = ET.fromstring(written)  # noqa: S314 - written a line before
    checks, model = root.findall("testsuite")
    failure = checks.find("testcase/failure")

    assert (checks.get("tests"), checks.get("failures")) == ("2", "1")
    assert failure is not None
    assert failure.get("message") == "findTransactions: result[1].amount"
    assert model.get("skipped") == "1"


# A change of a page of deposits, and the resulting drift.
CHANGES: list[tuple[Callable[[Any], Any], list[tuple[str, str, str]]]] = [
    (lambda page: page, []),
    (
        lambda page: page["result"][0].update(feeOfTest=12),
        [("unknown field", "result[].feeOfTest", "")],
    ),
    (
        lambda page: page["result"][0].pop("currency"),
        [("missing field", "result[].currency", "")],
    ),
    (
        lambda page: page["result"][0].update(transactionState="COMPLETED"),
        [("unknown value", "result[].transactionState", "COMPLETED")],
    ),
    (
        lambda page: page["result"].append({**page["result"][0], "transactionState": "MAYBE"}),
        [("unknown value", "result[].transactionState", "MAYBE")],
    ),
    (lambda page: page.update(nextOfAll=2), [("unknown field", "nextOfAll", "")]),
    (lambda page: page.pop("result"), [("missing field", "result", "")]),
]


def test_drift_is_found_at_any_depth() -> None:
    """In a field of a row and in the page itself; the values of fields are not shown."""
    assert [drift_after(change) for change, _ in CHANGES] == [expected for _, expected in CHANGES]


def drift_after(change: Callable[[Any], Any]) -> list[tuple[str, ...]]:
    page = schemas.sample(schemas.response_schema("findTransactions", 200) or {})
    change(page)
    response = replace(EXCHANGE, path=FIND, content=json.dumps(page).encode())
    return [tuple(each)[1:] for each in drift.of(response)]


def test_an_undocumented_status_is_drift() -> None:
    response = replace(EXCHANGE, status=418)

    assert [str(each) for each in drift.of(response)] == [
        "getSubscriptions: undocumented status 418"
    ]


def test_drift_is_counted_by_responses() -> None:
    response = replace(EXCHANGE, status=418)

    assert next(iter(drift.count([response, response, EXCHANGE]).values())) == 2
