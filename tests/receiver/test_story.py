"""Whatever happens to the deliveries of a deposit: each event is handled once, and in order."""

from __future__ import annotations

import asyncio
import random
import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from calypso_pay.receiver import MemoryStore, Receiver
from calypso_pay.webhooks import (
    Event,
    PurseComplianceDeclinedEvent,
    PurseFundsReceivedEvent,
    PurseMemPoolFoundEvent,
    PursePendingComplianceEvent,
    PurseTranslationCompletedEvent,
)
from tests.properties import examples
from tests.receiver.deposits import SECRET, Delivery, delivery

PROVISIONAL = [PurseMemPoolFoundEvent, PursePendingComplianceEvent]
ENDINGS = [
    [PurseFundsReceivedEvent, PurseTranslationCompletedEvent],
    [PurseComplianceDeclinedEvent],
]
# What the vendor's transactionState is after each; crediting does not change it.
STATE = {
    PurseMemPoolFoundEvent: 1,
    PursePendingComplianceEvent: 2,
    PurseFundsReceivedEvent: 3,
    PurseComplianceDeclinedEvent: 3,
    PurseTranslationCompletedEvent: 3,
}
FINAL = 3

scenarios = st.tuples(
    st.sampled_from(ENDINGS), st.integers(1, 3), st.integers(0, 2**32), st.floats(0, 0.8)
)


class Shop:
    """A shop whose handler may fail, and a vendor that retries deliveries without a 200."""

    def __init__(self, ending: list[type], copies: int, seed: int, failures: float) -> None:
        self.events = dict(enumerate([*PROVISIONAL, *ending], start=1))
        self.chance = random.Random(seed)  # noqa: S311 - not for cryptography
        self.failures = failures
        self.seen: list[Event] = []
        self.running: list[int] = []
        self.overlaps: list[int] = []
        self.queue = [delivery(kind, n) for n, kind in self.events.items() for _ in range(copies)]
        self.receiver = Receiver(SECRET, store=MemoryStore())

    def begin(self, event: Event) -> None:
        # No assertion here: the receiver would take it for a failure of the handler, and retry.
        self.overlaps += self.running
        self.running.append(event.id)

    def end(self, event: Event) -> None:
        self.running.remove(event.id)
        if self.chance.random() < self.failures:
            raise RuntimeError("the shop is closed")
        self.seen.append(event)

    def next(self) -> Delivery:
        return self.queue.pop(self.chance.randrange(len(self.queue)))

    def check(self) -> None:
        """Check that each event came once, all final ones, in order, and one at a time."""
        assert self.overlaps == []
        ids = [event.id for event in self.seen]
        assert len(set(ids)) == len(ids)
        assert {n for n, kind in self.events.items() if STATE[kind] == FINAL} <= set(ids)
        states = [STATE[type(event)] for event in self.seen]
        assert states == sorted(states)


@given(scenarios)
def test_in_any_order_with_duplicates_and_failures(
    scenario: tuple[list[type], int, int, float],
) -> None:
    shop = Shop(*scenario)

    @shop.receiver.default
    def handler(event: Event) -> None:
        shop.begin(event)
        shop.end(event)

    while shop.queue:
        sent = shop.next()
        if shop.receiver.handle(*sent).status != 200:
            shop.queue.append(sent)
    shop.check()


@examples(20)
@given(scenarios)
def test_with_all_deliveries_at_once_in_an_event_loop(
    scenario: tuple[list[type], int, int, float],
) -> None:
    shop = Shop(*scenario)

    @shop.receiver.default
    async def handler(event: Event) -> None:
        shop.begin(event)
        for _ in range(shop.chance.randrange(4)):
            await asyncio.sleep(0)
        shop.end(event)

    async def until_delivered(sent: Delivery) -> None:
        while (await shop.receiver.ahandle(*sent)).status != 200:  # noqa: ASYNC110 - as the vendor does
            await asyncio.sleep(0)

    async def deliver_all() -> None:
        await asyncio.gather(*[until_delivered(shop.next()) for _ in range(len(shop.queue))])

    asyncio.run(deliver_all())
    shop.check()


@examples(20)
@given(scenarios)
def test_with_all_deliveries_at_once_in_threads(
    scenario: tuple[list[type], int, int, float],
) -> None:
    shop = Shop(*scenario)
    pause = threading.Event()

    @shop.receiver.default
    def handler(event: Event) -> None:
        shop.begin(event)
        pause.wait(0.001)
        shop.end(event)

    def until_delivered(sent: Delivery) -> None:
        while shop.receiver.handle(*sent).status != 200:
            pause.wait(0.0005)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(until_delivered, [shop.next() for _ in range(len(shop.queue))]))
    shop.check()
