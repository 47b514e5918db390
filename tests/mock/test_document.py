"""The mock and the document agree with each other."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Mock, MockError
from calypso_mock.api import _handlers
from tests.mock.rows import mock_error, outcomes

if TYPE_CHECKING:
    from conftest import Api

FRESH = {"createdDate", "publicKey", "secretKey"}


def _resolve(document: dict[str, Any], node: Any) -> Any:
    while "$ref" in node:
        target = document
        for part in node["$ref"].split("/")[1:]:
            target = target[part]
        node = target
    return node


def _examples(document: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    """Operation, name, request and response (None for no content) of every request example."""
    found = []
    for item in document["paths"].values():
        for operation in item.values():
            content = _resolve(document, operation["requestBody"])["content"]["application/json"]
            response = _resolve(document, operation["responses"]["200"])
            responses = response.get("content", {}).get("application/json", {}).get("examples", {})
            for name, example in content["examples"].items():
                shown = responses.get(name, {}).get("value")
                found.append((operation["operationId"], name, example["value"], shown))
    return found


def test_a_seeded_mock_grants_every_example_of_the_document(
    still: Any, connect: type[Api], document: dict[str, Any]
) -> None:
    """With a fresh timestamp, each gets 200 and, but for new fields, the response example."""
    for operation_id, name, request, shown in _examples(document):
        api = connect(Mock(seeded=True, clock=still))
        response = api.call(operation_id, request.get("payload"))

        assert response.status == 200, (operation_id, name, response.content)
        assert request["account"] == api.settings["account"]
        content = response.json if response.content else None
        assert _alike(content, shown, fresh_id=operation_id == "createCustomer"), (
            operation_id,
            name,
        )


def _alike(found: Any, shown: Any, *, fresh_id: bool) -> bool:
    fresh = FRESH | {"id"} if fresh_id else FRESH
    if isinstance(shown, dict):
        return found.keys() == shown.keys() and all(
            name in fresh or _alike(found[name], shown[name], fresh_id=fresh_id) for name in shown
        )
    if isinstance(shown, list):
        pairs = zip(found, shown, strict=True)
        return all(_alike(*pair, fresh_id=fresh_id) for pair in pairs)
    return bool(found == shown)


def test_all_examples_in_a_row_are_granted(connect: type[Api], document: dict[str, Any]) -> None:
    """One mock can be asked for all of them in the document's order."""
    api = connect(Mock(seeded=True))

    for operation_id, name, request, _ in _examples(document):
        assert api.call(operation_id, request.get("payload")).status == 200, (operation_id, name)


def test_seeded_objects_are_as_old_as_in_the_examples(
    still: Any, connect: type[Api], document: dict[str, Any]
) -> None:
    """The examples' dates are moved so that the moment of the example request is now."""
    api = connect(Mock(seeded=True, clock=still))
    for operation_id, name, request, shown in _examples(document):
        if name != "everything":
            continue
        asked = datetime.fromtimestamp(request["timestamp"] / 1000, UTC)
        rows = api.ok(operation_id, request["payload"])["result"]

        ages = [still.now() - datetime.fromisoformat(row["createdDate"]) for row in rows]
        shown_ages = [asked - datetime.fromisoformat(row["createdDate"]) for row in shown["result"]]
        assert ages == shown_ages
        assert len(ages) > 1


def test_a_seeded_mock_has_a_second_account_with_a_key_of_its_own(connect: type[Api]) -> None:
    """It has a customer, whom the first account does not know."""
    mock = Mock(seeded=True)
    first, second = mock.state()["accounts"]

    other = connect(mock, second["account"])

    foreign = {"customerId": second["customers"][0]["id"]}
    assert other.settings["key"] != mock.settings(first["account"])["key"]
    assert other.ok("blockCustomer", foreign)["blocked"] is True
    assert connect(mock).rejected("blockCustomer", foreign) == (400, "004")


def test_seeded_objects_take_part_in_everything(connect: type[Api]) -> None:
    """The pending deposit can be declined or credited, the archived purse has a successor."""
    mock = Mock(seeded=True)
    api = connect(mock)
    pending = api.ok(
        "findTransactions", {"transactionStateFilter": {"equals": "PENDING_COMPLIANCE_CHECK"}}
    )["result"][0]
    before = api.balance("USDT_TRX")

    moved = api.control(
        "POST", "deposit/advance", {"transactionId": pending["id"], "to": "credited"}
    )

    assert moved.json == {"transactionId": pending["id"], "step": "credited"}
    assert api.balance("USDT_TRX") == before + pending["amount"]


def test_no_handler_is_for_an_operation_that_the_document_does_not_have(
    operations: dict[str, Any],
) -> None:
    """A new operation may lack a handler, and responds with its example until it has one."""
    assert _handlers.HANDLERS.keys() <= operations.keys()


BROKEN = {
    "a missing field": ("createCustomer", {"email": "x"}),
    "a wrong type": ("createCustomer", {"id": 7}),
    "a wrong format": ("createCustomer", {"id": "no uuid"}),
    "no content": ("createCustomer", None),
    "an unknown state": ("getPurses", [{"status": "LOST"}]),
    "a number beyond its bounds": (
        "findTransactions",
        {"result": [], "page": 2**31, "size": 1, "total": 0, "totalElements": 0},
    ),
    "content where none belongs": ("deleteSubscription", {}),
}


def test_a_response_that_breaks_the_document_is_a_logged_500(
    connect: type[Api],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    document: dict[str, Any],
) -> None:
    """Response and log both name the place where the mock broke the document."""
    requests = {operation_id: request for operation_id, _, request, _ in _examples(document)}

    def send(row: tuple[str, Any]) -> tuple[tuple[int, str], str, bool]:
        operation_id, body = row
        caplog.clear()
        api = connect(Mock(seeded=True))
        with monkeypatch.context() as patch:
            patch.setitem(_handlers.HANDLERS, operation_id, lambda _: body)
            response = api.call(operation_id, requests[operation_id].get("payload"))
        where = response.message.partition(" 200: ")[0]
        logged = [record.getMessage() for record in caplog.records]
        return response.error, where, logged == [response.message]

    assert outcomes(BROKEN, send) == {
        name: ((500, "000"), f"the mock broke the document: {operation_id}", True)
        for name, (operation_id, _) in BROKEN.items()
    }


def test_an_error_that_breaks_the_document_is_loud_too(
    connect: type[Api], document: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Errors are validated like successes."""
    document["components"]["schemas"]["ErrorResponse"]["required"].append("hint")

    response = connect(Mock(document=document)).send("getAccount", b"")

    assert response.error == (500, "000")
    assert "getAccount 400: hint=[is required]" in response.message
    assert caplog.records


def test_a_value_that_json_cannot_hold_exactly_is_500(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A float in a response has lost digits already; it does not leave."""
    loose = {**api.ok("getAccount"), "balances": [{"currency": "BTC", "amount": 0.1}]}
    monkeypatch.setitem(_handlers.HANDLERS, "getAccount", lambda _: loose)

    assert api.call("getAccount").error == (500, "000")
    assert "float" in caplog.text


def _with_rates(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    schemas["Rate"] = {
        "type": "object",
        "required": ["rate"],
        "properties": {"rate": {"type": "number"}},
    }
    schemas["RateRequest"] = {
        "type": "object",
        "required": ["account", "timestamp", "payload"],
        "properties": {
            "account": {"type": "string"},
            "timestamp": {"type": "integer"},
            "payload": {
                "type": "object",
                "required": ["currency"],
                "properties": {"currency": {"type": "string"}},
            },
        },
    }
    document["components"]["examples"] = {"steady": {"value": {"rate": 0.1}}}
    document["paths"]["/api/v1/rate"] = {
        "post": {
            "operationId": "getRate",
            "tags": ["rates"],
            "requestBody": {
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/RateRequest"}}
                }
            },
            "responses": {
                "200": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Rate"},
                            "examples": {
                                "steady": {"$ref": "#/components/examples/steady"},
                                "other": {"value": {"rate": 1}},
                            },
                        }
                    }
                },
                "400": {"$ref": "#/components/responses/BadRequest"},
            },
        }
    }
    return document


def test_an_operation_without_a_handler_responds_with_its_example(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """After all checks: key, signature, time, envelope, account; with the first named example."""
    # Floats and real dates are what a YAML reader makes of a document.
    written = json.loads(json.dumps(_with_rates(document), default=float))
    api = connect(Mock(document=written))

    def ask(body: dict[str, Any], **headers: str) -> Any:
        return api.raw("POST", "/api/v1/rate", json.dumps(body).encode(), **headers)

    body = api.envelope({"currency": "BTC"})

    assert ask(body).content == b'{"rate":0.1}'
    assert ask(body, Key="x").error == (401, "002")
    assert ask(body, Sign="x").error == (401, "003")
    assert ask({**body, "timestamp": 0}).error == (400, "011")
    assert ask({**body, "payload": {}}).error == (400, "001")
    assert ask({**body, "account": "x"}).error == (400, "004")


def test_an_operation_without_an_example_responds_by_its_schema(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """With the schema's example, else with a generated value; with a 500 where there is neither."""
    changed = _with_rates(document)
    shown = changed["paths"]["/api/v1/rate"]["post"]["responses"]["200"]["content"]
    # The text of an example that is kept elsewhere is not part of the document.
    shown["application/json"]["examples"] = {"far": {"externalValue": "https://shop.example/"}}

    def ask(rate: dict[str, Any]) -> Any:
        changed["components"]["schemas"]["Rate"]["properties"]["rate"] = rate
        api = connect(Mock(document=changed))
        return api.raw(
            "POST", "/api/v1/rate", json.dumps(api.envelope({"currency": "BTC"})).encode()
        )

    assert ask({"type": "number", "examples": [7]}).json == {"rate": 7}
    assert ask({"type": "number", "minimum": 2}).json == {"rate": 2}
    response = ask({"type": "string", "pattern": "^Q{3}Z$"})
    assert response.error == (500, "000")
    assert response.message == "the document has no example of a response to getRate"


def test_a_request_example_without_an_object_matches_no_request(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """Kept elsewhere, or of another shape; the one behind them still does."""
    changed = _with_rates(document)
    body = {"payload": {"currency": "BTC"}}
    changed["paths"]["/api/v1/rate"]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ] = {"far": {"summary": "Far."}, "steady": {"value": ["x"]}, "other": {"value": body}}
    api = connect(Mock(document=changed))

    def ask(currency: str) -> Any:
        sent = json.dumps(api.envelope({"currency": currency})).encode()
        return api.raw("POST", "/api/v1/rate", sent).json

    assert ask("ETH") == {"rate": Decimal("0.1")}
    assert ask("BTC") == {"rate": 1}


def test_options_with_a_discriminator_may_overlap(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """JSON Schema has no discriminator, and its oneOf wants that no other option fits."""
    changed = _with_rates(document)
    option = {"type": "object", "properties": {"kind": {"type": "string"}}}
    schemas = changed["components"]["schemas"]
    schemas["Fixed"], schemas["Floating"] = option, option
    refs = {name: f"#/components/schemas/{name}" for name in ("Fixed", "Floating")}
    schemas["Rate"] = {"oneOf": [{"$ref": each} for each in refs.values()]}
    shown = changed["paths"]["/api/v1/rate"]["post"]["responses"]["200"]["content"]
    shown["application/json"]["examples"] = {"only": {"value": {"kind": "Fixed"}}}

    def ask() -> Any:
        api = connect(Mock(document=changed))
        return api.raw(
            "POST", "/api/v1/rate", json.dumps(api.envelope({"currency": "BTC"})).encode()
        )

    assert ask().error == (500, "000"), "without a discriminator the example is wrong"
    schemas["Rate"]["discriminator"] = {"propertyName": "kind", "mapping": refs}
    assert ask().json == {"kind": "Fixed"}
    schemas["Fixed"] = schemas["Floating"] = {"type": "object", "required": ["rate"]}
    assert ask().error == (500, "000"), "an option has to fit still"


def test_a_reference_to_itself_is_rejected(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Purse"] = {"$ref": "#/components/schemas/Purse"}

    with pytest.raises(MockError, match="#/components/schemas/Purse of the document refers to its"):
        Mock(document=document)


def test_an_operation_without_a_body_needs_its_signature_only(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """There is no envelope to check; the empty body is signed."""
    document["paths"]["/api/v1/ping"] = {
        "get": {"operationId": "ping", "responses": {"204": {"description": "Here."}}}
    }
    api = connect(Mock(document=document))

    response = api.raw("GET", "/api/v1/ping")

    assert (response.status, response.content) == (204, b"")
    assert api.raw("GET", "/api/v1/ping", Sign="").status == 401


def test_another_document_changes_what_is_checked(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """Its own schemas validate, and do not affect mocks of the packaged document."""
    document["components"]["schemas"]["CreateCustomerPayload"]["required"] = ["email"]
    changed, packaged = connect(Mock(document=document)), connect(Mock())

    assert changed.call("createCustomer", {}).message == "payload.email=[is required]"
    assert packaged.call("createCustomer", {}).status == 200


def test_a_document_with_a_bad_schema_is_rejected(document: dict[str, Any]) -> None:
    """Also one in pieces: nothing is read from elsewhere, network or disk."""

    def error(schema: Any) -> str:
        document["components"]["schemas"]["CreateCustomerPayload"] = schema
        message = mock_error(lambda: Mock(document=document))
        return message.partition(": ")[0] if "schema:" in message else message

    schemas = [
        {"$ref": "http://127.0.0.1:9/schemas.json#/Payload"},
        {"$ref": "file:///etc/hostname"},
        {"$ref": "#/components/schemas/Nothing"},
        {"type": "nothing"},
    ]
    lost = [
        f"the document refers to {schema['$ref']}, which is not in it" for schema in schemas[:3]
    ]
    assert outcomes(schemas, error) == dict(
        zip(map(repr, schemas), [*lost, "the document has a bad schema"], strict=True)
    )


def test_a_document_with_a_dangling_reference_is_rejected(document: dict[str, Any]) -> None:
    """By naming what is missing."""
    del document["components"]["responses"]["Forbidden"]

    with pytest.raises(MockError, match="refers to #/components/responses/Forbidden"):
        Mock(document=document)


def test_a_document_without_examples_seeds_empty_accounts(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """A seeded mock takes what there is."""
    stripped = json.loads(
        json.dumps(document, default=float),
        object_hook=lambda node: node | {"examples": {}} if "schema" in node else node,
    )

    mock = Mock(seeded=True, document=stripped)

    assert [len(account["transactions"]) for account in mock.state()["accounts"]] == [0, 0]
    assert connect(mock).call("getAccount").status == 200


def test_a_field_that_left_the_document_is_left_out(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """One that never was in it is not, so that a mistake of the mock's shows."""
    row = document["components"]["schemas"]["Account"]
    del row["properties"]["name"]
    before = connect(Mock(seeded=True)).call("getAccount").json
    after = connect(Mock(seeded=True, document=document)).call("getAccount").json

    assert "name" in before
    assert after == {name: value for name, value in before.items() if name != "name"}


def test_an_example_may_lack_what_the_document_does_not_ask_for(document: dict[str, Any]) -> None:
    """Dates and states that seeded objects then have are the mock's own."""
    for row in [
        row
        for path in document["paths"].values()
        for response in path["post"]["responses"].values()
        for media in response.get("content", {}).values()
        for example in media.get("examples", {}).values()
        for row in (example["value"].get("result", []) if "result" in example["value"] else [])
    ]:
        for name in ("createdDate", "complianceState", "addressFrom"):
            row.pop(name, None)

    assert len(Mock(seeded=True, document=document).state()["accounts"][0]["transactions"]) == 2


def test_a_path_without_parameters_goes_first_whatever_the_method(
    connect: type[Api], document: dict[str, Any]
) -> None:
    paths = _with_rates(document)["paths"]
    named = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    found = {**paths["/api/v1/rate"]["post"], "operationId": "getAny", "parameters": [named]}
    paths["/api/v1/{name}"] = {"get": {**found, "requestBody": {}}}
    api = connect(Mock(document=json.loads(json.dumps(document, default=float))))

    assert api.raw("GET", "/api/v1/rates", b"").status == 200
    assert api.raw("GET", "/api/v1/rate", b"").status == 405
