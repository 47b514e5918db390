"""Where a client runs: settings as people really give them, and proxies that it must not use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Calypso, ConfigurationError, ConnectionFailedError
from calypso_pay._settings import is_loopback
from tests.overlay.peers import IDENTITY, call, peer, read_request
from tests.rows import rows

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Iterator

ACCOUNT = {"account": "a", "ownerId": "o", "balances": []}
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
clients = pytest.mark.parametrize("client", [Calypso, AsyncCalypso])


@pytest.fixture(autouse=True)
def _environment_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "SECRET", "ACCOUNT", "BASE_URL", "ALLOW_HTTP"):
        monkeypatch.delenv(f"CALYPSO_{name}", raising=False)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def served() -> Iterator[dict[str, Any]]:
    mock = Mock()
    with Server(mock) as server:
        yield dict(mock.settings(base_url=server.url))


@both
@pytest.mark.parametrize("proxy", PROXIES[:3])
def test_this_machine_is_never_asked_through_a_proxy(
    served: dict[str, Any], asynchronous: bool, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be shown key, signature and body, and could not reach this machine anyway."""
    asked: list[socket.socket] = []
    with peer(asked.append) as url:
        monkeypatch.setenv(proxy, url)
        found = call("accounts.get", asynchronous=asynchronous, **served)

    assert found.account == served["account"]
    assert asked == []


@both
def test_a_proxy_that_cannot_be_reached_is_named_without_its_password(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:canary@127.0.0.1:9")
    with pytest.raises(ConnectionFailedError) as caught:
        call("accounts.get", asynchronous=asynchronous, base_url="https://shop.invalid")

    assert "https://shop.invalid through the proxy http://127.0.0.1:9" in str(caught.value)
    assert "canary" not in str(caught.value)


@both
def test_a_tunnel_of_a_proxy_is_used(
    asynchronous: bool, tls: tuple[str, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy sees the host and nothing of the request."""
    authority, context = tls
    asked: list[bytes] = []

    def be_both(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secured:
            asked.append(read_request(secured))
            body = json.dumps(ACCOUNT).encode()
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    monkeypatch.setenv("SSL_CERT_FILE", authority)
    with peer(be_both) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        found = call("accounts.get", asynchronous=asynchronous, base_url="https://one.invalid")

    assert found.account == "a"
    assert asked[0].startswith(b"CONNECT one.invalid:443 ")
    assert not any(word in asked[0].lower() for word in (b"sign:", b"key:", b"canary"))
    assert len(asked) == 2


@both
@pytest.mark.parametrize("exempt", ["shop.invalid", "shop.invalid:8443"])
def test_without_a_proxy_none_is_named(
    exempt: str, asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", exempt)
    with pytest.raises(ConnectionFailedError) as caught:
        call("accounts.get", asynchronous=asynchronous, base_url="https://shop.invalid:8443")

    assert "proxy" not in str(caught.value)


@pytest.mark.over_httpx
@clients
@pytest.mark.parametrize("value", ["[::1]", "localhost,[::1]"])
def test_what_httpx_cannot_read_of_no_proxy_is_named(
    client: Any, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", value)

    with pytest.raises(ConfigurationError, match="NO_PROXY"):
        client(**IDENTITY)
    assert client(**IDENTITY, base_url="http://127.0.0.1:8600")


@pytest.mark.parametrize("end", ["", "/", "/api/v1", "/api/v1/"])
@pytest.mark.parametrize("start", ["https://one.invalid", "https://one.invalid/gateway"])
def test_a_base_url_may_end_with_the_path_that_all_calls_have(start: str, end: str) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=ACCOUNT)

    transport = httpx.MockTransport(respond)
    call("accounts.get", asynchronous=False, base_url=start + end, transport=transport)

    assert asked == [f"{start}/api/v1/account"]


@clients
@pytest.mark.parametrize("setting", ["key", "secret", "account", "base_url"])
@pytest.mark.parametrize("quoted", ['"{}"', "'{}'"])
def test_quotes_around_a_setting_are_noticed(
    client: Any, setting: str, quoted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docker --env-file leaves them; the value is not shown."""
    settings = {**IDENTITY, "base_url": "https://one.invalid"}
    for name, value in settings.items():
        text = quoted.format(value) if name == setting else value
        monkeypatch.setenv(f"CALYPSO_{name.upper()}", text)

    with pytest.raises(ConfigurationError, match=f"^{setting} has quotes.*env-file") as caught:
        client()
    assert settings[setting] not in str(caught.value)


@clients
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "key and secret and account are missing"),
        ({"account": "0xabc"}, "key and secret are missing"),
        ({"key": "k", "secret": ""}, "secret and account are missing"),
        ({"key": "k", "account": "0xabc"}, "secret is missing"),
    ],
)
def test_all_missing_settings_are_named_at_once(
    client: Any, given: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client(**given)

    assert message in str(caught.value)
    missing = {"key", "secret", "account"} - {name for name, value in given.items() if value}
    assert all(f"CALYPSO_{name.upper()}" in str(caught.value) for name in missing)


@clients
@pytest.mark.parametrize(
    ("value", "allowed"), [("1", True), ("true", True), ("0", False), ("", False), ("no", False)]
)
def test_the_environment_may_allow_plain_http(
    client: Any, value: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container the mock or a gateway has a name; the argument wins."""
    monkeypatch.setenv("CALYPSO_ALLOW_HTTP", value)
    settings = {**IDENTITY, "base_url": "http://mock:8600"}

    if allowed:
        assert client(**settings)
    else:
        with pytest.raises(ConfigurationError, match="CALYPSO_ALLOW_HTTP=1"):
            client(**settings)
    assert client(**settings, allow_http=True)
    with pytest.raises(ConfigurationError):
        client(**settings, allow_http=False)


def test_swapped_keys_are_thought_of() -> None:
    def reject(code: str) -> httpx.MockTransport:
        response = {"errorCode": code, "message": "no", "traceId": "t"}
        return httpx.MockTransport(lambda _: httpx.Response(401, json=response))

    for code in ("002", "003"):
        with pytest.raises(Exception, match="swapped"):
            call("accounts.get", asynchronous=False, transport=reject(code))


@rows(
    "host, is_this",
    [
        *((host, True) for host in ("localhost", "LOCALHOST", "localhost.", "127.9.9.9", "::1")),
        *((host, True) for host in ("127.1", "2130706433", "0x7f.1", "::ffff:127.0.0.1")),
        *((host, False) for host in ("::", "localhost.example", "10.1", "one", "1")),
        *((host, False) for host in ("", "127.1.example", "foo.localhost", "::ffff:10.0.0.1")),
    ],
)
def test_this_machine_is_known_however_its_address_is_written(host: str, is_this: bool) -> None:
    assert is_loopback(host) == is_this
