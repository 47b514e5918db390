"""Which client a driver uses: each belongs to a process and, if async, to an event loop.

A connection that two processes or two event loops read from gives the responses to one to the
other. So each scope gets a client of its own, made when it is first needed there: one of httpx, or
a session over aiohttp. Nothing here takes a lock, as in `calypso_pay._scope`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, final

from calypso_pay._errors import ConfigurationError
from calypso_pay._scope import Scope

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class Connections(Protocol[C_co]):
    """Where a driver finds its client."""

    def get(self, scope: Scope) -> C_co:
        """Return the client to use in this scope.

        Raises:
            ConfigurationError: No client may be used there.
        """
        ...

    def pop(self, scope: Scope) -> C_co | None:
        """Return the client of this scope to be closed, if there is one; none is used after it."""
        ...


@final
class OwnConnections(Generic[C]):
    """A client for each scope, made when it is first needed there.

    Args:
        make: Makes a client. It is called once at the beginning, so that an error in the settings
            is found then.
        prepare: Called with each client in the scope where it is used, before its first use; what
            it returns is kept for as long as the client.
    """

    def __init__(self, make: Callable[[], C], prepare: Callable[[C], object]) -> None:
        self._make = make
        self._prepare = prepare
        # It has no connections yet, so that any scope may take it.
        self._unused = [make()]
        # Those of a parent process stay here, untouched: it would notice if they were closed.
        self._clients: dict[Scope, tuple[C, object]] = {}
        self._closed = False

    def get(self, scope: Scope) -> C:
        """Return the client of this scope."""
        found = self._clients.get(scope)
        if found is None:
            if self._closed:
                raise closed()
            self._drop_closed_loops(scope)
            client = self._unused_or_new()
            found = self._clients.setdefault(scope, (client, self._prepare(client)))
        return found[0]

    def pop(self, scope: Scope) -> C | None:
        """Return the client of this scope to be closed; no scope can use one after that."""
        self._closed = True
        found = self._clients.pop(scope, None)
        return found[0] if found else None

    def _unused_or_new(self) -> C:
        try:
            return self._unused.pop()
        except IndexError:
            return self._make()

    def _drop_closed_loops(self, scope: Scope) -> None:
        for known in list(self._clients):
            is_closed = known.loop is not None and known.loop.is_closed()
            if is_closed and known.is_in_process_of(scope):
                self._clients.pop(known, None)


@final
class GivenConnections(Generic[C]):
    """A client of the user's own, or one over a transport of the user's own.

    Args:
        client: The client.
        name: The argument that it was given as.
        bound: Whether it belongs to the first event loop that it is used in.
    """

    def __init__(self, client: C, name: str, *, bound: bool) -> None:
        self._client = client
        self._name = name
        self._bound = bound
        self._made_in = Scope.current()
        self._first: dict[str, asyncio.AbstractEventLoop | None] = {}

    def get(self, scope: Scope) -> C:
        """Return the client, in its own process and event loop."""
        if not scope.is_in_process_of(self._made_in):
            raise ConfigurationError(
                f"The {self._name} was made in another process, before a fork, and its connections "
                "may not be shared. Make it, and this client, in each process."
            )
        if self._bound and self._first.setdefault("loop", scope.loop) is not scope.loop:
            raise ConfigurationError(
                f"The {self._name} was first used in another event loop, and its connections "
                f"belong to it. Make one for each event loop, or leave {self._name} out: then this "
                "client makes its own."
            )
        if getattr(self._client, "is_closed", False):
            raise closed()
        return self._client

    def pop(self, scope: Scope) -> C | None:
        """Return the client to be closed, in its own process."""
        return self._client if scope.is_in_process_of(self._made_in) else None


def closed() -> ConfigurationError:
    """Return the error of a client that is used after it was closed."""
    return ConfigurationError("The client is closed: make a new one.")
