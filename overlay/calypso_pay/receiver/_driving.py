"""Carry a flow out, which decides everything and waits for nothing itself.

A flow is a generator of calls. It is sent what each call returns, has thrown into it what each
raises, and returns the answer.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


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
        except Exception as error:  # noqa: BLE001 - the flow knows what to do
            step = _thrown(flow, error)
        else:
            step = _sent(flow, result)


class _DoneError(Exception):
    """A thread came to its end although it was not waited for any more."""

    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result


async def arun(flow: Flow[T]) -> T:
    """Carry a flow out in this event loop, and in threads what would keep the loop waiting."""
    step: Callable[[], Call] = flow.__next__
    cancelled = False
    while True:
        try:
            call = step()
        except StopIteration as done:
            if cancelled:
                raise asyncio.CancelledError from None
            answer: T = done.value
            return answer
        try:
            result = await _awaited(call)
        except _DoneError as done:
            # What was done is noted down first; only then is there an end.
            cancelled = True
            step = _sent(flow, done.result)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the flow knows
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
    return result


async def _awaited(call: Call) -> object:
    if is_async(call.function) or not call.waits:
        result = call.function(*call.args)
    else:
        result = await _in_thread(call)
    return await result if inspect.isawaitable(result) else result


async def _in_thread(call: Call) -> object:
    work = asyncio.ensure_future(asyncio.to_thread(call.function, *call.args))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        # A thread can't be stopped, and what it works on must not be given out again meanwhile.
        await asyncio.wait({work})
        if work.exception() is None:
            raise _DoneError(work.result()) from None
        raise
