"""Send requests to a target one at a time, and keep what was said."""

from __future__ import annotations

import http.client
import ipaddress
import json
import time
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.contract import document
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.contract.wire import Target

    Json = dict[str, Any]

PATIENCE = 30.0


class UnreachableError(Exception):
    """The target does not answer, or not in HTTP."""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        method: HTTP method.
        url: Where the request went.
        path: The path below the target's base URL.
        sent_headers: The request's headers, Key and Sign included.
        sent: The request's bytes.
        status: The answer's status.
        headers: The answer's headers, names in lower case.
        content: The answer's bytes.
        began: When it was sent, in seconds since 1970.
        seconds: How long the answer took.
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
        """Return the operation's id, or method and path where the document has none."""
        return document.at(self.method, self.path) or f"{self.method} {self.path}"

    def json(self) -> Any:
        """Return the answer's body, numbers exact.

        Raises:
            ValueError: It is not JSON.
        """
        return json.loads(self.content, parse_float=Decimal)

    @property
    def code(self) -> str | None:
        """Return the answer's errorCode; None where there is none."""
        try:
            body = self.json()
        except ValueError:
            return None
        code = body.get("errorCode") if isinstance(body, dict) else None
        return code if isinstance(code, str) else None


class Session:
    """A connection to a target.

    Args:
        target: Where it is, and who calls.
        pause: Seconds to wait before each request, so that a stranger's server is not loaded.
    """

    def __init__(self, target: Target, *, pause: float = 0.0) -> None:
        self.target = target
        self.exchanges: list[Exchange] = []
        self._pause = pause
        parts = urlsplit(target.base_url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=PATIENCE)
        self._prefix = parts.path.rstrip("/")

    def call(
        self, operation_id: str, payload: object = None, *, as_: Target | None = None
    ) -> Exchange:
        """Call an operation as it is meant to be called.

        Args:
            operation_id: Which one.
            payload: Its payload; None leaves it out.
            as_: Whose key, secret and account to use, where not the session's own.
        """
        who = as_ or self.target
        method, path = document.places()[operation_id]
        body: Json = {"account": who.account, "timestamp": now()}
        if payload is not None:
            body["payload"] = payload
        content = json.dumps(body).encode()
        return self.send(method, path, content, signature(who, content))

    def send(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Exchange:
        """Send these very bytes, with a JSON content type unless the headers name another.

        Raises:
            UnreachableError: No answer came.
        """
        if self._pause:
            time.sleep(self._pause)
        is_typed = any(name.lower() == "content-type" for name in headers)
        sent = {**({} if is_typed else {"Content-Type": "application/json"}), **headers}
        began, clock = time.time(), time.perf_counter()
        try:
            self._connection.request(method, self._prefix + path, content, sent)
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            what = f"{self.target.base_url} gave no answer to {method} {path}"
            raise UnreachableError(f"{what}: {type(error).__name__}: {error}") from error
        exchange = Exchange(
            method,
            self.target.base_url.rstrip("/") + path,
            path,
            sent,
            content,
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            answer,
            began,
            time.perf_counter() - clock,
        )
        self.exchanges.append(exchange)
        return exchange

    def control(self, name: str, body: Json | None = None) -> Any:
        """Use one of the mock's control endpoints: GET without a body, else POST.

        Raises:
            RuntimeError: The mock would not.
        """
        method = "GET" if body is None else "POST"
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.send(method, f"/_mock/{name}", content, {})
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"/_mock/{name} said {answer.status} {answer.content.decode()}")
        return answer.json()

    def has_control(self) -> bool:
        """Tell whether the target is a mock that can be steered; strangers are not even asked."""
        if not is_loopback(self.target.base_url):
            return False
        answer = self.send("GET", "/_mock/state", b"", {})
        try:
            return answer.status == HTTPStatus.OK and "accounts" in answer.json()
        except (ValueError, TypeError):
            return False

    def leading_to(self, last: Exchange) -> list[Exchange]:
        """Return what was said since a mock began anew, up to an exchange; else that one alone."""
        place = next(i for i, each in enumerate(self.exchanges) if each is last)
        before = self.exchanges[: place + 1]
        resets = [i for i, each in enumerate(before) if each.path == "/_mock/reset"]
        return before[resets[-1] :] if resets else [last]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def is_loopback(url: str) -> bool:
    """Tell whether a URL names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
