"""The store in memory: one claim at a time, leases that expire, and a limited size."""

from __future__ import annotations

import pytest
from attrs import evolve

from calypso_pay.receiver import ClaimStatus, MemoryStore, Task

TASK = Task("subscription", 1, "transaction", "received")


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_event_is_claimed_once_until_it_is_completed() -> None:
    store = MemoryStore()
    first = store.claim(TASK, 10)

    assert first.status == ClaimStatus.ACQUIRED
    assert store.claim(TASK, 10).status == ClaimStatus.BUSY

    store.complete(TASK, first)

    assert store.claim(TASK, 10).status == ClaimStatus.DONE


def test_a_released_event_can_be_claimed_again() -> None:
    store = MemoryStore()
    store.release(TASK, store.claim(TASK, 10))

    assert store.claim(TASK, 10).status == ClaimStatus.ACQUIRED


def test_a_transaction_is_claimed_once_and_a_failed_claim_claims_nothing() -> None:
    store = MemoryStore()
    other, third = evolve(TASK, event=2), evolve(TASK, event=2, transaction="third")
    store.claim(TASK, 10)

    assert store.claim(other, 10).status == ClaimStatus.BUSY
    assert store.claim(third, 10).status == ClaimStatus.ACQUIRED


def test_a_claim_expires_with_its_lease_and_cannot_release_the_next_one() -> None:
    clock = Clock()
    store = MemoryStore(clock=clock)
    expired = store.claim(TASK, 10)
    clock.now = 9.9

    assert store.claim(TASK, 10).status == ClaimStatus.BUSY

    clock.now = 10
    assert store.claim(TASK, 10).status == ClaimStatus.ACQUIRED

    store.release(TASK, expired)
    assert store.claim(TASK, 10).status == ClaimStatus.BUSY


def test_a_claim_has_the_completed_steps_of_its_transaction() -> None:
    store = MemoryStore()
    store.complete(TASK, store.claim(TASK, 10))
    next_one = store.claim(evolve(TASK, event=2, step="credited"), 10)

    assert next_one.steps == {"received"}


@pytest.mark.parametrize("limit", [1, 3])
def test_the_oldest_events_are_forgotten_and_claimed_ones_are_not(limit: int) -> None:
    store = MemoryStore(limit)
    claimed = evolve(TASK, event=0, transaction="claimed")
    store.claim(claimed, 10)
    tasks = [Task("subscription", n, f"t{n}", "received") for n in range(1, 6)]
    for task in tasks:
        store.complete(task, store.claim(task, 10))

    assert len(store) == limit
    assert store.claim(claimed, 10).status == ClaimStatus.BUSY
    statuses = [store.claim(task, 10).status for task in tasks]
    assert statuses == [ClaimStatus.ACQUIRED] * (5 - limit) + [ClaimStatus.DONE] * limit
