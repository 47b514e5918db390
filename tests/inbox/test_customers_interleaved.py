"""Whatever the order of the steps of several workers, all of them get the same customer.

The workers run the code of the client on an inbox. The test resumes one of them at a time: each
call of the store or of the API is a step of its own, and its result is another. A worker may die at
each step, a call may fail, and leases may expire at any time.
"""

from __future__ import annotations

from itertools import count, product
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from calypso_mock import Mock
from calypso_pay import Calypso, InvalidRequestError, OutcomeUnknownError, TransportError
from calypso_pay.customers import AsyncCustomers
from calypso_pay.customers import _async as module
from calypso_pay.inbox import Inbox
from calypso_pay.models import Customer
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterator

WORKERS = 3
# What the test makes of the step at which it resumes a worker.
FAULTS = ["fail before", "fail after", "die", "expire"]
ACTIONS = ["go on"] * len(FAULTS) + FAULTS
# More than any worker takes that does not wait.
STEPS = 9
Parts: TypeAlias = "tuple[Inbox, sa.Engine, Any]"
Schedule: TypeAlias = "list[tuple[int, str]]"
schedules = st.lists(
    st.tuples(st.integers(0, WORKERS - 1), st.sampled_from(ACTIONS)), max_size=8 * WORKERS
)


class Step:
    """Hands control to the test, and returns what the test makes of the step."""

    def __await__(self) -> Generator[None, str, str]:
        return (yield)


class DatabaseError(Exception):
    """A statement failed, or its result was lost."""


class Stepped:
    """A store and an API whose calls are steps."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.created: list[str] = []

    async def begin_customer(self, *args: Any) -> Any:
        return await self._step(self._inbox.begin_customer, args)

    async def finish_customer(self, *args: Any) -> Any:
        return await self._step(self._inbox.finish_customer, args)

    async def release_customer(self, *args: Any) -> Any:
        return await self._step(self._inbox.release_customer, args)

    async def call(self, *_: Any) -> Customer:
        if await Step() == "fail before":
            raise InvalidRequestError("rejected")
        self.created.append(f"customer-{len(self.created)}")
        made = Customer(self.created[-1])
        if await Step() == "fail after":
            raise OutcomeUnknownError("lost")
        return made

    async def sleep(self, _: float) -> None:
        await Step()

    @staticmethod
    async def _step(method: Any, args: tuple[Any, ...]) -> Any:
        if await Step() == "fail before":
            raise DatabaseError
        found = method(*args)
        if await Step() == "fail after":
            raise DatabaseError
        return found


class Workers:
    """Workers that create the same customer, each resumed by itself."""

    def __init__(self, inbox: Inbox, engine: sa.Engine, options: Any) -> None:
        self.world = Stepped(inbox)
        self._engine = engine
        self._options = options
        self.running: dict[int, Coroutine[Any, Any, Customer]] = {}
        self.returned: list[str] = []
        self.faults = 0

    def resume(self, number: int, action: str = "go on") -> None:
        """Take a worker one step further; it starts if it does not run."""
        self.faults += action != "go on"
        if action == "expire":
            self.expire()
        elif action == "die":
            if worker := self.running.pop(number, None):
                worker.close()
        else:
            self._send(number, action)

    def expire(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE calypso_inbox_customers SET lease_until = lease_until - 1000")
            )

    def end(self) -> None:
        """Let all workers go on until they have ended."""
        for turn in count():
            if not self.running:
                return
            # By now those who wait do so for a worker that died.
            if turn == 20 * WORKERS:
                self.expire()
            for number in list(self.running):
                self._send(number, "go on")

    def _send(self, number: int, action: str) -> None:
        worker = self.running.get(number)
        sent = action
        if worker is None:
            worker = self.running[number] = self._start()
            sent = None
        try:
            worker.send(sent)
        except StopIteration as done:
            self.returned.append(done.value.id)
            del self.running[number]
        except (DatabaseError, InvalidRequestError, OutcomeUnknownError, TransportError):
            del self.running[number]

    def _start(self) -> Coroutine[Any, Any, Customer]:
        world: Any = self.world
        return AsyncCustomers(world, self._options).get_or_create(external_id="ada", store=world)


@pytest.fixture(scope="module")
def parts() -> Iterator[Parts]:
    """What all workers share: an inbox, its engine, and the options of a client."""
    inbox, mock = Inbox("sqlite://"), Mock()
    engine = inbox._engine
    inbox.create_tables()
    with Calypso(**mock.settings(), transport=mock.transport()) as client:
        yield inbox, engine, client._engine.raw.core.options
    inbox.close()


def check(parts: Parts, schedule: Schedule) -> None:
    with parts[1].begin() as connection:
        connection.execute(sa.text("DELETE FROM calypso_inbox_customers"))
    workers = Workers(*parts)
    with patch.object(module, "_sleep", workers.world.sleep):
        for number, action in schedule:
            workers.resume(number, action)
        workers.end()
        workers.resume(0)
        workers.end()

    assert workers.returned
    assert len(set(workers.returned)) == 1
    assert set(workers.returned) <= set(workers.world.created)
    # Only a fault makes an unused customer.
    assert len(workers.world.created) <= 1 + workers.faults


@given(schedule=schedules)
def test_all_workers_get_the_same_customer_whatever_the_order_of_their_steps(
    parts: Parts, schedule: Schedule
) -> None:
    check(parts, schedule)


@rows("fault", FAULTS)
def test_all_workers_get_the_same_customer_after_a_fault_at_any_step(
    parts: Parts, fault: str
) -> None:
    for before, after in product(range(STEPS), repeat=2):
        check(parts, [(0, "go on")] * before + [(0, fault)] + [(1, "go on")] * after)
