"""Walk through the API at random, and compare every answer with the model."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.contract.model import drawing, facts
from tests.contract.model.actor import Actor
from tests.contract.model.samples import REFUSALS, ours
from tests.contract.model.stage import REQUEST_IDS, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.contract.model.state import Account
    from tests.contract.model.things import Customer
    from tests.contract.suite import Lab
    from tests.contract.violation import Violation

    Json = dict[str, Any]

T = TypeVar("T")

# No address with deposits is to come near the end of its twelve months.
_FAR_ENOUGH = timedelta(days=200)
_CUSTOMERS = 7
_DEPOSITS = 40
_UNKNOWN = "5a0c1e5e-0000-4000-8000-000000000000"

_is_mock = precondition(lambda machine: machine.stage.strict)


class Explorer(RuleBasedStateMachine):
    """Several customers of two accounts, or of one where there is no other.

    Args:
        lab: What to work with.
        notice: Is told of each violation.
    """

    def __init__(self, lab: Lab, notice: Callable[[Violation], None]) -> None:
        super().__init__()
        self.stage = Stage(lab, notice)
        self.actors = [Actor(self.stage, account) for account in self.stage.accounts]

    @initialize(said=st.lists(drawing.said, min_size=3, max_size=3))
    def begin(self, said: list[Json]) -> None:
        for actor in self.actors:
            for each in said:
                actor.create_customer(each)

    @precondition(lambda self: all(len(a.account.customers) < _CUSTOMERS for a in self.actors))
    @rule(who=drawing.places, said=drawing.said)
    def create_customer(self, who: int, said: Json) -> None:
        self.actor(who).create_customer(said)

    @rule(
        who=drawing.places, whom=drawing.places, said=drawing.said, flags=drawing.few(st.booleans())
    )
    def change_customer(self, who: int, whom: int, said: Json, flags: list[bool]) -> None:
        actor, customer = self.customer(who, whom)
        actor.update_customer(customer, said)
        for blocked in flags:
            actor.set_blocked(customer, blocked=blocked)
        actor.update_customer(customer, {})

    @rule(who=drawing.places, whom=drawing.places, currencies=drawing.few(drawing.currencies))
    def get_addresses(self, who: int, whom: int, currencies: list[str]) -> None:
        actor, customer = self.customer(who, whom)
        for currency in currencies:
            actor.address(customer, currency)
        actor.look_at_purses(customer)

    @_is_mock
    @rule(who=drawing.places, arriving=st.lists(drawing.deposits, min_size=1, max_size=6))
    def deposit(self, who: int, arriving: list[tuple[int, str, str, str, str | None]]) -> None:
        for whom, currency, amount, step, sender in arriving:
            actor, customer = self.customer(who, whom)
            actor.deposit(customer, currency, amount, step, sender)
        self.actor(who).look_at_account()

    @_is_mock
    @rule(
        who=drawing.places,
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
            actor, customer = self.customer(who, whom + number)
            if len(actor.account.deposits) < _DEPOSITS:
                chosen = turn(facts.CURRENCIES, currency, number)
                actor.deposit(customer, chosen, amount, turn(facts.STEPS, step, number), sender)
        for payload in payloads:
            self.actor(who).walk(payload)

    @_is_mock
    @rule(who=drawing.places, moves=drawing.few(st.tuples(drawing.places, drawing.places)))
    def move_on(self, who: int, moves: list[tuple[int, int]]) -> None:
        actor = self.actor(who)
        for which, where in moves:
            waiting = [each for each in actor.account.own_deposits() if facts.NEXT[each.step]]
            if waiting:
                deposit = pick(waiting, which)
                actor.move_on(deposit, pick(facts.NEXT[deposit.step], where))
        actor.look_at_account()

    @precondition(lambda self: self.stage.strict and self.stage.world.advanced < _FAR_ENOUGH)
    @rule(period=drawing.periods)
    def wait(self, period: dict[str, int]) -> None:
        self.stage.advance(**period)
        for actor in self.actors:
            for customer in actor.account.customers:
                actor.look_at_purses(customer)
                for purse in customer.purses:
                    if not purse.is_live(self.stage.world):
                        actor.deposit_in_vain(purse, facts.FAMILIES[purse.family][0])

    @rule(
        who=drawing.places,
        whom=st.none() | drawing.places,
        payloads=st.lists(drawing.searches, min_size=2, max_size=6),
    )
    def search(self, who: int, whom: int | None, payloads: list[Json]) -> None:
        actor = self.actor(who)
        known = {} if whom is None else {"customerId": self.customer(who, whom)[1].id}
        for payload in payloads:
            actor.walk({**known, **payload})

    @rule(
        who=drawing.places,
        wishes=drawing.few(drawing.wishes),
        changes=drawing.few(drawing.wishes),
    )
    def subscribe(self, who: int, wishes: list[Json], changes: list[Json]) -> None:
        actor = self.actor(who)
        for wish in wishes:
            actor.subscribe(wish)
        for wish in changes:
            actor.change_subscription(wish)
        for each in self.actors:
            each.look_at_subscriptions()

    @rule(who=drawing.places, which=drawing.places, again=st.booleans())
    def unsubscribe(self, who: int, which: int, again: bool) -> None:
        actor = self.actor(who)
        request_id = pick([*actor.account.subscriptions, REQUEST_IDS[0]], which)
        actor.unsubscribe(request_id)
        if again:
            actor.unsubscribe(request_id)
        for each in self.actors:
            each.look_at_subscriptions()

    @rule(who=drawing.places, whom=drawing.places)
    def trespass(self, who: int, whom: int) -> None:
        actor = self.actor(who)
        if len(self.actors) == 1:
            actor.fail_to_find(_UNKNOWN)
        for other in self.actors:
            if other is not actor:
                actor.fail_to_find(pick(_ids(other.account, actor.account), whom))

    @_is_mock
    @rule(who=drawing.places, whom=drawing.places, which=st.sampled_from(REFUSALS))
    def ask_for_too_much(self, who: int, whom: int, which: tuple[str, Json]) -> None:
        actor, customer = self.customer(who, whom)
        operation, payload = which
        actor.refuse(operation, ours(payload, customer), "001")
        actor.update_customer(customer, {})
        actor.look_at_purses(customer)

    def teardown(self) -> None:
        """Look at everything, unless the walk found something already."""
        if not self.stage.is_broken:
            for actor in self.actors:
                actor.audit()

    def actor(self, who: int) -> Actor:
        """Return one of the merchants."""
        return pick(self.actors, who)

    def customer(self, who: int, whom: int) -> tuple[Actor, Customer]:
        """Return a merchant and one of its customers."""
        actor = self.actor(who)
        return actor, pick(actor.account.customers, whom)


def _ids(theirs: Account, mine: Account) -> list[str]:
    customers = [customer.id for customer in theirs.customers]
    deposits = [deposit.id for deposit in theirs.own_deposits()]
    subscriptions = [key for key in theirs.subscriptions if key not in mine.subscriptions]
    return [*customers[-2:], *deposits[-2:], *subscriptions[-2:], _UNKNOWN]


def pick(things: Sequence[T], place: int) -> T:
    """Return one of several things, whatever the place."""
    return things[place % len(things)]


def turn(things: Sequence[T], start: T, by: int) -> T:
    """Return what comes so many places after a thing."""
    return pick(things, things.index(start) + by)
