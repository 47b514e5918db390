"""The write guard blocks requests that could change what the run did not create."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract import document, known_fields
from tests.contract.checks import api_client
from tests.contract.write_guard import WriteGuard, is_read
from tests.rows import rows

OWN = "0a000000-0000-4000-8000-0000000000ff"
LISTED = "0b000000-0000-4000-8000-0000000000ff"
NUMBERED = "4711"
INVENTED = "0c000000-0000-4000-8000-0000000000ff"
EXAMPLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
REJECTED = {"traceId": "t", "errorCode": "001", "message": "no"}
URL = "https://shop.example/hook"
CHANGES = [
    name for name in known_fields.FIELDS if name not in api_client.reads() if document.has(name)
]


@pytest.fixture
def guard() -> WriteGuard:
    """A guard with a customer and a subscription of the run, and of others."""
    made = WriteGuard(writes=True, others=["77777777-0000-4000-8000-000000000000"])
    learn(made, "getSubscriptions", None, [{"requestId": LISTED}, {"requestId": NUMBERED}])
    for operation, payload in (
        ("createCustomer", {}),
        ("createSubscription", {"requestId": OWN, "url": URL}),
    ):
        made.note_request(*document.routes()[operation], body(payload))
        learn(made, operation, payload, {"id": OWN, "requestId": OWN})
    return made


def learn(
    guard: WriteGuard, operation: str, sent: object, response: object, status: int = 200
) -> None:
    route = document.routes()[operation]
    guard.learn(*route, body(sent), status, json.dumps(response).encode())


def body(payload: object) -> bytes:
    return json.dumps({"account": "0x" + "ab" * 20, "timestamp": 1, "payload": payload}).encode()


def named(operation: str, name: object) -> dict[str, Any]:
    """Return a payload that contains an id in the documented field."""
    return {"url": URL, **dict.fromkeys(api_client.id_fields(operation), name)}


def code(guard: WriteGuard, operation: str, content: bytes) -> str | None:
    rejection = guard.rejection(*document.routes()[operation], content)
    return rejection and rejection.code


def test_the_writes_with_rules_are_known() -> None:
    assert set(CHANGES) == {
        *("createCustomer", "updateCustomer", "blockCustomer", "unblockCustomer", "getAddress"),
        *("createSubscription", "changeSubscription", "deleteSubscription"),
    } & set(document.routes())


def test_only_objects_that_the_run_created_or_invented_may_be_changed(guard: WriteGuard) -> None:
    """Customers, addresses and subscriptions, in every operation."""
    names = {OWN: None, OWN.upper(): None, INVENTED: None, LISTED: "004", EXAMPLE: "004"}
    names |= {NUMBERED: "004", "77777777-0000-4000-8000-000000000000": "004"}
    naming = [each for each in CHANGES if api_client.id_fields(each)]
    expected = {
        (each, name): expected_code for each in naming for name, expected_code in names.items()
    }

    assert expected == {
        (each, name): code(guard, each, body(named(each, name))) for each, name in expected
    }


@rows(
    "name",
    [
        LISTED.upper(),
        LISTED.replace("-", ""),
        f"{{{LISTED}}}",
        f" {LISTED}\n",
        f"urn:uuid:{LISTED}",
        f"{OWN} {LISTED}",
        [OWN, LISTED],
        {"id": LISTED},
    ],
)
def test_a_listed_id_is_not_sent_however_it_is_written(name: object, guard: WriteGuard) -> None:
    assert code(guard, "deleteSubscription", body({"requestId": name})) == "004"


def test_a_listed_id_is_not_sent_in_other_bytes_with_the_same_meaning(guard: WriteGuard) -> None:
    """Escaped, in another encoding, beside an id of the run, or in invalid JSON."""
    own, other = (body({"requestId": each}).decode() for each in (OWN, LISTED))
    escaped = other.replace(LISTED, "".join(f"\\u{ord(each):04x}" for each in LISTED))
    twice = own[:-1] + ', "payload"' + other.partition('"payload"')[2]
    contents = [escaped, other[:-1], own + other, twice, other.replace('"', "'")]

    assert [code(guard, "deleteSubscription", each.encode()) for each in contents] == ["004"] * 5
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32"):
        for each in (other, escaped):
            assert code(guard, "deleteSubscription", each.encode(encoding)) == "004", encoding


@rows(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        body(None),
        body({}),
        body([{"requestId": OWN}]),
        body({"requestId": None}),
        body({"requestId": ""}),
        body({"requestId": 0}),
        body({"requestId": [OWN]}),
        body({"requestId": "%"}),
        body({"requestId": OWN[:-1]}),
        body({"REQUESTID": OWN}),
        b'{"payload": {"requestId": "%s"}, "payload": {}}' % OWN.encode(),
        b'{"payload": {"requestId": "%s", "requestId": null}}' % OWN.encode(),
        b"[" * 100_000,
    ],
)
def test_a_write_without_an_id_as_documented_is_not_sent(content: bytes, guard: WriteGuard) -> None:
    """A careless server might apply it to all objects, or to the first."""
    assert code(guard, "deleteSubscription", content) == "001"


def test_an_unknown_operation_counts_as_a_write(guard: WriteGuard) -> None:
    """Another method of a path with a read, an operation without rules."""
    method, path = document.routes()["getAccount"]
    tried = [(method, path), ("GET", path), ("DELETE", path), ("PATCH", path), ("POST", "/payouts")]

    assert [is_read(*each) for each in tried] == [True, True, False, False, False]
    assert [guard.rejection(*each, body({"id": OWN})) is None for each in tried] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_run_that_only_reads_sends_nothing_else() -> None:
    guard = WriteGuard(writes=False)

    for operation, route in document.routes().items():
        rejection = guard.rejection(*route, body(named(operation, OWN)))
        assert (rejection is None) == (operation in api_client.reads()), operation


@rows(
    "url, goes",
    [
        (URL, True),
        ("http://shop.example:8080/a?b=c#d", True),
        ("not an address", True),
        ("", True),
        (7, True),
        ("https://shop.test.invalid", True),
        ("https://merchant.com/hook", False),
        ("HTTPS://merchant.com", False),
        ("//merchant.com", False),
        ("https://shop.example@merchant.com", False),
        ("https://merchant.com/.example/", False),
        ("https://merchant.com?.example", False),
        ("https://127.0.0.1/", False),
    ],
)
def test_subscriptions_to_possibly_real_addresses_are_not_sent(
    url: object, *, goes: bool, guard: WriteGuard
) -> None:
    """A subscription on a real account gets events about real customers."""
    for operation in ("createSubscription", "changeSubscription"):
        payload = {**named(operation, OWN), "url": url}
        assert code(guard, operation, body(payload)) == (None if goes else "001")


def test_a_listed_id_in_a_response_to_a_creation_is_still_protected(
    guard: WriteGuard,
) -> None:
    """An existing customer that is returned as new still belongs to the merchant."""
    learn(guard, "createCustomer", {}, {"id": LISTED})
    learn(guard, "createSubscription", {"requestId": INVENTED}, {"requestId": EXAMPLE[::-1]})

    learn(guard, "createSubscription", {}, {"requestId": LISTED})

    assert code(guard, "blockCustomer", body({"customerId": LISTED})) == "004"
    assert not guard.is_made(EXAMPLE[::-1])
    assert not guard.is_made(LISTED)


def test_an_id_in_an_error_does_not_count_as_listed(guard: WriteGuard) -> None:
    """An error message may repeat an invented id."""
    learn(guard, "blockCustomer", {}, {"message": f"There is no {INVENTED}."}, status=400)

    assert code(guard, "blockCustomer", body({"customerId": INVENTED})) is None


def test_a_subscription_is_tracked_until_it_is_known_to_be_deleted(guard: WriteGuard) -> None:
    """Without a response, or after a server error, it may have been created."""
    route, payload = document.routes()["createSubscription"], {"requestId": INVENTED, "url": URL}
    guard.note_request(*route, body(payload))

    assert guard.is_made(INVENTED)
    learn(guard, "createSubscription", payload, {}, status=500)
    assert guard.is_made(INVENTED)
    # A rejection as a duplicate does not mean that this run did not create it.
    guard.note_request(*route, body(payload))
    learn(guard, "createSubscription", payload, REJECTED, status=400)
    assert guard.is_made(INVENTED)
    learn(guard, "deleteSubscription", {"requestId": INVENTED}, None)
    assert not guard.is_made(INVENTED)


def test_a_rejected_subscription_was_not_created(guard: WriteGuard) -> None:
    payload = {"requestId": INVENTED, "url": URL}
    guard.note_request(*document.routes()["createSubscription"], body(payload))
    learn(guard, "createSubscription", payload, REJECTED, status=400)

    assert not guard.is_made(INVENTED)


@rows(
    "status, response, is_sure",
    [
        (200, {"id": OWN}, True),
        (400, REJECTED, True),
        (404, REJECTED, True),
        (400, {}, False),
        (307, REJECTED, False),
        (500, REJECTED, False),
        (403, "<html>", False),
    ],
)
def test_only_an_error_of_the_api_shows_that_nothing_was_created(
    status: int, response: object, *, is_sure: bool
) -> None:
    guard, route = WriteGuard(writes=True), document.routes()["createCustomer"]
    guard.note_sending(*route)
    assert guard.unsure["customers"] == 1
    guard.note_response(*route, status, json.dumps(response).encode())

    assert guard.unsure["customers"] == (0 if is_sure else 1)


def test_a_rejected_subscription_that_is_listed_nevertheless_belongs_to_the_run() -> None:
    """If its id is so random that no one else has chosen it."""
    guard, route = WriteGuard(writes=True), document.routes()["createSubscription"]
    random, simple = "0c1d2e3f-4a5b-4c6d-8e7f-901234567890", "00000000-0000-4000-8000-000000000001"
    for name in (random, simple):
        payload = {"requestId": name, "url": URL}
        guard.note_request(*route, body(payload))
        learn(guard, "createSubscription", payload, REJECTED, status=400)
    learn(guard, "getSubscriptions", None, [{"requestId": random}, {"requestId": simple}])
    guard.keep_only([random, simple])

    assert list(guard.subscriptions.values()) == [random]


@rows("status", [200, 404])
def test_a_customer_with_a_reused_id_is_not_changed(status: int) -> None:
    """Returned twice as new, or contained in an earlier error."""
    guard = WriteGuard(writes=True)
    operation = "createCustomer" if status == 200 else "getAccount"
    learn(guard, operation, {}, {"id": INVENTED}, status=status)
    assert code(guard, "blockCustomer", body({"customerId": INVENTED})) is None
    learn(guard, "createCustomer", {}, {"id": INVENTED})

    assert code(guard, "blockCustomer", body({"customerId": INVENTED})) == "004"
    assert len(guard.contested) == 1
