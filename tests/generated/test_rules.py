"""Unsupported documents are rejected with a message that names the location and the fix."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from generator import document as doc
from generator import extensions
from generator.problems import GenerationError
from tests.rows import rows

GET = "/api/v1/account"
ENVELOPE = "/api/v1/customer-purse/customer/block"


def operation(**members: Any) -> Any:
    return {"paths": {GET: {"post": members}}}


def parameter(**members: Any) -> Any:
    given = {"name": "limit", "in": "query", "schema": {"type": "integer"}} | members
    return operation(parameters=[given])


def field(schema: Any) -> Any:
    return {"components": {"schemas": {"Customer": {"properties": {"odd": schema}}}}}


def response(content: Any) -> Any:
    return operation(responses={"200": {"content": content}})


def request(schema: Any) -> Any:
    body = {"content": {"application/json": {"schema": {"$ref": None} | schema}}}
    return operation(requestBody=body)


def of(**properties: Any) -> Any:
    return {"type": "object", "properties": {name: {"type": "string"} for name in properties}}


TEXT = {"type": "string"}
TIME = {"type": "integer"}
LIST = {"type": "array", "items": TEXT}
SORT = {"$ref": "#/components/schemas/SortDirection"}
STATE = {"$ref": "#/components/schemas/TransactionState"}
MAP = {"type": "object", "additionalProperties": TEXT}
CHOICE = {"oneOf": [{"$ref": "#/components/schemas/Balance"}]}
BY_KIND = {"discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/Gone"}}}
NULLABLE = {
    "properties": {
        "timestamp": TIME,
        "payload": {"type": ["object", "null"], "properties": {"a": TEXT}},
    }
}
SHARED = {
    "properties": {"timestamp": TIME, "payload": {"$ref": "#/components/schemas/Customer"}},
}
KEY_ALONE = [{"Key": []}]


@rows(
    "change, message",
    [
        (parameter(**{"in": "header"}), "getAccount: parameter limit is in header; only path and"),
        (parameter(**{"in": "cookie"}), "getAccount: parameter limit is in cookie; only path and"),
        (parameter(name="url"), "parameter url has the name of an argument that generated"),
        (parameter(style="deepObject"), "limit has a style of its own; leave out style and"),
        (parameter(explode=False), "limit has a style of its own; leave out style and explode"),
        (parameter(allowReserved=True), "leave out allowReserved and allowEmptyValue"),
        (parameter(schema={"type": "object"}), "limit has to be a text, number, boolean, or list"),
        (parameter(schema={"type": ["string", "null"]}), "leave out what would be null"),
        (parameter(schema={"$ref": "#/components/schemas/Gone"}), "there is nothing at this ref"),
        (parameter(schema=None), "limit has no schema"),
        (parameter(**{"in": "path"}), "limit is in the path, so it needs required: true"),
        (parameter(**{"in": "path", "required": True}), "has to be in the path and among the"),
        ({"paths": {GET: {"parameters": []}}}, f"{GET}: has parameters for all its operations"),
        ({"paths": {"/x": {"$ref": "#/y"}}}, "/x: is a reference; write its operations out here"),
        ({"paths": {GET: {"head": {}}}}, f"{GET}: HEAD is not supported"),
        ({"servers": None}, "servers: name at least one"),
        ({"servers": [{"url": "https://a.example/api"}]}, "servers: https://a.example/api has to"),
        ({"servers": [{"url": "http://a.example"}]}, "has to be https:// and a host, without"),
        ({"security": KEY_ALONE}, "security: has to be Key and Sign together"),
        ({"security": []}, "security: has to be Key and Sign together"),
        (operation(security=[]), "getAccount: its security is not Key and Sign"),
        (
            {"components": {"securitySchemes": {"Sign": {"name": "Signature"}}}},
            "securitySchemes: the client sends the headers Key and Sign, and nothing else",
        ),
        (
            response({"text/csv": {"schema": TEXT}}),
            "its response comes as application/json or text",
        ),
        (response({"application/json": {"schema": None}}), "has no schema; write {} for any value"),
        (operation(responses={"201": {}}), "getAccount: has 2 responses with a status of 2xx"),
        (request(LIST), "getAccount: its request body is not an envelope: {account, timestamp"),
        (request(of(account=1)), "getAccount: its request body is not an envelope"),
        (request(of(timestamp=1, nonce=1)), "engines don't send nonce; put it into the payload"),
        (request(of(timestamp=1, payload=1)), "the payload has to be an object, and not null"),
        (field({"enum": [1, "a"]}), "Customer.odd: lists values of several types"),
        (field(True), "Customer.odd: is true and has to be an object"),
        (field({"format": "binary"}), "Customer.odd: the format binary does not exist in JSON"),
        (field({"oneOf": [of(a=1), of(b=1)]}), "Customer.odd: offers objects that can't be dist"),
        (field({"anyOf": [LIST, LIST]}), "Customer.odd: offers several lists"),
        (field({"items": {"oneOf": [SORT, STATE]}}), "Customer.odd: offers several enums"),
        (field({"oneOf": [MAP, MAP]}), "Customer.odd: offers objects that can't be distinguished"),
        (
            field({"oneOf": [MAP, of(a=1)]}),
            "Customer.odd: offers objects that can't be distinguished",
        ),
        (field({"enum": [1.5]}), "Customer.odd: lists values that are neither texts nor whole"),
        (field({"$ref": "#/components/schemas/Account/properties/name"}), "refers to #/comp"),
        (field({"allOf": [STATE, {"description": "x"}]}), "joins by allOf what is not an object"),
        (field({"enum": []}), "Customer.odd: is an enum without a value"),
        (field({"enum": [True, False]}), "Customer.odd: lists booleans; write type: boolean"),
        (field({"const": 'say "x"'}), "Customer.odd: has a constant that can't be written"),
        (field({"type": "strnig"}), "Customer.odd: has the type strnig; there are array, boolean"),
        (field({"type": "array"}), "Customer.odd: is a list without items"),
        (field({"type": ["object", "array"], "items": {}}), "write each as an option of oneOf"),
        (field(of(ab=1) | {"oneOf": [MAP]}), "Customer.odd: has oneOf beside its own fields"),
        (field(of(**{"aB": 1, "a_b": 1, "a-b": 1})), "aB, a_b, a-b would all be a_b in Python"),
        (field(CHOICE | {"discriminator": {}}), "Customer.odd: has a discriminator without prop"),
        (field(CHOICE | BY_KIND), "Customer.odd: its discriminator maps to Gone, which is no"),
        (field({"oneOf": [MAP]} | BY_KIND), "a discriminator and options without a name"),
        (request(of(timestamp=1) | NULLABLE), "the payload has to be an object, and not null"),
        (request(of(timestamp=1) | SHARED), "its payload is a schema that is received too"),
        (
            response({"application/hal+json": {"schema": TEXT}}),
            "its response comes as application/",
        ),
        (
            response({"application/json": {"schema": {"$ref": None, "type": "null"}}}),
            "response is null",
        ),
        (
            {
                "components": {
                    "schemas": {"StringFilter": {"properties": {"in": {"readOnly": True}}}}
                }
            },
            "StringFilter.in: is readOnly and would be sent",
        ),
        (
            {"components": {"schemas": {"Customer": {"properties": {"id": {"writeOnly": True}}}}}},
            "Customer.id: is writeOnly and would be read",
        ),
        ({"webhooks": {"X": {"$ref": "#/y"}}}, "X: is a reference; write the webhook out here"),
        (parameter(name=""), "has no name"),
        (parameter(name="body"), "parameter body has the name of an argument"),
        ({"components": {"schemas": {"Decimal": of()}}}, "Decimal: generated code has another"),
        ({"components": {"schemas": {"customer": of()}}}, "would both be the class Customer"),
        (operation(tags=["raw"]), "tags: raw would hide the client's own raw"),
        (operation(tags=["Customers"]), "tags: Customers and customers would both be customers"),
    ],
)
def test_what_would_silently_be_wrong_is_rejected(
    document: dict[str, Any], change: Any, message: str
) -> None:
    with pytest.raises(GenerationError) as caught:
        extensions.check(merged(document, change))

    assert message in str(caught.value)


def test_arguments_of_one_name_are_rejected(document: dict[str, Any]) -> None:
    """A parameter and a field of the payload can't share a name."""
    changed = copy.deepcopy(document)
    changed["paths"][ENVELOPE]["post"]["parameters"] = [
        {"name": "customer_id", "in": "query", "schema": TEXT}
    ]

    with pytest.raises(GenerationError, match="two arguments that would be customer_id in Python"):
        extensions.check(changed)


def test_operations_of_one_name_are_rejected(document: dict[str, Any]) -> None:
    """Within a tag they would share a constant, and one would be called in the other's place."""
    changed = copy.deepcopy(document)
    twin = changed["paths"][GET]["post"] | {"operationId": "get_account", "x-method": "look"}
    changed["paths"]["/api/v1/other"] = {"post": twin}

    with pytest.raises(GenerationError, match="both would be GET_ACCOUNT of accounts"):
        extensions.check(changed)


def test_a_schema_that_discriminators_name_differently_is_rejected(
    document: dict[str, Any],
) -> None:
    changed = copy.deepcopy(document)
    for number, name in enumerate(("Customer", "Account")):
        changed["components"]["schemas"][name]["properties"]["odd"] = CHOICE | {
            "discriminator": {"propertyName": f"kind{number}"}
        }

    with pytest.raises(GenerationError, match="Balance: several discriminators name it diff"):
        extensions.check(changed)


def test_a_document_of_every_kind_passes() -> None:
    extensions.check(doc.load(Path(__file__).with_name("kinds.yaml")))


def merged(document: Any, change: Any) -> Any:
    """Return a document with a change in it: objects are merged, None takes a member out."""
    if not isinstance(change, dict) or not isinstance(document, dict):
        return change
    found = dict(document)
    for name, each in change.items():
        if each is None:
            found.pop(name, None)
        else:
            found[name] = merged(document.get(name, {} if isinstance(each, dict) else None), each)
    return found
