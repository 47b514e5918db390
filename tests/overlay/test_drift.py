"""What the API document does not know is told, without what is in it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from calypso_api import models
from calypso_api._drift import _names
from calypso_pay import Drift, Outcome, ServerError, UnexpectedResponseError
from tests.overlay.peers import call

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


def page(*rows: object, **more: object) -> dict[str, object]:
    return {"result": rows, "page": 0, "size": 9, "total": 1, "totalElements": len(rows), **more}


def answering(body: object, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body))


def told(method: str, *args: str, asynchronous: bool, **settings: Any) -> list[Drift]:
    seen: list[Drift] = []
    call(method, *args, asynchronous=asynchronous, on_drift=seen.append, **settings)
    return seen


@both
def test_each_new_thing_is_told_once_however_many_rows_have_it(asynchronous: bool) -> None:
    transport = answering(page(ROW, NEW_ROW, NEW_ROW, total_pages=3), 201)
    seen = told("transactions.find", asynchronous=asynchronous, transport=transport)

    assert seen == [
        Drift("findTransactions", "status", "", 201),
        Drift("findTransactions", "field", "total_pages", None),
        Drift("findTransactions", "field", "result[].newField", None),
        Drift("findTransactions", "value", "result[].transactionState", "LOST"),
    ]
    assert SECRET_OF_A_FIELD not in repr(seen)


@both
def test_what_is_documented_is_not_told(asynchronous: bool) -> None:
    transport = answering(page(ROW))

    assert told("transactions.find", asynchronous=asynchronous, transport=transport) == []


def test_a_list_at_the_top_is_looked_through() -> None:
    transport = answering([{"id": "p", "address": "a", "status": "ASLEEP", "x": 1}])
    seen = told("purses.list", "c", asynchronous=False, transport=transport)

    assert {(each.kind, each.where, each.value) for each in seen} >= {
        ("field", "[].x", None),
        ("value", "[].status", "ASLEEP"),
    }


def test_the_status_of_an_error_is_told_and_the_error_stays_what_it_is() -> None:
    seen: list[Drift] = []
    with pytest.raises(ServerError):
        call(
            "accounts.get",
            asynchronous=False,
            transport=answering({}, 520),
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
            transport=answering(page(NEW_ROW), 201),
            max_retries=2,
            strict=True,
        )

    text = str(caught.value)
    assert "status 201; field result[].newField; value 'LOST' of result[].transactionState" in text
    assert SECRET_OF_A_FIELD not in text
    assert (caught.value.outcome, caught.value.attempts) == (Outcome.DONE, 1)
    assert caught.value.response is not None
    assert caught.value.response.content


def test_a_listener_that_fails_costs_nobody_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Drift) -> None:
        raise RuntimeError("listener")

    found = call(
        "transactions.find", asynchronous=False, transport=answering(page(NEW_ROW)), on_drift=fail
    )

    assert found.result[0].id == "a"
    assert "the listener for Drift raised" in caplog.text


def test_every_attribute_of_every_model_is_told_by_its_name_on_the_wire() -> None:
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
