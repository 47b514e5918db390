"""Carry a flow out, which decides everything and waits for nothing itself.

A flow is a generator of calls. It is sent what each call returns, has thrown into it what each
raises, and returns the answer.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeAlias, TypeVar

from calypso_pay._scope import Scope

T = TypeVar("T")

_log = logging.getLogger("calypso_pay.receiver")


class Call(NamedTuple):
    """Something to be called.

    Attributes:
        function: What to call; it may be a coroutine function.
        args: What with.
        waits: Whether it may wait for something, so that an event loop must not be kept from its
            other work meanwhile.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    waits: bool = True


Flow: TypeAlias = Generator[Call, Any, T]


class Threads:
    """Threads for what is not to be awaited; asyncio's own are few, and others need them.

    Args:
        most: How many there may be at once.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._pools: dict[object, ThreadPoolExecutor] = {}

    def pool(self) -> ThreadPoolExecutor:
        """Return the threads of this process: those of its parent do not exist in it."""
        here = Scope.current()
        if here not in self._pools:
            made = ThreadPoolExecutor(self.most, thread_name_prefix="calypso-receiver")
            self._pools.setdefault(here, made)
        return self._pools[here]


class Running:
    """The deliveries that are being processed, in tasks that the caller cannot cancel."""

    def __init__(self) -> None:
        # Event loops keep weak references only: without this one a handler could vanish.
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin with a delivery."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def end(self, within: float) -> None:
        """Wait until all are done, or the time is over."""
        here = asyncio.get_running_loop()
        left = {task for task in self._tasks if task.get_loop() is here}
        if left:
            _, left = await asyncio.wait(left, timeout=within)
        if left:
            _log.error("%d deliveries were not finished within %g seconds", len(left), within)


def is_async(function: Callable[..., Any]) -> bool:
    """Whether what a function returns has to be awaited, as far as can be seen from outside."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(type(function), "__call__", None)  # noqa: B004 - its kind is asked for
    )


def run(flow: Flow[T]) -> T:
    """Carry a flow out in this thread."""
    step: Callable[[], Call] = flow.__next__
    while True:
        try:
            call = step()
        except StopIteration as done:
            answer: T = done.value
            return answer
        try:
            result = _called(call)
        except BaseException as error:  # noqa: BLE001 - the flow knows what to do
            step = _thrown(flow, error)
        else:
            step = _sent(flow, result)


async def arun(flow: Flow[T], threads: Threads) -> T:
    """Carry a flow out in this event loop, and in threads what would keep the loop waiting."""
    step: Callable[[], Call] = flow.__next__
    while True:
        try:
            call = step()
        except StopIteration as done:
            answer: T = done.value
            return answer
        try:
            result = await _awaited(call, threads)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - likewise
            step = _thrown(flow, error)
        else:
            step = _sent(flow, result)


def _sent(flow: Flow[T], result: object) -> Callable[[], Call]:
    return lambda: flow.send(result)


def _thrown(flow: Flow[T], error: BaseException) -> Callable[[], Call]:
    return lambda: flow.throw(error)


def _called(call: Call) -> object:
    result = call.function(*call.args)
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError("It has to be awaited: use `ahandle`.")
    return _run_through(result)


async def _awaited(call: Call, threads: Threads) -> object:
    if is_async(call.function) or not call.waits:
        result = call.function(*call.args)
    else:
        result = await _in_thread(call, threads)
    return _run_through(await result if inspect.isawaitable(result) else result)


def _run_through(result: object) -> object:
    if inspect.isgenerator(result) or inspect.isasyncgen(result):
        raise TypeError("It yields, and so nothing of it has run: a function has to return.")
    return result


def _without_stop(function: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - a user's own
    try:
        return function(*args)
    except StopIteration as error:
        # No future can hold one: who waits for it would wait for ever.
        raise RuntimeError("a function raised StopIteration") from error


async def _in_thread(call: Call, threads: Threads) -> object:
    run_in_context = contextvars.copy_context().run
    work = threads.pool().submit(run_in_context, _without_stop, call.function, *call.args)
    waiting = asyncio.wrap_future(work)
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        if work.cancel():
            raise
        # A thread can't be stopped, and what it works on must not be given out again meanwhile.
        await asyncio.wait({waiting})
        return waiting.result()
