"""The asynchronous driver of the engine, over an `httpx.AsyncClient`.

It imports asyncio, which is slow to import, so nothing that synchronous programs use imports it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar, final

import httpx

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import (
    HttpResponse,
    Interrupted,
    SendRequest,
    Step,
    StepResult,
    TransportFailure,
)
from calypso_pay._httpx_quirks.assignment import assign_once
from calypso_pay._httpx_quirks.connect_trace import ConnectTrace
from calypso_pay._httpx_quirks.idle_connections import ask_only_when_used
from calypso_pay._httpx_quirks.leaked_connections import aevict_leaked
from calypso_pay._httpx_quirks.sniffio_search import remember_if_missing
from calypso_pay._httpx_quirks.trailing_data import close_if_trailing_data
from calypso_pay._transport import http_clients
from calypso_pay._transport.base import (
    Driver,
    is_complete,
    was_interrupted_anywhere,
    without_locals,
)
from calypso_pay._transport.body import BodyReader
from calypso_pay._transport.event_loop import close_with_loop, current_scope, wait
from calypso_pay._transport.failures import unusable
from calypso_pay._transport.requests import make_request

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator

T = TypeVar("T")


@final
class AsyncDriver(Driver[httpx.AsyncClient]):
    """Drive the engine over an `httpx.AsyncClient`."""

    _client_class = httpx.AsyncClient
    _own_class = http_clients.AsyncClient
    _transport_class = httpx.AsyncBaseTransport

    async def run(self, flow: Generator[Step, StepResult, T]) -> T:
        """Carry out the steps of a call until it returns or raises."""
        # A result is handed on and not kept: a traceback would show the response in it.
        results: list[StepResult] = [None]
        while True:
            try:
                step = flow.send(results.pop())
            except StopIteration as stop:
                result: T = stop.value
                return result
            results.append(await self._result_of(step))

    async def close(self) -> None:
        """Close the connections of this event loop, if they are our own.

        Those of other event loops are closed when these end.
        """
        client = self._connections.pop(current_scope()) if self._owned else None
        if client is not None:
            await client.aclose()

    @classmethod
    def _make(cls, certificates: ssl.SSLContext, *, proxies: bool) -> httpx.AsyncClient:
        client = super()._make(certificates, proxies=proxies)
        ask_only_when_used(client)
        assign_once(client)
        remember_if_missing()
        return client

    @staticmethod
    def _prepare(client: httpx.AsyncClient) -> object:
        return close_with_loop(client.aclose)

    async def _result_of(self, step: Step) -> StepResult:
        try:
            result = await (self._send(step) if isinstance(step, SendRequest) else wait(step))
            return without_locals(result)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - it goes on to the caller
            return without_locals(Interrupted(error, unsent=False))

    async def _send(self, step: SendRequest) -> StepResult:
        try:
            client = self._connections.get(current_scope())
        except ConfigurationError as error:
            return unusable(error)
        mark, trace, result = step.timeout._asdict(), ConnectTrace(), None
        request = make_request(step, self.base_url, mark)
        request.extensions["trace"] = trace
        try:
            result = await self._exchange(client, step, request, trace)
        finally:
            if not is_complete(result):
                await aevict_leaked(client, mark, interrupted=was_interrupted_anywhere(result))
        return result

    async def _exchange(
        self,
        client: httpx.AsyncClient,
        step: SendRequest,
        request: httpx.Request,
        trace: ConnectTrace,
    ) -> HttpResponse | TransportFailure | Interrupted:
        try:
            async with _until_deadline(step):
                response = await client.send(
                    request, auth=self._auth, stream=True, follow_redirects=False
                )
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - a caller's exception goes on to the caller
            return self._failure(client, error, request, connecting=trace.connecting)
        reader = BodyReader(response, step)
        reading = await self._read(reader, response, request, step)
        closing = await self._close(response)
        interrupting = reading or closing
        return Interrupted(interrupting, unsent=False) if interrupting else reader.response()

    async def _read(
        self,
        reader: BodyReader,
        response: httpx.Response,
        request: httpx.Request,
        step: SendRequest,
    ) -> BaseException | None:
        """Read the body, and return the caller's exception that broke it off, if there is one."""
        try:
            if reader.has_stream():
                async with _until_deadline(step):
                    async for chunk in response.stream:  # type: ignore[union-attr]
                        if not reader.add(chunk):
                            break
                    close_if_trailing_data(response)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - likewise
            return self._read_failed(reader, error, request)
        return None

    async def _close(self, response: httpx.Response) -> BaseException | None:
        try:
            await response.aclose()
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - likewise
            return self._callers_exception(error)
        return None


def _until_deadline(step: SendRequest) -> asyncio.Timeout:
    return asyncio.timeout(step.expires - time.monotonic())
