"""Raw responses, as a user's editor sees them."""

# ruff: noqa: B018 - to read an attribute is all that some mistakes do

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_type

from calypso_pay import Calypso, RawResponse
from calypso_pay.models import Account, Customer, Purse, Transaction


def raw_responses(calypso: Calypso) -> None:
    response = calypso.raw.customers.create(email="ada@shop.example")
    assert_type(response, RawResponse[Customer])
    assert_type(response.status, int)
    assert_type(response.headers, Mapping[str, str])
    assert_type(response.content, bytes)
    assert_type(response.parsed, Customer)
    assert_type(calypso.raw.accounts.get().parsed, Account)
    assert_type(calypso.raw.purses.list("1").parsed, list[Purse])
    assert_type(calypso.raw.subscriptions.delete("1"), RawResponse[None])
    assert_type(calypso.with_options(max_retries=0).raw.transactions.get("1").parsed, Transaction)


def a_response_is_covariant(response: RawResponse[Customer]) -> RawResponse[object]:
    return response


def mistakes(calypso: Calypso, response: RawResponse[Customer]) -> None:
    response.status = 200  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    response.headers["X"] = "1"  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    response.id  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    calypso.raw.customers.create("ada@shop.example")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
