"""One client in five guises: sync and async, in process and over HTTP on loopback."""

from __future__ import annotations

import asyncio
import operator
from contextlib import ExitStack
from typing import Any

import pytest

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Calypso

# By name: whether it is asynchronous, whether it is served over HTTP, and the transport's name.
GUISES = {
    "sync-process": (False, False, None),
    "sync-http": (False, True, None),
    "async-process": (True, False, None),
    "async-http": (True, True, None),
    "async-aiohttp": (True, True, "aiohttp"),
}
# Both drivers and both ways, for what does not depend on how they go together.
in_two_guises = pytest.mark.parametrize("guise", ["sync-process", "async-http"], indirect=True)


class Guise:
    """A client whose calls look the same whether it is sync or async.

    Server and client are shared by all tests of a run, so that `client` must not be taught another
    time; the mock is reset before each test, and what `make` made is closed after it.
    """

    def __init__(self, *, asynchronous: bool, served: bool, transport: str | None) -> None:
        self._asynchronous = asynchronous
        self._transport = transport
        self._served = served
        self._stack = ExitStack()
        self._made = ExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner())
        self.mock = Mock()
        self.url = "http://mock.invalid"
        if served:
            self.url = self._stack.enter_context(Server(self.mock)).url
        self.client = self.make()
        self._stack.push(self._made.pop_all())

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.mock.settings(base_url=self.url))

    def make(self, **changes: Any) -> Any:
        """Make another client of the same kind."""
        settings = {**self.settings, **changes}
        if self._asynchronous:
            transport = self._transport if self._served else self.mock.async_transport()
            client: Any = AsyncCalypso(**settings, transport=transport)
            self._made.callback(lambda: self._runner.run(client.aclose()))
            return client
        transport = None if self._served else self.mock.transport()
        return self._made.enter_context(Calypso(**settings, transport=transport))

    def call(self, method: str, *args: Any, on: Any = None, **kwargs: Any) -> Any:
        """Call a method by its dotted name and return its result."""
        result = operator.attrgetter(method)(on or self.client)(*args, **kwargs)
        return self._runner.run(result) if asyncio.iscoroutine(result) else result

    def tidy(self) -> None:
        """Close what was made for one test."""
        self._made.close()

    def close(self) -> None:
        self._stack.close()


class Guises(dict[str, Guise]):
    """The guises that were asked for, made when they are."""

    def __missing__(self, name: str) -> Guise:
        asynchronous, served, transport = GUISES[name]
        self[name] = Guise(asynchronous=asynchronous, served=served, transport=transport)
        return self[name]
