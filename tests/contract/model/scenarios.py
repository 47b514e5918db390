"""Stories that a random walk tells too rarely, each judged by the same model."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.casting import audit, crowd, merchants, wish
from tests.contract.model.samples import ODD_TEXTS, REFUSALS, ours
from tests.contract.model.stage import REQUEST_IDS
from tests.contract.suite import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.model.actor import Actor
    from tests.contract.suite import Lab

    Json = dict[str, Any]


@check("customers keep what was said of them, each their own", "writes")
def customers(lab: Lab) -> None:
    """Every subset of fields, odd texts, partial updates, and updates to the same value."""
    actors = merchants(lab)
    for actor in actors:
        made = [actor.create_customer(said) for said in _subsets("first")]
        for customer, said in zip(made, reversed(list(_subsets("second"))), strict=True):
            actor.update_customer(customer, said)
            actor.update_customer(customer, said)
        for text in ODD_TEXTS:
            odd = actor.create_customer(dict.fromkeys(facts.SAID_OF_CUSTOMERS, text))
            actor.update_customer(odd, {"description": "plain"})
            actor.update_customer(odd, {"description": text, "email": f"{text}!"})
    for actor in actors:
        for customer in actor.account.customers:
            actor.update_customer(customer, {})


@check("a block is kept until it is lifted, and stops no address", "writes")
def blocks(lab: Lab) -> None:
    """Whatever is known of a customer, and however often it is blocked or not."""
    for actor in merchants(lab):
        made = [actor.create_customer(said) for said in _subsets("told")]
        for number, customer in enumerate(made):
            actor.address(customer, "ETH")
            for blocked in (True, True, False, False, True, number % 2 == 0):
                actor.set_blocked(customer, blocked=blocked)
            actor.update_customer(customer, {"description": "after the block"})
            actor.address(customer, "USDT_BSC")
            actor.address(customer, "BTC")
            actor.look_at_purses(customer)
        for customer in made:
            actor.update_customer(customer, {})


@check("currencies of a family share one address, and customers share none", "writes")
def addresses(lab: Lab) -> None:
    """Every currency twice, in both accounts."""
    for actor in merchants(lab):
        made = [actor.create_customer({}) for _ in range(3)]
        for _ in range(2):
            for currency in facts.CURRENCIES:
                for customer in made:
                    actor.address(customer, currency)
        for customer in made:
            actor.look_at_purses(customer)


@check("a subscription keeps its keys, and shares them with none", "writes")
def subscriptions(lab: Lab) -> None:
    """Made, changed, listed, deleted and made again, under the same ids in both accounts."""
    actors = merchants(lab)
    for number, request_id in enumerate(REQUEST_IDS):
        for actor in actors:
            actor.subscribe(wish(request_id, number))
            actor.look_at_subscriptions()
    for number, (before, after) in enumerate(product(range(4), repeat=2)):
        for actor in actors:
            request_id = REQUEST_IDS[number % len(REQUEST_IDS)]
            actor.change_subscription(wish(request_id, before))
            actor.change_subscription(wish(request_id, after))
            actor.subscribe(wish(request_id, number))
            actor.look_at_subscriptions()
    first, *others = actors
    for request_id in REQUEST_IDS[:3]:
        first.unsubscribe(request_id)
        first.unsubscribe(request_id)
        first.change_subscription(wish(request_id, 1))
        for actor in actors:
            actor.look_at_subscriptions()
    first.subscribe(wish(REQUEST_IDS[0], 2))
    for actor in [first, *others]:
        actor.look_at_subscriptions()
        for request_id in REQUEST_IDS:
            actor.unsubscribe(request_id)


@check("what belongs to another account is not found", "second account", "writes")
def strangers(lab: Lab) -> None:
    """Nor is it changed: each account looks at its own afterwards."""
    tell_apart(merchants(lab))


@check("accounts that a mock makes do not find each other's things either", "mock")
def strangers_of_mock(lab: Lab) -> None:
    """With deposits too, and with a key that may not name the other account."""
    actors = merchants(lab)
    for actor in actors:
        crowd(actor, 2, 5)
    tell_apart(actors)
    for actor, other in (actors, reversed(actors)):
        for deposit in other.account.own_deposits():
            actor.refuse("getTransaction", {"transactionId": deposit.id}, "004")
        actor.borrow(other.account.target.account)
    audit(actors)


@check("an id is found in either case", "mock")
def letters(lab: Lab) -> None:
    """A UUID is the same in capitals (RFC 9562)."""
    actors = merchants(lab)
    for actor in actors:
        customer = actor.create_customer({"email": "ada@shop.example"})
        deposit = actor.deposit(customer, "ETH", "1", "credited")
        actor.subscribe(wish(REQUEST_IDS[0], 0))
        actor.in_capitals(customer, deposit, REQUEST_IDS[0])
    audit(actors)


@check("what nobody knows in a request is passed over", "mock")
def unknown_fields(lab: Lab) -> None:
    """The document leaves requests open."""
    odd: Json = {"unknown": {"a": [1, None]}, "total": 1.5, "blocked": True}
    for actor in merchants(lab):
        customer = actor.create_customer({"email": "ada@shop.example"})
        actor.update_customer(customer, {}, odd)
        shown = customer.shown(actor.stage.world)
        actor.ask("unblockCustomer", {"customerId": customer.id, **odd}, shown)
        actor.ask("getPurses", {"customerId": customer.id, **odd}, [])
        actor.find(odd)
        actor.subscribe({**wish(REQUEST_IDS[0], 0), "url": 'https://ü.example/?q="&r=#s', **odd})
        actor.look_at_subscriptions()
        actor.unsubscribe(REQUEST_IDS[0])


@check("what the document does not allow is refused, and changes nothing", "mock")
def refusals(lab: Lab) -> None:
    """With 001, which the document has for bad input."""
    actors = merchants(lab)
    for actor in actors:
        customer = actor.create_customer({"email": "ada@shop.example"})
        actor.address(customer, "ETH")
        actor.subscribe(wish(REQUEST_IDS[0], 0))
        for operation, payload in REFUSALS:
            actor.refuse(operation, ours(payload, customer), "001")
    audit(actors)


def tell_apart(actors: list[Actor]) -> None:
    """Let each account try to reach all that the others have."""
    for actor in actors:
        customer = actor.create_customer({"email": "mine@shop.example"})
        actor.address(customer, "ETH")
    first = actors[0]
    first.subscribe(wish(REQUEST_IDS[0], 0))
    for actor in actors:
        others = [other.account for other in actors if other is not actor]
        for account in others:
            for customer in account.customers:
                actor.fail_to_find(customer.id)
        actor.fail_to_find(REQUEST_IDS[4])
    for other in actors[1:]:
        other.fail_to_find(REQUEST_IDS[0])
    audit(actors)
    first.unsubscribe(REQUEST_IDS[0])


def _subsets(word: str) -> Iterator[dict[str, str]]:
    names = facts.SAID_OF_CUSTOMERS
    for number in range(2 ** len(names)):
        chosen = [name for place, name in enumerate(names) if number >> place & 1]
        yield {name: f"{word} {name}" for name in chosen}
