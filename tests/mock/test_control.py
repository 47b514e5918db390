"""Control endpoints control a served mock, for callers on this machine only."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from calypso_mock import Clock, Mock
from calypso_mock.serving import _control
from tests.mock.rows import outcomes

if TYPE_CHECKING:
    import pytest

    from conftest import Api

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_deposit_can_be_made_and_moved_on(api: Api) -> None:
    """As by simulate_deposit, amounts as text or as an exact number."""
    wanted = {"address": api.address("ETH"), "currency": "ETH", "amount": "0.1", "to": "pending"}

    made = api.control("POST", "deposit", wanted).json
    moved = [
        api.control("POST", "deposit/advance", {"transactionId": made["transactionId"]}).json[
            "step"
        ]
        for _ in range(2)
    ]
    raw = json.dumps({**wanted, "to": "credited"}).replace(
        '"0.1"', "0.000000000000000000000000000001"
    )
    exact = api.mock.handle("POST", "/_mock/deposit", {}, raw.encode())

    assert made["step"] == "pending"
    assert moved == ["confirmed", "credited"]
    assert exact.status == 200
    assert str(api.balance("ETH")) == "0.100000000000000000000000000001"


def test_a_deposit_is_credited_by_default(api: Api) -> None:
    """As by simulate_deposit."""
    wanted = {"address": api.address("BTC"), "currency": "BTC", "amount": 1}

    assert api.control("POST", "deposit", wanted).json["step"] == "credited"


def test_the_clocks_can_be_moved(connect: type[Api]) -> None:
    """Business time by days, hours and seconds, wire time by a skew; the response has both."""

    def moved(body: Any) -> tuple[float, float]:
        api = connect(Mock(clock=Clock(lambda: NOON)))
        response = api.control("POST", "clock", body)
        assert response.status == 200
        assert response.json.keys() == {"now", "wire"}
        business, wire = api.mock.clock.now() - NOON, api.mock.clock.wire() - NOON
        return business / timedelta(days=1), wire.total_seconds()

    rows = [
        ({"advance": {"days": 30}}, (30, 0)),
        ({"advance": {"days": 1, "hours": 24, "seconds": 86400}}, (3, 0)),
        ({"advance": 43200.0}, (0.5, 0)),
        ({"skew": -90.5}, (0, -90.5)),
        ({"advance": {"days": 1}, "skew": 5}, (1, 5)),
        ({}, (0, 0)),
    ]
    assert outcomes([body for body, _ in rows], moved) == {
        repr(body): expected for body, expected in rows
    }


def test_an_account_can_be_added(api: Api) -> None:
    """With a key of its own, which sees that account and no other; a reset takes it away."""
    old = api.settings["account"]
    api.settings = {**api.settings, **api.control("POST", "account", {}).json}

    assert api.ok("getAccount")["balances"] == []
    assert api.call("getAccount", account=old).error == (400, "004")

    api.control("POST", "reset", {})

    assert api.rejected("getAccount") == (401, "002")


def test_an_account_can_be_added_to_a_key(api: Api) -> None:
    """Which may then use both; an unknown key is rejected."""
    made = api.control("POST", "account", {"key": api.settings["key"]}).json
    unknown = [api.control("POST", "account", {"key": key}).status for key in ("unknown", [], None)]

    assert made["key"] == api.settings["key"]
    assert api.call("getAccount", account=made["account"]).json["account"] == made["account"]
    assert api.call("getAccount").status == 200
    assert unknown == [400, 400, 400]


def test_the_state_shows_the_options() -> None:
    """A test over HTTP has to know the options for undocumented behaviour."""
    for base, status in ((0, 401), (1, 400)):
        mock = Mock(page_base=base, auth_status=status)
        state = json.loads(mock.handle("GET", "/_mock/state").body)

        assert state["switches"] == {"authStatus": status, "pageBase": base}


def test_state_and_reset(api: Api) -> None:
    """The state is that of Mock.state(); reset goes back to the start."""
    start = api.mock.state()
    api.customer()
    api.mock.add_account()
    api.mock.clock.advance(days=1)
    changed = api.control("GET", "state").json

    assert changed == api.mock.state() != start
    assert api.control("POST", "reset").json == start == api.mock.state()


def test_a_reset_mock_behaves_like_a_fresh_one(api: Api) -> None:
    """Ids start again, so that a run can be repeated exactly."""
    first = api.ok("createCustomer", {})
    api.mock.reset()

    assert api.ok("createCustomer", {}) == first


KNOWN = "the id of a deposit"
BAD = {
    "deposit": [
        {},
        {"address": "x", "currency": "BTC"},
        {"address": "x", "currency": "BTC", "amount": 1},
        {"address": [], "currency": {}, "amount": []},
        {"address": "x", "currency": "BTC", "amount": 1, "colour": "red"},
    ],
    "deposit/advance": [{}, {"transactionId": "x"}, {"transactionId": 7}, {"transactionId": None}],
    "top-up": [
        {},
        {"currency": "BTC"},
        {"currency": "NOPE", "amount": 1},
        {"currency": [], "amount": {}},
        {"currency": "BTC", "amount": 1, "account": []},
        {"currency": "BTC", "amount": 1, "to": {}},
        {"currency": "BTC", "amount": 1, "address": "x"},
    ],
    "top-up/advance": [{}, {"topUpId": "x"}, {"topUpId": 7}, {"topUpId": None}],
    "rows/lose": [
        {},
        {"transactionId": "x"},
        {"transactionId": 7},
        {"transactionId": None},
        {"transactionId": KNOWN, "findOnly": 1},
        {"transactionId": KNOWN, "find_only": True},
    ],
    "rows/delay": [
        {"transactionId": KNOWN},
        {"transactionId": "x", "by": 1},
        {"transactionId": KNOWN, "by": 0},
        {"transactionId": KNOWN, "by": "1"},
        {"transactionId": KNOWN, "by": {"weeks": 1}},
        {"transactionId": KNOWN, "by": 1, "findOnly": "yes"},
    ],
    "rows/alter": [
        {"transactionId": KNOWN},
        {"transactionId": KNOWN, "amount": "1"},
        {"transactionId": KNOWN, "fields": []},
        {"transactionId": KNOWN, "fields": {}},
        {"transactionId": KNOWN, "fields": {"id": "x"}},
        {"transactionId": KNOWN, "fields": {"self": 1}},
        {"transactionId": KNOWN, "fields": {"transaction_id": 1}},
        {"transactionId": KNOWN, "fields": {"amount": True}},
        {"transactionId": KNOWN, "fields": {"transactionState": "LOST"}},
        {"transactionId": "x", "fields": {"amount": 1}},
    ],
    "rows/restore": [{"transactionId": "x"}, {"transactionId": None}, {"id": "x"}],
    "deliveries/lose": [
        {},
        {"transactionId": "x"},
        {"transactionId": None},
        {"transactionId": KNOWN, "eventType": "INVOICE_PAID"},
        {"transactionId": KNOWN, "eventType": None},
        {"transactionId": KNOWN, "event_type": "CUSTOMER_PURSE_PENDING_COMPLIANCE"},
    ],
    "deliveries/delay": [
        {"transactionId": KNOWN},
        {"transactionId": "x", "by": 1},
        {"transactionId": KNOWN, "by": -1},
        {"transactionId": KNOWN, "by": {"days": "1"}},
    ],
    "deliveries/alter": [
        {"transactionId": KNOWN},
        {"transactionId": KNOWN, "fields": None},
        {"transactionId": KNOWN, "fields": {"changes": 1}},
        {"transactionId": KNOWN, "fields": {"amount": "1.5e"}},
        {"transactionId": KNOWN, "fields": {"customerBlocked": "no"}},
        {"transactionId": "x", "fields": {"amount": 1}},
    ],
    "deliveries/restore": [{"transactionId": "x"}, {"transactionId": None}, {"all": True}],
    "deliveries/disturb": [{"lose": 2}, {"lose": "all"}, {"delay": 1, "delayBy": 0}, {"alter": 1}],
    "clock": [
        {"advance": "30"},
        {"advance": {"weeks": 1}},
        {"advance": -1},
        {"advance": True},
        {"advance": {"days": 1e100}},
        {"skew": None},
        {"skew": "1"},
        {"back": 1},
        [],
    ],
    "reset": [{"all": True}, []],
}


def test_the_error_for_bad_input_names_the_remedy(api: Api) -> None:
    """400 with one sentence, and nothing has changed."""
    known = api.mock.simulate_deposit(
        address=api.address("BTC"), currency="BTC", amount=1, to="mem_pool"
    )
    before = api.mock.state()

    def send(row: tuple[str, Any]) -> tuple[Any, ...]:
        name, body = row
        if isinstance(body, dict) and body.get("transactionId") == KNOWN:
            body = {**body, "transactionId": known.transaction_id}
        response = api.control("POST", name, body)
        message = response.json.get("error", "")
        is_all = response.json.keys() == {"error"} and len(message) > 10
        return response.status, is_all, api.mock.state() == before

    rows = [(name, body) for name, bodies in BAD.items() for body in bodies]
    assert outcomes(rows, send) == dict.fromkeys(map(repr, rows), (400, True, True))


def test_bad_json_is_bad_input(api: Api) -> None:
    """Also where it is not JSON, or too long."""

    def send(content: bytes) -> tuple[int, list[str]]:
        response = api.mock.handle("POST", "/_mock/clock", {}, content)
        return response.status, list(json.loads(response.body))

    contents = {
        "cut off": b"{",
        "not UTF-8": b"\xff",
        "deep": b"[" * 100_000,
        "no number": b'{"advance":NaN}',
        "null": b"null",
    }
    assert outcomes(contents, send) == dict.fromkeys(contents, (400, ["error"]))


def test_an_unknown_endpoint_lists_those_there_are(api: Api) -> None:
    """404, with every method and path."""
    response = api.control("GET", "nothing")

    assert response.status == 404
    for method, path in _control.ENDPOINTS:
        assert f"{method} {path}" in response.json["error"]
    assert api.control("GET", "reset").status == 404


def test_an_endpoint_is_added_by_one_function(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other modules can register theirs the same way."""
    monkeypatch.setattr(_control, "ENDPOINTS", dict(_control.ENDPOINTS))

    @_control.endpoint("POST", "echo")
    def _echo(_: object, body: dict[str, Any]) -> dict[str, Any]:
        return {"heard": body}

    assert api.control("POST", "echo", {"a": 1}).json == {"heard": {"a": 1}}


def _ask(client: str | None, **headers: str) -> int:
    named = {name.title(): value for name, value in headers.items()}
    return Mock().handle("GET", "/_mock/state", named, client=client).status


STATUSES = {
    ("127.0.0.1", "127.0.0.1:8000"): 200,
    ("127.0.0.1", "127.0.0.1"): 200,
    ("127.9.9.9", "127.8.8.8:1"): 200,
    ("127.0.0.1", "LocalHost:8000"): 200,
    ("::1", "[::1]:8000"): 200,
    ("::1", "[::1]"): 200,
    ("::ffff:127.0.0.1", "localhost"): 200,
    ("127.0.0.1", ""): 403,
    ("127.0.0.1", "evil.example:8000"): 403,
    ("127.0.0.1", "localhost.evil.example"): 403,
    ("127.0.0.1", "127.0.0.1.evil.example"): 403,
    ("127.0.0.1", "127.0.0.1:8000, evil.example"): 403,
    ("127.0.0.1", "localhost:evil"): 403,
    ("127.0.0.1", "::1"): 403,
    ("127.0.0.1", "[::1"): 403,
    ("127.0.0.1", "192.168.1.5:8000"): 403,
    ("127.0.0.1", "2130706433"): 403,
    ("192.168.1.5", "127.0.0.1:8000"): 403,
    ("8.8.8.8", "localhost"): 403,
    ("::ffff:8.8.8.8", "localhost"): 403,
    ("unix", "localhost"): 403,
    ("", "localhost"): 403,
}


def test_only_this_machine_may_control() -> None:
    """The caller's address and the name it called by both have to be of this machine."""
    assert {(client, host): _ask(client, host=host) for client, host in STATUSES} == STATUSES


def test_no_page_of_another_origin_may_control() -> None:
    """A browser on this machine names the page that sends the request."""
    statuses = {
        "http://127.0.0.1:3000": 200,
        "http://localhost": 200,
        "https://evil.example": 403,
        "http://localhost.evil.example": 403,
        "null": 403,
        "": 403,
    }

    assert {
        origin: _ask("127.0.0.1", host="127.0.0.1:8000", origin=origin) for origin in statuses
    } == statuses


def test_calls_within_the_process_may_control() -> None:
    """There is no host to check."""
    assert _ask(None) == 200


def test_the_api_itself_is_open_to_all_hosts(api: Api, connect: type[Api]) -> None:
    """Its guard is the signature."""
    remote = connect(api.mock, client="8.8.8.8")

    assert remote.call("getAccount").status == 200
    assert remote.control("POST", "reset").status == 403
