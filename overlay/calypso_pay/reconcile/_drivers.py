"""What differs between a reconciliation that is run and one that is awaited."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from calypso_pay.reconcile._bookings import booking_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator

    from calypso_pay.reconcile._bookings import Booking
    from calypso_pay.reconcile._notes import Result

Step: TypeAlias = "Callable[[], Result | None]"
AsyncStep: TypeAlias = "Callable[[], Coroutine[Any, Any, Result | None]]"
T = TypeVar("T")
# Seconds that a call of a memory is waited for when it is cancelled.
_LONGEST_CALL = 10.0


class Driver:
    """Takes one step after the other.

    Args:
        limit: How many steps to take at once; here always one.
    """

    def __init__(self, limit: int) -> None:
        del limit

    def run(self, steps: Iterable[Callable[[], T]]) -> Generator[T, None, None]:
        """Take all steps, and yield their results."""
        for step in steps:
            yield step()

    def iterate(self, values: Iterable[T]) -> Iterator[T]:
        """Yield the values of what the caller passed."""
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise _wrong("customers", values)
        yield from values

    def finish(self, call: Callable[..., T], *values: object) -> T:
        """Call a function."""
        return call(*values)

    def bookings(self, read: Callable[..., Any], customer_id: str) -> list[Booking]:
        """Return what the ledger yields for a customer."""
        found = read(customer_id)
        if isinstance(found, str) or not isinstance(found, Iterable):
            if inspect.iscoroutine(found):
                found.close()
            raise _wrong("ledger", found)
        return [booking_of(each, customer_id) for each in found]


class AsyncDriver:
    """Takes several steps at once.

    Args:
        limit: How many steps to take at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit

    async def run(
        self, steps: AsyncIterator[Callable[[], Coroutine[Any, Any, T]]]
    ) -> AsyncGenerator[T, None]:
        """Take all steps, and yield their results, those first that are ready first."""
        import asyncio

        pending: set[asyncio.Task[T]] = set()
        try:
            async for step in steps:
                pending.add(asyncio.create_task(step()))
                if len(pending) >= self._limit:
                    async for result in _next_results(pending):
                        yield result
            while pending:
                async for result in _next_results(pending):
                    yield result
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def iterate(self, values: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[T, None]:
        """Yield the values of what the caller passed."""
        if isinstance(values, AsyncIterable):
            async for value in values:
                yield value
        elif isinstance(values, Iterable) and not isinstance(values, str):
            for value in values:
                yield value
        else:
            raise _wrong("customers", values)

    async def finish(self, call: Callable[..., Coroutine[Any, Any, T]], *values: object) -> T:
        """Await a coroutine function to its end, also when the caller is cancelled meanwhile.

        A statement of a database that is cancelled may leave a connection within a transaction.
        """
        import asyncio

        task = asyncio.create_task(call(*values))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=_LONGEST_CALL)
            if task.done() and not task.cancelled():
                # Retrieved, so that it is not reported as forgotten.
                task.exception()
            raise

    async def bookings(self, read: Callable[..., Any], customer_id: str) -> list[Booking]:
        """Return what the ledger yields for a customer."""
        found = read(customer_id)
        if inspect.isawaitable(found):
            found = await found
        if isinstance(found, AsyncIterable):
            return [booking_of(each, customer_id) async for each in found]
        if isinstance(found, str) or not isinstance(found, Iterable):
            raise _wrong("ledger", found)
        return [booking_of(each, customer_id) for each in found]


def is_iterator(values: object) -> bool:
    """Return whether values can be had only once."""
    return isinstance(values, Iterator | AsyncIterator)


async def _next_results(pending: set[asyncio.Task[T]]) -> AsyncGenerator[T, None]:
    import asyncio

    done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        result = task.result()
        pending.discard(task)
        yield result


def _wrong(name: str, value: object) -> TypeError:
    what = f"{name} has to be" if name == "customers" else "the ledger has to return"
    return TypeError(f"{what} an iterable, not {type(value).__name__}")
