"""The synchronous driver of the engine, over an `httpx.Client`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar, final

import httpx

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import (
    AwaitListener,
    HttpResponse,
    Interrupted,
    SendRequest,
    Sleep,
    Step,
    StepResult,
    TransportFailure,
)
from calypso_pay._httpx_quirks.assignment import assign_once
from calypso_pay._httpx_quirks.deadline import deadlines, enforce_deadline
from calypso_pay._httpx_quirks.leaked_connections import evict_leaked, replace_lock
from calypso_pay._httpx_quirks.trailing_data import close_if_trailing_data
from calypso_pay._origin import callers_exception
from calypso_pay._scope import Scope
from calypso_pay._transport import http_clients
from calypso_pay._transport.base import (
    Driver,
    is_complete,
    was_interrupted_anywhere,
    without_locals,
)
from calypso_pay._transport.body import BodyReader
from calypso_pay._transport.failures import unusable
from calypso_pay._transport.requests import make_request

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator

T = TypeVar("T")


@final
class SyncDriver(Driver[httpx.Client]):
    """Drive the engine over an `httpx.Client`."""

    _client_class = httpx.Client
    _own_class = http_clients.Client
    _transport_class = httpx.BaseTransport

    def run(self, flow: Generator[Step, StepResult, T]) -> T:
        """Carry out the steps of a call until it returns or raises."""
        # A result is handed on and not kept: a traceback would show the response in it.
        results: list[StepResult] = [None]
        while True:
            try:
                step = flow.send(results.pop())
            except StopIteration as stop:
                result: T = stop.value
                return result
            results.append(self._result_of(step))

    def close(self) -> None:
        """Close the connections of this process, if they are our own."""
        client = self._connections.pop(Scope.current()) if self._owned else None
        if client is not None:
            client.close()

    @classmethod
    def _make(cls, certificates: ssl.SSLContext, *, proxies: bool) -> httpx.Client:
        client = super()._make(certificates, proxies=proxies)
        enforce_deadline(client, lambda error: callers_exception(error, is_custom=False))
        replace_lock(client)
        assign_once(client)
        return client

    def _result_of(self, step: Step) -> StepResult:
        try:
            return without_locals(self._carry_out(step))
        except BaseException as error:  # noqa: BLE001 - it goes on to the caller
            return without_locals(Interrupted(error, unsent=False))

    def _carry_out(self, step: Step) -> StepResult:
        if isinstance(step, SendRequest):
            return self._send(step)
        if isinstance(step, AwaitListener):
            step.listener.close()
            return None
        return _sleep(step)

    def _send(self, step: SendRequest) -> StepResult:
        try:
            client = self._connections.get(Scope.current())
        except ConfigurationError as error:
            return unusable(error)
        mark, result = deadlines(step.timeout, step.expires), None
        request = make_request(step, self.base_url, mark)
        try:
            result = self._exchange(client, step, request)
        finally:
            if not is_complete(result):
                evict_leaked(client, mark, interrupted=was_interrupted_anywhere(result))
        return result

    def _exchange(
        self, client: httpx.Client, step: SendRequest, request: httpx.Request
    ) -> HttpResponse | TransportFailure | Interrupted:
        try:
            response = client.send(request, auth=self._auth, stream=True, follow_redirects=False)
        except BaseException as error:  # noqa: BLE001 - a caller's exception goes on to the caller
            return self._failure(client, error, request)
        reader = BodyReader(response, step)
        reading = self._read(reader, response, request)
        closing = self._close(response)
        interrupting = reading or closing
        return Interrupted(interrupting, unsent=False) if interrupting else reader.response()

    def _read(
        self, reader: BodyReader, response: httpx.Response, request: httpx.Request
    ) -> BaseException | None:
        """Read the body, and return the caller's exception that broke it off, if there is one."""
        try:
            if reader.has_stream():
                # Not by `iter_raw`, which would give the connection back at once.
                for chunk in response.stream:  # type: ignore[union-attr]
                    if not reader.add(chunk):
                        break
                close_if_trailing_data(response)
        except BaseException as error:  # noqa: BLE001 - likewise
            return self._read_failed(reader, error, request)
        return None

    def _close(self, response: httpx.Response) -> BaseException | None:
        try:
            response.close()
        except BaseException as error:  # noqa: BLE001 - likewise
            return self._callers_exception(error)
        return None


def _sleep(step: Sleep) -> Interrupted | None:
    try:
        time.sleep(step.seconds)
    except BaseException as error:  # noqa: BLE001 - it goes on to the caller
        return Interrupted(error, unsent=True)
    return None
