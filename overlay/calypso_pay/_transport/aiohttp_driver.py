"""The asynchronous driver of the engine over aiohttp, for programs that make many calls at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, final

import httpx
from yarl import URL

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import HttpResponse, Interrupted, SendRequest
from calypso_pay._transport import http_clients
from calypso_pay._transport.aiohttp_failures import (
    as_httpx,
    callers_exception,
    is_in,
    with_traceback,
)
from calypso_pay._transport.aiohttp_session import CONNECTING, PoolTimeoutError, Route, Session
from calypso_pay._transport.base import without_locals
from calypso_pay._transport.body import Body, wrong_encoding
from calypso_pay._transport.connections import OwnConnections, closed
from calypso_pay._transport.event_loop import close_with_loop, current_scope, wait
from calypso_pay._transport.failures import failure, unusable
from calypso_pay._transport.requests import prototype

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from calypso_pay._exchange import Step, StepResult
    from calypso_pay._transport.aiohttp_session import Response
    from calypso_pay._transport.auth import KeySign

T = TypeVar("T")

_MOST_HEADS = 256


@final
class AiohttpDriver:
    """Drive the engine over sessions of aiohttp, one for each process and event loop.

    Args:
        connections: The sessions.
        base_url: Where the API is.
        auth: Signs requests.
        owned: Whether closing this closes the sessions.
    """

    def __init__(
        self, connections: OwnConnections[Session], *, base_url: str, auth: KeySign, owned: bool
    ) -> None:
        self.base_url = base_url
        self._connections = connections
        self._auth = auth
        self._owned = owned
        self._heads: dict[tuple[str, str, bool], bytes] = {}
        with http_clients.as_configuration_error("aiohttp"):
            self._route = Route(URL(str(httpx.URL(base_url))), _proxy_for(base_url))

    @classmethod
    def connect(cls, *, base_url: str, auth: KeySign) -> AiohttpDriver:
        """Return a driver over sessions of its own.

        Raises:
            ConfigurationError: The address, or the environment's settings of proxies and
                certificates, cannot be used.
        """
        with http_clients.as_configuration_error("aiohttp"):
            certificates = http_clients.certificates(base_url)
        connections = OwnConnections(lambda: Session(certificates), _begin)
        return cls(connections, base_url=base_url, auth=auth, owned=True)

    def with_base_url(self, base_url: str) -> AiohttpDriver:
        """Return a driver that shares these connections and does not close them.

        Raises:
            ConfigurationError: These connections do not lead there.
        """
        http_clients.check_reachable(self.base_url, base_url)
        return AiohttpDriver(self._connections, base_url=base_url, auth=self._auth, owned=False)

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
        """Close the connections of this event loop.

        Those of other event loops are closed when these end.
        """
        session = self._connections.pop(current_scope()) if self._owned else None
        if session is not None:
            await session.close()

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
            session = self._connections.get(current_scope())
        except ConfigurationError as error:
            return unusable(error)
        reader = _Reader(step)
        deadline = asyncio.timeout(step.expires - time.monotonic())
        try:
            async with deadline:
                response = await session.send(step, self._route, self._head(step))
                try:
                    await reader.read(response)
                finally:
                    session.finish(response)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - a caller's exception goes on to the caller
            late = deadline.expired()
            return self._failure(session, error, step, reader, late=late)
        return reader.response()

    def _failure(
        self,
        session: Session,
        error: BaseException,
        step: SendRequest,
        reader: _Reader,
        *,
        late: bool,
    ) -> StepResult:
        """Return what an exception means for the call."""
        interrupting = None if isinstance(error, PoolTimeoutError) else callers_exception(error)
        if interrupting is not None:
            if session.is_closed and isinstance(error, RuntimeError):
                return unusable(closed())
            return Interrupted(interrupting, unsent=False)
        request = httpx.Request(step.method, self.base_url + step.path)
        made = with_traceback(_as_httpx(error, late=late), error, request)
        if reader.has_begun:
            return reader.response(broken_by=made)
        return failure(http_clients.server(self.base_url, request.url), made)

    def _head(self, step: SendRequest) -> bytes:
        kind = step.method, step.path, bool(step.body)
        head = self._heads.get(kind)
        if head is None:
            if len(self._heads) >= _MOST_HEADS:
                self._heads.clear()
            head = self._heads[kind] = self._head_of(*kind)
        key, sign = self._auth.headers(step.body).values()
        length = f"\r\nContent-Length: {len(step.body)}" if step.body else ""
        return head + f"{length}\r\nKey: {key}\r\nSign: {sign}".encode("ascii")

    def _head_of(self, method: str, path: str, has_body: bool) -> bytes:  # noqa: FBT001 - of a key
        """Return what the heads of all such requests begin with, as httpx writes it."""
        request = prototype(method, self.base_url + path, has_body=has_body)
        passed_on = self._route.proxy is not None and self._route.url.scheme == "http"
        target = str(request.url).encode("ascii") if passed_on else request.url.raw_path
        fields = [
            name + b": " + value
            for name, value in request.headers.raw
            if not (has_body and name == b"Content-Length")
        ]
        return b"\r\n".join([method.encode("ascii") + b" " + target + b" HTTP/1.1", *fields])


@final
class _Reader(Body):
    """Reads a response of aiohttp."""

    def __init__(self, step: SendRequest) -> None:
        super().__init__(step.expires)
        self._status = 0
        self._headers = _Headers(())

    @property
    def has_begun(self) -> bool:
        """Whether the head of a response came."""
        return self._status > 0

    async def read(self, response: Response) -> None:
        """Read to the end, or to where the response turns out to be unusable."""
        self._status = response.status
        self._headers = _Headers(response.headers)
        if any(name.lower() == b"content-encoding" for name, _ in response.headers):
            self.flaw = wrong_encoding(self._headers)
        while self.flaw is None:
            piece = await response.content.readany()
            if not piece:
                break
            self.add(piece)

    def response(self, *, broken_by: httpx.TransportError | None = None) -> HttpResponse:
        """Return the response with what was read of its body."""
        if broken_by is not None:
            self.fail(broken_by)
        return HttpResponse(self._status, self._headers, self.content(), self.flaw, broken_by)


@final
class _Headers(Mapping[str, str]):
    """The headers of a response as httpx has them, made when they are first needed.

    Args:
        raw: Names and values as they came.
    """

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    @cached_property
    def _headers(self) -> httpx.Headers:
        return httpx.Headers(list(self._raw))

    def __getitem__(self, name: str) -> str:
        return self._headers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return repr(self._headers)


def _begin(session: Session) -> object:
    session.begin()
    return close_with_loop(session.close)


def _as_httpx(error: BaseException, *, late: bool) -> httpx.TransportError:
    connecting = any(is_in(code, error) for code in CONNECTING)
    if isinstance(error, PoolTimeoutError):
        return httpx.PoolTimeout("all connections are in use")
    if late:
        kind = httpx.ConnectTimeout if connecting else httpx.ReadTimeout
        return kind("the deadline of the call is over")
    if type(error) is TimeoutError:
        return httpx.WriteTimeout("the request was not taken in time")
    return as_httpx(error)


def _proxy_for(base_url: str) -> URL | None:
    proxy = http_clients.proxy_of_environment(httpx.URL(base_url))
    if proxy is None:
        return None
    if proxy.scheme not in {"http", "https"}:
        raise ValueError(
            f"it supports proxies of http and https, not {proxy.scheme}://…; leave out transport "
            "to send over httpx"
        )
    return URL(str(proxy))
