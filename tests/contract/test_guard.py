"""No request that could change what the run did not make gets past the guard."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract import document, known
from tests.contract.checks import bench
from tests.contract.guard import Guard, is_read
from tests.rows import rows

OWN = "0a000000-0000-4000-8000-0000000000ff"
LISTED = "0b000000-0000-4000-8000-0000000000ff"
NUMBERED = "4711"
INVENTED = "0c000000-0000-4000-8000-0000000000ff"
EXAMPLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
REJECTED = {"traceId": "t", "errorCode": "001", "message": "no"}
URL = "https://shop.example/hook"
CHANGES = [name for name in known.FIELDS if name not in bench.reads() if document.has(name)]


@pytest.fixture
def guard() -> Guard:
    """One that knows of a customer and a subscription of the run's, and of others."""
    made = Guard(writes=True, others=["77777777-0000-4000-8000-000000000000"])
    learn(made, "getSubscriptions", None, [{"requestId": LISTED}, {"requestId": NUMBERED}])
    for operation, payload in (
        ("createCustomer", {}),
        ("createSubscription", {"requestId": OWN, "url": URL}),
    ):
        made.asks(*document.places()[operation], body(payload))
        learn(made, operation, payload, {"id": OWN, "requestId": OWN})
    return made


def learn(guard: Guard, operation: str, sent: object, answer: object, status: int = 200) -> None:
    places = document.places()[operation]
    guard.learn(*places, body(sent), status, json.dumps(answer).encode())


def body(payload: object) -> bytes:
    return json.dumps({"account": "0x" + "ab" * 20, "timestamp": 1, "payload": payload}).encode()


def named(operation: str, name: object) -> dict[str, Any]:
    """Return a payload that names an object where the document says."""
    return {"url": URL, **dict.fromkeys(bench.id_fields(operation), name)}


def code(guard: Guard, operation: str, content: bytes) -> str | None:
    refusal = guard.refusal(*document.places()[operation], content)
    return refusal and refusal.code


def test_what_is_no_read_and_has_a_rule_is_known() -> None:
    assert set(CHANGES) == {
        *("createCustomer", "updateCustomer", "blockCustomer", "unblockCustomer", "getAddress"),
        *("createSubscription", "changeSubscription", "deleteSubscription"),
    } & set(document.places())


def test_only_what_the_run_made_or_invented_may_be_changed(guard: Guard) -> None:
    """Customers, addresses and subscriptions, whatever the operation."""
    names = {OWN: None, OWN.upper(): None, INVENTED: None, LISTED: "004", EXAMPLE: "004"}
    names |= {NUMBERED: "004", "77777777-0000-4000-8000-000000000000": "004"}
    naming = [each for each in CHANGES if bench.id_fields(each)]
    expected = {(each, name): told for each in naming for name, told in names.items()}

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
def test_however_a_listed_id_is_written_it_is_not_sent(name: object, guard: Guard) -> None:
    assert code(guard, "deleteSubscription", body({"requestId": name})) == "004"


def test_nor_in_other_bytes_that_mean_the_same(guard: Guard) -> None:
    """Escaped, in another encoding, beside an id of the run's, or in what is no JSON at all."""
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
def test_what_names_nothing_as_documented_is_not_sent(content: bytes, guard: Guard) -> None:
    """A careless server might take it for everything, or for the first."""
    assert code(guard, "deleteSubscription", content) == "001"


def test_what_is_not_known_to_be_a_read_is_none(guard: Guard) -> None:
    """Another method of a path that is read, an operation without a rule."""
    method, path = document.places()["getAccount"]
    tried = [(method, path), ("GET", path), ("DELETE", path), ("PATCH", path), ("POST", "/payouts")]

    assert [is_read(*each) for each in tried] == [True, True, False, False, False]
    assert [guard.refusal(*each, body({"id": OWN})) is None for each in tried] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_run_that_only_reads_sends_nothing_else() -> None:
    guard = Guard(writes=False)

    for operation, place in document.places().items():
        refusal = guard.refusal(*place, body(named(operation, OWN)))
        assert (refusal is None) == (operation in bench.reads()), operation


@rows(
    "url, goes",
    [
        (URL, True),
        ("http://shop.example:8080/a?b=c#d", True),
        ("no address", True),
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
def test_events_are_sent_to_no_address_that_somebody_may_have(
    url: object, *, goes: bool, guard: Guard
) -> None:
    """A subscription that is made on a real account gets events about real customers."""
    for operation in ("createSubscription", "changeSubscription"):
        payload = {**named(operation, OWN), "url": url}
        assert code(guard, operation, body(payload)) == (None if goes else "001")


def test_a_server_that_answers_with_an_id_that_it_listed_gives_nothing_away(guard: Guard) -> None:
    """To create a customer and be given one that was there makes it no less a merchant's."""
    learn(guard, "createCustomer", {}, {"id": LISTED})
    learn(guard, "createSubscription", {"requestId": INVENTED}, {"requestId": EXAMPLE[::-1]})

    learn(guard, "createSubscription", {}, {"requestId": LISTED})

    assert code(guard, "blockCustomer", body({"customerId": LISTED})) == "004"
    assert not guard.is_made(EXAMPLE[::-1])
    assert not guard.is_made(LISTED)


def test_what_an_error_repeats_is_not_taken_for_a_list(guard: Guard) -> None:
    """A server may repeat an invented id to say that there is no such thing."""
    learn(guard, "blockCustomer", {}, {"message": f"There is no {INVENTED}."}, status=400)

    assert code(guard, "blockCustomer", body({"customerId": INVENTED})) is None


def test_a_subscription_is_kept_in_mind_until_it_is_known_to_be_gone(guard: Guard) -> None:
    """Where no response came, or one that says nothing, it may have been made."""
    place, payload = document.places()["createSubscription"], {"requestId": INVENTED, "url": URL}
    guard.asks(*place, body(payload))

    assert guard.is_made(INVENTED)
    learn(guard, "createSubscription", payload, {}, status=500)
    assert guard.is_made(INVENTED)
    # That it is there already is no sign that this run did not make it.
    guard.asks(*place, body(payload))
    learn(guard, "createSubscription", payload, REJECTED, status=400)
    assert guard.is_made(INVENTED)
    learn(guard, "deleteSubscription", {"requestId": INVENTED}, None)
    assert not guard.is_made(INVENTED)


def test_a_subscription_that_was_refused_was_not_made(guard: Guard) -> None:
    payload = {"requestId": INVENTED, "url": URL}
    guard.asks(*document.places()["createSubscription"], body(payload))
    learn(guard, "createSubscription", payload, REJECTED, status=400)

    assert not guard.is_made(INVENTED)


@rows(
    "status, answer, is_sure",
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
def test_only_an_error_of_the_api_says_that_nothing_was_made(
    status: int, answer: object, *, is_sure: bool
) -> None:
    guard, place = Guard(writes=True), document.places()["createCustomer"]
    guard.sends(*place)
    assert guard.unsure["customers"] == 1
    guard.hears(*place, status, json.dumps(answer).encode())

    assert guard.unsure["customers"] == (0 if is_sure else 1)


def test_a_subscription_that_is_listed_though_it_was_rejected_is_the_runs() -> None:
    """If its id is so random that it is not chosen twice."""
    guard, place = Guard(writes=True), document.places()["createSubscription"]
    random, simple = "0c1d2e3f-4a5b-4c6d-8e7f-901234567890", "00000000-0000-4000-8000-000000000001"
    for name in (random, simple):
        payload = {"requestId": name, "url": URL}
        guard.asks(*place, body(payload))
        learn(guard, "createSubscription", payload, REJECTED, status=400)
    learn(guard, "getSubscriptions", None, [{"requestId": random}, {"requestId": simple}])
    guard.keep([random, simple])

    assert list(guard.subscriptions.values()) == [random]


@rows("status", [200, 404])
def test_a_customer_with_an_id_that_was_named_before_is_left_alone(status: int) -> None:
    """Given twice as new, or named in an error before it was."""
    guard = Guard(writes=True)
    operation = "createCustomer" if status == 200 else "getAccount"
    learn(guard, operation, {}, {"id": INVENTED}, status=status)
    assert code(guard, "blockCustomer", body({"customerId": INVENTED})) is None
    learn(guard, "createCustomer", {}, {"id": INVENTED})

    assert code(guard, "blockCustomer", body({"customerId": INVENTED})) == "004"
    assert len(guard.contested) == 1
