"""Every request is checked in a fixed order, and gets a response whatever it contains."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calypso_mock import Mock
from generator.document import load
from tests.mock.rows import outcomes

if TYPE_CHECKING:
    import pytest

    from conftest import Api

DOCUMENT = Path(__file__).resolve().parents[2] / "openapi.yaml"


def test_the_first_fault_in_the_order_decides(api: Api) -> None:
    """A request with every fault at once loses them one by one and meets the next check."""
    stale = {"timestamp": 1, "payload": {"customerId": "no uuid", "currency": "NOPE"}}
    wrong = {"Key": "unknown", "Sign": "00"}
    errors = [
        api.send("getAddress", b"{", **wrong).error,
        api.send("getAddress", json.dumps(stale).encode(), **wrong).error,
        api.send("getAddress", json.dumps(stale).encode(), Sign="00").error,
        api.send("getAddress", json.dumps(stale).encode()).error,
        api.send(
            "getAddress", json.dumps(api.envelope(stale["payload"], account="")).encode()
        ).error,
        api.call("getAddress", {"customerId": api.settings["account"], "currency": "BTC"}).error,
        api.call(
            "getAddress", {"customerId": _unknown_id(), "currency": "NOPE"}, account="x"
        ).error,
        api.call("getAddress", {"customerId": _unknown_id(), "currency": "BTC"}, account="x").error,
        api.call("getAddress", {"customerId": _unknown_id(), "currency": "BTC"}).error,
    ]

    assert errors == [
        (400, "001"),
        (401, "002"),
        (401, "003"),
        (400, "011"),
        (400, "001"),
        (400, "001"),
        (400, "001"),
        (400, "004"),
        (400, "004"),
    ]


def test_statuses_of_authentication_follow_the_switch(still: Any, connect: type[Api]) -> None:
    """With auth_status=400, only the code distinguishes 002 and 003."""
    api = connect(Mock(clock=still, auth_status=400))

    assert api.send("getAccount", b"{}", Key="unknown").error == (400, "002")
    assert api.send("getAccount", b"{}", Sign="").error == (400, "003")


def test_a_body_other_than_an_object_is_rejected_first(api: Api) -> None:
    """JSON comes before the key, and the key before everything else."""
    codes = {"": "001", "[]": "001", "\xff": "001", '{"a":1}': "002"}

    def code(body: str) -> str:
        return api.send("getAccount", body.encode("latin-1"), Key="unknown").error[1]

    assert outcomes(codes.keys(), code) == codes


def _sign(secret: str, body: bytes, digest: Any = hashlib.sha512) -> str:
    return hmac.new(secret.encode(), body, digest).hexdigest()


FORGERIES = {
    "last digit wrong": lambda secret, body: _other_last_digit(_sign(secret, body)),
    "another secret": lambda secret, body: _sign(secret[::-1], body),
    "other bytes": lambda secret, body: _sign(secret, body + b" "),
    "SHA-256": lambda secret, body: _sign(secret, body, hashlib.sha256),
    "only half": lambda secret, body: _sign(secret, body)[:64],
    "too long": lambda secret, body: _sign(secret, body) + "0",
    "empty": lambda *_: "",
    "missing": lambda *_: None,
    "not ASCII": lambda *_: "é" * 128,
    "not Unicode": lambda *_: "\udcff",
    "twice": lambda secret, body: f"{_sign(secret, body)}, {_sign(secret, body)}",
    "secret read as hex": lambda secret, body: hmac.new(
        bytes.fromhex(secret), body, hashlib.sha512
    ).hexdigest(),
}


def _other_last_digit(sign: str) -> str:
    return sign[:-1] + ("0" if sign[-1] != "0" else "1")


def test_a_forged_signature_is_rejected(api: Api) -> None:
    """Nothing but HMAC-SHA512 of the very bytes under the very secret passes."""
    body = json.dumps(api.envelope()).encode()

    def rejection(forge: Any) -> tuple[int, str]:
        return api.send("getAccount", body, Sign=forge(api.settings["secret"], body)).error

    assert outcomes(FORGERIES, rejection) == dict.fromkeys(FORGERIES, (401, "003"))


def test_a_key_that_is_not_the_signers_is_rejected(api: Api) -> None:
    """An unknown key is 002; another account's key is known, but the signature is not its own."""
    body = json.dumps(api.envelope()).encode()
    keys = {
        "empty": ("", "002"),
        "missing": (None, "002"),
        "unknown": ("unknown", "002"),
        "not ASCII": ("ÿ", "002"),
        "another account's": (api.mock.settings(api.mock.add_account())["key"], "003"),
    }

    seen = outcomes(keys, lambda row: api.send("getAccount", body, Key=row[0]).error)
    assert seen == {name: (401, code) for name, (_, code) in keys.items()}


FORMS = {
    "compact": lambda body: json.dumps(body, separators=(",", ":")).encode(),
    "indented": lambda body: json.dumps(body, indent=2).encode(),
    "not ASCII": lambda body: json.dumps(body, ensure_ascii=False).encode(),
    "surrounded by white space": lambda body: (
        b"\r\n\t " + json.dumps(dict(reversed(body.items()))).encode() + b"\n"
    ),
}


def test_any_form_of_json_is_accepted_when_its_own_bytes_are_signed(api: Api) -> None:
    """What is signed is the bytes, not a form that they could be brought into."""
    email = "zoë@пример.example"
    body = api.envelope({"email": email})

    seen = outcomes(FORMS, lambda write: api.send("createCustomer", write(body)).json["email"])
    assert seen == dict.fromkeys(FORMS, email)


def test_a_signature_in_upper_case_is_accepted(api: Api) -> None:
    """Hex is hex; what the vendor makes of upper case is not known."""
    body = json.dumps(api.envelope()).encode()
    sign = _sign(api.settings["secret"], body)

    assert api.send("getAccount", body, Sign=sign.upper()).status == 200


def test_the_window_is_three_minutes_to_the_millisecond(api: Api) -> None:
    """180,000 ms on either side pass, one more does not."""

    def code(off: int) -> tuple[int, str] | None:
        response = api.call("getAccount", timestamp=api.mock.clock.wire_ms() + off)
        return None if response.status == 200 else response.error

    codes = {"180000": None, "180001": (400, "011"), "-180000": None, "-180001": (400, "011")}
    assert outcomes(map(int, codes), code) == codes


def test_a_timestamp_of_another_type_is_bad_input(api: Api) -> None:
    """What is not a whole number is rejected by the document, not by the window."""

    def rejection(timestamp: Any) -> tuple[tuple[int, str], str]:
        response = api.call("getAccount", timestamp=timestamp)
        return response.error, response.message

    rows = ["1795262400000", None, 1.5, True, [], {}]
    assert set(map(str, outcomes(rows, rejection).values())) == {
        str(((400, "001"), "timestamp=[must be a whole number]"))
    }


def test_a_whole_number_with_a_point_is_a_timestamp(api: Api) -> None:
    """JSON Schema counts 413.0 among the integers, and so does the window."""
    now = api.mock.clock.wire_ms()
    body = '{"account":"%s","timestamp":%d.0}'

    fresh, stale = (body % (api.settings["account"], at) for at in (now, now + 200_000))

    assert api.send("getAccount", fresh.encode()).status == 200
    assert api.send("getAccount", stale.encode()).error == (400, "011")


def test_every_wrong_field_is_named_with_its_reason(api: Api) -> None:
    """The message has the form that was seen in a real response, one entry a field."""
    schemas = load(DOCUMENT)["components"]["schemas"]
    ways, states = (schemas[name]["enum"] for name in ("SortDirection", "TransactionState"))
    payload = {
        "customerId": 7,
        "currencyFilter": {"in": ["BTC", 1]},
        "transactionStateFilter": {"equals": "LOST"},
        "pageSize": 0,
        "sort": "UP",
    }

    message = api.call("findTransactions", payload).message

    assert sorted(message.split(", ")) == [
        "payload.currencyFilter.in[1]=[must be a text]",
        "payload.customerId=[must be a text]",
        "payload.pageSize=[must be at least 1]",
        f"payload.sort=[must be one of {' | '.join(ways)}]",
        f"payload.transactionStateFilter.equals=[must be one of {' | '.join(states)}]",
    ]


def test_a_message_stays_short_however_much_is_wrong(api: Api) -> None:
    """The first fields are named, and of a long enum the first values; the rest is counted."""
    payload = {
        "requestId": "b72877fc-442f-417a-9670-4b662b233e78",
        "url": "https://shop.example/",
        "notificationEventTypes": ["?"] * 12,
    }

    message = api.call("createSubscription", payload).message

    assert message.startswith("payload.notificationEventTypes[")
    assert re.search(r"\(\d\d in all\)\].*, and \d more$", message)
    assert len(message) < 1_500


def test_a_missing_member_is_named(api: Api) -> None:
    """An envelope without its members is rejected with the names of those it lacks."""
    message = api.send("createCustomer", b"{}").message

    assert sorted(message.split(", ")) == [
        "account=[is required]",
        "payload=[is required]",
        "timestamp=[is required]",
    ]


def test_an_error_never_quotes_what_was_sent(api: Api) -> None:
    """A value in the wrong field could be a secret; messages describe the document only."""
    payload = {"customerId": "s3cr3t", "currency": ["s3cr3t"], "s3cr3t": 1}

    assert b"s3cr3t" not in api.call("getAddress", payload).content
    assert b"s3cr3t" not in api.call("findTransactions", {"properties": "s3cr3t"}).content


def test_unknown_members_are_ignored(api: Api) -> None:
    """Requests are open: an unknown member does no harm, at any level."""
    payload = {"email": "a@b.example", "nickname": {"x": [None]}}

    made = api.call("createCustomer", payload, extra=1).json

    alike = api.call("createCustomer", {"email": "a@b.example"}).json
    assert made == alike | {"id": made["id"]}


def test_a_pair_of_surrogates_is_a_character(api: Api) -> None:
    """Escapes that make a whole character are ordinary text, as are all other characters."""
    body = json.dumps(api.envelope({"description": "\U0001f600 \x7f \u2028 \ufffd"})).encode()

    assert rb"\ud83d\ude00" in body
    assert api.send("createCustomer", body).json["description"] == "\U0001f600 \x7f \u2028 \ufffd"


def test_of_duplicate_members_the_last_one_counts(api: Api) -> None:
    """Readers that differ here would sign one value and use another; here the last one wins."""
    start = json.dumps(api.envelope())[:-1]
    body = start + ',"payload":{"email":"first","email":"last"}}'

    assert api.send("createCustomer", body.encode()).json["email"] == "last"


def test_only_json_is_taken(api: Api) -> None:
    """A body that is declared as something else than JSON is 001; a missing declaration is fine."""
    body = json.dumps(api.envelope()).encode()
    statuses = {
        None: 200,
        "application/json": 200,
        "application/json; charset=utf-8": 200,
        "APPLICATION/JSON": 200,
        "application/vnd.api+json": 200,
        "text/json": 200,
        "": 200,
        "text/plain": 400,
        "application/x-www-form-urlencoded": 400,
        "application/jsonp": 400,
        "multipart/form-data; boundary=application/json": 400,
    }

    assert {
        kind: api.send("getAccount", body, Content_Type=kind).status for kind in statuses
    } == statuses


def test_an_unknown_path_is_404_and_a_wrong_method_405(api: Api) -> None:
    """The first without an error code, the second with the methods that would do."""
    missing = api.raw("POST", "/api/v1/nothing")
    wrong = api.raw("GET", "/api/v1/subscription/webhook")

    assert (missing.status, missing.json) == (
        404,
        {"message": "POST '/api/v1/nothing' is not part of this mock"},
    )
    assert wrong.error == (405, "001")
    assert wrong.headers["allow"] == "DELETE, POST"
    assert api.raw("POST", "/api/v1/account/").status == 404


def test_a_strict_mock_wants_account_ids_in_the_newest_form(still: Any, connect: type[Api]) -> None:
    """One host documents a pattern, the other none: the switch decides."""
    lax, strict = Mock(clock=still), Mock(clock=still, strict_account=True)
    for mock in (lax, strict):
        mock.add_account("123e4567-e89b-12d3-a456-426614174000")

    responses = [
        connect(mock, "123e4567-e89b-12d3-a456-426614174000").call("getAccount")
        for mock in (lax, strict)
    ]

    assert responses[0].status == 200
    assert responses[1].error == (400, "001")
    assert responses[1].message == "account=[must match 0x[0-9a-fA-F]{40}]"
    assert connect(strict).call("getAccount").status == 200


def test_every_response_has_a_date_and_a_type(api: Api) -> None:
    """Success, rejection, unknown path: all have a date, a type and a length."""
    for response in (api.call("getAccount"), api.send("getAccount", b""), api.raw("GET", "/")):
        assert response.headers["date"] == "Sat, 21 Nov 2026 12:00:00 GMT"
        assert response.headers["content-type"] == "application/json"
        assert response.headers["content-length"] == str(len(response.content))


def test_a_failure_inside_is_500_in_the_error_shape(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of the mock responds with 000 and a trace id, and is logged with its traceback."""
    from calypso_mock.api import _handlers

    monkeypatch.setitem(_handlers.HANDLERS, "getAccount", lambda _: 1 / 0)

    response = api.call("getAccount")

    assert response.error == (500, "000")
    assert response.message == "Internal server error"
    assert [record.exc_info is not None for record in caplog.records] == [True]
    assert caplog.records[0].levelno == logging.ERROR


def _unknown_id() -> str:
    return "00000000-0000-4000-8000-000000000000"
