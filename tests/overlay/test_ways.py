"""The ways to the API that an integrator may choose: a path prefix, a proxy."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Calypso, ConnectionFailedError
from tests.overlay.peers import peer, read_request, read_response

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = b'{"account":"a","ownerId":"o","balances":[]}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ACCOUNT) + ACCOUNT

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


class Proxy:
    """A proxy for plain http that writes down what it was asked for, and passes one request on."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        request = read_request(connection)
        self.asked.append(request.split(b"\r\n")[0])
        url = httpx.URL(self.asked[-1].split(b" ")[1].decode())
        request = request.replace(str(url).encode(), url.raw_path, 1)
        # Whatever its name is: only a proxy knows it.
        with socket.create_connection(("127.0.0.1", url.port or 80)) as server:
            server.sendall(request)
            connection.sendall(read_response(server))


@pytest.fixture(scope="module")
def mock() -> Iterator[tuple[Mock, str]]:
    mock = Mock()
    with Server(mock) as server:
        yield mock, server.url


def account(asynchronous: bool, own: dict[str, Any] | None = None, **settings: Any) -> Any:
    if not asynchronous:
        if own is None:
            with Calypso(**settings) as client:
                return client.accounts.get()
        with httpx.Client(**own) as http_client:
            return Calypso(**settings, http_client=http_client).accounts.get()

    async def run() -> Any:
        if own is None:
            async with AsyncCalypso(**settings) as client:
                return await client.accounts.get()
        async with httpx.AsyncClient(**own) as http_client:
            return await AsyncCalypso(**settings, http_client=http_client).accounts.get()

    return asyncio.run(run())


@both
def test_a_proxy_of_a_client_of_ones_own_is_used(
    mock: tuple[Mock, str], asynchronous: bool
) -> None:
    proxy = Proxy()
    with peer(proxy) as url:
        found = account(asynchronous, {"proxy": url}, **mock[0].settings(base_url=mock[1]))

    assert found.account == mock[0].settings()["account"]
    assert proxy.asked == [f"POST {mock[1]}/api/v1/account HTTP/1.1".encode()]


@both
def test_a_proxy_of_the_environment_is_used_by_clients_made_after_it_was_set(
    mock: tuple[Mock, str], asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy()
    with peer(proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("NO_PROXY", "")
        elsewhere = mock[1].replace("127.0.0.1", "mock.invalid")
        found = account(asynchronous, **mock[0].settings(base_url=elsewhere), allow_http=True)

    assert found.account == mock[0].settings()["account"]
    assert len(proxy.asked) == 1


@both
def test_a_base_url_may_have_a_path(asynchronous: bool) -> None:
    asked: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        asked.append(read_request(connection))
        connection.sendall(OK)

    with peer(behave) as url:
        found = account(
            asynchronous, key="k", secret="s", account="a", base_url=f"{url}/gateway/calypso/"
        )

    assert found.owner_id == "o"
    assert asked[0].startswith(b"POST /gateway/calypso/api/v1/account HTTP/1.1\r\n")


@both
def test_a_proxy_that_refuses_saw_nothing_of_the_request(asynchronous: bool) -> None:
    """A tunnel that is not opened carries nothing: the call surely never left."""
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"

    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(refusal)

    settings = {"key": "k", "secret": "s", "account": "a", "base_url": "https://one.invalid"}
    with peer(hang_up) as url, pytest.raises(ConnectionFailedError):
        account(asynchronous, {"proxy": url}, **settings, max_retries=0)
