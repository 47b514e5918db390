"""What the document has and the mock has no behaviour for comes from the document's examples."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Mock, _contract, _parameters
from calypso_mock._fill import KNOWN, RETURNED
from calypso_mock._handlers import HANDLERS

if TYPE_CHECKING:
    from conftest import Api

GET = {
    "operationId": "getTariff",
    "parameters": [
        {"name": "pair", "in": "path", "required": True, "schema": {"enum": ["BTC/EUR", "ETH"]}},
        {
            "name": "rows",
            "in": "query",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        },
        {"name": "least", "in": "query", "schema": {"type": "number"}},
        {"name": "all", "in": "query", "schema": {"type": "boolean"}},
        {
            "name": "level",
            "in": "query",
            "schema": {"type": "array", "items": {"type": "string", "maxLength": 3}},
        },
    ],
    "responses": {
        "200": {
            "content": {
                "application/json": {
                    "schema": {"type": "object"},
                    "examples": {"first": {"value": {"fee": 1}}, "second": {"value": {"fee": 2}}},
                }
            }
        }
    },
}


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def add(
    document: dict[str, Any], name: str, field: str, node: Any, *, needed: bool = False
) -> None:
    schema(document, name)["properties"][field] = node
    if needed:
        schema(document, name).setdefault("required", []).append(field)


def test_a_new_field_is_served_from_its_example(connect: type[Api], document: Any) -> None:
    """Scalars, objects and lists, on objects within others too, required or not."""
    add(document, "Account", "plan", {"type": "string", "examples": ["Gold", "Silver"]})
    add(document, "Balance", "frozen", {"type": "number", "examples": [0.5]}, needed=True)
    inner = {"type": "object", "properties": {"city": {"type": "string", "examples": ["Delft"]}}}
    add(document, "Account", "owner", inner)
    add(document, "Account", "owners", {"type": "array", "items": inner})
    add(document, "Account", "level", {"$ref": "#/components/schemas/PurseStatus"})
    add(document, "Account", "note", {"type": "string"})
    add(document, "Account", "count", {"type": "integer"}, needed=True)
    api = connect(Mock(document=document, seeded=True))

    found = api.ok("getAccount")

    assert (found["plan"], found["owner"], found["owners"]) == (
        "Gold",
        {"city": "Delft"},
        [{"city": "Delft"}],
    )
    assert found["level"] == "PENDING_PAYMENT"
    assert [row["frozen"] for row in found["balances"]] == [0.5] * len(found["balances"])
    assert "note" not in found, "it is optional and has no example"
    assert found["count"] == 0, "it is required"


def test_a_field_that_is_gone_is_served_no_longer(connect: type[Api], document: Any) -> None:
    """Also where the examples, from which a seeded mock starts, do not have it any more."""
    del schema(document, "Purse")["properties"]["createdDate"]
    examples = document["paths"]["/api/v1/customer-purse/purse/get-all"]["post"]["responses"]["200"]
    for each in examples["content"]["application/json"]["examples"].values():
        for row in each["value"]:
            row.pop("createdDate", None)
    mock = Mock(document=document, seeded=True)
    customer = mock.state()["accounts"][0]["customers"][0]["id"]

    rows = connect(mock).ok("getPurses", {"customerId": customer})

    assert rows
    assert {name for row in rows for name in row} == {"id", "address", "status"}


def test_what_the_mock_leaves_out_on_purpose_stays_out(connect: type[Api]) -> None:
    """A customer without fields has no e-mail address, whatever the examples show."""
    assert connect(Mock()).ok("createCustomer", {}).keys() == {"id", "blocked"}


def test_a_new_field_of_payload_and_answer_is_remembered(connect: type[Api], document: Any) -> None:
    """What is said of a customer comes back, and is not there where nothing was said."""
    for name in ("CreateCustomerPayload", "Customer"):
        add(document, name, "salutation", {"type": "string", "examples": ["Countess"]})
    api = connect(Mock(document=document))

    assert api.ok("createCustomer", {"salutation": "Dame"})["salutation"] == "Dame"
    assert "salutation" not in api.ok("createCustomer", {})


def test_a_new_field_of_an_event_is_served_from_its_example(
    connect: type[Api], document: Any
) -> None:
    add(document, "PurseDepositData", "risk", {"type": "string", "examples": ["low"]})
    sent: list[bytes] = []
    mock = Mock(document=document, deliver=lambda url, headers, body: (sent.append(body), 200)[1])
    api = connect(mock)
    wanted = {
        "requestId": "510b52e6-4f5f-4d0c-931b-41584249e9ab",
        "url": "http://127.0.0.1:9/",
        "notificationServiceTypes": ["CUSTOMER_PURSE"],
    }
    api.ok("createSubscription", wanted)

    mock.simulate_deposit(address=api.address(), currency="USDT_TRX", amount=1)

    assert b'"risk":"low"' in sent[-1]


def test_every_field_that_the_mock_writes_is_known_as_such(connect: type[Api]) -> None:
    """Else an answer without it would be filled in, and a mistake of the mock would not show."""
    api = connect(Mock(seeded=True))
    shown = api.mock.state()["accounts"][0]
    rows = {
        "Account": shown.keys() - {"customers", "transactions", "subscriptions", "topUps"},
        "Customer": {name for row in shown["customers"] for name in row} - {"purses"},
        "Purse": {name for row in shown["customers"] for each in row["purses"] for name in each},
        "Subscription": {name for row in shown["subscriptions"] for name in row},
        "Transaction": {name for row in shown["transactions"] for name in row}
        - {"step", "purseId"},
    }

    assert [
        (name, more) for name, fields in rows.items() if (more := fields - KNOWN[name].keys())
    ] == []


def test_what_is_not_simulated_is_named_in_journal_and_log(
    connect: type[Api], document: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Once in the log, every time in the journal."""
    document["paths"]["/api/v1/tariff/{pair}"] = {"get": GET}
    api = connect(Mock(document=document))

    for _ in range(2):
        assert api.raw("GET", "/api/v1/tariff/ETH", query="rows=1").json == {"fee": 1}
    api.ok("getAccount")

    assert caplog.messages == ["getTariff is not simulated: it is answered from the document"]
    assert [(entry.operation, entry.from_example) for entry in api.mock.journal.entries()] == [
        ("getTariff", True),
        ("getTariff", True),
        ("getAccount", False),
    ]


def test_an_id_that_is_not_there_is_refused_in_any_operation(
    connect: type[Api], document: Any
) -> None:
    """Whatever is answered from an example, it is not that of another customer."""
    block = document["paths"]["/api/v1/customer-purse/customer/block"]["post"]
    document["paths"]["/api/v1/customer-purse/customer"] = {
        "post": block | {"operationId": "getCustomer"}
    }
    api = connect(Mock(document=document))
    body = {"customerId": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}
    sent = json.dumps(api.envelope(body)).encode()

    assert api.raw("POST", "/api/v1/customer-purse/customer", sent).refusal == (400, "004")


@pytest.mark.parametrize("name", ["customerId", "transactionId"])
@pytest.mark.parametrize("place", ["path", "query"])
def test_an_id_in_a_parameter_that_is_not_there_is_refused(
    connect: type[Api], document: Any, name: str, place: str
) -> None:
    """As one in a payload is; one that is there is not."""
    path = f"/api/v1/one/{{{name}}}" if place == "path" else "/api/v1/one"
    parameter = {"name": name, "in": place, "required": True, "schema": {"type": "string"}}
    document["paths"][path] = {"get": GET | {"parameters": [parameter]}}
    api = connect(Mock(document=document, seeded=True))
    account = api.mock.state()["accounts"][0]
    there = {"customerId": account["customers"], "transactionId": account["transactions"]}

    def ask(value: str) -> Any:
        query = f"{name}={value}" if place == "query" else ""
        return api.raw("GET", path.replace(f"{{{name}}}", value), query=query)

    assert ask(there[name][0]["id"]).json == {"fee": 1}
    assert ask("3fa85f64-5717-4562-b3fc-2c963f66afa7").refusal == (400, "004")


def test_what_the_document_does_not_have_is_ignored_in_any_operation(
    connect: type[Api], document: Any
) -> None:
    """An account and a payload too, where the envelope has none of either."""
    stamp = {"type": "object", "required": ["timestamp"], "properties": {"timestamp": {}}}
    body = {"content": {"application/json": {"schema": stamp}}}
    document["paths"]["/api/v1/user"] = {
        "post": GET | {"operationId": "getUser", "parameters": [], "requestBody": body}
    }
    api = connect(Mock(document=document))
    sent = json.dumps(api.envelope(7, account=5)).encode()

    assert api.raw("POST", "/api/v1/user", sent).json == {"fee": 1}


@pytest.mark.parametrize(
    ("pair", "query", "said"),
    [
        ("ETH", "rows=7&least=1.50&all=true&level=a&level=b", None),
        ("BTC%2FEUR", "rows=7", None),
        ("XRP", "rows=7", "path.pair=[must be one of BTC/EUR | ETH]"),
        ("ETH", "", "query.rows=[is required]"),
        ("ETH", "rows=0", "query.rows=[must be at least 1]"),
        ("ETH", "rows=1.5", "query.rows=[must be a whole number]"),
        ("ETH", "rows=", "query.rows=[must be a whole number]"),
        ("ETH", "rows=1_0", "query.rows=[must be a whole number]"),
        ("ETH", "rows=01", "query.rows=[must be a whole number]"),
        ("ETH", "rows=%D9%A1", "query.rows=[must be a whole number]"),
        ("ETH", "rows=1&least=-1.5E%2B2", None),
        ("ETH", "rows=1&least=1_0", "query.least=[must be a number]"),
        ("ETH", "rows=1&least=%201", "query.least=[must be a number]"),
        ("ETH", "rows=1&least=%D9%A1", "query.least=[must be a number]"),
        ("ETH", "rows=1&least=1e999999999", "query.least=[must be a number]"),
        ("ETH", "rows=1&least=NaN", "query.least=[must be a number]"),
        ("ETH", "rows=1&all=yes", "query.all=[must be true or false]"),
        ("ETH", "rows=1&level=a&level=long", "query.level[1]=[must have at most 3 characters]"),
        ("ETH", "rows=1&other=1", None),
    ],
)
def test_parameters_are_checked_by_the_document(
    connect: type[Api], document: Any, pair: str, query: str, said: str | None
) -> None:
    document["paths"]["/api/v1/tariff/{pair}"] = {"get": GET}
    api = connect(Mock(document=document))

    answer = api.raw("GET", f"/api/v1/tariff/{pair}", query=query)

    if said is None:
        assert answer.json == {"fee": 1}
    else:
        assert answer.refusal == (400, "001")
        assert answer.message == said


def test_a_path_without_parameters_goes_before_one_with(connect: type[Api], document: Any) -> None:
    document["paths"]["/api/v1/{kind}"] = {"post": GET | {"parameters": []}}
    api = connect(Mock(document=document))

    assert api.ok("getAccount")["account"] == api.settings["account"]
    assert api.raw("POST", "/api/v1/other").json == {"fee": 1}


def test_parameters_share_a_segment_with_text(connect: type[Api], document: Any) -> None:
    """None of them is empty, and none goes beyond its segment."""
    names = [
        {"name": name, "in": "path", "required": True, "schema": {"enum": ["BTC", "ETH"]}}
        for name in ("from", "to")
    ]
    document["paths"]["/api/v1/rate/v{from}-{to}.json/last"] = {"get": GET | {"parameters": names}}
    api = connect(Mock(document=document))

    def status(path: str) -> int:
        return api.raw("GET", f"/api/v1/rate/{path}").status

    assert status("vBTC-ETH.json/last") == 200
    assert status("vBTC-XRP.json/last") == 400
    others = ("BTC-ETH.json/last", "vBTC-.json/last", "v-ETH.json/last", "vBTC-ETH/last", "v-.json")
    more = ("vBTC-ETH.json/last/", "vB/C-ETH.json/last", "vBTC-ETH.jsonx/last", "v-.json/last")
    assert {path: status(path) for path in (*others, *more)} == dict.fromkeys((*others, *more), 404)


def test_a_path_is_matched_in_one_go() -> None:
    """Whatever the number of ways to divide it: one that took all would not end."""
    template = "/" + "-".join(f"{{p{number}}}" for number in range(30)) + ".json"
    route = _parameters.route(template)

    assert route is not None
    assert route.match("/" + "-" * 1_900) is None
    found = route.match("/" + "-".join("a" * 30) + "-b.json")
    assert found == {f"p{number}": "a" for number in range(29)} | {"p29": "a-b"}
    assert route.match("/" + "-".join("a" * 30) + "b" * 2_000 + ".json") is None, "it is too long"


def test_what_a_handler_returns_is_known_whatever_its_schema_is_called(
    connect: type[Api], document: Any
) -> None:
    """A new name for a component changes no answer."""
    payloads = {"createCustomer": {}, "getAccount": None, "getSubscriptions": None}
    text = json.dumps(document, default=float)
    for name in ("Account", "Balance", "Customer", "Subscription", "SubscriptionList"):
        text = text.replace(f'schemas/{name}"', f'schemas/{name}Row"')
    renamed = json.loads(text, parse_float=Decimal)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {
        name + "Row" if f'schemas/{name}Row"' in text else name: each
        for name, each in schemas.items()
    }
    add(renamed, "CustomerRow", "tier", {"type": "string", "examples": ["gold"]})
    del schema(renamed, "SubscriptionRow")["properties"]["createdDate"]
    schema(renamed, "SubscriptionRow")["required"].remove("createdDate")
    api = connect(Mock(document=renamed, seeded=True))

    found = {name: api.ok(name, payload) for name, payload in payloads.items()}

    assert found["createCustomer"].keys() == {"id", "blocked", "tier"}
    plain = connect(Mock(seeded=True)).ok("getAccount")
    assert found["getAccount"] == plain
    assert all("createdDate" not in row for row in found["getSubscriptions"]["subscriptions"])


def test_every_handler_that_answers_says_what(operations: dict[str, Any]) -> None:
    """Each name is one of which the fields are known."""
    assert RETURNED.keys() | {"deleteSubscription"} == HANDLERS.keys() == operations.keys()
    assert set(RETURNED.values()) <= KNOWN.keys()


def test_the_packaged_document_is_answered_by_the_handlers_alone() -> None:
    """Else the table of what they write is wrong, or lacks something."""
    contract = _contract.of_document(None)

    assert [each.id for each in contract.operations.values() if each.complete] == []
    assert contract.completions == {}
