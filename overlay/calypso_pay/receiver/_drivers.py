"""Run the flows of `_flow`, synchronously or in an event loop.

A flow is a generator that yields calls. A driver makes each call, sends what it returns back into
the flow or throws in what it raises, and returns what the flow returns.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from calypso_pay._scope import Scope

T = TypeVar("T")


class Call(NamedTuple):
    """A call to make.

    Attributes:
        function: What to call; it may be a coroutine function.
        args: Its arguments.
        blocks: Whether it may block, so that in an event loop it needs a thread.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    blocks: bool = True


Flow: TypeAlias = Generator[Call, Any, T]


class Threads:
    """Threads for blocking calls, since asyncio's own are few and shared with other code.

    Args:
        limit: How many threads there may be at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pools: dict[object, ThreadPoolExecutor] = {}

    def pool(self) -> ThreadPoolExecutor:
        """Return the threads of this process: after a fork those of the parent do not exist."""
        here = Scope.current()
        if here not in self._pools:
            pool = ThreadPoolExecutor(self._limit, thread_name_prefix="calypso-receiver")
            self._pools.setdefault(here, pool)
        return self._pools[here]


def is_async(function: Callable[..., Any]) -> bool:
    """Whether a call has to be awaited, as far as the function itself shows."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(type(function), "__call__", None)  # noqa: B004 - its kind is asked for
    )


def run(flow: Flow[T], make: Callable[[Call], object] | None = None) -> T:
    """Run a flow in this thread.

    Args:
        flow: The flow.
        make: Makes a call; by default one that need not be awaited.
    """
    make = make or _make
    step: Callable[[], Call] = flow.__next__
    while True:
        try:
            call = step()
        except StopIteration as done:
            result: T = done.value
            return result
        try:
            returned = make(call)
        except BaseException as error:  # noqa: BLE001 - the flow handles it
            step = _throw(flow, error)
        else:
            step = _send(flow, returned)


async def arun_in_thread(flow: Flow[T], threads: Threads) -> T:
    """Run a flow in one thread, and what has to be awaited in this event loop.

    The connections of some databases, such as Django's, belong to the thread that uses them. So all
    calls of a flow are made in the same thread.
    """
    make = partial(_make_anywhere, asyncio.get_running_loop())
    return cast("T", await _in_thread(Call(run, (flow, make)), threads))


async def arun(flow: Flow[T], threads: Threads) -> T:
    """Run a flow in this event loop, and its blocking calls in threads."""
    step: Callable[[], Call] = flow.__next__
    while True:
        try:
            call = step()
        except StopIteration as done:
            result: T = done.value
            return result
        try:
            returned = await _amake(call, threads)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - the flow handles it
            step = _throw(flow, error)
        else:
            step = _send(flow, returned)


def _send(flow: Flow[T], returned: object) -> Callable[[], Call]:
    return lambda: flow.send(returned)


def _throw(flow: Flow[T], error: BaseException) -> Callable[[], Call]:
    return lambda: flow.throw(error)


def _make(call: Call) -> object:
    returned = call.function(*call.args)
    if inspect.iscoroutine(returned):
        returned.close()
        raise TypeError("A coroutine has to be awaited: use `ahandle`.")
    return _check_not_generator(returned)


async def _amake(call: Call, threads: Threads) -> object:
    if is_async(call.function) or not call.blocks:
        returned = call.function(*call.args)
    else:
        returned = await _in_thread(call, threads)
    return _check_not_generator(
        await _awaited(returned) if inspect.isawaitable(returned) else returned
    )


async def _awaited(awaitable: Awaitable[object]) -> object:
    try:
        return await awaitable
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # Only what the function awaited was cancelled.
        raise RuntimeError("a task that it awaited was cancelled") from error


def _make_anywhere(loop: asyncio.AbstractEventLoop, call: Call) -> object:
    returned = call.function(*call.args)
    if inspect.isawaitable(returned):
        returned = _wait(asyncio.run_coroutine_threadsafe(_awaited(returned), loop), loop)
    return _check_not_generator(returned)


def _wait(future: Future[object], loop: asyncio.AbstractEventLoop) -> object:
    # A loop that is closed without an end to its tasks must not keep the thread for ever.
    while not wait([future], timeout=1).done:
        if loop.is_closed():
            raise asyncio.CancelledError
    if future.cancelled():
        # Not `future.result()`, whose exception is one that a handler may raise.
        raise asyncio.CancelledError
    return future.result()


def _check_not_generator(returned: object) -> object:
    if inspect.isgenerator(returned) or inspect.isasyncgen(returned):
        raise TypeError("A function that yields does not run: it has to return.")
    return returned


async def _in_thread(call: Call, threads: Threads) -> object:
    run_in_context = contextvars.copy_context().run
    work = threads.pool().submit(run_in_context, _convert_stop, call.function, *call.args)
    future = asyncio.wrap_future(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        if work.cancel():
            raise
        # A thread can't be stopped, so keep the claim on its event until it ends.
        await asyncio.wait({future})
        return future.result()


def _convert_stop(function: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - a user's own
    try:
        return function(*args)
    except StopIteration as error:
        # A future can't hold one: awaiting it would never end.
        raise RuntimeError("a function raised StopIteration") from error
