"""One client in four guises: sync and async, in process and over HTTP on loopback."""

from __future__ import annotations

import asyncio
import operator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Calypso

if TYPE_CHECKING:
    from collections.abc import Iterator


class Guise:
    """A client whose calls look the same whether it is sync or async."""

    def __init__(self, mock: Mock, *, asynchronous: bool, served: bool) -> None:
        self.mock = mock
        self._asynchronous = asynchronous
        self._served = served
        self._stack = ExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner())
        self.url = self._stack.enter_context(Server(mock)).url if served else "http://mock.invalid"
        self.settings = mock.settings(base_url=self.url)
        self.client = self.make()

    def make(self, **changes: Any) -> Any:
        """Make another client of the same kind."""
        settings = {**self.settings, **changes}
        if self._asynchronous:
            transport = None if self._served else self.mock.async_transport()
            client: Any = AsyncCalypso(**settings, transport=transport)
            self._stack.callback(lambda: self._runner.run(client.aclose()))
            return client
        transport = None if self._served else self.mock.transport()
        return self._stack.enter_context(Calypso(**settings, transport=transport))

    def call(self, method: str, *args: Any, on: Any = None, **kwargs: Any) -> Any:
        """Call a method by its dotted name and return its result."""
        result = operator.attrgetter(method)(on or self.client)(*args, **kwargs)
        return self._runner.run(result) if asyncio.iscoroutine(result) else result

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(
    params=[(False, False), (False, True), (True, False), (True, True)],
    ids=["sync-process", "sync-http", "async-process", "async-http"],
)
def guise(request: pytest.FixtureRequest) -> Iterator[Guise]:
    """A client against an empty mock, in each of its guises."""
    asynchronous, served = request.param
    guise = Guise(Mock(), asynchronous=asynchronous, served=served)
    yield guise
    guise.close()
