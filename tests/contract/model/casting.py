"""What the scenarios share: merchants, what they ask for, and crowds of customers who pay."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.actor import Actor
from tests.contract.model.samples import AMOUNTS, SENDERS
from tests.contract.model.stage import Stage

if TYPE_CHECKING:
    from tests.contract.model.things import Customer
    from tests.contract.suite import Lab

    Json = dict[str, Any]


def merchants(lab: Lab) -> list[Actor]:
    """Bring the target to its start, and return a merchant for each account."""
    stage = Stage(lab)
    return [Actor(stage, account) for account in stage.accounts]


def audit(actors: list[Actor]) -> None:
    """Let each merchant look at everything, what the others did included."""
    for actor in actors:
        actor.audit()


def crowd(actor: Actor, customers: int, count: int) -> list[Customer]:
    """Make customers, and deposits that differ in all that a deposit can differ in."""
    made = [actor.create_customer({"description": str(n)}) for n in range(customers)]
    what = zip(
        islice(cycle(made), count),
        cycle(facts.CURRENCIES),
        cycle(AMOUNTS),
        cycle(facts.STEPS),
        cycle(SENDERS),
        strict=False,
    )
    for customer, currency, amount, step, sender in what:
        actor.deposit(customer, currency, amount, step, sender)
    return made


def wish(request_id: str, number: int) -> Json:
    """Ask for a subscription; what it names depends on the number."""
    kinds: tuple[Json, ...] = (
        {"notificationServiceTypes": ["CUSTOMER_PURSE"]},
        {"notificationEventTypes": list(facts.EVENTS[number % 4 : number % 4 + 3])},
        {
            "notificationEventTypes": list(facts.EVENTS[:2]),
            "notificationServiceTypes": list(facts.SERVICES),
        },
        {"notificationEventTypes": [], "notificationServiceTypes": list(facts.SERVICES[1::-1])},
    )
    url = f"https://shop.example:8443/hooks/{number}?a=b&c=%20"
    return {"requestId": request_id, "url": url, **kinds[number % len(kinds)]}
