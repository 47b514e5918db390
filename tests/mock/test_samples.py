"""Generated values of fields that the mock has no behaviour for fit the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Mock

if TYPE_CHECKING:
    from conftest import Api

MADE = {
    "text": ({"type": "string"}, ""),
    "uuid": ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
    "moment": ({"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z"),
    "date": ({"type": "string", "format": "date"}, "2026-01-01"),
    "email": ({"type": "string", "format": "email"}, "name@example.com"),
    "uri": ({"type": "string", "format": "uri"}, "https://example.com/"),
    "long text": ({"type": "string", "minLength": 3}, "xxx"),
    "pattern": ({"type": "string", "pattern": "^[0-9a-f]{40}$"}, "0" * 40),
    "enum": ({"enum": ["a", "b"]}, "a"),
    "enum, null first": ({"enum": [None, "a"]}, "a"),
    "minimum": ({"type": "integer", "minimum": 5}, 5),
    "exclusive minimum": ({"type": "integer", "exclusiveMinimum": 5}, 6),
    "maximum": ({"type": "integer", "maximum": -5}, -5),
    "step": ({"type": "integer", "minimum": 5, "multipleOf": 4}, 8),
    "between": ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
    "items": ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["", ""]),
    "no items": ({"type": "array", "items": {"type": "string"}}, []),
    "different items": (
        {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 2, "uniqueItems": True},
        [1, 2],
    ),
    "null or text": ({"type": ["null", "string"]}, ""),
    "null or enum": ({"anyOf": [{"type": "null"}, {"enum": ["a"]}]}, "a"),
    "null": ({"type": "null"}, None),
    "reference in allOf": (
        {"allOf": [{"$ref": "#/components/schemas/TransactionState"}]},
        "MEM_POOL_FOUND",
    ),
    "object": (
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"minimum": 1, "type": "number"}},
        },
        {"a": 1},
    ),
    "example that is wrong": ({"type": "integer", "examples": ["five"]}, 0),
    "example behind one that is wrong": ({"type": "integer", "examples": ["five", 5]}, 5),
    "example within that is wrong": (
        {
            "type": "object",
            "properties": {
                "a": {"type": "integer", "examples": ["five"]},
                "b": {"type": "integer", "examples": [5]},
            },
        },
        {"b": 5},
    ),
}


def account(connect: type[Api], document: Any, **nodes: Any) -> Any:
    """Ask for an account with fields of these schemas, required without ``_optional``."""
    row = document["components"]["schemas"]["Account"]
    for name, node in nodes.items():
        row["properties"][name.removesuffix("_optional")] = node
        if not name.endswith("_optional"):
            row["required"] = [*row.get("required", ()), name]
    return connect(Mock(document=document)).ok("getAccount")


@pytest.mark.parametrize("name", MADE)
def test_a_required_field_without_an_example_gets_a_value_that_fits(
    connect: type[Api], document: Any, name: str
) -> None:
    """A response that broke the document would be a 500."""
    node, value = MADE[name]

    assert account(connect, document, new=node)["new"] == value


def test_an_optional_field_whose_example_is_wrong_is_left_out(
    connect: type[Api], document: Any
) -> None:
    wrong = {"type": "integer", "examples": ["five"]}

    found = account(connect, document, new_optional=wrong, null_optional={"examples": [None]})

    assert "new" not in found
    assert found["null"] is None, "an example may be null"


def test_a_schema_within_itself_is_not_sampled_again(connect: type[Api], document: Any) -> None:
    """In any number of fields, through others, in lists and in options."""
    node = {"$ref": "#/components/schemas/Node"}
    other = {"$ref": "#/components/schemas/Other"}
    lists = {"$ref": "#/components/schemas/Lists"}
    fields = {f"child{number}": node for number in range(8)}
    value = {"type": "string", "examples": ["x"]}
    document["components"]["schemas"] |= {
        "Node": {"type": "object", "properties": {**fields, "other": other, "value": value}},
        "Other": {"type": "object", "properties": {**fields, "value": value}},
        "Lists": {"type": "array", "items": lists},
        "Any": {
            "oneOf": [
                {"type": "array", "items": {"$ref": "#/components/schemas/Any"}},
                {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Any"}},
                {"type": "string"},
            ]
        },
    }

    found = account(
        connect,
        document,
        node=node,
        node2_optional=node,
        lists=lists,
        lists2_optional=lists,
        any={"$ref": "#/components/schemas/Any"},
    )

    assert found["node"] == found["node2"] == {"value": "x", "other": {"value": "x"}}
    assert found["lists"] == []
    assert "lists2" not in found
    assert found["any"] == []


def test_an_object_within_itself_is_filled_in_once(connect: type[Api], document: Any) -> None:
    """Where it is one that the mock knows too."""
    parent = {"$ref": "#/components/schemas/Account"}

    found = account(connect, document, parent_optional=parent)

    assert found["parent"]["ownerId"]
    assert "parent" not in found["parent"]


def test_schemas_that_all_refer_to_each_other_give_a_small_sample(
    connect: type[Api], document: Any
) -> None:
    """There are more ways through them than could ever be walked."""
    names = [f"Node{number}" for number in range(30)]
    fields = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    value = {"type": "string", "examples": ["x"]}
    document["components"]["schemas"] |= {
        name: {"type": "object", "properties": {"value": value, **fields}} for name in names
    }

    found = account(connect, document, node=fields["Node0"])

    assert found["node"]["value"] == "x"
    assert len(str(found)) < 20_000


def test_a_known_field_is_written_in_the_type_that_the_document_has_now(
    connect: type[Api], document: Any
) -> None:
    """Where nothing is lost by that; else its sample is shown, or nothing where it is optional."""
    schemas = document["components"]["schemas"]
    schemas["Balance"]["properties"]["amount"] = {"type": "string"}
    schemas["Purse"]["properties"]["status"] = {"type": "integer", "examples": [7]}
    schemas["Purse"]["properties"]["createdDate"] = {"type": "integer"}
    schemas["Purse"]["required"] = ["id"]
    schemas["TransactionPage"]["properties"]["size"] = {"type": ["string", "null"]}
    schemas["Transaction"]["properties"]["amount"] = {"type": "integer", "examples": [3]}
    schemas["Customer"]["properties"]["externalId"] = {"type": "number"}
    api = connect(Mock(document=document))
    customer = api.ok("createCustomer", {"externalId": "12.50"})
    address = api.address("ETH", customer["id"])
    for amount in ("2", "0.50"):
        api.mock.simulate_deposit(address=address, currency="ETH", amount=amount)

    assert str(customer["externalId"]) == "12.50"
    assert "externalId" not in api.ok("createCustomer", {"externalId": "1_0"})
    assert api.ok("getAccount")["balances"] == [{"currency": "ETH", "amount": "2.50"}]
    (purse,) = api.ok("getPurses", {"customerId": customer["id"]})
    assert purse == {"id": purse["id"], "address": address, "status": 7}
    page = api.ok("findTransactions", {})
    assert page["size"] == "20"
    assert sorted(row["amount"] for row in page["result"]) == [2, 3]


def test_a_known_field_of_an_event_is_written_in_its_type_too(
    connect: type[Api], document: Any
) -> None:
    document["components"]["schemas"]["PurseDepositData"]["properties"]["amount"] = {
        "type": "string"
    }
    document["components"]["schemas"]["Notification"]["properties"]["id"] = {"type": "string"}
    sent: list[bytes] = []
    mock = Mock(document=document, deliver=lambda url, headers, body: (sent.append(body), 200)[1])
    api = connect(mock)
    wanted = {
        "requestId": "510b52e6-4f5f-4d0c-931b-41584249e9ab",
        "url": "http://127.0.0.1:9/",
        "notificationServiceTypes": ["CUSTOMER_PURSE"],
    }
    api.ok("createSubscription", wanted)

    mock.simulate_deposit(address=api.address(), currency="USDT_TRX", amount="1.50")

    assert b'"amount":"1.50"' in sent[-1]
    assert b'"id":"' in sent[-1]
