"""Call the API at random, and compare every response with the model."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.contract.model import drawing, facts
from tests.contract.model.checker import REQUEST_IDS, ModelChecker
from tests.contract.model.merchant import Merchant
from tests.contract.model.samples import INVALID_REQUESTS, with_customer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.contract.model.account import Account
    from tests.contract.model.objects import Customer
    from tests.contract.suite import Context
    from tests.contract.violation import Violation

    Json = dict[str, Any]

T = TypeVar("T")

# An address with deposits must not get near the end of its twelve months.
_FAR_ENOUGH = timedelta(days=200)
_CUSTOMERS = 7
_DEPOSITS = 40
_UNKNOWN = "5a0c1e5e-0000-4000-8000-000000000000"

_is_mock = precondition(lambda machine: machine.checker.strict)


class RandomWalk(RuleBasedStateMachine):
    """A random walk with several customers of two accounts, or of one if there is only one.

    Args:
        context: The target and the terms.
        on_violation: Gets each violation.
    """

    def __init__(self, context: Context, on_violation: Callable[[Violation], None]) -> None:
        super().__init__()
        self.checker = ModelChecker(context, on_violation)
        self.merchants = [Merchant(self.checker, account) for account in self.checker.accounts]

    @initialize(fields=st.lists(drawing.fields, min_size=3, max_size=3))
    def begin(self, fields: list[Json]) -> None:
        for merchant in self.merchants:
            for each in fields:
                merchant.create_customer(each)

    @precondition(lambda self: all(len(a.account.customers) < _CUSTOMERS for a in self.merchants))
    @rule(who=drawing.positions, fields=drawing.fields)
    def create_customer(self, who: int, fields: Json) -> None:
        self.merchant(who).create_customer(fields)

    @rule(
        who=drawing.positions,
        whom=drawing.positions,
        fields=drawing.fields,
        flags=drawing.few(st.booleans()),
    )
    def change_customer(self, who: int, whom: int, fields: Json, flags: list[bool]) -> None:
        merchant, customer = self.customer(who, whom)
        merchant.update_customer(customer, fields)
        for blocked in flags:
            merchant.set_blocked(customer, blocked=blocked)
        merchant.update_customer(customer, {})

    @rule(who=drawing.positions, whom=drawing.positions, currencies=drawing.few(drawing.currencies))
    def get_addresses(self, who: int, whom: int, currencies: list[str]) -> None:
        merchant, customer = self.customer(who, whom)
        for currency in currencies:
            merchant.address(customer, currency)
        merchant.check_purses(customer)

    @_is_mock
    @rule(who=drawing.positions, arriving=st.lists(drawing.deposits, min_size=1, max_size=6))
    def deposit(self, who: int, arriving: list[tuple[int, str, str, str, str | None]]) -> None:
        for whom, currency, amount, step, sender in arriving:
            merchant, customer = self.customer(who, whom)
            merchant.deposit(customer, currency, amount, step, sender)
        self.merchant(who).check_account()

    @_is_mock
    @rule(
        who=drawing.positions,
        model=drawing.deposits,
        count=st.integers(6, 14),
        payloads=drawing.few(drawing.searches),
    )
    def deposit_many(
        self,
        who: int,
        model: tuple[int, str, str, str, str | None],
        count: int,
        payloads: list[Json],
    ) -> None:
        whom, currency, amount, step, sender = model
        for number in range(count):
            merchant, customer = self.customer(who, whom + number)
            if len(merchant.account.deposits) < _DEPOSITS:
                chosen = rotate(facts.CURRENCIES, currency, number)
                merchant.deposit(
                    customer, chosen, amount, rotate(facts.STEPS, step, number), sender
                )
        for payload in payloads:
            self.merchant(who).walk(payload)

    @_is_mock
    @rule(who=drawing.positions, moves=drawing.few(st.tuples(drawing.positions, drawing.positions)))
    def move_on(self, who: int, moves: list[tuple[int, int]]) -> None:
        merchant = self.merchant(who)
        for which, where in moves:
            waiting = [each for each in merchant.account.own_deposits() if facts.NEXT[each.step]]
            if waiting:
                deposit = pick(waiting, which)
                merchant.move_on(deposit, pick(facts.NEXT[deposit.step], where))
        merchant.check_account()

    @precondition(lambda self: self.checker.strict and self.checker.state.advanced < _FAR_ENOUGH)
    @rule(period=drawing.periods)
    def wait(self, period: dict[str, int]) -> None:
        self.checker.advance(**period)
        for merchant in self.merchants:
            for customer in merchant.account.customers:
                merchant.check_purses(customer)
                for purse in customer.purses:
                    if not purse.is_active(self.checker.state):
                        merchant.expect_no_deposit(purse, facts.FAMILIES[purse.family][0])

    @rule(
        who=drawing.positions,
        whom=st.none() | drawing.positions,
        payloads=st.lists(drawing.searches, min_size=2, max_size=6),
    )
    def search(self, who: int, whom: int | None, payloads: list[Json]) -> None:
        merchant = self.merchant(who)
        known = {} if whom is None else {"customerId": self.customer(who, whom)[1].id}
        for payload in payloads:
            merchant.walk({**known, **payload})

    @rule(
        who=drawing.positions,
        subscription_requests=drawing.few(drawing.subscription_requests),
        changes=drawing.few(drawing.subscription_requests),
    )
    def subscribe(self, who: int, subscription_requests: list[Json], changes: list[Json]) -> None:
        merchant = self.merchant(who)
        for subscription_request in subscription_requests:
            merchant.subscribe(subscription_request)
        for subscription_request in changes:
            merchant.change_subscription(subscription_request)
        for each in self.merchants:
            each.check_subscriptions()

    @rule(who=drawing.positions, which=drawing.positions, again=st.booleans())
    def unsubscribe(self, who: int, which: int, again: bool) -> None:
        merchant = self.merchant(who)
        request_id = pick([*merchant.account.subscriptions, REQUEST_IDS[0]], which)
        merchant.unsubscribe(request_id)
        if again:
            merchant.unsubscribe(request_id)
        for each in self.merchants:
            each.check_subscriptions()

    @rule(who=drawing.positions, whom=drawing.positions)
    def trespass(self, who: int, whom: int) -> None:
        merchant = self.merchant(who)
        if len(self.merchants) == 1:
            merchant.expect_not_found(_UNKNOWN)
        for other in self.merchants:
            if other is not merchant:
                merchant.expect_not_found(pick(_ids(other.account, merchant.account), whom))

    @_is_mock
    @rule(who=drawing.positions, whom=drawing.positions, which=st.sampled_from(INVALID_REQUESTS))
    def ask_for_too_much(self, who: int, whom: int, which: tuple[str, Json]) -> None:
        merchant, customer = self.customer(who, whom)
        operation, payload = which
        merchant.expect_rejection(operation, with_customer(payload, customer), "001")
        merchant.update_customer(customer, {})
        merchant.check_purses(customer)

    def teardown(self) -> None:
        """Read everything, unless the walk has found something already."""
        if not self.checker.is_broken:
            for merchant in self.merchants:
                merchant.check_everything()

    def merchant(self, who: int) -> Merchant:
        """Return one of the merchants."""
        return pick(self.merchants, who)

    def customer(self, who: int, whom: int) -> tuple[Merchant, Customer]:
        """Return a merchant and one of its customers."""
        merchant = self.merchant(who)
        return merchant, pick(merchant.account.customers, whom)


def _ids(theirs: Account, mine: Account) -> list[str]:
    customers = [customer.id for customer in theirs.customers]
    deposits = [deposit.id for deposit in theirs.own_deposits()]
    subscriptions = [key for key in theirs.subscriptions if key not in mine.subscriptions]
    return [*customers[-2:], *deposits[-2:], *subscriptions[-2:], _UNKNOWN]


def pick(things: Sequence[T], position: int) -> T:
    """Return the item at a position, modulo the number of items."""
    return things[position % len(things)]


def rotate(things: Sequence[T], start: T, by: int) -> T:
    """Return the item at an offset from another."""
    return pick(things, things.index(start) + by)
