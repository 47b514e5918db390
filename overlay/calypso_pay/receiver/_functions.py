"""The functions that users register, and what they are called with."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from calypso_pay._errors import ConfigurationError
from calypso_pay.receiver._drivers import is_async
from calypso_pay.receiver._memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_api.models import Transaction

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class WithConnection(Protocol[E_contra, R_co]):
    """A handler that takes the event and the connection of its claim."""

    def __call__(self, event: E_contra, /, connection: Any) -> R_co:  # noqa: ANN401 - that of any database
        """Handle an event."""
        ...


class RefetchedWithConnection(Protocol[E_contra, R_co]):
    """A handler that takes the event, its transaction and the connection of its claim."""

    def __call__(self, event: E_contra, transaction: Transaction, /, connection: Any) -> R_co:  # noqa: ANN401 - that of any database
        """Handle an event."""
        ...


class OnEvent(Protocol[E]):
    """A decorator that registers a handler."""

    @overload
    def __call__(self, handler: Callable[[E], R], /) -> Callable[[E], R]: ...

    @overload
    def __call__(self, handler: WithConnection[E, R], /) -> WithConnection[E, R]: ...


class OnDeposit(Protocol[E]):
    """A decorator that registers a handler which takes the transaction, too."""

    @overload
    def __call__(
        self, handler: Callable[[E, Transaction], R], /
    ) -> Callable[[E, Transaction], R]: ...

    @overload
    def __call__(
        self, handler: RefetchedWithConnection[E, R], /
    ) -> RefetchedWithConnection[E, R]: ...


def check_function(function: Callable[..., Any], arguments: int, store: Any) -> bool:  # noqa: ANN401 - any store
    """Check what a function takes, and return whether it takes the connection.

    Args:
        function: A handler, or `enqueue`.
        arguments: With how many arguments it is called, apart from the connection.
        store: The store of the receiver.

    Raises:
        ConfigurationError: It can't be called like this.
    """
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigurationError(
            "A handler can't be a generator function: it would never run. Return instead."
        )
    takes_connection = _takes_connection(function, arguments)
    if not takes_connection:
        return False
    if type(store) is MemoryStore:
        raise ConfigurationError(
            "A MemoryStore has no connection to pass: use calypso_pay.inbox, or leave the "
            "parameter out."
        )
    if is_async(store.claim) != is_async(function):
        raise ConfigurationError(
            "The connection of an asynchronous store works in coroutine functions only, and that "
            "of any other store in plain functions only: use the other inbox, Inbox or AsyncInbox."
        )
    return True


def _takes_connection(function: Callable[..., Any], arguments: int) -> bool:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        # Some functions written in C show none.
        return False
    takes_connection = "connection" in signature.parameters
    given: dict[str, object] = {"connection": None} if takes_connection else {}
    try:
        signature.bind(*range(arguments), **given)
    except TypeError as error:
        name = getattr(function, "__qualname__", repr(function))
        raise ConfigurationError(
            f"{name}{signature} can't be called with {_ARGUMENTS[arguments]}, and optionally a "
            f"parameter named connection: {error}."
        ) from None
    return takes_connection


_ARGUMENTS = {1: "one argument", 2: "two arguments, the event and its transaction"}
