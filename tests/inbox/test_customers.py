"""One customer for each external id: under races, crashes and lost responses."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from calypso_api import DecodeError
from calypso_mock import Mock, Server
from calypso_pay import (
    AsyncCalypso,
    Calypso,
    CalypsoError,
    InvalidRequestError,
    Outcome,
    OutcomeUnknownError,
    TransportError,
    UnexpectedResponseError,
)
from calypso_pay.customers import CustomerClaim, CustomerStatus
from calypso_pay.customers import _async as async_module
from calypso_pay.customers import _sync as sync_module
from calypso_pay.inbox import AsyncInbox, Inbox
from calypso_pay.models import Customer
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Handle = Callable[[httpx.Request], httpx.Response]
    Fault = Callable[[httpx.Request, Handle], httpx.Response]

CREATE = "/api/v1/customer-purse/customer/create"
THREADS, PROCESSES, IDS = 12, 3, 12
# A process that hangs shall fail the test, not stop it.
PATIENCE = 120
LEASE = 100.0


class Database(NamedTuple):
    """A database, and the driver of an async engine for it; None for a sync engine."""

    url: str
    driver: str | None = None

    @property
    def inbox_url(self) -> str:
        scheme, _, rest = self.url.partition("://")
        return f"{scheme.partition('+')[0]}+{self.driver}://{rest}" if self.driver else self.url

    def execute(self, statement: str, **values: Any) -> list[Any]:
        """Execute SQL on a connection of its own, and return the rows."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement), values)
            return list(result) if result.returns_rows else []

    def expire(self) -> None:
        """Let all leases expire."""
        self.execute("UPDATE calypso_inbox_customers SET lease_until = lease_until - 1000")


class Network(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Leads to the mock; each request takes the next fault, if there is one."""

    def __init__(self, mock: Mock) -> None:
        self._inner = mock.transport()
        self.faults: deque[Fault] = deque()
        self.sent: list[Any] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(json.loads(request.read()))
        if not self.faults:
            return self._inner.handle_request(request)
        return self.faults.popleft()(request, self._inner.handle_request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = self.handle_request(request)
        await asyncio.sleep(0)
        return httpx.Response(
            response.status_code, headers=response.headers, content=response.read()
        )


def lost(request: httpx.Request, handle: Handle) -> httpx.Response:
    """Carry out the request, and lose the response."""
    handle(request)
    raise httpx.ReadTimeout("no response")


def rejected(_: httpx.Request, __: Handle) -> httpx.Response:
    error = {"errorCode": "001", "message": "invalid email"}
    return httpx.Response(400, json=error)


def unreadable(request: httpx.Request, handle: Handle) -> httpx.Response:
    """Carry out the request, and leave the id out of the response."""
    handle(request)
    return httpx.Response(200, json={"blocked": False})


class Shop:
    """A client and an inbox, called in the same way whether they are sync or async.

    Attributes:
        other: Another worker's inbox, on the same database.
        on_sleep: Called instead of waiting for another worker.
    """

    def __init__(self, database: Database, stack: ExitStack) -> None:
        self.database = database
        self.mock = Mock()
        self.network = Network(self.mock)
        self.on_sleep: Callable[[], object] = self._unexpected_wait
        self._runner = stack.enter_context(asyncio.Runner())
        kind: Any = AsyncInbox if database.driver else Inbox
        self.inbox: Any = kind(database.inbox_url)
        stack.callback(lambda: self.run(self.inbox.close()))
        self.run(self.inbox.create_tables())
        self.other = Inbox(database.url)
        stack.callback(self.other.close)
        self.client: Any = self.make()
        stack.callback(lambda: self.run(self._close()))

    def _close(self) -> Any:
        return self.client.aclose() if self.database.driver else self.client.close()

    def make(self, **changes: Any) -> Any:
        """Return a client; not closing it leaves nothing open, for it has no connections."""
        kind: Any = AsyncCalypso if self.database.driver else Calypso
        return kind(**{**self.mock.settings(), **changes}, transport=self.network)

    def run(self, result: Any) -> Any:
        return self._runner.run(result) if asyncio.iscoroutine(result) else result

    def get(self, external_id: Any = "ada", *, client: Any = None, **changes: Any) -> Any:
        arguments = {"external_id": external_id, "store": self.inbox, **changes}
        return self.run((client or self.client).customers.get_or_create(**arguments))

    @property
    def created(self) -> int:
        """How many customers the API has."""
        return self.mock.journal.carried_out("createCustomer")

    @property
    def account(self) -> str:
        return str(self.mock.settings()["account"])

    def begin(self, external_id: str = "ada", lease: float = LEASE) -> CustomerClaim:
        """Have another worker begin to create the customer."""
        return self.other.begin_customer(self.account, external_id, lease)

    def finish(self, name: str, external_id: str = "ada") -> str:
        """Have another worker record a customer with this id."""
        customer = Customer(name).to_json()
        return self.other.finish_customer(self.account, external_id, customer)

    @staticmethod
    def _unexpected_wait() -> None:
        raise AssertionError("it waits")


KINDS = {
    "sqlite": ("sqlite", None),
    "aiosqlite": ("sqlite", "aiosqlite"),
    "postgresql": ("postgresql", None),
    "asyncpg": ("postgresql", "asyncpg"),
    "psycopg-async": ("postgresql", "psycopg"),
}
# A second driver of PostgreSQL tells little more.
PSYCOPG = pytest.param("psycopg-async", marks=pytest.mark.slow)
IN_TWO = pytest.mark.parametrize("shop", ["sqlite", "asyncpg"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("shop", ["sqlite", "aiosqlite"], indirect=True)


def database_of(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    name, driver = KINDS[kind]
    if name == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'shop.db'}", driver)
    return Database(request.getfixturevalue("postgres_url"), driver)


@pytest.fixture(params=[*list(KINDS)[:-1], PSYCOPG])
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    with ExitStack() as stack:
        shop = Shop(database_of(request.param, request, tmp_path), stack)

        async def sleep(_: float) -> None:
            shop.on_sleep()

        monkeypatch.setattr(async_module, "_sleep", sleep)
        monkeypatch.setattr(sync_module, "_sleep", lambda _: shop.on_sleep())
        yield shop


def test_the_first_call_creates_the_customer_and_all_others_return_it(shop: Shop) -> None:
    first = shop.get(email="ada@shop.example", description="Pro plan")
    again = shop.get(email="lovelace@shop.example")

    assert (first.external_id, first.email) == ("ada", "ada@shop.example")
    assert again == first == shop.get()
    assert shop.get("grace").id != first.id
    assert shop.created == 2
    assert shop.network.sent[0]["payload"] == {
        "externalId": "ada",
        "email": "ada@shop.example",
        "description": "Pro plan",
    }


@IN_TWO
def test_another_worker_gets_the_same_customer_whatever_its_options(shop: Shop) -> None:
    first = shop.get()

    assert shop.get(client=shop.client.with_options(timeout=5, deadline=7)) == first
    with Calypso(**shop.mock.settings(), transport=shop.network) as other:
        assert other.customers.get_or_create(external_id="ada", store=shop.other) == first
    assert shop.created == 1


@IN_TWO
def test_each_account_has_a_customer_of_its_own(shop: Shop) -> None:
    name = shop.mock.add_account("0x" + "ab" * 20)
    first = shop.get()
    second = shop.get(client=shop.make(**shop.mock.settings(name)))

    assert first.id != second.id
    assert shop.created == 2


@IN_TWO
def test_an_account_in_capitals_is_the_same_account(shop: Shop) -> None:
    first = shop.get()

    assert shop.get(client=shop.client.with_options(account=shop.account.upper())) == first


@pytest.mark.parametrize("shop", ["sqlite", "postgresql", "asyncpg"], indirect=True)
def test_any_text_is_an_external_id_and_only_the_same_text_is_the_same_one(shop: Shop) -> None:
    texts = [
        "Ada",
        "ada",
        " ada",
        "ad\N{LATIN SMALL LETTER A WITH DIAERESIS}",
        "ada\N{COMBINING DIAERESIS}",
        "a\0b",
        "a\N{REPLACEMENT CHARACTER}b",
        "a%(b)s :c ' \" ? \\",
        "\N{PILE OF POO}",
        "x" * 10_000,
        "x" * 10_001,
        '["ada"]',
    ]
    found = [shop.get(text) for text in texts]

    assert [customer.external_id for customer in found] == texts
    assert len({customer.id for customer in found}) == len(texts)
    assert [shop.get(text) for text in texts] == found
    name = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    assert shop.get(UUID(name)) == shop.get(name)


@rows(
    ("arguments", "error"),
    [
        ({"external_id": ""}, "external_id is empty"),
        ({"external_id": " \t"}, "external_id is empty"),
        ({"external_id": None}, "external_id is None"),
        ({"external_id": 5}, "external_id has to be a text or a UUID"),
        ({"external_id": "\ud800"}, "lone surrogate"),
        ({"email": "\ud800"}, "lone surrogate"),
        ({"email": None}, "email is None"),
        ({"description": 5}, "description has to be a text"),
    ],
)
@ON_SQLITE
def test_an_argument_that_cannot_be_sent_is_rejected_before_anything_is_stored(
    shop: Shop, arguments: dict[str, Any], error: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        shop.get(**{"external_id": "ada", **arguments})

    assert shop.network.sent == []
    assert shop.database.execute("SELECT * FROM calypso_inbox_customers") == []


@ON_SQLITE
def test_a_store_of_the_other_kind_is_rejected_before_anything_is_stored(shop: Shop) -> None:
    with ExitStack() as stack:
        wrong: Any = shop.other
        if not shop.database.driver:
            wrong = AsyncInbox(shop.database.url.replace("sqlite:", "sqlite+aiosqlite:"))
            stack.callback(lambda: shop.run(wrong.close()))
        for store in (wrong, object(), None):
            with pytest.raises(TypeError, match=r"store.begin_customer has to be a "):
                shop.get(store=store)
    assert shop.network.sent == []


@IN_TWO
def test_the_customer_is_kept_exactly_with_fields_that_are_not_documented(shop: Shop) -> None:
    def more(request: httpx.Request, handle: Handle) -> httpx.Response:
        found = json.loads(handle(request).read())
        text = json.dumps({**found, "level": "LEVEL", "blocked": "?"})
        return httpx.Response(200, text=text.replace('"LEVEL"', "0.10000000000000000001"))

    shop.network.faults.append(more)
    first = shop.get()

    assert first.additional_properties == {
        "level": Decimal("0.10000000000000000001"),
        "blocked": "?",
    }
    assert shop.get() == first


@IN_TWO
def test_a_response_with_half_a_character_is_kept(shop: Shop) -> None:
    """As a server leaves it that cuts texts by UTF-16 units."""

    def cut(request: httpx.Request, handle: Handle) -> httpx.Response:
        found = json.loads(handle(request).read())
        return httpx.Response(200, text=json.dumps({**found, "description": "\ud83d"}))

    shop.network.faults.append(cut)
    first = shop.get()

    assert first.description == "\ud83d"
    assert shop.get() == first
    assert shop.created == 1


@pytest.mark.parametrize("shop", ["sqlite", "postgresql"], indirect=True)
def test_many_threads_create_one_customer_for_each_external_id(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    names = [f"user-{number}" for number in range(IDS)]
    start = threading.Barrier(THREADS)

    def work(turn: int) -> dict[str, str]:
        start.wait(PATIENCE)
        order = names if turn % 2 else names[::-1]
        return {name: shop.get(name).id for name in order}

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(work, range(THREADS)))

    assert all(each == found[0] for each in found)
    assert len(set(found[0].values())) == IDS == shop.created


@pytest.mark.parametrize("shop", ["aiosqlite", "asyncpg", PSYCOPG], indirect=True)
def test_many_tasks_create_one_customer_for_each_external_id(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    get = shop.client.customers.get_or_create
    names = [f"user-{number}" for number in range(IDS // 2)] * THREADS

    async def all_at_once() -> list[Customer]:
        limit = asyncio.Semaphore(THREADS)

        async def one(name: str) -> Customer:
            async with limit:
                found: Customer = await get(external_id=name, store=shop.inbox)
                return found

        return await asyncio.gather(*map(one, names))

    found = shop.run(all_at_once())

    assert len({(customer.external_id, customer.id) for customer in found}) == IDS // 2
    assert shop.created == IDS // 2


PROGRAM = """
import json, os, signal, sys
from calypso_pay import Calypso
from calypso_pay.inbox import Inbox

class Dying:
    "Kills its process at one point."
    def __init__(self, inbox, point):
        self._inbox, self._point = inbox, point

    def begin_customer(self, *args):
        return self._call(self._inbox.begin_customer, "begun", args)

    def finish_customer(self, *args):
        self._die("created")
        return self._call(self._inbox.finish_customer, "recorded", args)

    def release_customer(self, *args):
        return self._call(self._inbox.release_customer, "released", args)

    def _call(self, method, point, args):
        found = method(*args)
        self._die(point)
        return found

    def _die(self, point):
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)

url, point, *names = sys.argv[1:]
inbox = Inbox(url)
store = Dying(inbox, point)
with Calypso() as calypso:
    print("ready", flush=True)
    sys.stdin.readline()
    get = calypso.customers.get_or_create
    found = {name: get(external_id=name, store=store).id for name in names}
inbox.close()
print(json.dumps(found))
"""


@pytest.fixture
def served(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop whose mock is served, and the environment leads there."""
    with Server(shop.mock) as server:
        for name, value in shop.mock.settings(base_url=server.url).items():
            monkeypatch.setenv(f"CALYPSO_{name.upper()}", str(value))
        yield shop


def worker(shop: Shop, point: str, names: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, shop.database.url, point, *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("shop", ["sqlite", "postgresql"], indirect=True)
def test_several_processes_create_one_customer_for_each_external_id(served: Shop) -> None:
    names = [f"user-{number}" for number in range(IDS)]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(worker(served, "none", names if turn % 2 else names[::-1]))
            for turn in range(PROCESSES)
        ]
        for each in workers:
            stack.callback(each.kill)
        for each in workers:
            assert each.stdout
            assert each.stdout.readline() == "ready\n"
        found = []
        for each in workers:
            assert each.stdin
            each.stdin.write("go\n")
            each.stdin.flush()
        for each in workers:
            output, _ = each.communicate(timeout=PATIENCE)
            assert each.returncode == 0
            found.append(json.loads(output))

    assert all(each == found[0] for each in found)
    assert len(set(found[0].values())) == IDS == served.created


@rows(("point", "customers"), [("begun", 1), ("created", 2), ("recorded", 1)])
@pytest.mark.parametrize("shop", ["sqlite", "postgresql"], indirect=True)
def test_after_a_worker_was_killed_the_next_call_waits_for_its_lease_and_creates_the_customer(
    served: Shop, point: str, customers: int
) -> None:
    before = served.created
    with worker(served, point, [point]) as killed:
        killed.communicate("go\n", timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL
    waits: list[object] = []

    def sleep() -> None:
        waits.append(None)
        served.database.expire()

    served.on_sleep = sleep
    found = served.get(point)

    assert served.created - before == customers
    assert len(waits) == (point != "recorded")
    assert served.get(point) == found
    assert served.created - before == customers
    listed = served.mock.state()["accounts"][0]["customers"]
    assert found.id == listed[-1]["id"]


@rows(
    ("fault", "error", "outcome", "customers"),
    [
        (lost, OutcomeUnknownError, Outcome.UNKNOWN, 2),
        (unreadable, UnexpectedResponseError, Outcome.DONE, 2),
        (rejected, InvalidRequestError, Outcome.REFUSED, 1),
    ],
)
def test_after_a_call_that_failed_the_next_one_creates_the_customer_without_waiting(
    shop: Shop, fault: Fault, error: type[CalypsoError], outcome: Outcome, customers: int
) -> None:
    before, name = shop.created, str(outcome)
    shop.network.faults.append(fault)
    with pytest.raises(error) as caught:
        shop.get(name)
    found = shop.get(name)

    assert caught.value.outcome == outcome
    notes = getattr(caught.value, "__notes__", [])
    assert ["it stays unused" in note for note in notes] == [True] * (customers - 1)
    assert shop.created - before == customers
    assert shop.get(name) == found
    assert shop.created - before == customers


@IN_TWO
def test_a_call_without_a_network_leaves_nothing_to_wait_for(shop: Shop) -> None:
    def unreachable(_: httpx.Request, __: Handle) -> httpx.Response:
        raise httpx.ConnectError("no network")

    shop.network.faults.append(unreachable)
    with pytest.raises(TransportError) as caught:
        shop.get(client=shop.client.with_options(max_retries=0))

    assert not hasattr(caught.value, "__notes__")
    assert shop.get().external_id == "ada"
    assert shop.created == 1


@IN_TWO
def test_a_call_that_is_interrupted_leaves_nothing_to_wait_for(shop: Shop) -> None:
    class Interrupted(BaseException):
        pass

    def interrupted(_: httpx.Request, __: Handle) -> httpx.Response:
        raise Interrupted

    shop.network.faults.append(interrupted)
    with pytest.raises(Interrupted):
        shop.get()

    assert shop.get().external_id == "ada"


@rows("point", ["create", "finish"])
@pytest.mark.parametrize("shop", ["aiosqlite", "asyncpg", PSYCOPG], indirect=True)
def test_a_task_that_is_cancelled_leaves_nothing_to_wait_for(shop: Shop, point: str) -> None:
    async def cancelled() -> None:
        def cancel(request: httpx.Request, handle: Handle) -> httpx.Response:
            cancel_task()
            return handle(request)

        def cancel_task() -> None:
            task.cancel()

        store = Failing(shop, "finish_customer", point == "finish", cancel_task)
        get = shop.client.customers.get_or_create
        task = asyncio.ensure_future(get(external_id=point, store=store))
        if point == "create":
            shop.network.faults.append(cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    shop.run(cancelled())

    assert shop.get(point).external_id == point


def test_while_another_worker_creates_the_customer_a_call_waits_and_returns_that_one(
    shop: Shop,
) -> None:
    assert shop.begin().status == CustomerStatus.ACQUIRED
    waits = count()
    shop.on_sleep = lambda: next(waits) == 2 and shop.finish("theirs")

    assert shop.get() == Customer("theirs")
    assert shop.created == 0


def test_when_the_other_worker_gives_up_the_call_takes_over(shop: Shop) -> None:
    claim = shop.begin()
    shop.on_sleep = lambda: shop.other.release_customer(shop.account, "ada", claim.token)

    assert shop.get().external_id == "ada"
    assert shop.created == 1
    assert shop.begin().status == CustomerStatus.FOUND


@IN_TWO
def test_a_wait_ends_with_an_error_when_others_take_too_long(shop: Shop) -> None:
    shop.begin()
    waits: list[object] = []
    shop.on_sleep = lambda: waits.append(None)
    with pytest.raises(TransportError, match="Nothing was sent: call again") as caught:
        shop.get(client=shop.client.with_options(deadline=10))

    assert (caught.value.outcome, caught.value.timed_out) == (Outcome.NOT_SENT, True)
    assert caught.value.operation == "createCustomer"
    # The lease of a caller with the same options is 25 s.
    assert 26 <= len(waits) <= 60
    assert shop.network.sent == []


@pytest.mark.parametrize("name", ["_sync", "_async"])
def test_a_wait_between_two_attempts_is_a_second_at_most(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    with ExitStack() as stack:
        driver = "aiosqlite" if name == "_async" else None
        shop = Shop(Database(f"sqlite:///{tmp_path / 'shop.db'}", driver), stack)
        shop.begin()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        monkeypatch.setattr(asyncio, "sleep", sleep)
        monkeypatch.setattr("time.sleep", slept.append)
        with pytest.raises(TransportError):
            shop.get(client=shop.client.with_options(deadline=5))

    assert slept[0] <= 0.05
    assert max(slept) <= 1
    assert 20 <= sum(slept) <= 22


def test_a_call_that_took_longer_than_its_lease_returns_what_another_worker_recorded(
    shop: Shop,
) -> None:
    """Its own customer stays unused: its id is never returned."""

    def slow(request: httpx.Request, handle: Handle) -> httpx.Response:
        response = handle(request)
        shop.database.expire()
        assert shop.begin().status == CustomerStatus.ACQUIRED
        assert shop.finish("theirs") == Customer("theirs").to_json()
        return response

    shop.network.faults.append(slow)

    assert shop.get() == Customer("theirs") == shop.get()
    assert shop.created == 1


def test_a_call_that_took_longer_than_its_lease_is_first_if_the_other_worker_is_slower(
    shop: Shop,
) -> None:
    def slow(request: httpx.Request, handle: Handle) -> httpx.Response:
        response = handle(request)
        shop.database.expire()
        assert shop.begin().status == CustomerStatus.ACQUIRED
        return response

    shop.network.faults.append(slow)
    found = shop.get()

    assert shop.finish("theirs") == found.to_json()
    assert shop.get() == found


def test_a_worker_that_gives_up_late_does_not_end_the_claim_of_another(shop: Shop) -> None:
    late = shop.begin()
    shop.database.expire()
    assert shop.begin().status == CustomerStatus.ACQUIRED
    shop.other.release_customer(shop.account, "ada", late.token)

    assert shop.begin().status == CustomerStatus.BUSY


@pytest.mark.parametrize("other", ["claims", "records"])
def test_a_worker_that_is_overtaken_between_look_up_and_claim_returns_what_was_recorded(
    shop: Shop, other: str
) -> None:
    engine = getattr(shop.inbox._engine, "sync_engine", shop.inbox._engine)

    @sa.event.listens_for(engine, "before_cursor_execute")
    def overtake(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("INSERT INTO calypso_inbox_customers"):
            shop.begin() if other == "claims" else shop.finish("theirs")

    waits: list[object] = []
    shop.on_sleep = lambda: waits.append(shop.finish("theirs"))

    assert shop.get() == Customer("theirs")
    assert (shop.created, len(waits)) == (0, 1)


@pytest.mark.parametrize("shop", ["sqlite", "postgresql"], indirect=True)
def test_a_lease_is_counted_in_seconds_by_the_clock_of_the_database(shop: Shop) -> None:
    assert shop.begin().status == CustomerStatus.ACQUIRED
    [row] = shop.database.execute("SELECT lease_until FROM calypso_inbox_customers")

    assert row.lease_until - time.time() == pytest.approx(LEASE, abs=LEASE / 2)
    assert shop.begin("grace", 0).status == CustomerStatus.ACQUIRED
    assert shop.begin("grace").status == CustomerStatus.ACQUIRED
    assert shop.begin("grace", 0).status == CustomerStatus.BUSY


def test_the_attempts_to_create_a_customer_are_counted(shop: Shop) -> None:
    for _ in range(3):
        shop.begin()
        shop.database.expire()
    shop.get()

    [row] = shop.database.execute(
        "SELECT account, external_id, attempts FROM calypso_inbox_customers"
    )
    assert tuple(row) == (shop.account, "ada", 4)


@IN_TWO
def test_no_connection_to_the_database_is_in_use_during_the_call_of_the_api(shop: Shop) -> None:
    in_use: list[int] = []

    def look(request: httpx.Request, handle: Handle) -> httpx.Response:
        in_use.append(shop.inbox._engine.pool.checkedout())
        return handle(request)

    shop.network.faults.append(look)
    shop.get()

    assert in_use == [0]


class Failing:
    """A store that fails in one method, a number of times; sync or async like the inbox."""

    def __init__(
        self, shop: Shop, method: str, times: int, fail: Callable[[], object] | None = None
    ) -> None:
        self._inner = shop.inbox
        self._method = method
        self._left = times
        self._fail = fail or self._raise
        for name in ("begin_customer", "finish_customer", "release_customer"):
            setattr(self, name, self._wrapped(name, is_async=bool(shop.database.driver)))

    def _wrapped(self, name: str, *, is_async: bool) -> Any:
        def call(*args: Any) -> Any:
            if name == self._method and self._left:
                self._left -= 1
                self._fail()
            return getattr(self._inner, name)(*args)

        async def acall(*args: Any) -> Any:
            return await call(*args)

        return acall if is_async else call

    @staticmethod
    def _raise() -> None:
        raise OSError("the database is gone")


@IN_TWO
def test_a_customer_is_recorded_also_if_the_database_was_gone_for_a_moment(shop: Shop) -> None:
    waits: list[object] = []
    shop.on_sleep = lambda: waits.append(None)
    found = shop.get(store=Failing(shop, "finish_customer", 2))

    assert shop.get() == found
    assert (shop.created, len(waits)) == (1, 2)


@IN_TWO
def test_the_error_of_a_customer_that_was_not_recorded_has_its_id_and_what_to_do(
    shop: Shop,
) -> None:
    shop.on_sleep = lambda: None
    with pytest.raises(OSError, match="gone") as caught:
        shop.get(store=Failing(shop, "finish_customer", 3))
    [note] = caught.value.__notes__
    [made] = shop.mock.state()["accounts"][0]["customers"]
    assert f"The customer {made['id']} was created, and may not have been recorded." in note

    _, _, advice = note.partition("store.finish_customer")
    names = {"account": shop.account, "external_id": "ada", "Customer": Customer}
    account, external_id, customer = eval(advice.rstrip("."), names)  # noqa: S307 - our own text
    shop.other.finish_customer(account, external_id, customer)

    assert shop.get().id == made["id"]
    assert shop.created == 1


@IN_TWO
def test_the_error_of_the_api_is_raised_also_if_the_claim_cannot_be_released(shop: Shop) -> None:
    shop.network.faults.append(rejected)
    with pytest.raises(InvalidRequestError) as caught:
        shop.get(store=Failing(shop, "release_customer", 1))

    [note] = caught.value.__notes__
    assert "failed to release the claim (OSError)" in note
    assert "up to 105 s" in note


@pytest.mark.parametrize("shop", ["postgresql", "asyncpg", PSYCOPG], indirect=True)
def test_a_customer_is_recorded_also_if_all_connections_were_cut_meanwhile(
    shop: Shop, postgres: Any
) -> None:
    def cutting(request: httpx.Request, handle: Handle) -> httpx.Response:
        assert postgres.cut_connections()
        return handle(request)

    shop.network.faults.append(cutting)
    shop.on_sleep = lambda: None
    found = shop.get()

    assert shop.get() == found
    assert shop.created == 1


def test_customers_that_exist_can_be_recorded_and_the_first_one_stays(shop: Shop) -> None:
    assert shop.finish("old") == shop.finish("new") == Customer("old").to_json()
    assert shop.get() == Customer("old")
    assert shop.created == 0


@ON_SQLITE
def test_what_is_not_a_customer_is_not_recorded(shop: Shop) -> None:
    for text in ("", "{}", "null", "customer"):
        with pytest.raises(DecodeError):
            shop.run(shop.inbox.finish_customer(shop.account, "ada", text))

    assert shop.begin().status == CustomerStatus.ACQUIRED
