"""Checking the httpx client or transport that is given, and what httpx needs to make a client."""

from __future__ import annotations

import os
import ssl
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from calypso_pay._errors import ConfigurationError
from calypso_pay._settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

# httpx keeps an idle connection for five seconds, as long as many servers do and longer than some.
# A server that closes one just as a request is sent over it leaves open whether that had an effect.
# As many may be kept idle as there may be: an idle one costs nothing until it is used
# (`idle_connections`).
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=100, keepalive_expiry=1.0)


class _NoCookies(httpx.Cookies):
    """Neither keeps cookies nor sends any.

    The API has none, and httpx would look for them in each response, for a fifth of the call.
    """

    def extract_cookies(self, response: httpx.Response) -> None:
        pass

    def set_cookie_header(self, request: httpx.Request) -> None:
        pass


_NO_COOKIES = _NoCookies()


class Client(httpx.Client):
    """A client of our own."""

    def _send_handling_auth(
        self,
        request: httpx.Request,
        auth: httpx.Auth,
        follow_redirects: bool,  # noqa: ARG002, FBT001 - as httpx calls it
        history: list[httpx.Response],  # noqa: ARG002 - likewise
    ) -> httpx.Response:
        """Sign a request and send it once, without what redirects and other schemes need."""
        return self._send_single_request(next(auth.sync_auth_flow(request)))

    @property
    def cookies(self) -> httpx.Cookies:
        """None."""
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        pass


class AsyncClient(httpx.AsyncClient):
    """A client of our own, asynchronous."""

    async def _send_handling_auth(
        self,
        request: httpx.Request,
        auth: httpx.Auth,
        follow_redirects: bool,  # noqa: ARG002, FBT001 - as httpx calls it
        history: list[httpx.Response],  # noqa: ARG002 - likewise
    ) -> httpx.Response:
        """Sign a request and send it once, as `Client` does."""
        return await self._send_single_request(next(auth.sync_auth_flow(request)))

    @property
    def cookies(self) -> httpx.Cookies:
        """None."""
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        pass


def certificates(base_url: str) -> ssl.SSLContext:
    """Return what verifies servers, for a client of our own; those of one process share it."""
    # Reading them takes longer than all else of a client.
    if base_url.lower().startswith("https:"):
        return _read_certificates()
    return _LazyContext(ssl.PROTOCOL_TLS_CLIENT)


class _LazyContext(ssl.SSLContext):
    """Certificates that are read at the first connection that needs them; itself it trusts none.

    For a client with a base URL of plain http, which seldom makes such a connection.
    """

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:  # noqa: ANN401 - as its own
        return _read_certificates().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:  # noqa: ANN401 - likewise
        return _read_certificates().wrap_bio(*args, **kwargs)


def _read_certificates() -> ssl.SSLContext:
    file, *others = map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"))
    changed = 0
    with suppress(OSError):
        changed = Path(file or "").stat().st_mtime_ns
    return _context(file, changed, *others)


@lru_cache(maxsize=8)
def _context(*_: object) -> ssl.SSLContext:
    """Return the context for these settings, which httpx reads itself."""
    context = httpx.create_ssl_context()
    # httpcore does so only with the context that it was given.
    context.set_alpn_protocols(["http/1.1"])
    return context


def check_given(name: str, value: object, wanted: type) -> None:
    """Check the `http_client` or the `transport` that a user gave.

    Args:
        name: Name of the argument.
        value: What was given; None for nothing.
        wanted: The class of httpx that it has to be.

    Raises:
        ConfigurationError: It is of another class; the message names the client that takes it.
    """
    if value is None or isinstance(value, wanted):
        return
    kind = type(value)
    given = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    clients = name == "http_client"
    sync = httpx.Client if clients else httpx.BaseTransport
    other = httpx.AsyncClient if clients else httpx.AsyncBaseTransport
    advice = (
        f"Calypso takes an httpx.{sync.__name__}, AsyncCalypso an httpx.{other.__name__}."
        if isinstance(value, sync | other)
        else "calypso-pay works with httpx 0.27 and 0.28. "
        f"Make the {'client' if clients else name} with httpx."
    )
    raise ConfigurationError(
        f"{name} has to be an httpx.{wanted.__name__}, which {given} is not: {advice}"
    )


@contextmanager
def as_configuration_error(library: str = "httpx") -> Iterator[None]:
    """Turn whatever a library raises for its configuration into a `ConfigurationError`."""
    try:
        yield
    except Exception as error:
        raise ConfigurationError(
            f"{library} cannot use base_url, or the environment's settings of proxies and "
            "certificates (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, …): "
            f"{type(error).__name__}: {error}"
        ) from error


def check_reachable(here: str, there: str) -> None:
    """Check that connections that lead to one address may be used for another one.

    Raises:
        ConfigurationError: One of them is this machine, and the other one is not.
    """
    if len({is_loopback(httpx.URL(url).host) for url in (here, there)}) > 1:
        raise ConfigurationError(
            "base_url cannot be changed from this machine to another one or back: those "
            "connections may go through a proxy. Make a client of its own for it."
        )


def is_in_process(transport: object) -> bool:
    """Return whether this is a transport, and not one to the network."""
    network = httpx.HTTPTransport | httpx.AsyncHTTPTransport | str | None
    return not isinstance(transport, network)


def proxy_of_environment(url: httpx.URL) -> httpx.URL | None:
    """Return the proxy that the environment names for an address."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    # NO_PROXY may name the port, too.
    names = url.host, url.netloc.decode("ascii")
    if not found or is_loopback(url.host) or any(map(proxy_bypass, names)):
        return None
    return httpx.URL(found if "://" in found else f"http://{found}")


def server(base_url: str, url: httpx.URL) -> str:
    """Return what is called, for messages: also the proxy, without its password."""
    proxy = proxy_of_environment(url)
    if proxy is None:
        return base_url
    shown = proxy.copy_with(userinfo=b"")
    return f"{base_url} through the proxy {shown}, which the environment names,"
