"""The kit for stores: ours pass it, and each of its tests finds a store that breaks its rule."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar
from unicodedata import normalize
from unittest import SkipTest

import attrs
import pytest

from calypso_pay.receiver import Claim, ClaimStatus, MemoryStore, Task
from calypso_pay.receiver._memory import _key
from calypso_pay.receiver.testing import StoreTests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TESTS = sorted(name for name in vars(StoreTests) if name.startswith("test_"))


class Connection:
    """A transaction of a database, as strict as PostgreSQL's after an error."""

    def __init__(self, written: list[str]) -> None:
        self.written = written
        self.pending: list[str] = []
        self.usable = True

    def write(self, value: str) -> None:
        self.usable = self.usable and value not in self.pending + self.written
        if not self.usable:
            raise ValueError("the transaction is aborted")
        self.pending.append(value)

    def rollback(self) -> None:
        self.usable = False
        self.pending.clear()

    def commit(self) -> None:
        raise RuntimeError("the store commits")

    def finish(self) -> None:
        if not self.usable:
            raise RuntimeError("there is nothing to commit")
        self.written += self.pending
        self.usable = False


class Reference(MemoryStore):
    """A store with all that a store may have; the broken ones differ from it in one point."""

    limit = 3

    def __init__(self, other: Reference | None = None) -> None:
        super().__init__()
        self.failures: Counter[Any] = Counter()
        self.written: list[str] = []
        if other is not None:
            self.__dict__.update(other.__dict__)

    def seen(self, task: Task) -> Task:
        return task

    def counted(self, task: Task) -> Any:
        return _key(task)

    def claim(self, task: Task, lease: float) -> Claim:
        task = self.seen(task)
        claim = super().claim(task, lease)
        if claim.status != ClaimStatus.ACQUIRED:
            return claim
        if self.failures[self.counted(task)] >= self.limit:
            self.park(task, claim)
            return Claim(ClaimStatus.PARKED)
        return claim._replace(connection=Connection(self.written))

    def complete(self, task: Task, claim: Claim) -> None:
        claim.connection.finish()
        super().complete(self.seen(task), claim)

    def release(self, task: Task, claim: Claim) -> None:
        claim.connection.rollback()
        self.free(self.seen(task), claim)

    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        self.count(task)
        self.release(task, claim)

    def count(self, task: Task) -> None:
        self.failures[self.counted(self.seen(task))] += 1

    def park(self, task: Task, claim: Claim) -> None:
        self.free(task, claim)

    def free(self, task: Task, claim: Claim) -> None:
        with self._lock:
            self._release(task, claim)


class AsyncReference:
    """The same with coroutines, which may be interrupted before and after each step."""

    def __init__(self, store: Reference) -> None:
        self.store = store

    async def claim(self, task: Task, lease: float) -> Claim:
        await asyncio.sleep(0)
        return self.store.claim(task, lease)

    async def complete(self, task: Task, claim: Claim) -> None:
        self.store.complete(task, claim)
        await asyncio.sleep(0)

    async def release(self, task: Task, claim: Claim) -> None:
        self.store.release(task, claim)
        await asyncio.sleep(0)

    async def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        self.store.fail(task, claim, error)
        await asyncio.sleep(0)


class TestMemoryStore(StoreTests):
    def make_store(self) -> MemoryStore:
        return MemoryStore()

    def reopen(self, store: MemoryStore) -> MemoryStore:
        return store


class TestReference(StoreTests):
    parks_after = 3
    transactional = True
    store_class = Reference

    def make_store(self) -> Reference:
        return self.store_class()

    def reopen(self, store: Reference) -> Reference:
        return self.store_class(store)

    def abandon(self, store: Reference, task: Task, claim: Claim) -> None:
        claim.connection.rollback()

    def write(self, connection: Connection, value: str) -> None:
        connection.write(value)

    def read(self, store: Reference) -> Iterable[str]:
        return store.written


class TestAsyncReference(StoreTests):
    parks_after = 3
    transactional = True
    loops: ClassVar[set[object]] = set()

    @pytest.fixture(autouse=True)
    def database(self) -> Reference:
        self.opened = 0
        self.data = Reference()
        return self.data

    @pytest.fixture(autouse=True)
    def closed(self, database: Reference) -> Any:
        """A fixture ends after all stores are closed, so that it can remove the database."""
        self.loops.clear()
        yield
        assert self.opened == 0
        assert len(self.loops) <= 1

    async def make_store(self) -> AsyncReference:
        self.opened += 1
        self.loops.add(asyncio.get_running_loop())
        return AsyncReference(self.data)

    async def reopen(self, store: AsyncReference) -> AsyncReference:
        self.opened += 1
        return AsyncReference(Reference(store.store))

    async def close_store(self, store: AsyncReference) -> None:
        self.loops.add(asyncio.get_running_loop())
        self.opened -= 1

    async def abandon(self, store: AsyncReference, task: Task, claim: Claim) -> None:
        claim.connection.rollback()

    async def write(self, connection: Connection, value: str) -> None:
        self.loops.add(asyncio.get_running_loop())
        connection.write(value)

    async def read(self, store: AsyncReference) -> Iterable[str]:
        return store.store.written


class OneAtATime(Reference):
    """A store with one claim at a time, like one that keeps SQLite's only write transaction."""

    def claim(self, task: Task, lease: float) -> Claim:
        with self._lock:
            now = self._clock()
            if any(self._is_leased(key, now) for key in self._leases):
                return Claim(ClaimStatus.BUSY)
        return super().claim(task, lease)


class TestOneAtATime(TestReference):
    concurrent = False
    store_class = OneAtATime


BROKEN: list[tuple[str, type[Reference]]] = []


def found_by(test: str) -> Callable[[type[Reference]], type[Reference]]:
    def add(kind: type[Reference]) -> type[Reference]:
        BROKEN.append((test, kind))
        return kind

    return add


@found_by("test_a_new_event_is_acquired_without_steps")
class CountsItsOwnStep(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        return claim._replace(steps=claim.steps | {task.step or ""})


@found_by("test_a_new_event_is_acquired_without_steps")
class NeedsATransaction(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, transaction=task.transaction.strip())  # type: ignore[union-attr]


@found_by("test_a_claimed_event_is_busy_for_all_others")
class ClaimsNothing(Reference):
    def _is_leased(self, key: Any, now: float) -> bool:
        return False


@found_by("test_a_claimed_event_is_busy_for_all_others")
class KeepsClaimsInTheProcess(Reference):
    def __init__(self, other: Reference | None = None) -> None:
        super().__init__(other)
        self._leases = {}


@found_by("test_a_claimed_event_is_busy_for_all_others")
class WaitsForTheOther(Reference):
    patience = 0.2

    def __init__(self, other: Reference | None = None) -> None:
        super().__init__()
        self.free_again = threading.Event()
        if other is not None:
            self.__dict__.update(other.__dict__)

    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        if claim.status == ClaimStatus.BUSY:
            assert self.free_again.wait(60)
        return claim

    def free(self, task: Task, claim: Claim) -> None:
        super().free(task, claim)
        self.free_again.set()


@found_by("test_a_completed_event_is_done_for_good")
class KeepsDoneInTheProcess(Reference):
    def __init__(self, other: Reference | None = None) -> None:
        super().__init__(other)
        self._done = {}


@found_by("test_a_completed_event_is_done_for_good")
class ForgetsDoneOnceAsked(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        self._done.pop(_key(task), None)
        return claim


@found_by("test_a_completed_event_is_done_after_its_lease")
class IgnoresLateSuccess(Reference):
    def complete(self, task: Task, claim: Claim) -> None:
        if self._is_leased(_key(task), self._clock()):
            super().complete(task, claim)


@found_by("test_a_released_event_can_be_claimed_again_however_often")
class ReleasesNothing(Reference):
    def free(self, task: Task, claim: Claim) -> None:
        pass


@found_by("test_a_released_event_can_be_claimed_again_however_often")
class CountsReleases(Reference):
    def release(self, task: Task, claim: Claim) -> None:
        self.count(task)
        super().release(task, claim)


@found_by("test_a_failed_event_can_be_claimed_again_and_completed")
class TakesAFailureForTheEnd(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        self._done[_key(task)] = None
        super().fail(task, claim, error)


@found_by("test_an_event_that_never_parks_can_fail_often")
class ParksInTheEnd(Reference):
    limit = 20


@found_by("test_an_event_that_fails_too_often_is_parked")
class ParksTooLate(Reference):
    limit = 4


@found_by("test_an_event_that_fails_too_often_is_parked")
class ParksTooEarly(Reference):
    limit = 2


@found_by("test_an_event_that_fails_too_often_is_parked")
class CountsInTheProcess(Reference):
    def __init__(self, other: Reference | None = None) -> None:
        super().__init__(other)
        self.failures = Counter()


@found_by("test_an_event_that_fails_too_often_is_parked")
class TriesAgainOnceAsked(Reference):
    def park(self, task: Task, claim: Claim) -> None:
        self.failures.clear()
        super().park(task, claim)


@found_by("test_failures_count_for_one_event_only")
class CountsByTransaction(Reference):
    def counted(self, task: Task) -> Any:
        return task.transaction


@found_by("test_failures_count_for_one_event_only")
class CountsById(Reference):
    def counted(self, task: Task) -> Any:
        return task.event


@found_by("test_failures_count_for_one_event_only")
class CountsByText(Reference):
    def counted(self, task: Task) -> Any:
        return task.subscription, str(task.event), task.transaction


@found_by("test_a_parked_event_has_no_step_and_does_not_block_its_transaction")
class ParksTheTransaction(Reference):
    def park(self, task: Task, claim: Claim) -> None:
        pass

    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        self.count(task)
        if self.failures[_key(task)] < self.limit:
            self.release(task, claim)


@found_by("test_a_parked_event_has_no_step_and_does_not_block_its_transaction")
class TakesParkedStepsForDone(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        super().fail(task, claim, error)
        if self.failures[_key(task)] == self.limit:
            self._steps[task.transaction or ""] = frozenset({task.step or ""})


@found_by("test_a_failure_counts_if_the_claim_was_released_before")
class CountsOnlyWhileClaimed(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        if self._is_leased(_key(task), self._clock()):
            super().fail(task, claim, error)


@found_by("test_another_event_of_a_claimed_transaction_is_busy")
class ClaimsNoTransactions(Reference):
    def _is_leased(self, key: Any, now: float) -> bool:
        return not isinstance(key, str) and super()._is_leased(key, now)


@found_by("test_another_event_of_a_claimed_transaction_is_busy")
class ClaimsTransactionsBySubscription(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, transaction=f"{task.subscription} {task.transaction}")


@found_by("test_another_event_of_a_claimed_transaction_is_busy")
class KeepsHalfAClaim(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        if claim.status == ClaimStatus.BUSY and _key(task) not in self._leases:
            self._leases[_key(task)] = self._leases[task.transaction or ""]
        return claim


@found_by("test_the_transaction_is_free_after_every_end_of_a_claim")
class KeepsTransactionsOfFailures(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        before = dict(self._leases)
        super().fail(task, claim, error)
        self._leases[task.transaction or ""] = before[task.transaction or ""]


@found_by("test_a_claim_has_the_steps_that_others_completed")
class RemembersTheLastStepOnly(Reference):
    def complete(self, task: Task, claim: Claim) -> None:
        self._steps.clear()
        super().complete(task, claim)


@found_by("test_a_claim_has_the_steps_that_others_completed")
class MixesTransactions(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        return claim._replace(steps=frozenset().union(*self._steps.values()))


@found_by("test_a_claim_has_the_steps_that_others_completed")
class TakesNoTransactionForAnEmptyOne(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        return claim._replace(steps=self._steps.get(task.transaction or "", frozenset()))


@found_by("test_a_claim_has_the_steps_that_others_completed")
class CountsEventsWithoutAStep(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, step=str(task.step))


@found_by("test_an_event_of_which_only_the_step_is_done_is_acquired")
class DoesAStepOnce(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        return Claim(ClaimStatus.DONE) if task.step in claim.steps else claim


@found_by("test_an_event_of_which_only_the_step_is_done_is_acquired")
class RaisesForASecondStep(Reference):
    def complete(self, task: Task, claim: Claim) -> None:
        if task.step in claim.steps:
            raise ValueError("the step is not unique")
        super().complete(task, claim)


@found_by("test_events_that_did_not_succeed_leave_no_step")
class TakesClaimedStepsForDone(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        self._steps[task.transaction or ""] = claim.steps | {task.step or ""}
        return claim


@found_by("test_events_without_a_transaction_never_wait_for_each_other")
class TakesNoTransactionForOne(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, transaction=task.transaction or "none")


@found_by("test_events_without_a_transaction_never_wait_for_each_other")
class TakesTheIdForATransaction(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, transaction=task.transaction or str(task.event))


@found_by("test_transactions_do_not_wait_for_each_other")
class ClaimsEverything(OneAtATime):
    pass


@found_by("test_subscription_id_and_transaction_make_an_event")
class IgnoresSubscriptions(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, subscription="")


@found_by("test_subscription_id_and_transaction_make_an_event")
class IgnoresTransactions(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, transaction=None)


@found_by("test_step_and_body_are_no_part_of_an_event")
class IdentifiesByStep(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, subscription=task.subscription + (task.step or ""))


@found_by("test_step_and_body_are_no_part_of_an_event")
class IdentifiesByBody(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, subscription=task.subscription + task.body.hex())


@found_by("test_numbers_and_texts_are_different_ids")
class TakesNumbersForTexts(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, event=str(task.event))


@found_by("test_numbers_and_texts_are_different_ids")
class RoundsNumbers(Reference):
    def seen(self, task: Task) -> Task:
        event = task.event
        return attrs.evolve(task, event=event if isinstance(event, str) else int(float(event)))


@found_by("test_numbers_and_texts_are_different_ids")
class HasSmallNumbers(Reference):
    def seen(self, task: Task) -> Task:
        if isinstance(task.event, int):
            task.event.to_bytes(8, signed=True)
        return task


@found_by("test_no_separator_moves_a_part_of_an_event_into_another")
class JoinsTheParts(Reference):
    def seen(self, task: Task) -> Task:
        joined = f"{task.subscription}:{task.event}:{task.transaction}"
        return Task("", joined)


@found_by("test_subscriptions_may_be_any_texts")
class StripsTexts(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, subscription=task.subscription.strip())


@found_by("test_subscriptions_may_be_any_texts")
class IgnoresCase(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, subscription=task.subscription.lower())


@found_by("test_ids_may_be_any_texts")
class CannotEncodeSurrogates(Reference):
    def seen(self, task: Task) -> Task:
        str(task.event).encode()
        return task


@found_by("test_ids_may_be_any_texts")
class ReplacesWhatItCannotEncode(Reference):
    def seen(self, task: Task) -> Task:
        if isinstance(task.event, int):
            return task
        return attrs.evolve(task, event=task.event.encode(errors="replace").decode())


@found_by("test_ids_may_be_any_texts")
class EscapesWithoutEscapingTheEscape(Reference):
    def seen(self, task: Task) -> Task:
        if isinstance(task.event, int):
            return task
        return attrs.evolve(task, event=task.event.encode(errors="backslashreplace").decode())


@found_by("test_ids_may_be_any_texts")
class EndsAtNul(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, event=str(task.event).partition("\0")[0])


@found_by("test_transactions_may_be_any_texts")
class CutsLongTexts(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, transaction=(task.transaction or "")[:10_000])


@found_by("test_transactions_may_be_any_texts")
class NormalizesTexts(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, transaction=normalize("NFC", task.transaction or ""))


@found_by("test_steps_come_back_as_they_were")
class LowersSteps(Reference):
    def seen(self, task: Task) -> Task:
        return attrs.evolve(task, step=(task.step or "").lower())


@found_by("test_types_may_be_any_texts_and_bodies_any_bytes")
class CannotStoreEveryType(Reference):
    def seen(self, task: Task) -> Task:
        task.event_type.encode()
        return task


@found_by("test_types_may_be_any_texts_and_bodies_any_bytes")
class TakesBodiesForTexts(Reference):
    def seen(self, task: Task) -> Task:
        task.body.decode()
        return task


@found_by("test_any_error_can_be_told")
class ReadsEveryError(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        str(error)
        super().fail(task, claim, error)


@found_by("test_any_error_can_be_told")
class EncodesEveryError(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        repr(error.args).encode()
        ascii(type(error).__module__ + "." + type(error).__name__)
        super().fail(task, claim, error)


@found_by("test_any_error_can_be_told")
class KeepsEventsThatEndTheProcess(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        if isinstance(error, Exception):
            super().fail(task, claim, error)


@found_by("test_a_second_end_of_a_claim_changes_nothing")
class UndoesDoneByRelease(Reference):
    def free(self, task: Task, claim: Claim) -> None:
        self._done.pop(_key(task), None)
        super().free(task, claim)


@found_by("test_a_second_end_of_a_claim_changes_nothing")
class RaisesForASecondRelease(Reference):
    def free(self, task: Task, claim: Claim) -> None:
        del self._leases[_key(task)]
        super().free(task, claim)


class IgnoresTokens(Reference):
    def _release(self, task: Task, claim: Claim) -> None:
        self._leases.pop(_key(task), None)
        self._leases.pop(task.transaction or "", None)


class IgnoresTokensOfTransactions(Reference):
    def _release(self, task: Task, claim: Claim) -> None:
        super()._release(task, claim)
        self._leases.pop(task.transaction or "", None)


found_by("test_a_second_end_of_a_claim_does_not_end_the_next_one")(IgnoresTokens)
found_by("test_a_second_end_of_a_claim_does_not_end_the_next_one")(IgnoresTokensOfTransactions)
found_by("test_a_worker_that_lost_its_claim_does_not_end_the_next_one")(IgnoresTokens)
found_by("test_a_worker_that_lost_its_claim_does_not_end_the_next_one")(IgnoresTokensOfTransactions)


@found_by("test_the_event_of_a_worker_that_died_can_be_claimed_again")
class KeepsClaimsOfTheDead(Reference):
    def _is_leased(self, key: Any, now: float) -> bool:
        return key in self._leases


@found_by("test_the_event_of_a_worker_that_died_can_be_claimed_again")
class KeepsTransactionsOfTheDead(Reference):
    def _is_leased(self, key: Any, now: float) -> bool:
        return key in self._leases if isinstance(key, str) else super()._is_leased(key, now)


@found_by("test_a_worker_that_lost_its_claim_does_not_undo_what_is_done")
class ParksWhatIsDone(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        if self.failures[_key(task)] >= self.limit:
            return Claim(ClaimStatus.PARKED)
        return super().claim(task, lease)


@found_by("test_a_worker_that_lost_its_claim_does_not_undo_what_is_done")
class FailsWhatIsDone(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        self._done.pop(_key(task), None)
        super().fail(task, claim, error)


@found_by("test_refused_claims_cost_nothing")
class KeepsConnections(Reference):
    pool = 15

    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        self.pool -= claim.status == ClaimStatus.DONE
        if not self.pool:
            raise RuntimeError("no connection is left")
        return claim


@found_by("test_refused_claims_cost_nothing")
class KeepsConnectionsOfReleased(Reference):
    pool = 15

    def release(self, task: Task, claim: Claim) -> None:
        super().release(task, claim)
        self.pool -= 1
        if not self.pool:
            raise RuntimeError("no connection is left")


class LooksFirst(Reference):
    """Looks whether an event is free, and then claims it: several look before one claims."""

    def __init__(self, other: Reference | None = None) -> None:
        super().__init__()
        self.looking = threading.Lock()
        self.meeting = threading.Barrier(8)
        if other is not None:
            self.__dict__.update(other.__dict__)

    def claim(self, task: Task, lease: float) -> Claim:
        with self.looking:
            found = super().claim(task, lease)
            if found.status == ClaimStatus.ACQUIRED:
                self.free(task, found)
        if found.status == ClaimStatus.ACQUIRED:
            self.meeting.wait(5)
        return found


found_by("test_of_many_workers_one_gets_an_event")(LooksFirst)
found_by("test_of_many_events_of_a_transaction_one_is_claimed_at_a_time")(LooksFirst)


@found_by("test_of_many_events_of_a_transaction_one_is_claimed_at_a_time")
class RaisesWhenManyAsk(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        if claim.status == ClaimStatus.BUSY:
            raise OSError("the database is locked")
        return claim


class Waits(Reference):
    """Lets a claim that began during another one go on when that one is completed."""

    def __init__(self, other: Reference | None = None) -> None:
        super().__init__()
        self.completed = threading.Condition()
        if other is not None:
            self.__dict__.update(other.__dict__)

    def complete(self, task: Task, claim: Claim) -> None:
        with self.completed:
            super().complete(task, claim)
            self.completed.notify_all()

    def wait(self) -> None:
        with self.completed:
            self.completed.wait(0.2)


@found_by("test_an_event_is_not_acquired_by_those_who_wait_for_its_end")
class LooksBeforeItWaits(Waits):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        if claim.status != ClaimStatus.BUSY:
            return claim
        self.wait()
        self._done.pop(_key(task), None)
        return super().claim(task, lease)


@found_by("test_a_claim_has_the_steps_that_ended_while_it_began")
class ReadsBeforeItWaits(Waits):
    def claim(self, task: Task, lease: float) -> Claim:
        steps = self._steps_of(task)
        claim = super().claim(task, lease)
        if claim.status == ClaimStatus.BUSY:
            self.wait()
            claim = super().claim(task, lease)
        return claim._replace(steps=steps)


@found_by("test_a_claim_has_the_steps_that_ended_while_it_began")
class ClaimsTransactionsTwice(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        self._leases.pop(task.transaction or "", None)
        return claim


@found_by("test_what_a_handler_writes_is_committed_with_the_event")
class RollsBackAlways(Reference):
    def complete(self, task: Task, claim: Claim) -> None:
        claim.connection.pending.clear()
        super().complete(task, claim)


@found_by("test_what_a_handler_writes_is_rolled_back_with_the_event")
class CommitsAlways(Reference):
    def release(self, task: Task, claim: Claim) -> None:
        if claim.connection.usable:
            claim.connection.finish()
        super().release(task, claim)


@found_by("test_a_lost_connection_loses_the_event_with_the_writes")
class CompletesWithAnotherConnection(Reference):
    def complete(self, task: Task, claim: Claim) -> None:
        if claim.connection.usable:
            claim.connection.finish()
        MemoryStore.complete(self, task, claim)


@found_by("test_an_error_of_the_database_that_the_handler_ignores_loses_nothing")
class BelievesACommit(Reference):
    def complete(self, task: Task, claim: Claim) -> None:
        if claim.connection.usable:
            super().complete(task, claim)
        else:
            super().release(task, claim)


@found_by("test_a_handler_that_rolls_back_loses_nothing")
class BelievesACommitOfNothing(BelievesACommit):
    pass


@found_by("test_an_error_of_the_database_is_a_failure_like_any_other")
class CountsInTheSameTransaction(Reference):
    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        if claim.connection.usable:
            super().fail(task, claim, error)
        else:
            super().release(task, claim)


@found_by("test_a_handler_that_commits_and_then_fails_gets_its_event_again")
class LetsTheHandlerCommit(Reference):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        if claim.status == ClaimStatus.ACQUIRED:
            claim.connection.commit = lambda: self.complete(task, claim)
        return claim


def test_each_test_of_the_kit_finds_a_broken_store() -> None:
    assert sorted({name for name, _ in BROKEN}) == TESTS


@pytest.mark.parametrize(
    ("name", "broken"), BROKEN, ids=[f"{kind.__name__}-{name}" for name, kind in BROKEN]
)
def test_a_broken_store_is_found(name: str, broken: type[Reference]) -> None:
    class Kit(TestReference):
        store_class = broken
        parks_after = None if "never_parks" in name else 3  # type: ignore[assignment]
        patience = getattr(broken, "patience", 5)

    # Of any kind: the store may raise, too.
    with pytest.raises(Exception, match=r".") as caught:
        getattr(Kit(), name)()
    assert not isinstance(caught.value, SkipTest)


def test_an_asynchronous_store_that_waits_is_found() -> None:
    class Waits(AsyncReference):
        async def claim(self, task: Task, lease: float) -> Claim:
            claim = await super().claim(task, lease)
            if claim.status == ClaimStatus.BUSY:
                await asyncio.get_running_loop().create_future()
            return claim

    class Kit(StoreTests):
        patience = 0.2

        def make_store(self) -> Waits:
            return Waits(Reference())

        def reopen(self, store: Waits) -> Waits:
            return store

    with pytest.raises(AssertionError, match="took longer than"):
        Kit().test_a_claimed_event_is_busy_for_all_others()


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"parks_after": 2}, "parks_after has to be at least 3"),
        ({"write": AsyncReference.claim}, "has to be awaited"),
        ({"write": lambda *_: None}, "has to raise when a value is written twice"),
        ({"end_worker": lambda _: 1 / 0}, "division by zero"),
        ({"close_store": lambda *_: 1 / 0}, "division by zero"),
        ({"make_store": StoreTests.make_store}, "has to override"),
    ],
)
def test_a_wrong_use_of_the_kit_is_found(attributes: dict[str, Any], message: str) -> None:
    kit = type("Kit", (TestReference,), attributes)()
    with pytest.raises(Exception, match=message):
        for name in TESTS:
            with suppress(SkipTest):
                getattr(kit, name)()


def test_the_kit_needs_pytest_only_to_collect_it() -> None:
    code = "import sys, calypso_pay.receiver.testing; sys.exit('pytest' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
