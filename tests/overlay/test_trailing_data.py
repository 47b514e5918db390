"""Data that follows a response is never taken for the response to another call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpcore
import httpx
import pytest

from calypso_pay import AsyncCalypso, Calypso
from calypso_pay._httpx_quirks import trailing_data
from tests.overlay.peers import IDENTITY, peer, read_request

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


def response_for(owner: str) -> bytes:
    body = b'{"account":"a","ownerId":"%s","balances":[]}' % owner.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def responding(owners: list[str], more: Callable[[bytes], bytes]) -> Callable[..., None]:
    """Return a peer that responds to each request with its own owner, and then with more."""

    def behave(connection: socket.socket) -> None:
        while owners and read_request(connection):
            response = response_for(owners.pop(0))
            connection.sendall(response + more(response))

    return behave


def owners_of_two_calls(url: str, *, asynchronous: bool) -> list[str]:
    if not asynchronous:
        with Calypso(**IDENTITY, base_url=url, max_retries=0) as client:
            return [client.accounts.get().owner_id for _ in range(2)]

    async def run() -> list[str]:
        async with AsyncCalypso(**IDENTITY, base_url=url, max_retries=0) as client:
            return [(await client.accounts.get()).owner_id for _ in range(2)]

    return asyncio.run(run())


@both
@pytest.mark.parametrize("more", [lambda first: first, lambda _: b"more"], ids=["copy", "other"])
def test_the_next_call_is_given_its_own_response(
    asynchronous: bool, more: Callable[[bytes], bytes]
) -> None:
    with peer(responding(["first", "second"], more)) as url:
        assert owners_of_two_calls(url, asynchronous=asynchronous) == ["first", "second"]


@both
def test_it_is_not_given_to_a_thread_that_looked_at_the_connection_before(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool can look at a connection while a call goes over it, and hand it out afterwards."""
    kind = httpcore.AsyncHTTP11Connection if asynchronous else httpcore.HTTP11Connection
    monkeypatch.setattr(kind, "has_expired", lambda _: False)
    with peer(responding(["first", "second"], lambda _: response_for("other"))) as url:
        assert owners_of_two_calls(url, asynchronous=asynchronous) == ["first", "second"]


@both
@pytest.mark.parametrize(("extra", "left"), [(b"", False), (b"more", True)])
def test_what_is_reached_for_is_where_it_was(asynchronous: bool, extra: bytes, left: bool) -> None:
    """It is private: it fails here, not in silence, when httpx moves it."""

    async def run(url: str) -> bool:
        async with (
            httpx.AsyncClient() as client,
            client.stream("POST", url, content=b"{}") as response,
        ):
            [_ async for _ in response.stream]  # type: ignore[union-attr]
            return bool(trailing_data._h11_state(response).trailing_data[0])

    with peer(responding(["one"], lambda _: extra)) as url:
        if asynchronous:
            assert asyncio.run(run(url)) is left
        else:
            with httpx.Client() as client, client.stream("POST", url, content=b"{}") as response:
                assert list(response.stream)  # type: ignore[arg-type]
                assert bool(trailing_data._h11_state(response).trailing_data[0]) is left


def test_a_response_without_what_is_reached_for_stays_as_it_is() -> None:
    trailing_data.close_if_trailing_data(httpx.Response(200))
    trailing_data.close_if_trailing_data(object())
