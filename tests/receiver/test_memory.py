"""The store in memory: one holder at a time, leases that end, and bounds."""

from __future__ import annotations

import pytest

from calypso_pay.receiver import ClaimStatus, MemoryStore, Task

WORK = Task("subscription", 1, "transaction", "received")


class Ticking:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_event_has_one_holder_until_it_is_completed() -> None:
    store = MemoryStore()
    first = store.claim(WORK, 10)

    assert first.status == ClaimStatus.ACQUIRED
    assert store.claim(WORK, 10).status == ClaimStatus.BUSY

    store.complete(WORK, first)

    assert store.claim(WORK, 10).status == ClaimStatus.DONE


def test_a_released_event_can_be_claimed_again() -> None:
    store = MemoryStore()
    store.release(WORK, store.claim(WORK, 10))

    assert store.claim(WORK, 10).status == ClaimStatus.ACQUIRED


def test_a_transaction_has_one_holder_and_none_of_its_events_is_half_claimed() -> None:
    store = MemoryStore()
    other, third = WORK._replace(event=2), WORK._replace(event=2, transaction="third")
    store.claim(WORK, 10)

    assert store.claim(other, 10).status == ClaimStatus.BUSY
    assert store.claim(third, 10).status == ClaimStatus.ACQUIRED


def test_a_claim_ends_with_its_lease_and_its_old_holder_cannot_release_the_next_one() -> None:
    clock = Ticking()
    store = MemoryStore(clock=clock)
    dead = store.claim(WORK, 10)
    clock.now = 9.9

    assert store.claim(WORK, 10).status == ClaimStatus.BUSY

    clock.now = 10
    assert store.claim(WORK, 10).status == ClaimStatus.ACQUIRED

    store.release(WORK, dead)
    assert store.claim(WORK, 10).status == ClaimStatus.BUSY


def test_a_claim_tells_the_completed_steps_of_its_transaction() -> None:
    store = MemoryStore()
    store.complete(WORK, store.claim(WORK, 10))
    next_one = store.claim(WORK._replace(event=2, step="credited"), 10)

    assert next_one.steps == {"received"}


@pytest.mark.parametrize("most", [1, 3])
def test_the_oldest_are_forgotten_and_those_in_hand_are_not(most: int) -> None:
    store = MemoryStore(most)
    in_hand = WORK._replace(event=0, transaction="in hand")
    store.claim(in_hand, 10)
    works = [Task("subscription", n, f"t{n}", "received") for n in range(1, 6)]
    for task in works:
        store.complete(task, store.claim(task, 10))

    assert len(store) == most
    assert store.claim(in_hand, 10).status == ClaimStatus.BUSY
    verdicts = [store.claim(task, 10).status for task in works]
    assert verdicts == [ClaimStatus.ACQUIRED] * (5 - most) + [ClaimStatus.DONE] * most
