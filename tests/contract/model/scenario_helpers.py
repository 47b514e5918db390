"""Helpers of the scenarios: merchants, subscriptions, customers with deposits."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.checker import ModelChecker
from tests.contract.model.merchant import Merchant
from tests.contract.model.samples import AMOUNTS, SENDERS

if TYPE_CHECKING:
    from tests.contract.model.objects import Customer
    from tests.contract.suite import Context

    Json = dict[str, Any]


def make_merchants(context: Context) -> list[Merchant]:
    """Reset the target, and return a merchant for each account."""
    checker = ModelChecker(context)
    return [Merchant(checker, account) for account in checker.accounts]


def check_everything(merchants: list[Merchant]) -> None:
    """Let each merchant read everything, after what the others did."""
    for merchant in merchants:
        merchant.check_everything()


def make_deposits(merchant: Merchant, customers: int, count: int) -> list[Customer]:
    """Create customers, and deposits that differ in every field."""
    made = [merchant.create_customer({"description": str(n)}) for n in range(customers)]
    what = zip(
        islice(cycle(made), count),
        cycle(facts.CURRENCIES),
        cycle(AMOUNTS),
        cycle(facts.STEPS),
        cycle(SENDERS),
        strict=False,
    )
    for customer, currency, amount, step, sender in what:
        merchant.deposit(customer, currency, amount, step, sender)
    return made


def subscription_request(request_id: str, number: int) -> Json:
    """Return the payload of a subscription; its types depend on the number."""
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
