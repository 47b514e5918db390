"""Differences between two documents, reported to users of the client in their words."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import itertools
import json
import operator
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import models
from generator import document as doc
from generator import prepare
from generator.generate import build
from generator.problems import GenerationError
from generator.yaml_text import copied
from tests.methods import method
from tests.properties import examples
from tests.rows import rows
from tools.changes import Difference, Line, compare
from tools.changes.__main__ import main
from tools.changes.report import FORMATS
from tools.changes.view import view
from tools.spec import ReadError, SpecIndex, read_text
from tools.spec.read import flatten
from tools.spec.severity import Severity

if TYPE_CHECKING:
    from conftest import Commit

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "openapi.yaml").read_text("utf-8")
OLD = read_text(TEXT)
DOCUMENT = doc.parse(TEXT.encode(), "openapi.yaml")
PURSES = "/api/v1/customer-purse/purse/get-all"
UNBLOCK = "/api/v1/customer-purse/customer/unblock"
ADDRESS = "/api/v1/customer-purse/address/get"

Node = dict[str, Any]
Edit = Callable[[Node], object]


@pytest.fixture(autouse=True, scope="module")
def old_view() -> Iterator[None]:
    """Let the view of the project's document, which takes most of the time, be made once."""
    made = view(OLD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            importlib.import_module("tools.changes.compare"),
            "view",
            lambda each: made if each is OLD else view(each),
        )
        yield


def spec(document: Node) -> SpecIndex:
    """Return the spec of a document without the way over YAML, which takes a second."""
    return flatten(document, OLD.lines, TEXT)


def lines_of_edit(edit: Edit) -> list[Line]:
    """Return the lines for an edit of the project's document."""
    document = copied(DOCUMENT)
    edit(document)
    return compare(OLD, spec(document))


def between(before: Edit, after: Edit) -> list[Line]:
    """Return the lines for two edited copies of the project's document."""

    def edited(edit: Edit) -> SpecIndex:
        if edit is as_it_is:
            return OLD
        document = copied(DOCUMENT)
        edit(document)
        return spec(document)

    return compare(edited(before), edited(after))


def as_it_is(document: Node) -> None:
    """Change nothing."""


def schema(document: Node, name: str) -> Node:
    return doc.schemas(document).setdefault(name, {})


def field(document: Node, path: str) -> Node:
    owner, name = path.split(".")
    fields = schema(document, owner).setdefault("properties", {})
    found: Node = fields.setdefault(name, {})
    return found


def call(document: Node, path: str) -> Node:
    found: Node = document["paths"][path]["post"]
    return found


def reached(node: Node) -> set[str]:
    """Return the names of the schemas that a part of the document leads to, however far."""
    names: set[str] = set()
    left = [node]
    while left:
        found = set(re.findall(r"'#/components/schemas/(\w+)'", str(left.pop()))) - names
        names |= found
        left += [schema(DOCUMENT, name) for name in found]
    return names


def methods(name: str, *part: str) -> list[str]:
    """Return the methods whose requests, or whose responses, contain a schema."""
    return sorted(
        f"{op.body['tags'][0]}.{op.body['x-method']}"
        for op in doc.operations(DOCUMENT)
        if name in reached(functools.reduce(lambda at, step: at[step], part, op.body))
    )


def listed(names: list[str]) -> str:
    """Return names as a sentence lists them."""
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def returned(name: str) -> str:
    return f"(returned by {listed(methods(name, 'responses', '200'))})"


def taken(name: str) -> str:
    return f"(taken by {listed(methods(name, 'requestBody'))})"


def carry_on(document: Node) -> None:
    """Add an event like another one."""
    document["webhooks"]["CUSTOMER_PURSE_X"] = copy.deepcopy(
        document["webhooks"]["CUSTOMER_PURSE_EXPIRED"]
    )


def copy_call(document: Node) -> None:
    copied = copy.deepcopy(call(document, PURSES))
    schema(document, "MinePayload").update(
        type="object", required=["customerId"], properties={"customerId": {"type": "string"}}
    )
    envelope = copy.deepcopy(schema(document, "ByCustomerIdRequest"))
    envelope["properties"]["payload"] = doc.ref_to("MinePayload")
    schema(document, "MineRequest").update(envelope)
    copied["requestBody"]["content"]["application/json"]["schema"] = doc.ref_to("MineRequest")
    document["paths"]["/new"] = {"post": copied | {"operationId": "newOne", "x-method": "mine"}}


def add_code(document: Node) -> None:
    node = field(document, "ErrorResponse.errorCode")
    node["description"] = node["description"].rstrip(".") + ", 029 odd weather."


def add_parameter(document: Node, **more: Any) -> None:
    parameter = {"name": "pageSize", "in": "query", "schema": {"type": "integer"}} | more
    call(document, PURSES).setdefault("parameters", []).append(parameter)


def move_to_path(document: Node) -> None:
    """Turn a call with a body into one with its only argument in the path."""
    moved = document["paths"].pop(PURSES)["post"]
    del moved["requestBody"]
    schema = {"type": "string", "format": "uuid", "description": "Id of the customer."}
    parameter = {"name": "customerId", "in": "path", "required": True, "schema": schema}
    document["paths"]["/api/v1/{customerId}"] = {"get": moved | {"parameters": [parameter]}}


def envelope_without_account(document: Node) -> None:
    schema(document, "GetAddressRequest")["properties"].pop("account")
    schema(document, "GetAddressRequest")["required"].remove("account")


def add_map(document: Node) -> None:
    copy_call(document)
    values = {"type": "object", "additionalProperties": {"type": "number"}}
    media = {"application/json": {"schema": values}}
    document["paths"]["/new"]["post"]["responses"]["200"]["content"] = media


def add_resource(document: Node) -> None:
    copy_call(document)
    document["paths"]["/new"]["post"]["tags"] = ["rates"]
    document["tags"].append({"name": "rates", "description": "Rates."})


PARAMETERS: list[tuple[str, str, Edit, Edit]] = [
    (
        "Breaking",
        "`purses.list` now needs `page_size` (`int`), a new argument; this is inferred",
        as_it_is,
        lambda d: add_parameter(d, required=True),
    ),
    (
        "Added",
        "`purses.list` takes a new optional argument `page_size` (`int`); it is deprecated; "
        "this is inferred",
        as_it_is,
        lambda d: add_parameter(d, deprecated=True),
    ),
    (
        "Breaking",
        "`purses.list` no longer takes `page_size`",
        add_parameter,
        as_it_is,
    ),
    (
        "Breaking",
        "`purses.list`: `page_size` is now `str` instead of `int` (text instead of a whole number)",
        add_parameter,
        lambda d: add_parameter(d, schema={"type": "string"}),
    ),
    (
        "Breaking",
        "`purses.list` rejects a `page_size` above 50; the limit was `100`",
        lambda d: add_parameter(d, schema={"type": "integer", "maximum": 100}),
        lambda d: add_parameter(d, schema={"type": "integer", "maximum": 50}),
    ),
    (
        "Changed",
        "`purses.list`: `page_size` is deprecated: passing it gives a `DeprecationWarning`",
        add_parameter,
        lambda d: add_parameter(d, deprecated=True),
    ),
    (
        "Changed",
        "`purses.list`: `page_size` is no longer deprecated",
        lambda d: add_parameter(d, deprecated=True),
        add_parameter,
    ),
    (
        "Changed",
        "`purses.list`: `customer_id` is sent in the path instead of the payload; your code stays "
        "as it is",
        as_it_is,
        move_to_path,
    ),
    (
        "Changed",
        "`purses.list` calls `GET /api/v1/{customerId}` instead of "
        "`POST /api/v1/customer-purse/purse/get-all`; your code stays as it is",
        as_it_is,
        move_to_path,
    ),
    (
        "Changed",
        "`purses.list` sends no body any more; your code stays as it is",
        as_it_is,
        move_to_path,
    ),
    (
        "Changed",
        "`addresses.get` no longer sends the client's `account`; your code stays as it is",
        as_it_is,
        envelope_without_account,
    ),
    (
        "Changed",
        "`addresses.get` sends the client's `account` now; your code stays as it is",
        envelope_without_account,
        as_it_is,
    ),
    (
        "Changed",
        "`purses.list` is deprecated: each call gives a `DeprecationWarning`",
        as_it_is,
        lambda d: call(d, PURSES).update(deprecated=True),
    ),
    (
        "Changed",
        "`Purse` (returned by `purses.list`) is deprecated",
        as_it_is,
        lambda d: schema(d, "Purse").update(deprecated=True),
    ),
    (
        "Changed",
        "`Purse.status` (returned by `purses.list`) is deprecated",
        as_it_is,
        lambda d: field(d, "Purse.status").update(deprecated=True),
    ),
    (
        "Added",
        "The class `NewOneResponse` is new: `purses.mine` returns it; it maps names to `Decimal` "
        "in its `additional_properties`",
        as_it_is,
        add_map,
    ),
    (
        "Breaking",
        "`Purse` (returned by `purses.list`) maps names to `str` instead of `Decimal` in its "
        "`additional_properties`",
        lambda d: schema(d, "Purse").update(additionalProperties={"type": "number"}),
        lambda d: schema(d, "Purse").update(additionalProperties={"type": "string"}),
    ),
]


@rows("group, sentence, before, after", PARAMETERS)
def test_changes_beside_the_payload_are_reported_too(
    group: str, sentence: str, before: Edit, after: Edit
) -> None:
    """Parameters, envelopes without an account, deprecation, maps; the document has none today."""
    lines = between(before, after)

    assert (group, sentence) in {(line.group, line.text) for line in lines}
    assert not any(line.kind is Difference.UNEXPLAINED for line in lines), lines


def test_a_new_tag_is_reported_by_its_methods_only() -> None:
    assert [line.text.partition(" ")[0] for line in lines_of_edit(add_resource)] == ["`rates.mine`"]


EDITS: list[tuple[str, str, Edit]] = [
    (
        "Added",
        "`customers.create` takes a new optional argument `nick_name` (`str`)",
        lambda d: field(d, "CreateCustomerPayload.nickName").update(type="string"),
    ),
    (
        "Breaking",
        "`customers.create` now needs `email`",
        lambda d: schema(d, "CreateCustomerPayload").update(required=["email"]),
    ),
    (
        "Breaking",
        "`subscriptions.create` and `subscriptions.update` no longer take "
        "`notification_service_types`",
        lambda d: schema(d, "SubscriptionPayload")["properties"].pop("notificationServiceTypes"),
    ),
    (
        "Breaking",
        "`customers.update`: `id` has to be given by its name, as in `id=…`",
        lambda d: schema(d, "UpdateCustomerPayload").pop("required"),
    ),
    (
        "Breaking",
        "`customers.create` rejects an `email` of more than 64 characters",
        lambda d: field(d, "CreateCustomerPayload.email").update(maxLength=64),
    ),
    (
        "Breaking",
        "Every call: `account` of more than 42 characters is rejected",
        lambda d: schema(d, "AccountId").update(maxLength=42),
    ),
    (
        "Breaking",
        f"`StringFilter.in_[i]` {taken('StringFilter')} of more than 9 characters is rejected",
        lambda d: field(d, "StringFilter.in")["items"].update(maxLength=9),
    ),
    (
        "Added",
        f"`Transaction` {returned('Transaction')} has a new field `fee` (`Decimal | None`)",
        lambda d: field(d, "Transaction.fee").update(type="number"),
    ),
    (
        "Breaking",
        f"`Transaction` {returned('Transaction')} has a new field "
        "`fee` (`Decimal`); a response without it can't be read",
        lambda d: field(d, "Transaction.fee").update({"type": "number", "x-essential": True}),
    ),
    (
        "Breaking",
        f"`Transaction.currency` {returned('Transaction')} may be "
        "`None` now (`str | None` instead of `str`): a response without it is read as well",
        lambda d: field(d, "Transaction.currency").pop("x-essential"),
    ),
    (
        "Breaking",
        f"`Customer.email` {returned('Customer')} is never `None` now "
        "(`str` instead of `str | None`): a response without it can't be read",
        lambda d: field(d, "Customer.email").update({"x-essential": True}),
    ),
    (
        "Breaking",
        "`Notification.id` (in every event) may be `None` now (`int | None` instead of "
        "`int | str`): a response without it is read as well",
        lambda d: field(d, "Notification.id").pop("x-essential"),
    ),
    (
        "Changed",
        f"`Transaction.created_date` {returned('Transaction')} is no "
        "longer documented as always present: `on_drift` no longer reports a response without it",
        lambda d: schema(d, "Transaction")["required"].remove("createdDate"),
    ),
    (
        "Editorial",
        "`Notification.service` (in every event) is no longer documented as always present",
        lambda d: schema(d, "Notification")["required"].remove("service"),
    ),
    (
        "Breaking",
        "`Notification.request_id` (in every event) is now `int | str` instead of `str` "
        "(a whole number instead of text)",
        lambda d: field(d, "Notification.requestId").update(type="integer", format=None),
    ),
    (
        "Breaking",
        "`PurseMemPoolFoundData.amount` (in `data` of the event `CUSTOMER_PURSE_MEM_POOL_FOUND`) "
        "is now `str | None` instead of `Decimal | None` (text instead of a number)",
        lambda d: field(d, "PurseMemPoolFoundData.amount").update(type="string"),
    ),
    (
        "Added",
        "`PurseStatus.UNHEARD_OF` is a new value: `purses.list` returns it",
        lambda d: schema(d, "PurseStatus")["enum"].append("UNHEARD_OF"),
    ),
    (
        "Breaking",
        f"`SortDirection.ASC` {taken('SortDirection')} is removed",
        lambda d: schema(d, "SortDirection")["enum"].remove("ASC"),
    ),
    (
        "Added",
        "The event `CUSTOMER_PURSE_X` is new: it is read as `PurseExpiredEvent`",
        carry_on,
    ),
    (
        "Breaking",
        "`addresses.get` is no longer safe to retry: a call with an unknown outcome raises "
        "`OutcomeUnknownError`",
        lambda d: call(d, ADDRESS)["x-retry"].update({"class": "unsafe"}),
    ),
    (
        "Breaking",
        "`purses.list` is now called `purses.all`",
        lambda d: call(d, PURSES).update({"x-method": "all"}),
    ),
    (
        "Breaking",
        "`purses.list` is removed",
        lambda d: d["paths"].pop(PURSES),
    ),
    (
        "Added",
        "`purses.mine` is new: it takes `customer_id` (`str`) and returns `list[Purse]`; it is "
        "safe to retry; it is inferred, not documented",
        copy_call,
    ),
    (
        "Editorial",
        "`purses.list` is confirmed: documented now, inferred before",
        lambda d: call(d, PURSES)["x-provenance"].update(level="documented"),
    ),
    (
        "Breaking",
        "Calls without a `base_url` go to `https://api.calypso.money` instead of "
        "`https://api.calypso.finance`",
        lambda d: d["servers"].reverse(),
    ),
    (
        "Added",
        "Error code 029 is new: odd weather",
        add_code,
    ),
    (
        "Changed",
        "`customers.create`: `email` is deprecated: passing it gives a `DeprecationWarning`",
        lambda d: field(d, "CreateCustomerPayload.email").update(deprecated=True),
    ),
    (
        "Editorial",
        "The descriptions of the API and its resources are reworded",
        lambda d: d["info"].update(title="Another title"),
    ),
    (
        "Editorial",
        "The descriptions of the API and its resources are reworded",
        lambda d: d["tags"][0].update(name="account"),
    ),
]


@rows("group, sentence, edit", EDITS)
def test_a_change_is_reported_in_the_words_of_users(group: str, sentence: str, edit: Edit) -> None:
    assert (group, sentence) in {(line.group, line.text) for line in lines_of_edit(edit)}


def choose(document: Node, **more: Any) -> None:
    """Let `Purse.owner` be of one of two classes, by a discriminator."""
    for name in ("Cat", "Dog"):
        kind = {"type": "string", "const": name}
        schema(document, name).update(
            type="object", required=["kind"], properties={"kind": kind, name: {"type": "string"}}
        )
    options = [doc.ref_to("Cat"), doc.ref_to("Dog")]
    mapping = {"cat": doc.ref_to("Cat")["$ref"], "dog": doc.ref_to("Dog")["$ref"]}
    discriminator = {"propertyName": "kind", "mapping": mapping}
    field(document, "Purse.owner").update({"oneOf": options, "discriminator": discriminator} | more)


def choose_unmarked(document: Node) -> None:
    choose(document)
    field(document, "Purse.owner").pop("discriminator")


def mapped(kind: str, **mapping: str) -> Node:
    whole = {value: doc.ref_to(name)["$ref"] for value, name in mapping.items()}
    return {"propertyName": kind, "mapping": whole}


def two_names(*names: str) -> Edit:
    """Give a class fields whose usual Python names are the same."""
    added = {name: {"type": "string"} for name in names}
    return lambda d: schema(d, "Purse")["properties"].update(added)


def states(*values: int) -> Edit:
    return lambda d: field(d, "Purse.state").update(type="integer", enum=list(values))


def limited(path: str, **more: Any) -> Edit:
    return lambda d: field(d, path).update(more)


def bound_payload(**more: Any) -> Edit:
    return lambda d: schema(d, "CreateCustomerPayload").update(more)


def fact(document: Node) -> Node:
    found: Node = schema(document, "Currency")["x-facts"]["network"]["values"]
    return found


def flags(document: Node) -> Node:
    found: Node = schema(document, "Transaction")["x-flags"]
    return found


def copy_call_twice(document: Node) -> None:
    copy_call(document)
    second = copy.deepcopy(document["paths"]["/new"]["post"])
    document["paths"]["/newer"] = {"post": second | {"operationId": "two", "x-method": "yours"}}


def one_of(keyword: str, *options: list[str]) -> Edit:
    return bound_payload(**{keyword: [{"required": each} for each in options]})


EMAIL_OR_ID = one_of("anyOf", ["email"], ["externalId"])


def too_many(document: Node) -> Node:
    found: Node = document["components"]["responses"]["TooManyRequests"]["headers"]
    return found


def refuse_with(document: Node, name: str | None) -> None:
    content = {"application/json": {"schema": doc.ref_to(name)}} if name else {}
    call(document, PURSES)["responses"]["400"] = {"description": "Odd.", "content": content}


def limit_answer(document: Node) -> None:
    media = call(document, PURSES)["responses"]["200"]["content"]["application/json"]
    media["schema"] = {"type": "array", "items": doc.ref_to("Purse"), "maxItems": 5}


FIRST = "TOP_UP_PENDING_COMPLIANCE"

KEYWORDS: list[tuple[str, str, Edit, Edit]] = [
    (
        "Breaking",
        "`PurseState.VALUE_NEGATIVE_1` (returned by `purses.list`) is removed; if it is "
        "received, it is read as an unknown value",
        states(-1, 0, 1),
        states(0, 1),
    ),
    (
        "Breaking",
        "`PurseState.VALUE_1` (returned by `purses.list`) is removed; if it is "
        "received, it is read as an unknown value",
        states(-1, 0, 1),
        states(-1, 0),
    ),
    (
        "Breaking",
        "`Purse.fooBar` (returned by `purses.list`) is removed",
        two_names("fooBar", "foo_bar"),
        two_names("foo_bar"),
    ),
    (
        "Changed",
        "`Purse.foo_bar` (returned by `purses.list`) is called `fooBar` in JSON now, instead of "
        "`foo_bar`",
        two_names("fooBar", "foo_bar"),
        two_names("fooBar"),
    ),
    (
        "Breaking",
        "`Currency.network` is removed",
        as_it_is,
        lambda d: schema(d, "Currency")["x-facts"].pop("network"),
    ),
    (
        "Added",
        "`Currency` has a new property `network`",
        lambda d: schema(d, "Currency")["x-facts"].pop("network"),
        as_it_is,
    ),
    (
        "Changed",
        "`Currency.BTC.network` is `Moon` instead of `Bitcoin`",
        as_it_is,
        lambda d: fact(d).update(BTC="Moon"),
    ),
    (
        "Breaking",
        "`Currency.BTC.network` is `None` instead of `Bitcoin`",
        as_it_is,
        lambda d: fact(d).pop("BTC"),
    ),
    (
        "Changed",
        "`Currency.BTC.network` is `Bitcoin` instead of `None`",
        lambda d: fact(d).pop("BTC"),
        as_it_is,
    ),
    (
        "Breaking",
        f"`Transaction.is_final` {returned('Transaction')} is removed",
        as_it_is,
        lambda d: flags(d).pop("is_final"),
    ),
    (
        "Added",
        f"`Transaction` {returned('Transaction')} has a new property `is_final`",
        lambda d: flags(d).pop("is_final"),
        as_it_is,
    ),
    (
        "Changed",
        f"`Transaction.is_final` {returned('Transaction')} is `True` for `CONFIRMED` instead of "
        "`CONFIRMED` and `DECLINED`",
        as_it_is,
        lambda d: flags(d)["is_final"].update(values=["CONFIRMED"]),
    ),
    (
        "Changed",
        f"`Transaction.is_credited` {returned('Transaction')} is read from `is_done` instead of "
        "`translation_to_account_completed`",
        limited("Transaction.isDone", type="boolean"),
        lambda d: (
            field(d, "Transaction.isDone").update(type="boolean"),
            flags(d)["is_credited"].update(field="isDone"),
        ),
    ),
    (
        "Editorial",
        "Reworded, or with another source: `Transaction`",
        as_it_is,
        lambda d: flags(d)["is_final"].update(description="Other words."),
    ),
    (
        "Breaking",
        "`Purse.owner` (returned by `purses.list`) marked `cat` is read as `Dog` instead of `Cat`",
        choose,
        lambda d: choose(d, discriminator=mapped("kind", cat="Dog", dog="Cat")),
    ),
    (
        "Breaking",
        "`Purse.owner` (returned by `purses.list`) marked `hound` is no longer read as `Dog`",
        lambda d: choose(d, discriminator=mapped("kind", cat="Cat", dog="Dog", hound="Dog")),
        choose,
    ),
    (
        "Added",
        "`Purse.owner` (returned by `purses.list`) marked `hound` is read as `Dog` now",
        choose,
        lambda d: choose(d, discriminator=mapped("kind", cat="Cat", dog="Dog", hound="Dog")),
    ),
    (
        "Breaking",
        "`Purse.owner` (returned by `purses.list`) marked `cat` is no longer read as `Cat`",
        choose,
        lambda d: choose(d, discriminator={"propertyName": "kind"}),
    ),
    (
        "Breaking",
        "`Purse.owner` (returned by `purses.list`) is now of the class that `sort` names instead "
        "of `kind`",
        choose,
        lambda d: choose(d, discriminator=mapped("sort", cat="Cat", dog="Dog")),
    ),
    (
        "Breaking",
        "`Purse.owner` (returned by `purses.list`) is no longer of the class that `kind` names, "
        "but of the first one that fits",
        choose,
        choose_unmarked,
    ),
    (
        "Breaking",
        "`Purse.owner` (returned by `purses.list`) is now of the class that `kind` names: `Cat` "
        "for `cat`, `Dog` for `dog`",
        choose_unmarked,
        choose,
    ),
    (
        "Breaking",
        '`customers.create`: `email` that matches `{"const": "x"}` is rejected',
        as_it_is,
        limited("CreateCustomerPayload.email", **{"not": {"const": "x"}}),
    ),
    (
        "Changed",
        '`customers.create`: `email` that matches `{"const": "x"}` is no longer rejected',
        limited("CreateCustomerPayload.email", **{"not": {"const": "x"}}),
        as_it_is,
    ),
    (
        "Breaking",
        "`customers.create`: `email` is documented as read-only now: a request with it is rejected",
        as_it_is,
        limited("CreateCustomerPayload.email", readOnly=True),
    ),
    (
        "Changed",
        "`customers.create`: `email` is no longer documented as read-only",
        limited("CreateCustomerPayload.email", readOnly=True),
        as_it_is,
    ),
    (
        "Editorial",
        "`Purse.address` (returned by `purses.list`) is documented as read-only now",
        as_it_is,
        limited("Purse.address", readOnly=True),
    ),
    (
        "Breaking",
        "`customers.create`: a payload with fewer than 2 fields is rejected",
        as_it_is,
        bound_payload(minProperties=2),
    ),
    (
        "Changed",
        "`customers.create`: a payload with fewer than 2 fields is rejected; the limit was `3`",
        bound_payload(minProperties=3),
        bound_payload(minProperties=2),
    ),
    (
        "Breaking",
        "`customers.create`: a payload with more than 1 field is rejected; the limit was `3`",
        bound_payload(maxProperties=3),
        bound_payload(maxProperties=1),
    ),
    (
        "Breaking",
        "`customers.create`: a payload with `email` but without `external_id` is rejected",
        as_it_is,
        bound_payload(dependentRequired={"email": ["externalId"]}),
    ),
    (
        "Changed",
        "`customers.create`: a payload with `email` but without `external_id` is no longer "
        "rejected",
        bound_payload(dependentRequired={"email": ["externalId"]}),
        bound_payload(dependentRequired={}),
    ),
    (
        "Breaking",
        "`customers.create`: a payload without at least one of `email` and `external_id` is "
        "rejected",
        as_it_is,
        EMAIL_OR_ID,
    ),
    (
        "Changed",
        "`customers.create`: a payload without at least one of `email` and `external_id` is no "
        "longer rejected",
        EMAIL_OR_ID,
        as_it_is,
    ),
    (
        "Changed",
        "`customers.create`: a payload without at least one of `email` and `external_id` is "
        "rejected; it was `email`",
        one_of("anyOf", ["email"]),
        EMAIL_OR_ID,
    ),
    (
        "Breaking",
        "`customers.create`: a payload without at least one of `email` and `external_id` is "
        "rejected; it was at least one of `description` with `email`, `email` and `external_id`",
        one_of("anyOf", ["email"], ["externalId"], ["email", "description"]),
        EMAIL_OR_ID,
    ),
    (
        "Breaking",
        "`customers.create`: a payload without exactly one of `email` and `external_id` is "
        "rejected; it was `email`",
        one_of("oneOf", ["email"]),
        one_of("oneOf", ["email"], ["externalId"]),
    ),
    (
        "Editorial",
        "`Purse` (returned by `purses.list`) without at least one of `address` and `id` is "
        "documented as invalid",
        as_it_is,
        lambda d: schema(d, "Purse").update(
            anyOf=[{"required": ["id"]}, {"required": ["address"]}]
        ),
    ),
    (
        "Editorial",
        "The header `Retry-After` of status 429 of every call is documented as a whole number "
        "instead of text",
        as_it_is,
        lambda d: too_many(d)["Retry-After"]["schema"].update(type="integer"),
    ),
    (
        "Editorial",
        "The header `Retry-After` of status 429 of every call is documented differently",
        as_it_is,
        lambda d: too_many(d)["Retry-After"].update(required=True),
    ),
    (
        "Editorial",
        "Status 429 of every call is no longer documented with the header `Retry-After`",
        as_it_is,
        lambda d: too_many(d).pop("Retry-After"),
    ),
    (
        "Editorial",
        "The body of status 400 of `purses.list` is documented as `Account`",
        lambda d: refuse_with(d, "ErrorResponse"),
        lambda d: refuse_with(d, "Account"),
    ),
    (
        "Editorial",
        "The body of status 400 of `purses.list` is no longer documented as `ErrorResponse`",
        lambda d: refuse_with(d, "ErrorResponse"),
        lambda d: refuse_with(d, None),
    ),
    (
        "Editorial",
        "The body of `purses.list` is no longer documented as required; your code stays as it is",
        as_it_is,
        lambda d: call(d, PURSES)["requestBody"].update(required=False),
    ),
    (
        "Editorial",
        "The response of `purses.list` is documented differently",
        as_it_is,
        limit_answer,
    ),
    (
        "Breaking",
        f"`StringFilter` {taken('StringFilter')} with fewer than 2 fields is rejected",
        as_it_is,
        lambda d: schema(d, "StringFilter").update(minProperties=2),
    ),
    (
        "Breaking",
        f"`StringFilter.in_` {taken('StringFilter')} with an item twice is rejected",
        as_it_is,
        limited("StringFilter.in", uniqueItems=True),
    ),
    (
        "Changed",
        f"The event `{FIRST}` is deprecated",
        as_it_is,
        lambda d: d["webhooks"][FIRST]["post"].update(deprecated=True),
    ),
    (
        "Changed",
        f"The event `{FIRST}` is no longer deprecated",
        lambda d: d["webhooks"][FIRST]["post"].update(deprecated=True),
        as_it_is,
    ),
    (
        "Changed",
        "`PurseStatus` (returned by `purses.list`) is deprecated",
        as_it_is,
        lambda d: schema(d, "PurseStatus").update(deprecated=True),
    ),
    (
        "Changed",
        "`customers.create`: `payload` is deprecated",
        as_it_is,
        bound_payload(deprecated=True),
    ),
    (
        "Changed",
        "The body of `addresses.get` is deprecated",
        as_it_is,
        lambda d: schema(d, "GetAddressRequest").update(deprecated=True),
    ),
    (
        "Added",
        "`purses.mine` and `purses.yours` are new: each takes `customer_id` (`str`) and returns "
        "`list[Purse]`; they are safe to retry; they are inferred, not documented",
        as_it_is,
        copy_call_twice,
    ),
    (
        "Breaking",
        "In the functions of `calypso_api.api`: `purses.list` takes nothing "
        "instead of `ByCustomerIdRequest`",
        as_it_is,
        move_to_path,
    ),
]


@rows("group, sentence, before, after", KEYWORDS)
def test_every_keyword_is_reported_in_the_words_of_users(
    group: str, sentence: str, before: Edit, after: Edit
) -> None:
    """No line is left for a person to check, and none shows a path within the document."""
    lines = between(before, after)

    assert (group, sentence) in {(line.group, line.text) for line in lines}, lines
    assert not any(line.kind is Difference.UNEXPLAINED for line in lines), lines
    assert not re.search(r"carriers|x-f|#/|statuses|media", " ".join(each.text for each in lines))


def pay_with(name: str) -> Edit:
    """Let `customers.create` take another component."""

    def edit(document: Node) -> None:
        fields = {"email": {"type": "string"}}
        schema(document, "OtherPayload").update(type="object", properties=fields)
        field(document, "CreateCustomerRequest.payload")["$ref"] = doc.ref_to(name)["$ref"]

    return edit


@rows(
    "before, after",
    [("CreateCustomerPayload", "OtherPayload"), ("OtherPayload", "CreateCustomerPayload")],
)
def test_a_class_that_only_carried_arguments_is_neither_new_nor_removed(
    before: str, after: str
) -> None:
    """Its class was there, and still is; while a call takes it, it is reported as arguments."""
    lines = between(pay_with(before), pay_with(after))

    assert any("functions of `calypso_api.api`" in line.text for line in lines)
    assert not any(line.text.startswith("The class") for line in lines), lines


def tagged(tag: str, **more: Any) -> Edit:
    def edit(document: Node) -> None:
        call(document, PURSES).update(tags=[tag], **more)
        document["tags"].append({"name": tag, "description": "Things."})

    return edit


@rows("tag, name", [("class", "class_"), ("my tag", "my_tag"), ("_core", "tagcore")])
def test_a_resource_has_the_name_of_the_clients_attribute(tag: str, name: str) -> None:
    """What a tag needs to become a name of Python shows, as in the generated package."""
    (line,) = between(tagged(tag), tagged(tag, deprecated=True))

    assert f"`{name}.list` is deprecated: each call gives a `DeprecationWarning`" == line.text


@rows(
    "path, name",
    [
        ("Customer.\u017ftate\u00aa", "has a new field `statea`"),
        ("CreateCustomerPayload.\u017ftate\u00aa", "takes a new optional argument `statea`"),
        ("\u017ftate\u00aa.name", "The class `Statea` is new"),
    ],
)
def test_a_name_is_the_one_that_python_reads(path: str, name: str) -> None:
    """Python normalises names in code, so that users write other letters."""
    lines = lines_of_edit(lambda d: field(d, path).update(type="string"))

    assert any(name in line.text for line in lines), lines


def test_a_constant_null_is_none() -> None:
    lines = lines_of_edit(lambda d: field(d, "Customer.owner").update(const=None))

    assert "has a new field `owner` (`None`)" in lines[0].text


def test_a_removed_argument_is_reported_without_its_position() -> None:
    lines = between(
        lambda d: schema(d, "CreateCustomerPayload").update(required=["email"]),
        lambda d: schema(d, "CreateCustomerPayload")["properties"].pop("email"),
    )

    assert ["`customers.create` no longer takes `email`"] == [line.text for line in lines]


@pytest.mark.slow
def test_colliding_names_are_those_of_the_generated_package(tmp_path: Path) -> None:
    """Of fields that share a name, and of the whole numbers of an enum."""
    document = copied(DOCUMENT)
    two_names("fooBar", "foo_bar")(document)
    states(-1, 0, 1)(document)
    seen = view(spec(document)).plain

    package = build(document, tmp_path)

    generated = (package / "models" / "purse.py").read_text("utf-8")
    attributes = set(re.findall(r"^    ([a-z]\w*): ", generated, re.MULTILINE))
    assert attributes - {"additional_properties"} == set(seen["classes"]["Purse"]["fields"])
    members = (package / "models" / "purse_state.py").read_text("utf-8")
    assert (
        dict(re.findall(r"^    (VALUE_\w+) = (-?\d)", members, re.MULTILINE))
        == (seen["enums"]["PurseState"]["values"])
    )


@rows(
    "edit, reason",
    [
        (
            lambda d: call(d, PURSES).update({"x-retry": "safe"}),
            "getPurses: x-retry is not an object; give it class",
        ),
        (
            lambda d: field(d, "Customer.email").update({"x-provenance": "documented"}),
            "Customer.email: x-provenance is not an object; give it level",
        ),
        (
            lambda d: field(d, "Customer.email").update({"x-provenance": {"readings": "x"}}),
            "Customer.email: x-provenance has the level None",
        ),
        (
            lambda d: d["info"].update(version=Decimal("1.0")),
            "info: version is the number 1.0 and has to be text; write it in quotes, as in version",
        ),
    ],
)
def test_a_value_that_is_not_an_object_is_a_reason_to_reject(edit: Edit, reason: str) -> None:
    first, *_ = lines_of_edit(edit)

    assert first.text.startswith(f"The generator rejects the new document: {reason}")


def test_a_document_that_gives_no_lines_is_reported_in_one_sentence() -> None:
    """The reason is the generator's, not the place in our code where reading ended."""
    with pytest.raises(
        GenerationError, match=r"^openapi\.yaml: PurseStatus: x-provenance has readi"
    ):
        lines_of_edit(lambda d: schema(d, "PurseStatus")["x-provenance"].update(readings="x"))


@pytest.mark.slow
def test_docstrings_have_the_names_that_python_reads(tmp_path: Path) -> None:
    """Only what is on the wire has its own letters."""
    document = copied(DOCUMENT)
    odd = "\u017ftate\u00aa"
    for name in ("Customer", "CreateCustomerPayload"):
        field(document, f"{name}.{odd}").update(type="string", description="Odd.", deprecated=True)

    package = build(document, tmp_path)

    resource = (package / "resources" / "customers.py").read_text("utf-8")
    assert "            statea: Deprecated. Odd." in resource
    assert "the argument statea of customers.create is deprecated" in resource
    for module in ("customer.py", "create_customer_payload.py"):
        model = (package / "models" / module).read_text("utf-8")
        assert "        statea: Deprecated. Odd." in model
        assert f'field_dict["{odd}"]' in model


def test_a_document_that_the_generator_rejects_gets_no_advice_on_versions() -> None:
    """That comes before the changes, which may be wrong."""
    lines = lines_of_edit(
        lambda d: (call(d, PURSES).pop("x-method"), call(d, PURSES).pop("x-retry"))
    )

    assert lines[0].text == (
        "The generator rejects the new document: getPurses: x-method is missing; add the name of "
        "its method, e.g. x-method: create (and 1 more)"
    )
    shown = FORMATS["text"](lines, "A to B")
    assert shown.startswith("- The generator rejects the new document")
    assert "is known once the generator accepts the document" in shown
    assert "will do" not in shown
    assert "A new minor version" not in shown


def test_a_rejected_old_document_is_reported_too() -> None:
    """Its lines may be wrong as well, but a version of the new document can be released."""
    first, *_ = lines = between(lambda d: call(d, PURSES).pop("x-retry"), as_it_is)

    assert first.text.startswith("The generator rejects the old document: getPurses: x-retry is")
    assert "A new minor version is due" in FORMATS["text"](lines, "A to B")


def test_two_members_of_one_name_are_a_reason_to_reject() -> None:
    """Only preparing the document shows it, which the checks before do not."""
    first, *_ = lines_of_edit(lambda d: schema(d, "PurseStatus")["enum"].extend(["A-B", "A_B"]))

    assert "several values would be the member A_B" in first.text


def test_a_change_of_a_shared_schema_is_reported_once() -> None:
    """One line names all that it touches, and where the document has it."""
    document = copied(DOCUMENT)
    field(document, "ByCustomerIdPayload.reason").update(type="string")

    (line,) = compare(OLD, read_text(doc.to_json(document)))

    assert {"customers.block", "customers.unblock", "purses.list"} <= set(line.methods)
    assert tuple(methods("ByCustomerIdPayload", "requestBody")) == line.methods
    assert "/components/schemas/ByCustomerIdPayload/properties/reason" == line.pointer


def test_a_field_that_is_no_longer_essential_is_one_line() -> None:
    """Its type changes with it, and that is the same news."""
    (line,) = lines_of_edit(lambda d: field(d, "Transaction.currency").pop("x-essential"))

    assert (Severity.BREAKING, "/components/schemas/Transaction/properties/currency") == (
        line.severity,
        line.pointer,
    )


def test_a_renamed_class_is_the_only_line() -> None:
    def edit(document: Node) -> None:
        text = json.dumps(document, default=str).replace('schemas/Customer"', 'schemas/Client"')
        document.update(json.loads(text))
        doc.schemas(document)["Client"] = doc.schemas(document).pop("Customer")

    assert ["The class `Customer` is now called `Client`"] == [
        line.text for line in lines_of_edit(edit)
    ]


def test_another_path_of_a_call_does_not_break_users_of_the_client() -> None:
    def edit(document: Node) -> None:
        document["paths"]["/moved"] = document["paths"].pop(PURSES)

    (line,) = lines_of_edit(edit)

    assert (Severity.ADDITIVE, ("purses.list",)) == (line.severity, line.methods)


def test_order_and_layout_are_not_changes() -> None:
    """Keys the other way round, JSON instead of YAML, other examples: no lines."""

    def turned(node: Any) -> Any:
        if isinstance(node, dict):
            kept = reversed([(key, each) for key, each in node.items() if key != "examples"])
            return {key: turned(each) for key, each in kept}
        return [turned(each) for each in node] if isinstance(node, list) else node

    # The first server is the default, and the order of several pages is not turned.
    assert [] == lines_of_edit(lambda d: d.update(turned(d)))


# Seen nowhere in the package: sample data, links, the vendor's names, what tools call the document.
UNSEEN = {"examples", "links", "vendor-name", "openapi", "license", "$ref"}
WORDS = {"description", "summary", "note", "reason", "date"}
NAMES = {"schemas", "properties", "paths", "webhooks", "responses", "securitySchemes", "headers"}


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, each in pairs:
        if key in UNSEEN or _unseen((*path, key)):
            continue
        yield (*path, key)
        if isinstance(each, dict | list):
            yield from places(each, (*path, key))


def _unseen(path: tuple[Any, ...]) -> bool:
    # Neither names nor tags of webhooks, nor responses of a receiver, reach the package; that
    # they have a body is taken for granted.
    event = path[:1] == ("webhooks",) and {"operationId", "tags", "responses"} & set(path)
    body = path[:1] == ("webhooks",) and path[-2:] == ("requestBody", "required")
    server = path[:1] == ("servers",) and path[-1] == "description"
    scheme = "securitySchemes" in path and path[-1] == "description"
    # The client uses the names of headers; their descriptions are in no docstring.
    header = path[-3:-2] == ("headers",) and path[-1] == "description"
    return bool(event or body or server or scheme or header)


def _is_word(path: tuple[Any, ...]) -> bool:
    field_named_so = path[-2:-1] == ("properties",)
    return path[-1] in WORDS and not field_named_so and "errorCode" not in path


def _is_the_default(path: tuple[Any, ...]) -> bool:
    """Return whether leaving a place out means the same.

    So it is with levels, objects, bounds of integers, and a value that other readings list as well.
    """
    *way, last = path
    spelling = way[-1:] == ["enum"] and at(way)[last] in prepare.spellings(at(way[:-1]))
    return spelling or last in {"level", "type", "minimum", "maximum", "required"}


def at(path: Sequence[Any]) -> Any:
    return functools.reduce(operator.getitem, path, DOCUMENT)


PLACES = sorted(places(DOCUMENT), key=str)
KINDS = {
    tuple("*" if around in NAMES or isinstance(step, int) else step
          for around, step in itertools.pairwise((None, *path))): path
    for path in PLACES
}  # fmt: skip


def changed(paths: Iterable[tuple[Any, ...]], *, removed: bool) -> Node:
    """Return the document with another value at these places, or with none."""
    document = copied(DOCUMENT)
    for *way, last in paths:
        node = functools.reduce(operator.getitem, way, document)
        match node[last]:
            case bool(value) if not removed:
                node[last] = not value
            case (int() | Decimal()) as value if not removed:
                node[last] = value + 1
            case str(value) if not removed:
                node[last] = f"{value}x"
            case _:
                del node[last]
    return document


@examples(20)
@given(path=st.sampled_from(PLACES), removed=st.booleans())
def test_every_change_that_users_can_notice_is_reported(
    path: tuple[Any, ...], *, removed: bool
) -> None:
    """Each change or removal gives a line, or the document is rejected."""
    assert _is_reported(path, removed=removed), path


@pytest.mark.slow
def test_a_change_at_every_kind_of_place_is_reported() -> None:
    """One place of every kind, changed and taken away."""
    assert [] == [
        (path, removed)
        for path in KINDS.values()
        for removed in (False, True)
        if not _is_reported(path, removed=removed)
    ]


def _is_reported(path: tuple[Any, ...], *, removed: bool) -> bool:
    try:
        removed = removed and not _is_the_default(path)
        lines = compare(OLD, spec(changed([path], removed=removed)))
        # A rejection reports it, too, if it names the error.
        return any(
            line.kind is not Difference.NEW_REJECTED or str(path[-1]) in line.text for line in lines
        )
    except (ReadError, GenerationError, AttributeError, KeyError, TypeError, ValueError):
        return True  # it is not a document any more; the command reports that


def test_reworded_text_is_editorial() -> None:
    """Descriptions, notes and pages do not change the client; error codes are in a description."""
    lines = compare(OLD, spec(changed(filter(_is_word, PLACES), removed=False)))

    assert {Severity.EDITORIAL} == {line.severity for line in lines}


ONLY_SENT = {"StringFilter", "TransactionStateFilter"}


def plain_type(annotation: str, enums: set[str]) -> str:
    """Return an annotation of the generated package as a sentence writes it."""
    found = annotation.replace("datetime.datetime", "datetime").replace("builtins.", "")
    options = {each for each in found.split(" | ") if each != "Unset"}
    # Where an enum or a filter is given, its text may be given as well, and for an id a UUID.
    texts = {"UUID", "Sequence[str]"}
    if any(re.sub(r"list\[|\]", "", each) in enums | ONLY_SENT for each in options):
        texts |= {"str", "list[str]"}
    return " | ".join(sorted(options - texts, key=lambda name: (name == "None", name)))


def test_names_and_types_are_those_of_the_generated_package() -> None:
    """Every attribute of every class, and every argument and result of every method."""
    seen = view(OLD).plain
    enums = {each["name"] for each in seen["enums"].values()}
    for node in seen["classes"].values():
        given_ = dict(inspect.get_annotations(getattr(models, node["name"])))
        given_.pop("additional_properties")
        expected = {name: plain_type(each, enums) for name, each in given_.items()}
        assert expected == {name: each["type"] for name, each in node["fields"].items()}
        # Only what is sent can be left unset, and then it is no argument that is needed.
        unset = {name for name, each in given_.items() if "Unset" in each}
        needed = {name for name, each in node["fields"].items() if each["required"]}
        assert unset == (given_.keys() - needed if node["name"] in ONLY_SENT else set())
    for node in seen["methods"].values():
        signature = inspect.signature(method(*node["name"].split(".")))
        taken = dict(list(signature.parameters.items())[1:])
        assert node["returns"] == plain_type(signature.return_annotation, enums)
        expected = {name: plain_type(each.annotation, enums) for name, each in taken.items()}
        assert expected == {name: each["type"] for name, each in node["arguments"].items()}
        free = [name for name, each in taken.items() if each.kind is not each.KEYWORD_ONLY]
        assert free == [node["positional"]] * bool(node["positional"])


def test_enum_members_are_those_of_the_generated_package() -> None:
    for node in view(OLD).plain["enums"].values():
        enum = getattr(models, node["name"])
        assert {member.name: member.value for member in enum} == node["values"]
        assert enum.spellings() == node["spellings"]


def small(edit: Edit | None = None) -> str:
    """Return the document with two calls and no events, which git and the command go through."""
    document = copied(DOCUMENT) | {"webhooks": {}}
    document["paths"] = {path: document["paths"][path] for path in (PURSES, UNBLOCK)}
    components = document["components"]
    components["responses"] = {}
    for path in (PURSES, UNBLOCK):
        node = call(document, path)
        node["responses"] = {"200": node["responses"]["200"]}
    found: set[str] = set()
    left = [document["paths"]]
    while left:
        names = set(re.findall(r'schemas/(\w+)"', json.dumps(left.pop(), default=str))) - found
        found |= names
        left += [components["schemas"][name] for name in names]
    components["schemas"] = {
        name: each for name, each in components["schemas"].items() if name in found
    }
    if edit is not None:
        edit(document)
    return doc.to_json(document)


SMALL = small()
ADDED = small(lambda d: schema(d, "PurseStatus")["enum"].insert(1, "UNHEARD_OF"))
RENAMED = small(lambda d: call(d, UNBLOCK).update({"x-method": "release"}))


def test_the_work_tree_is_compared_with_the_last_release(
    commit: Commit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(SMALL, "v0.1.0")
    commit(RENAMED)
    (tmp_path / "openapi.yaml").write_text(ADDED)

    assert 0 == main([], tmp_path)
    assert capsys.readouterr().out == (
        "Added\n\n- `PurseStatus.UNHEARD_OF` is a new value: `purses.list` returns it.\n\n"
        "From v0.1.0 to the work tree: 0 breaking, 1 added, 0 changed, 0 editorial. "
        "A new minor version is due; existing code keeps working.\n"
    )


def test_without_a_release_the_work_tree_is_compared_with_the_last_commit(
    commit: Commit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(SMALL)
    (tmp_path / "openapi.yaml").write_text(SMALL + "# a comment\n")

    assert 0 == main([], tmp_path)
    assert "No changes for users of the client" in capsys.readouterr().out


def test_revisions_are_named_in_any_of_gits_ways(
    commit: Commit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON, each line has its severity, kind, text, methods and place."""
    old, new = commit(SMALL), commit(RENAMED)

    found = {}
    for spelled in (f"{old} {new}", f"{old}..{new}", f"{old}.."):
        assert 0 == main([*spelled.split(), "--format=json"], tmp_path), spelled
        found[spelled] = json.loads(capsys.readouterr().out)

    line = {
        "severity": "breaking",
        "kind": "method renamed",
        "text": "`customers.unblock` is now called `customers.release`",
        "methods": ["customers.release"],
        "pointer": "/paths/~1api~1v1~1customer-purse~1customer~1unblock/post",
    }
    assert found == {spelled: [line] for spelled in found}


def test_markdown_has_the_headings_of_the_changelog(
    commit: Commit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = commit(SMALL), commit(RENAMED)

    assert 0 == main([old, new, "--format=markdown"], tmp_path)
    out = capsys.readouterr().out
    assert out.startswith("### Breaking\n\n- `customers.unblock` is now called")
    assert "breaking changes raise" in out


@rows(
    "text, why",
    [
        (None, "has no openapi.yaml"),
        ("a: [", "not YAML"),
        ("[]", "not an OpenAPI document"),
        ("paths: {/a: {post: 5}}", "not an OpenAPI document"),
        (b"\xff\xfe", "not text in UTF-8"),
    ],
)
def test_a_revision_without_a_readable_document_is_one_line(
    text: Any, why: str, commit: Commit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = commit(SMALL), commit(text)

    assert 2 == main([good, bad], tmp_path)
    out, err = capsys.readouterr()
    assert ("", 1) == (out, err.count("\n"))
    assert why in err


def test_an_unknown_revision_is_one_line(
    commit: Commit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(SMALL)

    assert 2 == main(["--", "--upload-pack=x"], tmp_path)
    assert "changes: git has no revision '--upload-pack=x'\n" == capsys.readouterr().err


def test_a_folder_that_is_not_a_repository_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert 2 == main([], tmp_path)
    assert capsys.readouterr().err.endswith("is not a git repository\n")


def test_missing_git_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    assert 2 == main([], tmp_path)
    assert "changes: git is not installed\n" == capsys.readouterr().err


@pytest.mark.slow
def test_the_hash_seed_does_not_show() -> None:
    """The same lines in the same order, in every process."""
    program = (
        "from tools.changes import compare; from tools.spec import read_text; import sys\n"
        "old, new = (read_text(text) for text in sys.stdin.read().split(chr(0)))\n"
        "print(*compare(old, new), sep=chr(10))"
    )
    edited = TEXT.replace("x-method: unblock", "x-method: release")
    edited = edited.replace("type: boolean", "type: integer").replace("documented", "inferred")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=f"{TEXT}\0{edited}",
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    (output,) = outputs
    assert output.count("\n") > 20
