"""Waiting for a transaction: polling often enough, not too often, and not forever."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
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
from tests.overlay.clocks import Stopped, without_sleep
from tests.overlay.pages import MODES, SETTINGS, Walker, rejection, row
from tests.properties import examples

if TYPE_CHECKING:
    from collections.abc import Callable

both_clients = pytest.mark.parametrize("mode", MODES)

SEEN = {"transactionState": "MEM_POOL_FOUND", "translationToAccountCompleted": False}
PENDING = {"transactionState": "PENDING_COMPLIANCE_CHECK", "translationToAccountCompleted": False}
CONFIRMED = {"transactionState": "CONFIRMED", "translationToAccountCompleted": False}
CREDITED = {"transactionState": "CONFIRMED", "translationToAccountCompleted": True}
DECLINED = {"transactionState": "DECLINED", "translationToAccountCompleted": False}
NEW = {"transactionState": "HELD", "translationToAccountCompleted": False}
NEW_CREDITED = {"transactionState": "COMPLETED", "translationToAccountCompleted": True}

Scripted = dict[str, Any] | httpx.Response | Exception


class Script:
    """A server that returns one response after another, and the last one forever."""

    def __init__(self, *responses: Scripted) -> None:
        self.responses = list(responses)
        self.requests = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        response = self.responses[min(self.requests, len(self.responses) - 1)]
        self.requests += 1
        if isinstance(response, Exception):
            raise response
        if isinstance(response, httpx.Response):
            # A copy, because a response can be read only once.
            return httpx.Response(
                response.status_code, headers=response.headers, content=response.content
            )
        return httpx.Response(200, json=row("1", **response))


def wait(mode: str, server: Script, **arguments: Any) -> tuple[Any, list[float]]:
    """Wait without sleeping; return the result or error, and the seconds of each sleep."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with Walker(mode, server) as walker:
        arguments.setdefault("sleep", sleep if mode == "async" else slept.append)
        try:
            return walker.run(walker.client.transactions.wait_for("1", **arguments)), slept
        except CalypsoError as error:
            return error, slept


REACHED: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([SEEN, PENDING, CONFIRMED], {}),
    ([SEEN, DECLINED], {}),
    ([NEW, NEW_CREDITED], {}),
    ([SEEN, NEW, CONFIRMED], {"until": "CONFIRMED"}),
    ([CREDITED], {"until": TransactionState.CONFIRMED}),
    ([SEEN, PENDING], {"until": "PENDING_COMPLIANCE_CHECK"}),
    ([SEEN, PENDING, DECLINED], {"until": TransactionState.DECLINED}),
    ([SEEN, NEW], {"until": lambda found: found.transaction_state == "HELD"}),
    ([SEEN, CONFIRMED, CONFIRMED, CREDITED], {"credited": True}),
    ([CONFIRMED, CREDITED], {"until": "CONFIRMED", "credited": True}),
    ([CONFIRMED, NEW_CREDITED], {"credited": True}),
    ([CONFIRMED, CREDITED], {"until": lambda found: found.translation_to_account_completed}),
    ([SEEN, DECLINED], {"until": lambda found: found.transaction_state == "DECLINED"}),
]


@both_clients
def test_it_returns_the_transaction_as_soon_as_it_meets_the_condition(mode: str) -> None:
    wrong = {}
    for number, (responses, arguments) in enumerate(REACHED):
        server = Script(*responses, SEEN)
        found, slept = wait(mode, server, **arguments)
        state = getattr(found, "transaction_state", found)
        seen = (state, server.requests, len(slept))
        if seen != (responses[-1]["transactionState"], len(responses), len(responses) - 1):
            wrong[f"{number}: {arguments}"] = seen

    assert wrong == {}


MISSED: list[tuple[list[dict[str, Any]], dict[str, Any], str]] = [
    ([SEEN, DECLINED], {"until": "CONFIRMED"}, "is DECLINED, which is final; waited for CONFIRMED"),
    ([SEEN, CONFIRMED], {"until": "DECLINED"}, "is CONFIRMED, which is final; waited for DECLINED"),
    ([CONFIRMED], {"until": "MEM_POOL_FOUND"}, "waited for MEM_POOL_FOUND"),
    ([SEEN, DECLINED], {"credited": True}, "waited for the money on the account"),
    (
        [CONFIRMED, DECLINED],
        {"until": "CONFIRMED", "credited": True},
        "waited for CONFIRMED and the money on the account",
    ),
    ([SEEN, DECLINED], {"until": lambda _: False}, "waited for the condition in `until`"),
    ([CONFIRMED, CREDITED], {"until": lambda _: False}, "is CONFIRMED, which is final"),
]


@both_clients
def test_it_ends_at_once_when_a_final_transaction_does_not_meet_the_condition(mode: str) -> None:
    seen, expected = {}, {}
    for number, (responses, arguments, message) in enumerate(MISSED):
        server = Script(*responses, SEEN)
        error, _ = wait(mode, server, **arguments)
        case = f"{number}: {arguments} gave {error!r}"
        state = error.transaction and error.transaction.transaction_state
        seen[case] = (type(error), message in str(error), error.timed_out, state)
        seen[case] += (server.requests, error.attempts, error.operation, error.outcome)
        expected[case] = (WaitError, True, False, responses[-1]["transactionState"])
        expected[case] += (len(responses), len(responses), "getTransaction", Outcome.DONE)

    assert seen == expected


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> Stopped:
    return Stopped(monkeypatch)


@both_clients
@given(
    deadline=st.floats(0.01, 600),
    first=st.floats(0.01, 100),
    longest=st.floats(20, 100),
)
@settings(examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("clock")
def test_intervals_double_up_to_the_longest_and_end_at_the_deadline_with_a_last_attempt(
    mode: str, deadline: float, first: float, longest: float
) -> None:
    server = Script(SEEN)
    error, slept = wait(
        mode, server, deadline=deadline, poll_interval=first, max_poll_interval=longest
    )

    assert type(error) is WaitError
    assert error.timed_out
    assert error.transaction.transaction_state == "MEM_POOL_FOUND"
    message = f"is still MEM_POOL_FOUND after {deadline:g} s; waited for a final state"
    assert message in str(error)
    assert server.requests == error.attempts == len(slept) + 1
    assert sum(slept) == pytest.approx(deadline)
    for number, seconds in enumerate(slept[:-1]):
        bound = min(longest, first * 2.0 ** min(number, 60))
        assert bound / 2 <= seconds <= bound


@both_clients
def test_the_time_of_the_attempts_counts_towards_the_deadline(mode: str, clock: Stopped) -> None:
    class Slow(Script):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            clock.move(10.0)
            return super().__call__(request)

    async def sleep(seconds: float) -> None:
        clock.move(seconds)

    server, started = Slow(SEEN), clock.now
    sleeps = {"sync": clock.move, "async": sleep}
    error, _ = wait(mode, server, deadline=60, sleep=sleeps[mode])

    assert error.timed_out
    # No attempt begins after the deadline.
    assert 60 <= clock.now - started <= 70


@both_clients
def test_the_intervals_of_many_waits_differ(mode: str) -> None:
    waits = [tuple(wait(mode, Script(SEEN, SEEN, CONFIRMED))[1]) for _ in range(5)]

    assert len(set(waits)) == 5


@both_clients
def test_transient_errors_do_not_end_the_wait(mode: str) -> None:
    server = Script(
        rejection("000", 500),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.Response(429, headers={"retry-after": "50"}, content=b"{}"),
        httpx.Response(502, content=b"<html>"),
        CONFIRMED,
    )

    found, slept = wait(mode, server)

    assert found.transaction_state == "CONFIRMED"
    assert server.requests == 6
    assert slept[3] == 50


@both_clients
@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (rejection("004"), NotFoundError),
        (httpx.Response(200, content=b"[]"), UnexpectedResponseError),
    ],
)
def test_any_other_error_ends_the_wait(
    mode: str, response: Scripted, kind: type[CalypsoError]
) -> None:
    server = Script(SEEN, response)

    error, _ = wait(mode, server)

    assert type(error) is kind
    assert server.requests == 2


@both_clients
@pytest.mark.parametrize(
    ("response", "cause"),
    [
        (rejection("000", 500), ServerError),
        (httpx.ReadTimeout("slow"), TransportError),
        (httpx.Response(429, headers={"retry-after": "9999"}, content=b"{}"), RateLimitError),
    ],
)
def test_a_deadline_that_passes_while_attempts_fail_has_the_last_error_as_its_cause(
    mode: str, response: Scripted, cause: type[CalypsoError]
) -> None:
    error, slept = wait(mode, Script(response), deadline=30)

    assert type(error) is WaitError
    assert error.timed_out
    assert error.transaction is None
    assert "could not be read after 30 s" in str(error)
    assert type(error.__cause__) is cause
    assert error.outcome == error.__cause__.outcome
    assert sum(slept) <= 30.1


@both_clients
def test_values_that_are_not_seconds_are_rejected_before_anything_is_sent(mode: str) -> None:
    server = Script(CONFIRMED)
    results = {}
    for name in ("deadline", "poll_interval", "max_poll_interval"):
        for value in (0, -1, float("nan"), float("inf"), "1", True):
            error, _ = wait(mode, server, **{name: value})
            is_named = f"{name} has to be a positive number of seconds" in str(error)
            results[f"{name}={value!r}"] = is_named, type(error)

    assert results == dict.fromkeys(results, (True, ConfigurationError))
    assert server.requests == 0


def deposit_in(mock: Mock) -> Any:
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        customer = calypso.customers.create()
        made = calypso.addresses.get(customer_id=customer.id, currency="BTC")
    return mock.simulate_deposit(address=made.address, currency="BTC", amount=1, to="mem_pool")


def advancing(deposit: Any) -> Callable[[float], None]:
    """Return a sleep during which a deposit advances by one step."""
    return lambda _: deposit.advance()


def test_a_mock_deposit_is_waited_for_over_http() -> None:
    mock = Mock()
    deposit = deposit_in(mock)
    with Server(mock) as server, Calypso(**mock.settings(base_url=server.url)) as calypso:
        found = calypso.transactions.wait_for(
            deposit.transaction_id, credited=True, sleep=advancing(deposit)
        )

    assert found.translation_to_account_completed


@both_clients
def test_it_really_sleeps_by_default(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slept = without_sleep(monkeypatch)
    found, _ = wait(mode, Script(SEEN, CONFIRMED), poll_interval=3, max_poll_interval=3, sleep=None)

    assert found.transaction_state == "CONFIRMED"
    assert len(slept) == 1
    assert 1.5 <= slept[0] <= 3


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
    assert server.requests == 1


@pytest.mark.parametrize("method", ["iter", "wait_for"])
def test_both_clients_take_the_same_arguments(method: str) -> None:
    transport = httpx.MockTransport(Script(SEEN))
    signatures = [
        [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in inspect.signature(
                getattr(make(**SETTINGS, transport=transport).transactions, method)
            ).parameters.values()
        ]
        for make in (Calypso, AsyncCalypso)
    ]

    assert signatures[0] == signatures[1]
