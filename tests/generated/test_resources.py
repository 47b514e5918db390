"""The resource classes against an engine that records: what is called, with what, and how."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

import calypso_api
from calypso_api import UNSET, Operation, RawResponse, Unset, operations, resources
from calypso_api.models import Customer, Purse, SortDirection, StringFilter, SubscriptionList
from calypso_api.resources import AsyncRawResources, AsyncResources, RawResources, Resources
from tests.rows import rows
from tools.reference import python

if TYPE_CHECKING:
    from calypso_api._engine import Payload

T = TypeVar("T")

ROOTS = [Resources, AsyncResources, RawResources, AsyncRawResources]
CUSTOMER = {"id": "c", "blocked": False}


class Recorder:
    """A plain engine that always returns the same response and records calls."""

    def __init__(self, response: object = CUSTOMER) -> None:
        self.response = response
        self.calls: list[tuple[str, dict[str, Any] | None]] = []

    def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        self.calls.append((operation.name, payload.to_dict() if payload else None))
        return operation.decode(self.response) if operation.decode else cast("T", None)


class AsyncRecorder(Recorder):
    async def call(self, operation: Operation[T], payload: Payload | None, /) -> T:  # type: ignore[override]
        return super().call(operation, payload)


class RawRecorder(Recorder):
    def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:  # type: ignore[override]
        return RawResponse(200, {"Date": "now"}, b"hush", super().call(operation, payload))


class AsyncRawRecorder(RawRecorder):
    async def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:  # type: ignore[override]
        return super().call(operation, payload)


def test_arguments_become_the_payload_and_the_answer_a_model() -> None:
    """Names go to the wire's spelling; what is not given is not sent."""
    engine = Recorder()

    customer = Resources(engine).customers.create(email="ada@shop.example", external_id="u-1")

    assert Customer(id="c", blocked=False) == customer
    assert [("createCustomer", {"email": "ada@shop.example", "externalId": "u-1"})] == engine.calls


def test_the_four_kinds_do_the_same() -> None:
    """Sync and async, plain and raw: one operation, one payload, one result."""
    engines = [Recorder(), AsyncRecorder(), RawRecorder(), AsyncRawRecorder()]
    plain = Resources(engines[0]).customers.block("c")
    awaited = asyncio.run(_await(AsyncResources(engines[1]).customers.block("c")))
    raw = RawResources(engines[2]).customers.block("c")
    raw_awaited = asyncio.run(_await(AsyncRawResources(engines[3]).customers.block("c")))

    assert plain == awaited == raw.parsed == raw_awaited.parsed == Customer(id="c", blocked=False)
    assert (200, {"Date": "now"}, b"hush") == (raw.status, raw.headers, raw.content)
    assert all([("blockCustomer", {"customerId": "c"})] == engine.calls for engine in engines)


async def _await(call: Any) -> Any:
    return await call


def test_the_one_required_argument_may_be_positional() -> None:
    """All others are by keyword only, for their order changes with the document."""
    engine = Recorder()
    customers = Resources(engine).customers

    customers.update("c", description="Pro")
    customers.update(id="c", description="Pro")
    with pytest.raises(TypeError):
        customers.update("c", "ada@shop.example")  # type: ignore[misc]
    with pytest.raises(TypeError):
        Resources(engine).addresses.get("c", "BTC")  # type: ignore[misc]
    with pytest.raises(TypeError):
        customers.block()  # type: ignore[call-arg]

    assert 2 * [("updateCustomer", {"id": "c", "description": "Pro"})] == engine.calls


def test_enums_and_filters_are_taken_in_either_form() -> None:
    """The text of an enum's value is as good as its member."""
    engine = Recorder({"result": [], "page": 0, "size": 0, "total": 0, "totalElements": 0})
    transactions = Resources(engine).transactions
    currencies = StringFilter(in_=["BTC"], does_not_contain="TRX")

    transactions.find(currency_filter=currencies, sort="DESC", page_size=50)
    transactions.find(currency_filter=currencies, sort=SortDirection.DESC, page_size=50)

    filters = {"in": ["BTC"], "doesNotContain": "TRX"}
    expected = {"currencyFilter": filters, "pageSize": 50, "sort": "DESC"}
    assert 2 * [("findTransactions", expected)] == engine.calls


def test_an_operation_without_a_payload_sends_none() -> None:
    """The engine decides what goes around a payload."""
    engine = Recorder({"subscriptions": []})

    found = Resources(engine).subscriptions.list()

    assert SubscriptionList(subscriptions=[]) == found
    assert [("getSubscriptions", None)] == engine.calls


def test_an_operation_without_content_returns_nothing() -> None:
    """Plain: None. Raw: a response that parsed to None."""
    assert Resources(Recorder()).subscriptions.delete("r") is None  # type: ignore[func-returns-value]
    assert RawResources(RawRecorder()).subscriptions.delete("r").parsed is None


@rows("response", [[{"id": 1}, {}], {"result": [{"id": "1"}, {}], "page": 0}])
def test_a_list_may_come_as_a_page(response: object) -> None:
    """The shape of the response is inferred, so both are read."""
    assert [Purse(id="1"), Purse()] == Resources(Recorder(response)).purses.list("c")


@rows("response", [{}, {"items": []}, "text", None, {"result": {}}, [[]]])
def test_another_shape_of_a_list_is_rejected(response: object) -> None:
    """Unknown shapes never pass silently as an empty list."""
    with pytest.raises(calypso_api.DecodeError, match=r"^list\[Purse\]"):
        Resources(Recorder(response)).purses.list("c")


def test_a_whole_answer_shows_no_content() -> None:
    """It may hold secrets; it is read-only, too."""
    raw = RawResources(RawRecorder()).customers.block("c")

    assert repr(raw) == "<RawResponse 200, 4 bytes>"
    with pytest.raises(AttributeError):
        raw.status = 500  # type: ignore[misc]


def resource(root: Any, tag: str) -> Any:
    """Return a tag's resource, whose class may have another name than the tag."""
    return getattr(root(None), python.name(tag))


def test_every_operation_of_the_document_has_a_method(document: dict[str, Any]) -> None:
    """In each of the four roots, under its tag, by the name that x-method gives."""
    for item in document["paths"].values():
        for operation in item.values():
            for root in ROOTS:
                method = getattr(resource(root, operation["tags"][0]), operation["x-method"])
                is_async = inspect.iscoroutinefunction(method)
                assert root.__name__.startswith("Async") == is_async


def test_every_operation_of_the_document_is_data(document: dict[str, Any]) -> None:
    """The index names a constant that agrees with the document."""
    found = {}
    for name, (module, constant) in operations.INDEX.items():
        operation = getattr(importlib.import_module(module), constant)
        found[operation.name] = (operation.method, operation.path, operation.retry)
        assert name == operation.name
        assert f"<Operation {name}: {operation.method} {operation.path}>" == repr(operation)

    assert found == {
        operation["operationId"]: (verb.upper(), path, operation["x-retry"]["class"])
        for path, item in document["paths"].items()
        for verb, operation in item.items()
    }


def test_every_method_is_documented(document: dict[str, Any]) -> None:
    """Summary, arguments, result, errors, and whether it may be repeated, with the reason."""
    for item in document["paths"].values():
        for operation in item.values():
            method = operation["x-method"]
            for roots in ((Resources, RawResources), (AsyncResources, AsyncRawResources)):
                plain, raw = (type(resource(root, operation["tags"][0])) for root in roots)
                _check_docstring(operation, getattr(plain, method))
                like = f"Like `{plain.__name__}.{method}`, with the whole response."
                assert getattr(raw, method).__doc__ == like


def _check_docstring(operation: dict[str, Any], function: Any) -> None:
    doc = inspect.getdoc(function) or ""
    head, text = doc.split("\n\nArgs:")[0].split("\n\nReturns:")[0], " ".join(doc.split())
    safe = "Safe" if operation["x-retry"]["class"] == "safe" else "Not safe"

    assert text.startswith(operation["summary"])
    reason = " ".join(operation["x-retry"]["reason"].split()).split(". ")[0]
    assert f"{safe} to retry: {reason}" in text
    assert re.search(rf"Source: \S+ \({operation['x-provenance']['level']}, ", text)
    assert ("Deprecated: " in head) == bool(operation.get("deprecated"))
    assert len(head.splitlines()) <= 6 + 2 * ("Deprecated: " in head)
    raised = text.split("Raises: ")[1]
    assert ("OutcomeUnknownError: " in raised) == (safe == "Not safe")
    assert all(f"{name}: " in raised for name in ("APIError", "TransportError"))
    arguments = [name for name in inspect.signature(function).parameters if name != "self"]
    assert all(f"{name}: " in text.split("Args:")[1] for name in arguments)


def test_names_are_imported_when_used_and_listed_before() -> None:
    """`dir` and `__all__` know every name; a wrong one is an AttributeError as usual."""
    for module in (calypso_api, calypso_api.models):
        assert set(module.__all__) <= set(dir(module))
        assert all(hasattr(module, name) for name in module.__all__)
    with pytest.raises(AttributeError, match=r"'calypso_api\.models' has no attribute 'Custmer'"):
        calypso_api.models.Custmer  # type: ignore[attr-defined]  # noqa: B018 - the point


def test_roots_keep_their_resources() -> None:
    """Each is made once."""
    api = Resources(Recorder())

    assert api.customers is api.customers
    assert set(resources.__all__) == {root.__name__ for root in ROOTS}


def test_unset_is_what_an_absent_argument_is() -> None:
    """A program may pass it on."""
    engine = Recorder()
    description: str | Unset = UNSET

    Resources(engine).customers.create(description=description)

    assert [("createCustomer", {})] == engine.calls
