"""Stories of deposits, judged by the model: their states, their addresses, how they are found."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.casting import audit, crowd, merchants, wish
from tests.contract.model.samples import AMOUNTS, CURRENCY_FILTERS, STATE_FILTERS
from tests.contract.model.stage import REQUEST_IDS
from tests.contract.suite import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.model.actor import Actor
    from tests.contract.model.things import Customer
    from tests.contract.suite import Lab

    Json = dict[str, Any]


@check("each deposit is shown as it is, in every state and on every way there", "mock")
def deposits(lab: Lab) -> None:
    """At once and step by step; balances grow with what is credited, and with nothing else."""
    actors = merchants(lab)
    for actor in actors:
        customer = actor.create_customer({"email": "ada@shop.example"})
        amounts = cycle(AMOUNTS)
        for path in _paths("mem_pool", ()):
            for start in range(len(path)):
                _go(actor, customer, path[start:], next(amounts))
        for amount in AMOUNTS:
            actor.deposit(customer, "USDT", amount, "credited")
    audit(actors)


@check("a blocked customer's deposits are credited as everyone's", "mock")
def blocked_deposits(lab: Lab) -> None:
    """Blocking stops no money, before or under way."""
    actors = merchants(lab)
    for actor in actors:
        customer = actor.create_customer({})
        actor.set_blocked(customer, blocked=True)
        actor.deposit(customer, "BTC", "0.5", "credited")
        waiting = actor.deposit(customer, "BTC", "0.25", "pending")
        actor.set_blocked(customer, blocked=False)
        actor.set_blocked(customer, blocked=True)
        actor.move_on(waiting, "credited")
    audit(actors)


@check("every search finds what it has to, in order, on all of its pages", "mock")
def searches(lab: Lab) -> None:
    """Seven customers with sixty deposits; every filter member and every order."""
    actor, *others = merchants(lab)
    made = crowd(actor, 7, 60)
    for other in others:
        crowd(other, 2, 6)
    for currency in CURRENCY_FILTERS:
        actor.find({"currencyFilter": currency, "pageSize": 100})
    for state in STATE_FILTERS:
        actor.find({"transactionStateFilter": state, "pageSize": 100})
    for number, currency in enumerate(CURRENCY_FILTERS):
        state = STATE_FILTERS[number % len(STATE_FILTERS)]
        filters = {"currencyFilter": currency, "transactionStateFilter": state}
        actor.walk({**filters, "customerId": made[number % 7].id, "pageSize": 3})
    for order in _orders():
        actor.find({**order, "pageSize": 100})
        actor.walk({**order, "pageSize": 9})
    for other in others:
        other.walk({"pageSize": 2})


@check("pages of every size add up to the whole", "mock")
def pages(lab: Lab) -> None:
    """Sizes from one row to more than there are, walked to the end and beyond."""
    for actor, count in zip(merchants(lab), (110, 24), strict=True):
        made = crowd(actor, 3, count)
        for size in (1, 2, 5, 8, 12, 13, 23, 24, 25, 55, 100, 111, 112, 113, 2**31 - 1):
            actor.walk({"pageSize": size})
            actor.walk({"pageSize": size, "customerId": made[0].id})
        actor.walk({})
        actor.find({"pageNumber": 2**31 - 1})
        actor.refuse("findTransactions", {"pageNumber": actor.stage.world.page_base - 1}, "001")
        for customer in made:
            actor.find({"customerId": customer.id})


@check("an unused address lives thirty days, and a used one longer", "mock")
def expiry(lab: Lab) -> None:
    """To the hour; a new one is handed out instead, and the old ones stay in the list."""
    actors = merchants(lab)
    for actor in actors:
        stage = actor.stage
        idle, busy, barred = (actor.create_customer({}) for _ in range(3))
        for currency in ("ETH", "USDT_TRX", "BTC"):
            for customer in (idle, busy, barred):
                actor.address(customer, currency)
        actor.deposit(busy, "ETH", "1", "mem_pool")
        actor.deposit(busy, "USDT_TRX", "2", "credited")
        actor.deposit(barred, "ETH", "3", "declined")
        for by in ({"days": 29, "hours": 23}, {"hours": 1}, {"days": 1}, {"days": 29}, {"days": 1}):
            stage.advance(**by)
            for customer in (idle, busy, barred):
                _look_at_addresses(actor, customer)
            actor.deposit(busy, "USDT_BSC", "0.5", "confirmed")
            actor.address(actor.create_customer({}), "LTC")
        actor.subscribe(wish(REQUEST_IDS[0], 1))
    audit(actors)


@check("a declined deposit bars its address, and no other", "mock")
def declines(lab: Lab) -> None:
    """The customer gets another one; what is under way on the old one goes on."""
    actors = merchants(lab)
    for actor in actors:
        customer, neighbour = actor.create_customer({}), actor.create_customer({})
        waiting = actor.deposit(customer, "ETH", "1", "mem_pool")
        bad = actor.deposit(customer, "USDT_BSC", "2", "pending")
        actor.deposit(neighbour, "ETH", "3", "confirmed")
        actor.move_on(bad, "declined")
        actor.deposit_in_vain(customer.purses[0], "ETH")
        actor.move_on(waiting, "credited")
        for each in (customer, neighbour):
            actor.address(each, "POL")
            actor.deposit(each, "ETH", "4", "credited")
            actor.look_at_purses(each)
    audit(actors)


def _paths(step: str, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield (*before, step)
    for following in facts.NEXT[step]:
        yield from _paths(following, (*before, step))


def _go(actor: Actor, customer: Customer, path: tuple[str, ...], amount: str) -> None:
    first, *others = path
    deposit = actor.deposit(customer, "USDT_TRX", amount, first)
    for step in others:
        actor.look_at_account()
        actor.move_on(deposit, step)
    actor.look_at_account()


def _orders() -> Iterator[Json]:
    for direction in ("ASC", "DESC"):
        yield {"sort": direction}
        for name in facts.SORTABLE:
            yield {"sort": direction, "properties": name}
        for names in ("currency,amount", "transactionState, addressFrom,id", "amount,createdDate"):
            yield {"sort": direction, "properties": names}
    yield {"properties": "amount"}


def _look_at_addresses(actor: Actor, customer: Customer) -> None:
    actor.look_at_purses(customer)
    for purse in customer.purses:
        if not purse.is_live(actor.stage.world):
            actor.deposit_in_vain(purse, facts.FAMILIES[purse.family][0])
    for currency in ("ETH", "USDT_TRX", "USDT_BSC"):
        actor.address(customer, currency)
    actor.look_at_purses(customer)
