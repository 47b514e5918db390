"""Waiting for a transaction: it looks often enough, not too often, and not for ever."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calypso_api.models import TransactionState
from calypso_mock import Mock, Server
from calypso_pay import (
    AsyncCalypso,
    Calypso,
    CalypsoError,
    ConfigurationError,
    NotFoundError,
    Outcome,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
    WaitError,
)
from tests.overlay.pages import SETTINGS, WAYS, Walker, refusal, row

if TYPE_CHECKING:
    from collections.abc import Callable

both = pytest.mark.parametrize("way", WAYS)

SEEN = {"transactionState": "MEM_POOL_FOUND", "translationToAccountCompleted": False}
PENDING = {"transactionState": "PENDING_COMPLIANCE_CHECK", "translationToAccountCompleted": False}
CONFIRMED = {"transactionState": "CONFIRMED", "translationToAccountCompleted": False}
CREDITED = {"transactionState": "CONFIRMED", "translationToAccountCompleted": True}
DECLINED = {"transactionState": "DECLINED", "translationToAccountCompleted": False}
NEW = {"transactionState": "HELD", "translationToAccountCompleted": False}
NEW_CREDITED = {"transactionState": "COMPLETED", "translationToAccountCompleted": True}

Look = dict[str, Any] | httpx.Response | Exception


class Script:
    """A server that answers with one look after another, and the last one for ever."""

    def __init__(self, *looks: Look) -> None:
        self.looks = list(looks)
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        look = self.looks[min(self.asked, len(self.looks) - 1)]
        self.asked += 1
        if isinstance(look, Exception):
            raise look
        if isinstance(look, httpx.Response):
            # Anew, because a response can be read once only.
            return httpx.Response(look.status_code, headers=look.headers, content=look.content)
        return httpx.Response(200, json=row("1", **look))


def wait(way: str, server: Script, **arguments: Any) -> tuple[Any, list[float]]:
    """Wait without sleeping; return what came of it, and for how long it would have slept."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with Walker(way, server) as walker:
        arguments.setdefault("sleep", sleep if way == "async" else slept.append)
        try:
            return walker.run(walker.client.transactions.wait_for("1", **arguments)), slept
        except CalypsoError as error:
            return error, slept


@both
@pytest.mark.parametrize(
    ("looks", "arguments"),
    [
        ([SEEN, PENDING, CONFIRMED], {}),
        ([SEEN, DECLINED], {}),
        ([NEW, NEW_CREDITED], {}),
        ([SEEN, NEW, CONFIRMED], {"until": "CONFIRMED"}),
        ([CREDITED], {"until": TransactionState.CONFIRMED}),
        ([SEEN, PENDING], {"until": "PENDING_COMPLIANCE_CHECK"}),
        ([SEEN, PENDING, DECLINED], {"until": TransactionState.DECLINED}),
        ([SEEN, NEW], {"until": "HELD"}),
        ([SEEN, CONFIRMED, CONFIRMED, CREDITED], {"credited": True}),
        ([CONFIRMED, CREDITED], {"until": "CONFIRMED", "credited": True}),
        ([CONFIRMED, NEW_CREDITED], {"credited": True}),
        ([CONFIRMED, CREDITED], {"until": lambda found: found.translation_to_account_completed}),
        ([SEEN, DECLINED], {"until": lambda found: found.transaction_state == "DECLINED"}),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, list) else ",".join(value) or "default",
)
def test_it_returns_the_transaction_as_soon_as_it_is_as_wanted(
    way: str, looks: list[dict[str, Any]], arguments: dict[str, Any]
) -> None:
    server = Script(*looks, SEEN)

    found, slept = wait(way, server, **arguments)

    assert found.transaction_state == looks[-1]["transactionState"]
    assert server.asked == len(looks) == len(slept) + 1


@both
@pytest.mark.parametrize(
    ("looks", "arguments", "message"),
    [
        ([SEEN, DECLINED], {"until": "CONFIRMED"}, "DECLINED, which is final, while CONFIRMED was"),
        ([SEEN, CONFIRMED], {"until": "DECLINED"}, "CONFIRMED, which is final, while DECLINED was"),
        ([CONFIRMED], {"until": "MEM_POOL_FOUND"}, "while MEM_POOL_FOUND was waited for"),
        ([SEEN, DECLINED], {"credited": True}, "while the money on the account was waited for"),
        (
            [CONFIRMED, DECLINED],
            {"until": "CONFIRMED", "credited": True},
            "while CONFIRMED with the money on the account was waited for",
        ),
        ([SEEN, DECLINED], {"until": lambda _: False}, "while what `until` tells was waited for"),
        ([CONFIRMED, CREDITED], {"until": lambda _: False}, "CONFIRMED, which is final"),
    ],
)
def test_it_ends_at_once_when_a_final_transaction_is_not_as_wanted(
    way: str, looks: list[dict[str, Any]], arguments: dict[str, Any], message: str
) -> None:
    server = Script(*looks, SEEN)

    error, _ = wait(way, server, **arguments)

    assert type(error) is WaitError
    assert message in str(error)
    assert not error.timed_out
    assert error.transaction.transaction_state == looks[-1]["transactionState"]
    assert server.asked == error.attempts == len(looks)
    assert (error.operation, error.outcome) == ("getTransaction", Outcome.DONE)


@both
@given(
    deadline=st.floats(0.01, 600),
    first=st.floats(0.01, 100),
    longest=st.floats(20, 100),
)
@settings(max_examples=20, deadline=None)
def test_waits_double_up_to_the_longest_and_end_at_the_deadline_with_a_last_look(
    way: str, deadline: float, first: float, longest: float
) -> None:
    server = Script(SEEN)
    error, slept = wait(way, server, deadline=deadline, first_wait=first, longest_wait=longest)

    assert type(error) is WaitError
    assert error.timed_out
    assert error.transaction.transaction_state == "MEM_POOL_FOUND"
    assert f"MEM_POOL_FOUND, while a final state was waited for during {deadline:g} s" in str(error)
    assert server.asked == error.attempts == len(slept) + 1
    # What the calls themselves took is part of the time, too.
    assert deadline * 0.7 - 2 < sum(slept) <= deadline * 1.001
    for number, seconds in enumerate(slept[:-1]):
        bound = min(longest, first * 2.0 ** min(number, 60))
        assert bound / 2 <= seconds <= bound


@both
def test_the_waits_of_many_do_not_fall_together(way: str) -> None:
    waits = [tuple(wait(way, Script(SEEN, SEEN, CONFIRMED))[1]) for _ in range(5)]

    assert len(set(waits)) == 5


@both
def test_it_outlives_failures_that_pass(way: str) -> None:
    server = Script(
        refusal("000", 500),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.Response(429, headers={"retry-after": "50"}, content=b"{}"),
        httpx.Response(502, content=b"<html>"),
        CONFIRMED,
    )

    found, slept = wait(way, server)

    assert found.transaction_state == "CONFIRMED"
    assert server.asked == 6
    assert slept[3] == 50


@both
@pytest.mark.parametrize(
    ("look", "kind"),
    [
        (refusal("004"), NotFoundError),
        (httpx.Response(200, content=b"[]"), UnexpectedResponseError),
    ],
)
def test_an_error_that_stays_ends_the_wait(way: str, look: Look, kind: type[CalypsoError]) -> None:
    server = Script(SEEN, look)

    error, _ = wait(way, server)

    assert type(error) is kind
    assert server.asked == 2


@both
@pytest.mark.parametrize(
    ("look", "cause"),
    [
        (refusal("000", 500), ServerError),
        (httpx.ReadTimeout("slow"), TransportError),
        (httpx.Response(429, headers={"retry-after": "9999"}, content=b"{}"), RateLimitError),
    ],
)
def test_a_deadline_met_while_reading_fails_names_the_failure(
    way: str, look: Look, cause: type[CalypsoError]
) -> None:
    error, slept = wait(way, Script(look), deadline=30)

    assert type(error) is WaitError
    assert error.timed_out
    assert error.transaction is None
    assert "was never read" in str(error)
    assert type(error.__cause__) is cause
    assert error.outcome == error.__cause__.outcome
    assert sum(slept) <= 30.1


@both
@pytest.mark.parametrize("name", ["deadline", "first_wait", "longest_wait"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "1", True], ids=str)
def test_numbers_that_are_no_seconds_are_refused_before_anything_is_sent(
    way: str, name: str, value: object
) -> None:
    server = Script(CONFIRMED)

    error, _ = wait(way, server, **{name: value})

    assert type(error) is ConfigurationError
    assert f"{name} has to be a positive number of seconds" in str(error)
    assert server.asked == 0


def deposit_in(mock: Mock) -> Any:
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        customer = calypso.customers.create()
        made = calypso.addresses.get(customer_id=customer.id, currency="BTC")
    return mock.simulate_deposit(address=made.address, currency="BTC", amount=1, to="mem_pool")


def advancing(deposit: Any) -> Callable[[float], None]:
    """Return a sleep during which a deposit moves on by a step."""
    return lambda _: deposit.advance()


def test_a_mock_deposit_is_waited_for_over_http() -> None:
    mock = Mock()
    deposit = deposit_in(mock)
    with Server(mock) as server, Calypso(**mock.settings(base_url=server.url)) as calypso:
        found = calypso.transactions.wait_for(
            deposit.transaction_id, credited=True, sleep=advancing(deposit)
        )

    assert found.translation_to_account_completed


def test_it_sleeps_in_earnest_unless_told_otherwise() -> None:
    started = time.monotonic()
    for way in WAYS:
        found, _ = wait(way, Script(SEEN, CONFIRMED), first_wait=0.1, longest_wait=0.1, sleep=None)
        assert found.transaction_state == "CONFIRMED"

    assert 0.1 <= time.monotonic() - started < 5


def test_a_wait_can_be_cancelled_while_it_sleeps() -> None:
    server = Script(SEEN)

    async def main() -> None:
        asleep = asyncio.Event()

        async def sleep(_: float) -> None:
            asleep.set()
            await asyncio.Event().wait()

        async with AsyncCalypso(**SETTINGS, transport=httpx.MockTransport(server)) as calypso:
            task = asyncio.create_task(calypso.transactions.wait_for("1", sleep=sleep))
            await asleep.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    assert server.asked == 1


@pytest.mark.parametrize("method", ["iter", "wait_for"])
def test_both_clients_take_the_same_arguments(method: str) -> None:
    signatures = [
        [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in inspect.signature(
                getattr(client.transactions, method)
            ).parameters.values()
        ]
        for client in (Calypso(**SETTINGS), AsyncCalypso(**SETTINGS))
    ]

    assert signatures[0] == signatures[1]
