"""Send requests to a target one at a time, and record the exchanges."""

from __future__ import annotations

import http.client
import ipaddress
import json
import time
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http import HTTPStatus
from socket import inet_aton
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.contract import document, schemas
from tests.contract.wire import FAILED, STOPPED, now, signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.contract.wire import Target

    Json = dict[str, Any]

# Seconds to wait for a response; a gateway may have to wait itself before it sends a request.
TIMEOUT = 30.0
GATEWAY_TIMEOUT = 180.0


class UnreachableError(Exception):
    """The target does not respond, or not with HTTP.

    Attributes:
        exchange: The request that got no response; None if none was sent.
    """

    def __init__(self, text: str, exchange: Exchange | None = None) -> None:
        super().__init__(text)
        self.exchange = exchange


class StoppedError(KeyboardInterrupt):
    """The run has to end here, as with Ctrl-C; the text is the reason."""


@dataclass(frozen=True)
class Exchange:
    """One request and its response.

    Attributes:
        method: HTTP method.
        url: The request's URL.
        path: The path below the target's base URL.
        sent_headers: The request's headers, Key and Sign included.
        sent: The request's bytes.
        status: The response's status; 0 if there was no response.
        headers: The response's headers, names in lower case.
        content: The response's bytes.
        began: When the request was sent, in seconds since 1970.
        seconds: How long the response took.
    """

    method: str
    url: str
    path: str
    sent_headers: Mapping[str, str] = field(repr=False)
    sent: bytes = field(repr=False)
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    began: float
    seconds: float

    @property
    def label(self) -> str:
        """Return the operation's id, or method and path if the document does not have it."""
        return document.operation_at(self.method, self.path) or f"{self.method} {self.path}"

    def json(self) -> Any:
        """Return the response's body, numbers exact.

        Raises:
            ValueError: It is not JSON, or too deep or too long to read.
        """
        try:
            return json.loads(self.content, parse_float=Decimal)
        except (RecursionError, ArithmeticError) as error:
            raise ValueError(str(error)) from None

    @property
    def code(self) -> str | None:
        """Return the response's errorCode; None if there is none."""
        try:
            body = self.json()
        except ValueError:
            return None
        code = body.get("errorCode") if isinstance(body, dict) else None
        return code if isinstance(code, str) else None


class Session:
    """A connection to a target.

    Args:
        target: The server, and the account that calls.

    Attributes:
        target: The server, and the account that calls.
        exchanges: All requests and their responses.
        timeout: Seconds to wait for a response.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.exchanges: list[Exchange] = []
        self.timeout = TIMEOUT if target.real_url is None else GATEWAY_TIMEOUT
        parts = urlsplit(target.base_url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=self.timeout)
        self._prefix = parts.path.rstrip("/")

    def call(
        self,
        operation_id: str,
        payload: Json | None = None,
        *,
        as_: Target | None = None,
        as_is: bool = False,
    ) -> Exchange:
        """Call an operation in the documented way.

        Args:
            operation_id: The operation.
            payload: Its payload, to which missing required fields are added; None for no payload.
            as_: Whose key, secret and account to use, if not the session's own.
            as_is: Send the payload unchanged.
        """
        who = as_ or self.target
        method, path = document.routes()[operation_id]
        body: Json = {"account": who.account, "timestamp": now()}
        if payload is not None:
            whole = payload if as_is else schemas.completed(operation_id, payload)
            body["payload"] = whole
        content = json.dumps(body).encode()
        return self.send(method, path, content, signature(who, content))

    def send(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Exchange:
        """Send exactly these bytes, with a JSON content type unless the headers name another.

        Raises:
            UnreachableError: There was no response. The request is still among the exchanges.
            StoppedError: The gateway to the target ends the run.
        """
        is_typed = any(name.lower() == "content-type" for name in headers)
        sent = {**({} if is_typed else {"Content-Type": "application/json"}), **headers}
        began, clock = time.time(), time.perf_counter()
        url = self.target.shown.rstrip("/") + path
        exchange = Exchange(method, url, path, sent, content, 0, {}, b"", began, 0.0)
        index = len(self.exchanges)
        self.exchanges.append(exchange)
        try:
            self._connection.request(method, self._prefix + path, content, sent)
            response = self._connection.getresponse()
            content_received = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            waited = time.perf_counter() - clock
            exchange = self.exchanges[index] = replace(exchange, seconds=waited)
            raise self._unreachable(exchange, f"{type(error).__name__}: {error}") from error
        except BaseException:
            # The rest of this response may still arrive, and would be taken for the next one.
            self._connection.close()
            raise
        waited = time.perf_counter() - clock
        got = {name.lower(): value for name, value in response.getheaders()}
        if STOPPED.lower() in got:
            del self.exchanges[index]
            raise StoppedError(got[STOPPED.lower()])
        if FAILED.lower() in got:
            exchange = self.exchanges[index] = replace(exchange, seconds=waited)
            raise self._unreachable(exchange, got[FAILED.lower()])
        exchange = self.exchanges[index] = replace(
            exchange, status=response.status, headers=got, content=content_received, seconds=waited
        )
        return exchange

    def _unreachable(self, exchange: Exchange, why: str) -> UnreachableError:
        what = f"{self.target.shown} did not respond to {exchange.method} {exchange.path}"
        return UnreachableError(f"{what}: {why}", exchange)

    def control(self, name: str, body: Json | None = None) -> Any:
        """Use one of the mock's control endpoints: GET without a body, else POST.

        Raises:
            RuntimeError: The mock rejected it.
        """
        method = "GET" if body is None else "POST"
        content = b"" if body is None else json.dumps(body).encode()
        response = self.send(method, f"/_mock/{name}", content, {})
        if response.status != HTTPStatus.OK:
            text = response.content.decode()
            raise RuntimeError(f"/_mock/{name} returned {response.status} {text}")
        return response.json()

    def leading_to(self, last: Exchange) -> list[Exchange]:
        """Return all exchanges from the mock's last reset to this one, or only this one."""
        index = next(i for i, each in enumerate(self.exchanges) if each is last)
        before = self.exchanges[: index + 1]
        resets = [i for i, each in enumerate(before) if each.path == "/_mock/reset"]
        return before[resets[-1] :] if resets else [last]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def is_loopback(url: str) -> bool:
    """Return whether a URL names this machine, however its address is written."""
    host = (urlsplit(url).hostname or "").removesuffix(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or _is_loopback_in_short(host)
    return bool((getattr(address, "ipv4_mapped", None) or address).is_loopback)


def _is_loopback_in_short(host: str) -> bool:
    # Such as 127.1 or 0x7f000001, which the system accepts.
    try:
        return host[:1].isdigit() and ipaddress.ip_address(inet_aton(host)).is_loopback
    except OSError:
        return False
