"""A merchant's books over a mock, and mistakes in them whose differences are known."""

from __future__ import annotations

import asyncio
import hmac
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from calypso_mock import Mock
from calypso_pay import AsyncCalypso, Calypso
from calypso_pay.reconcile import Booking, Difference, Kind, Report, reconcile

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    from calypso_mock import Deposit

Key: TypeAlias = tuple[str, str | None, str | None, str | None]

CURRENCY = "USDT_TRX"
STEPS = ("mem_pool", "pending", "confirmed", "credited")


class DictMemory:
    """A memory in a dict. It calls `before` before it does anything."""

    def __init__(self) -> None:
        self.notes: dict[tuple[str, str], str] = {}
        self.before: Callable[[], object] = lambda: None

    def get_note(self, scope: str, key: str) -> str | None:
        self.before()
        return self.notes.get((scope, key))

    def put_note(self, scope: str, key: str, value: str) -> None:
        self.before()
        assert value.isascii()
        assert len(scope) == len(key) == 32
        self.notes[scope, key] = value

    def list_notes(self, scope: str, after: str = "", limit: int = 500) -> list[tuple[str, str]]:
        self.before()
        found = sorted((key, note) for (each, key), note in self.notes.items() if each == scope)
        return [(key, note) for key, note in found if key > after][:limit]


class AsyncDictMemory:
    """A `DictMemory` whose methods are coroutines; over the same notes."""

    def __init__(self, memory: DictMemory) -> None:
        self._memory = memory

    async def get_note(self, scope: str, key: str) -> str | None:
        await asyncio.sleep(0)
        return self._memory.get_note(scope, key)

    async def put_note(self, scope: str, key: str, value: str) -> None:
        await asyncio.sleep(0)
        self._memory.put_note(scope, key, value)

    async def list_notes(
        self, scope: str, after: str = "", limit: int = 500
    ) -> list[tuple[str, str]]:
        await asyncio.sleep(0)
        return self._memory.list_notes(scope, after, limit)


class Proxy(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Stands before a mock, and may respond instead."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._sync, self._async = books.mock.transport(), books.mock.async_transport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._respond(request) or self._sync.handle_request(self._changed(request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        response = self._respond(request)
        return response or await self._async.handle_async_request(self._changed(request))

    def _respond(self, request: httpx.Request) -> httpx.Response | None:
        self._body = json.loads(request.content)
        return self._books.respond(request.url.path, self._body["payload"])

    def _changed(self, request: httpx.Request) -> httpx.Request:
        """Return a request with the payload as `Books.respond` left it, signed anew."""
        body = json.dumps(self._body).encode()
        if body == json.dumps(json.loads(request.content)).encode():
            return request
        secret = self._books.mock.settings()["secret"]
        sign = hmac.new(secret.encode(), body, "sha512").hexdigest()
        headers = {**request.headers, "sign": sign, "content-length": str(len(body))}
        return httpx.Request(request.method, request.url, headers=headers, content=body)


class Books:
    """A mock with customers and deposits, and what was booked of them.

    Attributes:
        mock: The mock.
        customers: The ids of the customers.
        bookings: The bookings of each customer.
        expected: What a reconciliation has to find.
        respond: Called with path and payload of a request, may return a response,
            raise, or change the payload.
    """

    def __init__(self, *, page_base: int = 0) -> None:
        self.mock = Mock(page_base=page_base)
        self.customers: list[str] = []
        self.bookings: dict[str, list[Any]] = {}
        self.expected: set[Key] = set()
        self.respond: Callable[[str, dict[str, Any]], httpx.Response | None] = lambda *_: None
        self._addresses: dict[str, str] = {}

    def client(self) -> Calypso:
        return Calypso(transport=Proxy(self), max_retries=0, **self.mock.settings())

    def add_customer(self) -> str:
        with self.client() as calypso:
            customer = calypso.customers.create().id
            found = calypso.addresses.get(customer_id=customer, currency=CURRENCY)
        self.customers.append(customer)
        self.bookings[customer] = []
        self._addresses[customer] = found.address
        return customer

    def deposit(
        self,
        customer: str,
        amount: str = "25.50",
        to: str = "credited",
        *,
        book: bool | None = None,
    ) -> Deposit:
        """Let a deposit arrive, and book it if it is credited, or if that is asked for."""
        made = self.mock.simulate_deposit(
            address=self._addresses[customer], currency=CURRENCY, amount=amount, to=to
        )
        if to == "credited" if book is None else book:
            self.book(customer, made.transaction_id, amount)
        elif to not in {"credited", "declined"}:
            self.expect(Kind.OPEN, customer, made.transaction_id)
        return made

    def book(self, customer: str, transaction: str, amount: str = "25.50") -> None:
        self.bookings[customer].append(Booking(transaction, Decimal(amount), CURRENCY))

    def expect(
        self, kind: str, customer: str, transaction: str | None, field: str | None = None
    ) -> None:
        self.expected.add((kind, customer, transaction, field))

    def reconcile(self, way: str = "sync", **options: Any) -> Report:
        """Run a reconciliation to its end."""
        options = {"customers": self.customers, "settle": 0, "progress": False, **options}
        if way == "sync":
            with self.client() as calypso:
                return reconcile(calypso, **{"ledger": self.read, **options}).report()
        if isinstance(memory := options.get("memory"), DictMemory):
            options["memory"] = AsyncDictMemory(memory)
        return asyncio.run(self._reconcile({"ledger": self.aread, **options}))

    def read(self, customer: str) -> Iterable[Any]:
        return list(self.bookings.get(customer, []))

    async def aread(self, customer: str) -> Iterable[Any]:
        await asyncio.sleep(0)
        return self.read(customer)

    async def _reconcile(self, options: dict[str, Any]) -> Report:
        settings = self.mock.settings()
        async with AsyncCalypso(transport=Proxy(self), max_retries=0, **settings) as calypso:
            return await reconcile(calypso, **options).report()

    def fill(self, rng: random.Random, customers: int, deposits: int) -> None:
        """Add customers, and deposits of all steps over them."""
        for _ in range(customers):
            self.add_customer()
        for number in range(deposits):
            amount = f"{rng.randrange(10**6)}.{rng.randrange(10**18):018}"
            step = rng.choice(STEPS) if number % 2 else "credited"
            self.deposit(rng.choice(self.customers), amount, step)

    def plant(self, rng: random.Random, count: int) -> None:
        """Remove, alter, invent, double or move bookings; each of another deposit."""
        booked = [(each, found) for each in self.customers for found in self.bookings[each]]
        for customer, booking in rng.sample(booked, count):
            rng.choice(_MISTAKES)(self, rng, customer, booking)


def keys(differences: Iterable[Difference]) -> set[Key]:
    """Return what identifies differences; none may be there twice."""
    found = [(each.kind, each.customer_id, each.transaction_id, each.field) for each in differences]
    assert len(found) == len(set(found)), "a difference is reported twice"
    return set(found)


def _remove(books: Books, rng: random.Random, customer: str, booking: Booking) -> None:
    books.bookings[customer].remove(booking)
    books.expect(Kind.MISSING, customer, booking.id)


def _alter(books: Books, rng: random.Random, customer: str, booking: Booking) -> None:
    field = rng.choice(["amount", "currency", "state"])
    wrong = {
        "amount": booking.amount + Decimal("1E-18"),
        "currency": "USDT",
        "state": "PENDING_COMPLIANCE_CHECK",
    }
    mine = books.bookings[customer]
    mine[mine.index(booking)] = booking._replace(**{field: wrong[field]})
    books.expect(Kind.DIFFERING, customer, booking.id, field)


def _invent(books: Books, rng: random.Random, customer: str, booking: Booking) -> None:
    identity = f"{rng.getrandbits(128):032x}"
    books.bookings[customer].append(booking._replace(id=identity))
    books.expect(Kind.UNEXPECTED, customer, identity)


def _double(books: Books, rng: random.Random, customer: str, booking: Booking) -> None:
    books.bookings[customer].append(booking._replace())
    books.expect(Kind.UNEXPECTED, customer, booking.id)


def _move(books: Books, rng: random.Random, customer: str, booking: Booking) -> None:
    other = rng.choice([each for each in books.customers if each != customer])
    books.bookings[customer].remove(booking)
    books.bookings[other].append(booking)
    books.expect(Kind.MISSING, customer, booking.id)
    books.expect(Kind.UNEXPECTED, other, booking.id)


_MISTAKES = (_remove, _alter, _invent, _double, _move)
