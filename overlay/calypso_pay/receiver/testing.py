"""Tests for a store of your own: whether each event is handled once, in order, and none is lost.

Subclass `StoreTests` in a module that pytest collects. Every store of this package passes them.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from unittest import SkipTest

from calypso_pay.receiver._store import Claim, Task
from calypso_pay.receiver._testing import (
    ACQUIRED,
    BESIDES,
    BODIES,
    BUSY,
    DONE,
    PARKED,
    ROUNDS,
    SEPARATORS,
    STEPS,
    TEXTS,
    WORDS,
    WORKERS,
    Held,
    Run,
    Section,
    Worker,
    brief,
    check,
    concurrent_test,
    errors_allowed,
    limit_of,
    make_task,
    odd_errors,
    raised,
    shown,
    store_test,
    transactional_test,
    until_not_busy,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from calypso_pay.receiver._testing import AnyConnection, AnyStore

__all__ = ["StoreTests"]


class StoreTests:
    """Tests of a `Store` or an `AsyncStore`, to be subclassed.

    Example::

        class TestMyStore(StoreTests):
            parks_after = 5

            def make_store(self) -> MyStore:
                return MyStore(fresh_database(), max_attempts=5)

            def reopen(self, store: MyStore) -> MyStore:
                return MyStore(store.database, max_attempts=5)

    For fixtures, write one with ``@pytest.fixture(autouse=True)`` in the subclass; let it set an
    attribute of `self`, and use that in `make_store`.

    A worker is a thread of its own, which has at most one claim at a time, as in a server. For an
    `AsyncStore` all workers run in one event loop, which is the same for the whole test; there each
    method to override may be a coroutine function. What belongs to an event loop has to be made in
    `make_store` or `reopen`, not in a fixture. No test waits for time to pass.

    What `claim` has to return:

    - A new event: ``ACQUIRED``. `steps` has the steps of its transaction that other events
      completed, no matter by which subscription, and no others.
    - **Only the step is done**, by another event of the transaction: ``ACQUIRED`` as well, with
      the step in `steps`. The store does not decide what that means. For a deposit the receiver
      calls `complete` without calling the handler, for a top-up it calls the handler, since several
      top-ups may share a hash and a step.
    - An event that is claimed, or whose transaction is: ``BUSY``. It has to return, not wait.
    - A completed event: ``DONE``, for good. While another event of its transaction is claimed,
      ``BUSY`` will do.
    - An event that failed too often: ``PARKED``, likewise.
    - An event that was released, or failed less often, or whose worker died: ``ACQUIRED``.

    Subscription, event id and transaction together identify an event; ``5`` is not ``"5"``. The
    body and the step are no part of it; the type may be. Each of these texts may be any text, with
    NUL characters or lone surrogates too, and of any length; only the steps are words of the
    receiver's own.

    `release` and `fail` may be called for a claim that is no more: then they change nothing for
    others, and a completed event stays completed. `complete` may raise in that case, and so may
    `fail` while another worker has the event. They never wait for another worker.

    Attributes:
        lease: Seconds of the lease in all claims that are not to be lost; more than a test takes.
        expiring_lease: Seconds of the lease in claims whose worker dies; see `abandon`.
        parks_after: How often an event has to fail to be parked, at least 3; None if the store
            never parks.
        transactional: Whether a claim has a `connection`, with which a handler writes in the
            transaction in which the event becomes done. Then override `write` and `read`, too.
        concurrent: Whether events of different transactions can be claimed at the same time. False
            for a store whose only claim excludes all others.
        patience: Seconds after which a call counts as one that never returns.
    """

    lease: float = 300
    expiring_lease: float = 0
    parks_after: int | None = None
    transactional: bool = False
    concurrent: bool = True
    patience: float = 60

    def make_store(self) -> AnyStore:
        """Return a store over fresh, empty data. Called once in each test."""
        raise NotImplementedError("The subclass has to override this method.")

    def reopen(self, store: AnyStore) -> AnyStore:
        """Return another store over the same data, as another process would have it.

        Args:
            store: What `make_store` returned. A store in memory can only return it again.
        """
        raise NotImplementedError("The subclass has to override this method.")

    def close_store(self, store: AnyStore) -> object:
        """Close a store at the end of a test. By default nothing is done.

        Args:
            store: What `make_store` or `reopen` returned; called once for each, last ones first.
        """

    def end_worker(self) -> object:
        """Clean up at the end of a worker, in its thread. By default nothing is done."""

    def abandon(self, store: AnyStore, task: Task, claim: Claim) -> object:
        """Let a worker die that has a claim, in its thread: the event can be claimed again.

        By default nothing is done, since the claim was made with `expiring_lease`, and a lease of
        0 seconds ends at once. Where the claim ends with a connection, cut that connection. Where
        the store has a clock of its own, move it.

        Args:
            store: The store of the worker.
            task: The event.
            claim: What `claim` returned.
        """

    def write(self, connection: AnyConnection, value: str) -> object:
        """Write a value as a handler does, for a `transactional` store.

        Args:
            connection: The `connection` of a claim. Do not commit.
            value: The value. A second time the same value has to raise, as of a unique column.
        """
        raise NotImplementedError("The subclass has to override this method.")

    def read(self, store: AnyStore) -> Iterable[str] | Awaitable[Iterable[str]]:
        """Return the values that were written and committed, for a `transactional` store.

        Args:
            store: A store over the data. Use a connection of its own, and close it.
        """
        raise NotImplementedError("The subclass has to override this method.")

    # A new event, and one that is claimed, done, released or failed.

    @store_test
    def test_a_new_event_is_acquired_without_steps(self, run: Run) -> None:
        """Also one without a transaction, or without a step."""
        for task in (make_task(), make_task(2, None, None), make_task(3, "another", None)):
            run.one.acquire(task, "a new event").release()

    @store_test
    def test_a_claimed_event_is_busy_for_all_others(self, run: Run) -> None:
        """Otherwise two workers handle it at the same time."""
        for task in (make_task(), make_task(2, None, None)):
            held = run.one.acquire(task, "a new event")
            for worker in (run.same, run.other):
                worker.expect(BUSY, task, "claimed by another worker")
            held.release()

    @store_test
    def test_a_completed_event_is_done_for_good(self, run: Run) -> None:
        """In every worker, also in one that starts later."""
        for task in (make_task(), make_task(2, None, None)):
            run.one.acquire(task, "a new event").complete()
            for worker in (run.one, run.same, run.other, run.reopened(), run.one):
                worker.expect(DONE, task, "completed")

    @store_test
    def test_a_completed_event_is_done_after_its_lease(self, run: Run) -> None:
        """Unless it was too late to complete it."""
        held = run.one.acquire(make_task(), "a new event", lease=self.expiring_lease)
        try:
            held.complete()
        except Exception as error:
            raise SkipTest("the store does not complete an event after its lease") from error
        run.other.expect(DONE, make_task(), "completed")

    @store_test
    def test_a_released_event_can_be_claimed_again_however_often(self, run: Run) -> None:
        """A cancelled request is no failure, so it does not count."""
        for count in range((self.parks_after or 0) + 3):
            worker = (run.one, run.other)[count % 2]
            worker.acquire(make_task(), f"released {count} times").release()

    @store_test
    def test_a_failed_event_can_be_claimed_again_and_completed(self, run: Run) -> None:
        """A failure is not the end, and leaves no step."""
        for worker in (run.one, run.other):
            worker.acquire(make_task(), "failed less often than the limit").fail()
        run.same.acquire(make_task(), "failed twice").complete()
        run.one.expect(DONE, make_task(), "completed after failures")

    @store_test
    def test_an_event_that_never_parks_can_fail_often(self, run: Run) -> None:
        """Only for stores without a limit."""
        if self.parks_after is not None:
            raise SkipTest("the store parks events")
        for count in range(25):
            run.one.acquire(make_task(), f"failed {count} times").fail()

    # Parked events.

    @store_test
    def test_an_event_that_fails_too_often_is_parked(self, run: Run) -> None:
        """At the limit, not before, counted in the data and not in a worker; and it stays so."""
        run.fail_until_parked(make_task())
        for worker in (run.one, run.same, run.other, run.reopened(), run.one):
            worker.expect(PARKED, make_task(), f"failed {self.parks_after} times")

    @store_test
    def test_failures_count_for_one_event_only(self, run: Run) -> None:
        """Not for its transaction, its id or its subscription."""
        run.fail_until_parked(make_task())
        similar = (
            make_task(2),
            make_task(1, "another"),
            make_task(1, subscription="another"),
            make_task("1"),
        )
        for task in similar:
            run.one.acquire(task, "another event is parked").release()

    @store_test
    def test_a_parked_event_has_no_step_and_does_not_block_its_transaction(self, run: Run) -> None:
        """The next event of the transaction is handled."""
        run.fail_until_parked(make_task())
        run.one.acquire(make_task(2, step="credited"), "another event is parked").complete()
        run.other.acquire(make_task(3, step="later"), "the transaction goes on", steps=["credited"])

    @store_test
    def test_a_failure_counts_if_the_claim_was_released_before(self, run: Run) -> None:
        """The receiver may release a claim first, and tell the failure then."""
        for _ in range(limit_of(self)):
            held = run.one.acquire(make_task(), "failed less often than the limit")
            held.release()
            held.fail()
        run.other.expect(PARKED, make_task(), f"failed {self.parks_after} times, after a release")

    # Transactions.

    @store_test
    def test_another_event_of_a_claimed_transaction_is_busy(self, run: Run) -> None:
        """Also one of another subscription: there is one order for the transaction."""
        others = (
            make_task(2, step="credited"),
            make_task(2, subscription="another"),
            make_task(3, step=None),
        )
        held = run.one.acquire(make_task(), "a new event")
        for task in others:
            for worker in (run.same, run.other):
                worker.expect(BUSY, task, "its transaction is claimed")
        held.release()
        for task in others:
            run.other.acquire(task, "its transaction is free, and a refused claim holds nothing")
            run.other.release_all()

    @store_test
    def test_the_transaction_is_free_after_every_end_of_a_claim(self, run: Run) -> None:
        """After a success, a release and a failure."""
        run.one.acquire(make_task(1), "a new event").release()
        run.other.acquire(make_task(2), "after a release").fail()
        run.one.acquire(make_task(3), "after a failure").complete()
        run.other.acquire(make_task(4), "after a success", steps=["received"]).release()

    @store_test
    def test_a_claim_has_the_steps_that_others_completed(self, run: Run) -> None:
        """All of them and no others, in whatever subscription and worker they were completed."""
        done: list[str] = []
        steps: tuple[str | None, ...] = ("mem_pool", "pending", None, "received", "credited")
        for event, step in enumerate(steps):
            worker = (run.one, run.other)[event % 2]
            task = make_task(event, step=step, subscription=("subscription", "another")[event % 2])
            worker.acquire(task, "the next step", steps=done).complete()
            done += [step] if step else []
        run.one.acquire(
            make_task(9, "another transaction"), "another transaction has none"
        ).release()
        run.one.acquire(make_task(10, "", "empty"), "another transaction has none").complete()
        run.one.acquire(
            make_task(9, None, None), "an event without a transaction has none"
        ).release()

    @store_test
    def test_an_event_of_which_only_the_step_is_done_is_acquired(self, run: Run) -> None:
        """With the step in `steps`. Completed once more, the step and both events are done."""
        tasks = (make_task(), make_task(2), make_task(1, subscription="another"))
        for count, task in enumerate(tasks):
            steps = ["received"] if count else []
            run.one.acquire(task, "only its step is done", steps=steps).release()
            run.other.acquire(task, "only its step is done", steps=steps).complete()
        for task in tasks:
            run.one.expect(DONE, task, "completed")

    @store_test
    def test_events_that_did_not_succeed_leave_no_step(self, run: Run) -> None:
        """Released, failed or lost ones."""
        run.one.acquire(make_task(1, step="released"), "a new event").release()
        run.one.acquire(make_task(2, step="failed"), "a new event").fail()
        run.one.acquire(
            make_task(3, step="lost"), "a new event", lease=self.expiring_lease
        ).abandon()
        run.other.acquire(make_task(4), "nothing was completed").release()

    @concurrent_test
    def test_events_without_a_transaction_never_wait_for_each_other(self, run: Run) -> None:
        """Nor for a transaction that has the name of one of them, or an empty one."""
        run.one.acquire(make_task(1, None, None), "a new event")
        run.same.acquire(make_task(2, None, None), "another event is claimed")
        run.other.acquire(make_task("x", "", "received"), "no transaction is claimed")
        run.reopened().acquire(make_task("x", "x"), "another transaction is claimed")
        run.reopened().acquire(make_task("x", None, None), "another event is claimed")
        run.reopened().acquire(make_task("", None, None), "another event is claimed")

    @concurrent_test
    def test_transactions_do_not_wait_for_each_other(self, run: Run) -> None:
        """And may end in another order than they began."""
        first = run.one.acquire(make_task(1, "first"), "a new event")
        second = run.same.acquire(make_task(2, "second"), "another transaction is claimed")
        third = run.other.acquire(make_task(3, "third"), "two transactions are claimed")
        run.reopened().expect(BUSY, make_task(4, "second"), "its transaction is claimed")
        third.complete()
        first.fail()
        second.complete()
        for task, status in ((first.task, ACQUIRED), (second.task, DONE), (third.task, DONE)):
            found = run.other.claim(task)
            run.other.release_all()
            check(found == status, f"{brief(task)} is {found}, not {status}")

    # Which event is which.

    @store_test
    def test_subscription_id_and_transaction_make_an_event(self, run: Run) -> None:
        """Together: an event that differs in one of them is another one."""
        tasks = (
            make_task(),
            make_task(subscription="another"),
            make_task(2),
            make_task(transaction="another"),
            make_task(transaction=None, step=None),
        )
        run.one.acquire(tasks[0], "a new event").complete()
        for task in tasks[1:]:
            run.other.run(run.other.aclaim(task))
            check(bool(run.other.held), f"only {brief(tasks[0])} is done, not {brief(task)}")
            run.other.release_all()

    @store_test
    def test_step_and_body_are_no_part_of_an_event(self, run: Run) -> None:
        """A retry of a delivery may have other bytes, and a later version know its step."""
        run.one.acquire(Task("subscription", 1, "t", None, "A", b"{}"), "new").complete()
        run.other.expect(DONE, Task("subscription", 1, "t", None, "A", b"{ }"), "another body")
        run.other.expect(DONE, Task("subscription", 1, "t", "received", "A", b"{}"), "a step")

    @store_test
    def test_numbers_and_texts_are_different_ids(self, run: Run) -> None:
        """Of any size: JSON has no largest number, and no text stands for one."""
        ids: tuple[int | str, ...] = (5, "5", "05", "5.0", "int:5", 0, -5, 2**31, "None", "")
        self._complete_all(run, [make_task(each, None, None) for each in ids])
        large = (2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1, 2**64, 10**100, 10**100 + 1)
        self._complete_all(run, [make_task(each, None, None) for each in large])

    @store_test
    def test_no_separator_moves_a_part_of_an_event_into_another(self, run: Run) -> None:
        """Otherwise one event would count as another's duplicate."""
        tasks: list[Task] = []
        for mark in SEPARATORS:
            tasks += [Task("a", f"b{mark}c"), Task(f"a{mark}b", "c"), Task("a", "b", f"c{mark}")]
            tasks += [Task("s", f"e{mark}t", "u"), Task("s", "e", f"t{mark}u"), Task(f"s{mark}", 1)]
        self._complete_all(run, tasks)

    @store_test
    def test_subscriptions_may_be_any_texts(self, run: Run) -> None:
        """JSON may have any of them."""
        self._complete_all(run, [make_task(subscription=each, transaction=None) for each in TEXTS])

    @store_test
    def test_ids_may_be_any_texts(self, run: Run) -> None:
        """JSON may have any of them."""
        self._complete_all(run, [make_task(each, None, None) for each in TEXTS])

    @store_test
    def test_transactions_may_be_any_texts(self, run: Run) -> None:
        """And each of them is another transaction."""
        self._complete_all(run, [make_task(transaction=each) for each in TEXTS])

    @store_test
    def test_steps_come_back_as_they_were(self, run: Run) -> None:
        """Also in another case, with spaces, and in Unicode."""
        for count, step in enumerate(WORDS):
            worker = (run.one, run.other)[count % 2]
            held = worker.acquire(make_task(count, step=step), "a new step", steps=WORDS[:count])
            held.complete()

    @store_test
    def test_types_may_be_any_texts_and_bodies_any_bytes(self, run: Run) -> None:
        """Whether the event succeeds, fails or is released."""
        for count, kind in enumerate(TEXTS):
            task = Task("subscription", count, None, None, kind, BODIES[count % len(BODIES)])
            run.one.acquire(task, "a new event").release()
            run.one.acquire(task, "released").fail()
            run.one.acquire(task, "failed").complete()
            run.other.expect(DONE, task, "completed")

    @store_test
    def test_any_error_can_be_told(self, run: Run) -> None:
        """With any text, or none that can be read, and of a kind that ends the process."""
        for count, error in enumerate(odd_errors()):
            held = run.one.acquire(make_task(count), "a new event")
            held.fail(raised(error))
            run.other.acquire(make_task(count), f"failed with {type(error).__name__}").release()

    # Claims that are no more.

    @store_test
    def test_a_second_end_of_a_claim_changes_nothing(self, run: Run) -> None:
        """Whichever comes second. The receiver releases what it could not complete."""
        ends: tuple[Callable[[Held], None], ...] = (Held.release, Held.fail)
        for event, second in enumerate(ends):
            done = run.one.acquire(
                make_task(event, "done", f"step {event}"), "new", steps=STEPS[:event]
            )
            done.complete()
            second(done)
            run.other.expect(DONE, done.task, "completed, and then released or failed")
            for number, first in enumerate(ends, 1):
                held = run.one.acquire(make_task(event * 9 + number, "open"), "a new event")
                first(held)
                second(held)
                run.other.acquire(held.task, "released or failed, twice").release()

    @store_test
    def test_a_second_end_of_a_claim_does_not_end_the_next_one(self, run: Run) -> None:
        """Neither of the event, nor of its transaction."""
        ends: tuple[Callable[[Held], None], ...] = (Held.release, Held.fail, Held.complete)
        for event, end in enumerate(ends):
            old = run.one.acquire(make_task(event, f"{event}"), "a new event")
            old.release()
            new = run.other.acquire(old.task, "released")
            with errors_allowed():
                end(old)
            run.same.expect(BUSY, make_task("next", f"{event}"), "its transaction is claimed")
            run.same.expect(BUSY, old.task, "claimed again", *BESIDES[end])
            new.complete()
            run.same.expect(DONE, old.task, "completed")

    @store_test
    def test_the_event_of_a_worker_that_died_can_be_claimed_again(self, run: Run) -> None:
        """And its transaction as well."""
        for task in (make_task(), make_task(2, None, None)):
            run.one.acquire(task, "a new event", lease=self.expiring_lease).abandon()
            run.other.acquire(task, "its worker died").complete()
            run.same.expect(DONE, task, "completed by the next worker")
        run.one.acquire(
            make_task(3), "new", steps=["received"], lease=self.expiring_lease
        ).abandon()
        run.other.acquire(make_task(4), "the worker of its transaction died", steps=["received"])

    @store_test
    def test_a_worker_that_lost_its_claim_does_not_end_the_next_one(self, run: Run) -> None:
        """Whatever it tries, and whether the next one has the event or its transaction only."""
        ends: tuple[Callable[[Held], None], ...] = (Held.release, Held.fail, Held.complete)
        for number, end in enumerate(ends):
            for event in ("the same", "another"):
                transaction = f"{number} {event}"
                lost = self._lose(run, make_task("the same", transaction))
                new = run.other.acquire(make_task(event, transaction), "its worker died")
                with errors_allowed():
                    end(lost)
                third = make_task("third", transaction)
                run.same.expect(BUSY, third, f"{event} event of its transaction is claimed")
                run.same.expect(BUSY, new.task, "claimed", *BESIDES[end])
                new.complete()
                run.same.expect(DONE, new.task, "completed")

    @store_test
    def test_a_worker_that_lost_its_claim_does_not_undo_what_is_done(self, run: Run) -> None:
        """However often it tells a failure."""
        lost = self._lose(run, make_task())
        new = run.other.acquire(make_task(), "its worker died")
        for _ in range((self.parks_after or 0) + 1):
            with errors_allowed():
                lost.fail()
        new.complete()
        run.same.expect(DONE, make_task(), "completed, after late failures of another worker")
        for end in (Held.fail, Held.release, Held.complete):
            with errors_allowed():
                end(lost)
            run.same.expect(DONE, make_task(), "completed, before a late end of another worker")
        run.same.acquire(make_task(2), "the transaction is free", steps=["received"])

    @store_test
    def test_refused_claims_cost_nothing(self, run: Run) -> None:
        """No connection is kept for them, and none for those that have ended."""
        run.one.acquire(make_task(1, "done"), "a new event").complete()
        held = run.one.acquire(make_task(2, "busy"), "a new event")
        for _ in range(20):
            run.other.expect(BUSY, held.task, "claimed")
        held.release()
        for count in range(20):
            run.other.expect(DONE, make_task(1, "done"), "completed")
            run.other.acquire(make_task(count, "released"), "a new event").release()
            run.other.acquire(make_task(count, "failed"), "a new event").fail()

    # Many workers at once.

    @store_test
    def test_of_many_workers_one_gets_an_event(self, run: Run) -> None:
        """Other claims at the same time are busy."""
        for number, task in enumerate(
            (make_task(), make_task(2, None, None), make_task(3, "another", None))
        ):
            self._contend(run, [task] * WORKERS, f"round {number}")
            run.one.expect(DONE, task, "completed")

    @store_test
    def test_of_many_events_of_a_transaction_one_is_claimed_at_a_time(self, run: Run) -> None:
        """Until each of them is done, with all steps of those before it."""
        left = [make_task(number, step=f"step {number}") for number in range(WORKERS)]
        done: list[str] = []
        while left:
            won, claim = self._contend(run, left + left[:1] * (len(left) % 2), f"{len(left)} left")
            check(
                frozenset(claim.steps) == frozenset(done),
                f"the steps are {shown(claim.steps)}, not {shown(done)}",
            )
            done.append(won.step or "")
            left.remove(won)

    @store_test
    def test_an_event_is_not_acquired_by_those_who_wait_for_its_end(self, run: Run) -> None:
        """A claim that begins before the end of another and ends after it has to see the end."""
        for event in range(ROUNDS):
            task = make_task(event, None, None)

            gate = run.barrier(WORKERS)
            times = sum(run.together(WORKERS, partial(self._handle, task, gate)))
            check(
                times == 1, f"{brief(task)} was acquired {times} times by workers that completed it"
            )

    @store_test
    def test_a_claim_has_the_steps_that_ended_while_it_began(self, run: Run) -> None:
        """What it reads has to be newer than what it waited for."""
        for round_ in range(ROUNDS):
            section = Section(f"{round_}", run.barrier(WORKERS))
            run.together(WORKERS, section.handle)
            check(not section.wrong, f"{section.wrong}")

    # What the handler writes with the connection of the claim.

    @transactional_test
    def test_what_a_handler_writes_is_committed_with_the_event(self, run: Run) -> None:
        """By `complete`."""
        held = run.one.acquire(make_task(), "a new event")
        held.write("a")
        held.complete()
        check(run.read() == ["a"], f"completed, and {run.read()} was written instead of 'a'")
        run.other.expect(DONE, make_task(), "completed")

    @transactional_test
    def test_what_a_handler_writes_is_rolled_back_with_the_event(self, run: Run) -> None:
        """By `release`, by every `fail`, and by the death of the worker."""
        ends: list[Callable[[Held], None]] = [Held.release, Held.fail, Held.abandon]
        ends += [Held.fail] * max(0, (self.parks_after or 0) - 1)
        for number, end in enumerate(ends):
            held = run.one.acquire(make_task(), "not completed", lease=self.expiring_lease)
            held.write(f"{number}")
            end(held)
            check(run.read() == [], f"{run.read()} was written, without a completed event")

    @transactional_test
    def test_a_lost_connection_loses_the_event_with_the_writes(self, run: Run) -> None:
        """A late `complete` must not record the event without them: a credit would be lost."""
        held = run.one.acquire(make_task(), "a new event", lease=self.expiring_lease)
        held.write("a")
        held.abandon()
        self._complete_or_not(run, held)

    @transactional_test
    def test_an_error_of_the_database_that_the_handler_ignores_loses_nothing(
        self, run: Run
    ) -> None:
        """PostgreSQL responds to the commit of a transaction with an error by rolling it back."""
        held = run.one.acquire(make_task(), "a new event")
        held.write("a")
        self._fail_to_write(held)
        self._complete_or_not(run, held)

    @transactional_test
    def test_an_error_of_the_database_is_a_failure_like_any_other(self, run: Run) -> None:
        """The event is counted and can be claimed again."""
        for count in range(self.parks_after or 3):
            held = run.one.acquire(make_task(), f"failed {count} times")
            held.write("a")
            self._fail_to_write(held)
            held.fail()
        check(run.read() == [], f"{run.read()} was written, without a completed event")
        if self.parks_after:
            run.other.expect(PARKED, make_task(), f"failed {self.parks_after} times")

    @transactional_test
    def test_a_handler_that_rolls_back_loses_nothing(self, run: Run) -> None:
        """By itself, before it returns: `complete` has to raise, or to record the event."""
        held = run.one.acquire(make_task(), "a new event")
        held.write("a")
        with suppress(Exception):
            run.one.run(run.one.call(held.claim.connection.rollback))
        if self._is_completed(held):
            run.other.expect(DONE, make_task(), "`complete` did not raise")
        else:
            run.other.acquire(make_task(), "`complete` raised").release()

    @transactional_test
    def test_a_handler_that_commits_and_then_fails_gets_its_event_again(self, run: Run) -> None:
        """By itself, halfway: the event is not done."""
        held = run.one.acquire(make_task(), "a new event")
        held.write("a")
        with suppress(Exception):
            run.one.run(run.one.call(held.claim.connection.commit))
        held.fail()
        run.other.acquire(make_task(), "failed").release()

    def _complete_all(self, run: Run, tasks: Iterable[Task]) -> None:
        """Complete events that have to be new, and check that each is done."""
        for task in tasks:
            held = run.one.run(run.one.aclaim(task))
            why = f"{brief(task)} is {held.status}, and no such event was completed"
            check(held.status == ACQUIRED, why)
            run.one.held[-1].complete()
        for task in tasks:
            run.other.expect(DONE, task, "completed")

    async def _handle(self, task: Task, gate: Callable[[], object], worker: Worker, _: int) -> int:
        """Return how often a worker acquired an event, and completed it."""
        claim = await worker.attempt(task)
        # The one that has it completes it while the others claim it for the second time.
        await worker.call(gate)
        claim = await until_not_busy(worker, task, claim)
        if claim.status != ACQUIRED:
            return 0
        await worker.acomplete(task, claim)
        return 1

    def _lose(self, run: Run, task: Task) -> Held:
        """Return the claim of a worker that died."""
        lost = run.reopened().acquire(task, "a new event", lease=self.expiring_lease)
        lost.abandon()
        return lost

    def _fail_to_write(self, held: Held) -> None:
        try:
            held.write("a")
        except Exception:  # noqa: BLE001 - of any database
            return
        raise AssertionError("`write` has to raise when a value is written twice")

    def _is_completed(self, held: Held) -> bool:
        """Complete a claim; release it if that raises, as the receiver does."""
        try:
            held.complete()
        except Exception:  # noqa: BLE001 - of any database
            with suppress(Exception):
                held.release()
            return False
        return True

    def _complete_or_not(self, run: Run, held: Held) -> None:
        """Complete a claim; either the event is done and its 'a' is written, or neither."""
        if not self._is_completed(held):
            run.other.acquire(held.task, "`complete` raised").release()
            check(run.read() == [], f"`complete` raised, and {run.read()} was written")
            return
        found = run.other.claim(held.task)
        run.other.release_all()
        why = f"`complete` did not raise, the event is {found}, and {run.read()} was written"
        check((found, run.read()) == (DONE, ["a"]), why)

    def _contend(self, run: Run, tasks: list[Task], why: str) -> tuple[Task, Claim]:
        """Let workers claim these events at the same time; one of them completes its event."""
        gate = run.barrier(len(tasks))

        async def claim(worker: Worker, number: int) -> Claim | Exception:
            await worker.call(gate)
            claim = await worker.attempt(tasks[number])
            # No claim ends before all have been made.
            await worker.call(gate)
            if isinstance(claim, Claim) and claim.status == ACQUIRED:
                await worker.acomplete(tasks[number], claim)
            return claim

        results = run.together(len(tasks), claim)
        errors = [each for each in results if isinstance(each, Exception)]
        if errors:
            raise AssertionError(f"{why}: a claim raised {errors[0]!r}") from errors[0]
        claims = [each for each in results if isinstance(each, Claim)]
        won = [n for n, each in enumerate(claims) if each.status == ACQUIRED]
        statuses = sorted(each.status for each in claims)
        expected = sorted([ACQUIRED] + [BUSY] * (len(tasks) - 1))
        check(statuses == expected, f"{why}: {len(tasks)} claims at once are {statuses}")
        return tasks[won[0]], claims[won[0]]
