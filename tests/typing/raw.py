"""Whole answers, as a user's editor sees them."""

# ruff: noqa: B018 - to read an attribute is all that some mistakes do

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_type

from calypso_pay import Calypso, RawResponse
from calypso_pay.models import Account, Customer, Purse, Transaction


def whole_answers(calypso: Calypso) -> None:
    answer = calypso.raw.customers.create(email="ada@shop.example")
    assert_type(answer, RawResponse[Customer])
    assert_type(answer.status, int)
    assert_type(answer.headers, Mapping[str, str])
    assert_type(answer.content, bytes)
    assert_type(answer.parsed, Customer)
    assert_type(calypso.raw.accounts.get().parsed, Account)
    assert_type(calypso.raw.purses.list("1").parsed, list[Purse])
    assert_type(calypso.raw.subscriptions.delete("1"), RawResponse[None])
    assert_type(calypso.with_options(max_retries=0).raw.transactions.get("1").parsed, Transaction)


def an_answer_is_an_answer_of_a_wider_type(answer: RawResponse[Customer]) -> RawResponse[object]:
    return answer


def mistakes(calypso: Calypso, answer: RawResponse[Customer]) -> None:
    answer.status = 200  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    answer.headers["X"] = "1"  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    answer.id  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    calypso.raw.customers.create("ada@shop.example")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
