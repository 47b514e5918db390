"""A model in a Pydantic model, and in a route of FastAPI, loses no digit and shows no secret."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import attrs
import httpx
import jsonschema_rs
import pytest
from fastapi import Body, FastAPI
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from calypso_pay import models, to_jsonable
from calypso_pay.models import (
    Account,
    Balance,
    CreateCustomerPayload,
    Customer,
    FindTransactionsPayload,
    Purse,
    StringFilter,
    Subscription,
    SubscriptionList,
    Transaction,
    TransactionPage,
    TransactionState,
)
from calypso_pay.webhooks import PurseExpiredEvent, PurseFundsReceivedEvent, UnknownEvent
from generator.document import load
from tests.overlay.forms import (
    amounts,
    customers,
    json_values,
    odd_forms,
    purses,
    subscriptions,
    texts,
    transactions,
)
from tests.rows import rows

if TYPE_CHECKING:
    from tests.overlay.forms import Form

ROOT = Path(__file__).resolve().parents[2]
MODELS = [kind for name in dir(models) if attrs.has(kind := getattr(models, name))]
every_model = rows("kind", {kind.__name__: kind for kind in [*MODELS, UnknownEvent]})

FIELDS = {
    "id": "1",
    "amount": "0.00000001",
    "currency": "BTC",
    "transactionState": "CONFIRMED",
    "createdDate": "2026-11-02T10:53:50.356789Z",
}
SECRET = "a-secret-of-a-subscription"
KEYS = {"requestId": "hook", "publicKey": "public", "secretKey": SECRET}


def several(row: st.SearchStrategy[Form], name: str) -> st.SearchStrategy[Form]:
    """Make an object whose only field is a list of these."""
    lists = st.lists(row.map(lambda form: form[0]), max_size=3)
    return lists.map(lambda texts: (f'{{"{name}":[{",".join(texts)}]}}', None))


def an_event(data: st.SearchStrategy[Form]) -> st.SearchStrategy[Form]:
    return data.map(lambda form: (f'{{"requestId":"hook","id":7,"data":{form[0]}}}', None))


# What the API may return, in every form that it may have, unknown and odd fields included.
FORMS: dict[Any, st.SearchStrategy[Form]] = {
    Customer: customers,
    Purse: purses,
    Transaction: transactions,
    Subscription: subscriptions,
    TransactionPage: several(transactions, "result"),
    SubscriptionList: several(subscriptions, "subscriptions"),
    PurseFundsReceivedEvent: an_event(transactions),
    UnknownEvent: an_event(odd_forms.map(lambda odd: (odd.text, odd.value))),
}
responses = st.sampled_from(list(FORMS)).flatmap(
    lambda kind: FORMS[kind].map(lambda form: kind.from_json(form[0]))
)
deposits = st.builds(
    Transaction,
    id=texts,
    amount=amounts,
    currency=texts,
    transaction_state=st.sampled_from(TransactionState),
)


class Credit(BaseModel):
    deposit: Transaction
    again: Transaction | None = None
    accounts: list[Account] = []


class Attic(BaseModel):
    hook: Subscription


def as_text(value: Any) -> Any:
    """Return a value in which every number that is not an integer is text."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return {name: as_text(item) for name, item in value.items()}
    return [as_text(item) for item in value] if isinstance(value, list) else value


def unknown_as_text(model: Any) -> Any:
    """Return a model in whose unknown fields numbers are text, as they come back from text."""
    twin = copy.copy(model)
    for name in attrs.fields_dict(type(model)):
        value = getattr(model, name)
        if name == "additional_properties":
            value = as_text(value)
        elif isinstance(value, list):
            value = [unknown_as_text(each) if attrs.has(type(each)) else each for each in value]
        elif attrs.has(type(value)):
            value = unknown_as_text(value)
        setattr(twin, name, value)
    return twin


def rejection(kind: Any, value: Any) -> str:
    """Return all that an error shows of a value that is rejected."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    error = caught.value
    return f"{error} {error!r} {error.errors()} {error.json()} {error.__cause__}"


@given(model=responses)
def test_a_response_comes_back_from_pydantics_json_equal_to_the_last_digit(model: Any) -> None:
    """Numbers of unknown fields come back as text, for JSON has no exact number."""
    adapter = TypeAdapter(type(model))
    back = adapter.validate_json(adapter.dump_json(model))

    assert back == unknown_as_text(model)
    assert back.to_json() == unknown_as_text(model).to_json()


@given(model=responses)
def test_pydantics_json_is_the_json_that_the_standard_library_writes(model: Any) -> None:
    adapter = TypeAdapter(type(model))
    text = json.dumps(model, default=to_jsonable)

    assert json.loads(adapter.dump_json(model)) == json.loads(text)
    assert adapter.dump_python(model, mode="json") == json.loads(text)


@given(model=responses)
def test_a_model_passes_as_it_is_in_and_out_of_python(model: Any) -> None:
    adapter = TypeAdapter(type(model))

    assert adapter.validate_python(model) is model
    assert adapter.dump_python(model) is model


@given(model=responses)
def test_a_mapping_is_read_as_from_dict_does(model: Any) -> None:
    document = model.to_dict()

    assert TypeAdapter(type(model)).validate_python(document) == type(model).from_dict(document)


@given(amount=amounts)
@example(amount=Decimal("1E-8"))
@example(amount=Decimal("1E+1000"))
def test_amounts_are_text_with_every_digit_and_no_exponent(amount: Decimal) -> None:
    [balance] = json.loads(
        TypeAdapter(list[Balance]).dump_json([Balance(currency="BTC", amount=amount)])
    )

    assert set(balance["amount"]) <= set("0123456789.")
    assert Decimal(balance["amount"]) == amount
    assert len(balance["amount"].partition(".")[2]) == max(0, -int(amount.as_tuple().exponent))


@given(number=st.floats(), name=texts.filter(lambda name: name not in FIELDS), deep=st.booleans())
@example(number=0.1, name="amount", deep=False)
def test_a_float_is_rejected_wherever_it_is(number: float, name: str, deep: bool) -> None:
    """Also where only integers are left of it: it may have lost digits on its way."""
    value = [{"worth": number}] if deep else number

    shown = rejection(Transaction, FIELDS | {name: value})
    assert "was parsed as a float" in shown
    assert "Transaction.from_json" in shown


@rows(
    "kind, text, place",
    [
        (Transaction, json.dumps(FIELDS | {"amount": 1.5}), "Transaction.amount"),
        (Transaction, json.dumps(FIELDS | {"fee": 1.5}), "Transaction.fee"),
        (
            PurseFundsReceivedEvent,
            '{"requestId":"hook","id":7,"data":{"amount":1e3}}',
            "PurseFundsReceivedEvent.data.amount",
        ),
        (
            Account,
            '{"balances":[{"currency":"BTC","amount":1},{"currency":"BTC","amount":1.0}]}',
            "Account.balances[1].amount",
        ),
        (Transaction, json.dumps(FIELDS | {"a b\n": 1.5}), "Transaction.?"),
    ],
)
def test_the_float_that_is_rejected_is_named_and_so_is_the_way_out(
    kind: Any, text: str, place: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_json(text)
    [error] = caught.value.errors()

    assert error["msg"].startswith(f"{place}: ")
    assert f"send it as text, or read the JSON with {kind.__name__}.from_json" in error["msg"]


@given(number=st.integers(-(10**40), 10**40))
def test_an_integer_is_exact_and_taken_for_an_amount(number: int) -> None:
    text = json.dumps(FIELDS | {"amount": number})

    assert TypeAdapter(Transaction).validate_json(text).amount == number


@rows(
    "kind, value",
    [
        (Subscription, KEYS | {"publicKey": [SECRET]}),
        (Subscription, KEYS | {"share": 0.5}),
        (Subscription, [KEYS]),
        (Subscription, SECRET),
        (SubscriptionList, {"subscriptions": [KEYS, {"secretKey": SECRET}]}),
        (list[Subscription], [{"secretKey": SECRET}]),
        (Subscription | Transaction, {"secretKey": SECRET}),
        (Attic, {"hook": {"secretKey": SECRET}}),
        (Transaction, {SECRET: 0.5}),
    ],
)
def test_no_error_shows_what_could_not_be_read(kind: Any, value: Any) -> None:
    assert SECRET not in rejection(kind, value)


@given(value=json_values, kind=st.sampled_from(MODELS))
def test_whatever_comes_is_read_or_is_a_validation_error(value: Any, kind: Any) -> None:
    """Never another error, for which an application would return 500."""
    adapter = TypeAdapter(kind)
    full = dict.fromkeys(adapter.json_schema()["properties"], value)
    for each in (value, full):
        try:
            assert isinstance(adapter.validate_python(each), kind)
        except ValidationError as error:
            assert kind.__name__ in str(error)  # noqa: PT017 - either is right


def test_what_holds_itself_is_rejected() -> None:
    ring: dict[str, Any] = {}
    ring["ring"] = ring

    assert "Transaction: nested too deeply" in rejection(Transaction, FIELDS | {"ring": ring})


@rows(
    "amount, message",
    [
        (0.1, "Transaction.amount: a float has lost digits"),
        (Decimal("NaN"), "NaN is not a JSON number"),
        (Decimal("Infinity"), "Infinity is not a JSON number"),
        (Decimal("1E+1001"), "a number outside of"),
    ],
)
def test_what_has_no_exact_form_is_not_written(amount: Any, message: str) -> None:
    odd = Transaction("1", amount, "BTC", TransactionState.CONFIRMED)
    credit = Credit(deposit=odd)

    assert credit.model_dump()["deposit"] is odd
    for write in (credit.model_dump_json, lambda: credit.model_dump(mode="json")):
        with pytest.raises(PydanticSerializationError, match=message):
            write()


def test_what_is_not_a_model_and_was_put_in_unchecked_is_written_with_a_warning() -> None:
    """As Pydantic does with values that are not of the type of their field."""
    for value in (None, FIELDS):
        credit = Credit.model_construct(deposit=value)
        with pytest.warns(UserWarning, match="expected a model"):
            assert json.loads(credit.model_dump_json())["deposit"] == value


def test_a_name_that_is_not_a_text_is_not_written() -> None:
    deposit = Transaction.from_dict(FIELDS | {1: 2})

    with pytest.raises(PydanticSerializationError, match="keys of JSON objects are text, not int"):
        TypeAdapter(Transaction).dump_json(deposit)


def test_a_pydantic_model_holds_models_and_lists_of_them() -> None:
    row = {"currency": "BTC", "amount": "1.10"}
    deposit = Transaction.from_dict(FIELDS)
    credit = Credit.model_validate(
        {"deposit": deposit, "again": FIELDS, "accounts": [{"balances": [row]}]}
    )

    assert credit.deposit is deposit
    assert credit.again == deposit
    assert credit.accounts[0].balances == [Balance(currency="BTC", amount=Decimal("1.10"))]
    assert json.loads(credit.model_dump_json()) == {
        "deposit": FIELDS,
        "again": FIELDS,
        "accounts": [{"balances": [row]}],
    }
    assert Credit.model_validate_json(credit.model_dump_json()) == credit
    assert credit.model_copy(deep=True) == credit


def test_a_secret_shows_in_no_repr_of_a_pydantic_model_and_is_whole_in_its_json() -> None:
    attic = Attic.model_validate({"hook": KEYS})

    assert SECRET not in f"{attic} {attic!r}"
    assert json.loads(attic.model_dump_json()) == {"hook": KEYS}


def test_a_payload_is_written_as_it_is_sent_without_what_is_unset() -> None:
    payload = FindTransactionsPayload(customer_id=UUID(int=1), currency_filter=["BTC"])
    adapter = TypeAdapter(FindTransactionsPayload)
    back = adapter.validate_json(adapter.dump_json(payload))

    assert adapter.dump_python(payload, mode="json") == payload.to_dict()
    assert back.customer_id == str(UUID(int=1))
    assert back.currency_filter == StringFilter(in_=["BTC"])
    assert adapter.dump_json(FindTransactionsPayload()) == b"{}"


class Mine(Transaction):
    """A subclass of a user's own."""


def test_a_subclass_is_read_as_itself_and_passes_for_its_base() -> None:
    mine = TypeAdapter(Mine).validate_python(FIELDS)

    assert type(mine) is Mine
    assert TypeAdapter(Transaction).validate_python(mine) is mine
    assert "Mine: expected an object" in rejection(Mine, Transaction.from_dict(FIELDS))


@given(model=responses)
def test_a_union_keeps_the_class_of_what_is_in_it(model: Any) -> None:
    class Holder(BaseModel):
        held: Customer | Transaction | PurseExpiredEvent | Any

    holder = Holder(held=model)

    assert holder.held is model
    assert holder.model_dump()["held"] is model
    assert json.loads(holder.model_dump_json())["held"] == as_text(model.to_dict())


def fields_of(document: Any, name: str) -> dict[str, Any]:
    """Return the fields of an object of the document, those that it takes from others included."""
    schemas = document["components"]["schemas"]
    schema = schemas[name]
    parts = [schema, *schema.get("allOf", ())]
    others = [part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part]
    own = {field: node for part in parts for field, node in part.get("properties", {}).items()}
    return {key: node for other in others for key, node in fields_of(document, other).items()} | own


def test_the_json_schema_of_a_model_has_the_fields_of_the_document() -> None:
    document = load(ROOT / "openapi.yaml")
    for kind in MODELS:
        schema = TypeAdapter(kind).json_schema()
        assert set(schema["properties"]) == set(fields_of(document, kind.__name__)), kind
        needed = [f for f in attrs.fields(kind) if f.init and f.default is attrs.NOTHING]
        assert len(schema.get("required", ())) == len(needed), kind


@every_model
def test_the_json_schema_of_a_model_is_one_for_both_ways_and_has_no_inexact_number(
    kind: Any,
) -> None:
    schema, written = (
        TypeAdapter(kind).json_schema(mode=mode) for mode in ("validation", "serialization")
    )

    assert schema == written
    assert schema["type"] == "object"
    assert schema["title"] == kind.__name__
    assert '"number"' not in json.dumps(schema)
    jsonschema_rs.validator_for(schema)


def test_fields_of_a_json_schema_are_in_the_models_order_with_their_types() -> None:
    schema = TypeAdapter(Transaction).json_schema()
    kinds = {name: node.get("type") for name, node in schema["properties"].items()}
    fields = [each.name.replace("_", "") for each in attrs.fields(Transaction)]
    fields.remove("additionalproperties")

    assert [name.lower() for name in kinds] == fields
    assert kinds.items() >= {
        ("id", "string"),
        ("amount", "string"),
        ("currency", "string"),
        ("transactionState", "string"),
        ("addressFrom", "string"),
        ("complianceState", "string"),
        ("translationToAccountCompleted", "boolean"),
        ("createdDate", "string"),
        ("transactionHash", "string"),
    }
    assert schema["required"] == ["id", "amount", "currency", "transactionState"]
    assert schema["properties"]["createdDate"]["format"] == "date-time"
    assert schema["description"] == "A deposit."
    assert "enum" not in json.dumps(schema)


def within(*names: str) -> set[str]:
    """Return the names of the objects that the document has within these, however deep."""
    schemas = load(ROOT / "openapi.yaml")["components"]["schemas"]
    inner = {
        ref
        for name in names
        for ref in re.findall(r"'#/components/schemas/(\w+)'", str(schemas[name]))
        if "properties" in schemas[ref]
    }
    return inner | within(*inner) if inner else inner


def test_nested_models_of_a_json_schema_are_references_to_one_definition() -> None:
    schema = Credit.model_json_schema()
    payload = TypeAdapter(FindTransactionsPayload).json_schema()

    assert set(schema["$defs"]) == {"Account", "Transaction"} | within("Account", "Transaction")
    assert "Balance" in schema["$defs"]
    assert schema["properties"]["deposit"] == {"$ref": "#/$defs/Transaction"}
    assert schema["$defs"]["Account"]["properties"]["balances"]["items"] == {
        "$ref": "#/$defs/Balance"
    }
    assert payload["properties"]["currencyFilter"] == {"$ref": "#/$defs/StringFilter"}


@given(model=responses)
def test_what_is_written_is_as_the_json_schema_states(model: Any) -> None:
    """Unless a field came in a shape of its own, which is kept."""
    adapter = TypeAdapter(type(model))
    schema = adapter.json_schema(mode="serialization")
    document = json.loads(adapter.dump_json(model))
    odd = {'"odd"', *(f'"{name}"' for name in model.additional_properties)}

    if not any(name in json.dumps(document) for name in odd):
        assert list(jsonschema_rs.validator_for(schema).iter_errors(document)) == []


@given(model=deposits)
def test_a_deposit_is_written_as_its_json_schema_states(model: Transaction) -> None:
    adapter = TypeAdapter(Transaction)
    schema = adapter.json_schema(mode="serialization")

    assert jsonschema_rs.is_valid(schema, json.loads(adapter.dump_json(model)))


app = FastAPI()
DEPOSIT = Transaction.from_dict(FIELDS)


@app.get("/one")
def one() -> Transaction:
    return DEPOSIT


@app.get("/many")
def many() -> list[Transaction]:
    return [DEPOSIT]


@app.get("/either")
def either() -> Customer | Transaction | None:
    return DEPOSIT


@app.get("/declared", response_model=Transaction)
def declared():  # type: ignore[no-untyped-def] # noqa: ANN201 - that is what is looked at
    return DEPOSIT


@app.get("/held")
def held():  # type: ignore[no-untyped-def] # noqa: ANN201
    return Credit(deposit=DEPOSIT)


@app.get("/bare")
def bare():  # type: ignore[no-untyped-def] # noqa: ANN201
    return DEPOSIT


@app.get("/bare-list")
def bare_list():  # type: ignore[no-untyped-def] # noqa: ANN201
    return [{"deposit": DEPOSIT}]


@app.post("/deposit")
def take(seen: Annotated[Transaction, Body()]) -> Transaction:
    return seen


@app.post("/hook")
def take_hook(hook: Annotated[Subscription, Body()]) -> str:
    return hook.request_id


@app.post("/customer")
def take_customer(wanted: Annotated[CreateCustomerPayload, Body()]) -> CreateCustomerPayload:
    return wanted


def ask(method: str, path: str, body: str | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        headers = {"Content-Type": "application/json"}
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.request(method, path, content=body, headers=headers)

    return asyncio.run(ask())


@rows(
    "path, expected",
    [
        ("/one", FIELDS),
        ("/many", [FIELDS]),
        ("/either", FIELDS),
        ("/declared", FIELDS),
        ("/held", {"deposit": FIELDS, "again": None, "accounts": []}),
    ],
)
def test_a_route_with_a_type_returns_exact_amounts(path: str, expected: Any) -> None:
    response = ask("GET", path)

    assert (response.status_code, response.json()) == (200, expected)


@rows("path", ["/bare", "/bare-list"])
def test_a_route_without_a_type_returns_no_rounded_amount(path: str) -> None:
    """FastAPI's own encoder would make a float of it, if it could see into a model."""
    with pytest.raises(ValueError, match="not iterable"):
        ask("GET", path)


@rows(
    "path, body, returned",
    [
        ("/deposit", json.dumps(FIELDS), FIELDS),
        ("/deposit", json.dumps(FIELDS | {"amount": 5}), FIELDS | {"amount": "5"}),
        ("/hook", json.dumps(KEYS), "hook"),
        ("/customer", '{"email":null,"externalId":"1","new":[2]}', {"externalId": "1", "new": [2]}),
    ],
)
def test_a_body_is_read_as_the_model_that_the_route_names(
    path: str, body: str, returned: Any
) -> None:
    response = ask("POST", path, body)

    assert (response.status_code, response.json()) == (200, returned)


@rows(
    "path, body, message",
    [
        ("/deposit", json.dumps(FIELDS | {"amount": 0.1}), "Transaction.amount: a number with a"),
        ("/deposit", "[]", "Transaction: expected an object"),
        ("/hook", json.dumps(KEYS | {"publicKey": {}}), "Subscription.publicKey: expected text"),
        ("/hook", json.dumps([KEYS]), "Subscription: expected an object"),
    ],
)
def test_a_body_that_cannot_be_read_gets_422_with_the_field_and_no_secret(
    path: str, body: str, message: str
) -> None:
    response = ask("POST", path, body)

    assert response.status_code == 422
    assert response.json()["detail"][0]["msg"].startswith(message)
    assert SECRET not in response.text


def test_openapi_describes_each_model_once_for_both_ways() -> None:
    document = ask("GET", "/openapi.json").json()
    schemas = document["components"]["schemas"]
    reference = {"$ref": "#/components/schemas/Transaction"}
    route = document["paths"]["/deposit"]["post"]

    assert schemas["Transaction"]["properties"]["amount"]["type"] == "string"
    assert [name for name in schemas if name.startswith("Transaction")] == ["Transaction"]
    assert route["requestBody"]["content"]["application/json"]["schema"] == reference
    assert route["responses"]["200"]["content"]["application/json"]["schema"] == reference


def test_pydantic_is_imported_by_nothing_but_pydantic() -> None:
    program = f"""
import sys
from calypso_pay.models import Transaction
Transaction.from_json(Transaction.from_dict({FIELDS}).to_json())
print([name for name in sys.modules if "pydantic" in name])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
