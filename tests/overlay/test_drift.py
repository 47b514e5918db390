"""What differs from the API document is reported, without what is in it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import RawResponse, models
from calypso_api._drift import _names, drift
from calypso_api.operations.transactions import FIND_TRANSACTIONS
from calypso_pay import Drift, Outcome, ServerError, UnexpectedResponseError
from tests.overlay.peers import call
from tests.rows import rows

ROW = {
    "id": "a",
    "amount": 1,
    "addressFrom": "f",
    "currency": "USDT_TRX",
    "transactionState": "CONFIRMED",
    "complianceState": "CHECKED",
    "translationToAccountCompleted": True,
    "createdDate": "2025-10-01T00:00:00Z",
}
NEW_ROW = {**ROW, "transactionState": "LOST", "newField": {"secret": "canary"}}
SECRET_OF_A_FIELD = "canary"

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


def page(*found: object, **more: object) -> dict[str, object]:
    counts = {"page": 0, "size": 9, "total": 1, "totalElements": len(found)}
    return {"result": list(found), **counts, **more}


def responding(body: object, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body))


def reported(method: str, *args: str, asynchronous: bool, **settings: Any) -> list[Drift]:
    seen: list[Drift] = []
    call(method, *args, asynchronous=asynchronous, on_drift=seen.append, **settings)
    return seen


@both
def test_each_new_thing_is_reported_once_however_many_rows_have_it(asynchronous: bool) -> None:
    transport = responding(page(ROW, NEW_ROW, NEW_ROW, total_pages=3), 201)
    seen = reported("transactions.find", asynchronous=asynchronous, transport=transport)

    assert seen == [
        Drift("findTransactions", "status", "", 201),
        Drift("findTransactions", "field", "total_pages", None),
        Drift("findTransactions", "field", "result[].newField", None),
        Drift("findTransactions", "value", "result[].transactionState", "LOST"),
    ]
    assert SECRET_OF_A_FIELD not in repr(seen)


@both
def test_what_is_documented_is_not_reported(asynchronous: bool) -> None:
    transport = responding(page(ROW))

    assert reported("transactions.find", asynchronous=asynchronous, transport=transport) == []


def kinds_of(operation: Any, response: Any) -> set[tuple[str, str]]:
    found = drift(operation, RawResponse(200, {}, b"", operation.decode(response)))
    assert "canary" not in repr(found)
    return {(each.kind, each.where) for each in found}


@rows(
    "field, value, kind",
    [
        ("createdDate", {"canary": 1}, "shape"),
        ("createdDate", "canary", "shape"),
        ("createdDate", None, "shape"),
        ("createdDate", ..., "shape"),
        ("addressFrom", [], "shape"),
        ("transactionHash", {}, "shape"),
        ("transactionHash", None, None),
        ("transactionHash", ..., None),
        ("complianceState", "NEW", "value"),
        ("new", None, "field"),
    ],
)
def test_a_field_of_another_shape_is_reported_and_null_only_where_it_is_not_allowed(
    field: str, value: object, kind: str | None
) -> None:
    """That a promised field is absent counts as another shape of it."""
    row = {name: was for name, was in ROW.items() if name != field}
    if value is not ...:
        row[field] = value

    found = kinds_of(FIND_TRANSACTIONS, page(ROW, row))

    assert found == (set() if kind is None else {(kind, f"result[].{field}")})


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("page", "size", "total", "totalElements"),
            st.integers() | st.none() | st.booleans() | st.just("canary") | st.just({"canary": 1}),
        ),
    )
)
def test_every_promised_field_is_reported_unless_it_was_read(fields: dict[str, Any]) -> None:
    reported = {
        ("shape", name)
        for name in ("page", "size", "total", "totalElements")
        if type(fields.get(name)) is not int
    }

    assert kinds_of(FIND_TRANSACTIONS, {"result": [ROW], **fields}) == reported


@rows(
    "kind, where, value, text",
    [
        ("field", "result[].shapes", None, "field result[].shapes"),
        ("shape", "result[].shapes", None, "shape of result[].shapes"),
        ("value", "result[].state", "NEW", "value 'NEW' of result[].state"),
        ("status", "", 201, "status 201"),
    ],
)
def test_what_is_reported_can_be_read_as_a_phrase(
    kind: Any, where: str, value: str | int | None, text: str
) -> None:
    assert str(Drift("findTransactions", kind, where, value)) == text


def test_a_list_at_the_top_is_looked_through() -> None:
    transport = responding([{"id": "p", "address": "a", "status": "ASLEEP", "x": 1}])
    seen = reported("purses.list", "c", asynchronous=False, transport=transport)

    assert {(each.kind, each.where, each.value) for each in seen} >= {
        ("field", "[].x", None),
        ("value", "[].status", "ASLEEP"),
    }


def test_the_status_of_an_error_is_reported_and_the_error_stays_what_it_is() -> None:
    seen: list[Drift] = []
    with pytest.raises(ServerError):
        call(
            "accounts.get",
            asynchronous=False,
            transport=responding({}, 520),
            on_drift=seen.append,
            strict=True,
        )

    assert seen == [Drift("getAccount", "status", "", 520)]


@both
def test_a_strict_client_fails_with_all_that_is_new(asynchronous: bool) -> None:
    with pytest.raises(UnexpectedResponseError) as caught:
        call(
            "transactions.find",
            asynchronous=asynchronous,
            transport=responding(page(NEW_ROW), 201),
            max_retries=2,
            strict=True,
        )

    text = str(caught.value)
    assert "status 201; field result[].newField; value 'LOST' of result[].transactionState" in text
    assert SECRET_OF_A_FIELD not in text
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.DONE, 1)
    assert caught.value.response is not None
    assert caught.value.response.content


def test_a_listener_that_fails_does_not_cost_the_response(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Drift) -> None:
        raise RuntimeError("listener")

    found = call(
        "transactions.find", asynchronous=False, transport=responding(page(NEW_ROW)), on_drift=fail
    )

    assert found.result[0].id == "a"
    assert "the listener for Drift raised" in caplog.text


def test_every_attribute_of_every_model_is_reported_by_its_name_on_the_wire() -> None:
    named = {name: getattr(models, name) for name in dir(models)}
    attributes = {
        name: {each.name for each in model.__attrs_attrs__}
        for name, model in named.items()
        if getattr(model, "__attrs_attrs__", ())
    }

    assert len(attributes) > 30
    assert {
        name: {*_names(named[name]), "additional_properties"} for name in attributes
    } == attributes
