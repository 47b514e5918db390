"""Whose connections these are: a client belongs to a process and, if async, to an event loop.

A connection that two processes or two event loops read from gives the answers to one to the other.
So each place gets a client of httpx of its own, made when it is first needed there. Nothing here
takes a lock: another thread may hold it at the moment of a fork, and in the child nobody would
release it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar, final

from calypso_pay._errors import ConfigurationError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class _Process:
    """A process. The id alone would not do: a grandchild may get that of a dead ancestor."""


_this = _Process()


def _forked() -> None:
    global _this  # noqa: PLW0603 - there is one process, and this is another one
    _this = _Process()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Place(NamedTuple):
    """Where a connection may be used.

    Attributes:
        pid: The id of the process, for those that fork without telling Python.
        process: The process.
        loop: The event loop; None for synchronous connections.
    """

    pid: int
    process: object
    loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def here(cls, loop: asyncio.AbstractEventLoop | None = None) -> Place:
        """Return the present process, with an event loop of it."""
        return cls(os.getpid(), _this, loop)

    def is_in_process_of(self, other: Place) -> bool:
        """Tell whether both are the same process."""
        return (self.pid, self.process) == (other.pid, other.process)


class Connections(Protocol[C_co]):
    """Where a driver finds its client of httpx."""

    def at(self, place: Place) -> C_co:
        """Return the client to use at this place.

        Raises:
            ConfigurationError: None may be used there.
        """
        ...

    def pop(self, place: Place) -> C_co | None:
        """Return the client of this place to be closed, if there is one; none is used any more."""
        ...


@final
class OwnConnections(Generic[C]):
    """A client for each place, made when it is first needed there.

    Args:
        make: Makes a client. It is called once at the beginning, so that what is wrong with the
            settings is found then.
        settle: Called with each client at the place where it is used, when it is first used; what
            it returns is kept for as long as the client.
    """

    def __init__(self, make: Callable[[], C], settle: Callable[[C], object]) -> None:
        self._make = make
        self._settle = settle
        # It has no connections yet, so that any place may take it.
        self._unused = [make()]
        # Those of a parent process stay here, untouched: it would notice if they were closed.
        self._clients: dict[Place, tuple[C, object]] = {}
        self._closed = False

    def at(self, place: Place) -> C:
        """Return the client of this place."""
        found = self._clients.get(place)
        if found is None:
            if self._closed:
                raise closed()
            self._drop_closed_loops(place)
            client = self._unused_or_new()
            found = self._clients.setdefault(place, (client, self._settle(client)))
        return found[0]

    def pop(self, place: Place) -> C | None:
        """Return the client of this place to be closed; all others are out of use, too."""
        self._closed = True
        found = self._clients.pop(place, None)
        return found[0] if found else None

    def _unused_or_new(self) -> C:
        try:
            return self._unused.pop()
        except IndexError:
            return self._make()

    def _drop_closed_loops(self, place: Place) -> None:
        for known in list(self._clients):
            gone = known.loop is not None and known.loop.is_closed()
            if gone and known.is_in_process_of(place):
                self._clients.pop(known, None)


@final
class GivenConnections(Generic[C]):
    """A client of the user's own, or one over a transport of the user's own.

    Args:
        client: The client.
        name: The argument that it was given as.
        bound: Whether it stays with the first event loop that it is used in.
    """

    def __init__(self, client: C, name: str, *, bound: bool) -> None:
        self._client = client
        self._name = name
        self._bound = bound
        self._made = Place.here()
        self._first: dict[str, asyncio.AbstractEventLoop | None] = {}

    def at(self, place: Place) -> C:
        """Return the client, in its own process and event loop."""
        if not place.is_in_process_of(self._made):
            raise ConfigurationError(
                f"The {self._name} was made in another process, before a fork, and its connections "
                "may not be shared. Make it, and this client, in each process."
            )
        if self._bound and self._first.setdefault("loop", place.loop) is not place.loop:
            raise ConfigurationError(
                f"The {self._name} was first used in another event loop, and its connections "
                f"belong to it. Make one for each event loop, or leave {self._name} out: then this "
                "client makes its own."
            )
        if getattr(self._client, "is_closed", False):
            raise closed()
        return self._client

    def pop(self, place: Place) -> C | None:
        """Return the client to be closed, in its own process."""
        return self._client if place.is_in_process_of(self._made) else None


def closed() -> ConfigurationError:
    """Return the error of a client that is used after it was closed."""
    return ConfigurationError("The client is closed: make a new one.")
