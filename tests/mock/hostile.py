"""Send a mock any request, signed with a few lines of our own, and classify its responses."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Result(NamedTuple):
    """The status of a response, and the vendor's code in its body, if it has one."""

    status: int
    code: str | None = None


FINE = Result(200)
BAD = Result(400, "001")
NO_KEY = Result(401, "002")
NO_SIGN = Result(401, "003")
UNKNOWN = Result(400, "004")
STALE = Result(400, "011")
NO_PATH = Result(404)
NO_METHOD = Result(405, "001")
BAD_CONTROL = Result(400)
# Not the mock's response, but that of the HTTP library in front of it, which is plain text.
NO_HTTP = Result(400, "no HTTP")

JSON = ("Content-Type", "application/json")
_PURSE, HOOK = "/api/v1/customer-purse", "/api/v1/subscription/webhook"
ENDPOINTS = {
    "getAccount": ("POST", "/api/v1/account"),
    "createCustomer": ("POST", f"{_PURSE}/customer/create"),
    "updateCustomer": ("POST", f"{_PURSE}/customer/update"),
    "blockCustomer": ("POST", f"{_PURSE}/customer/block"),
    "unblockCustomer": ("POST", f"{_PURSE}/customer/unblock"),
    "getAddress": ("POST", f"{_PURSE}/address/get"),
    "getPurses": ("POST", f"{_PURSE}/purse/get-all"),
    "getTransaction": ("POST", f"{_PURSE}/transaction/get"),
    "findTransactions": ("POST", f"{_PURSE}/transaction/find"),
    "getSubscriptions": ("POST", HOOK),
    "createSubscription": ("POST", f"{HOOK}/create"),
    "changeSubscription": ("POST", f"{HOOK}/change"),
    "deleteSubscription": ("DELETE", HOOK),
}


class RawRequest(NamedTuple):
    """One request as the application sees it."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def to_bytes(self) -> bytes:
        """Write it as HTTP/1.1, the last one of its connection."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


@dataclass(frozen=True)
class Caller:
    """A client: its credentials, the time in milliseconds, and the ids of another account."""

    key: str
    secret: str
    account: str
    now: Callable[[], int]
    foreign: Mapping[str, str] = field(default_factory=dict)

    def sign(self, body: bytes) -> str:
        return hmac.new(self.secret.encode(), body, hashlib.sha512).hexdigest()

    def envelope(self, payload: Any = None, **members: Any) -> dict[str, Any]:
        body = {"account": self.account, "timestamp": self.now(), "payload": payload}
        if payload is None:
            del body["payload"]
        return {**body, **members}

    def request(self, operation: str, body: bytes | dict[str, Any]) -> RawRequest:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [("Key", self.key), ("Sign", self.sign(content))]
        return RawRequest(*ENDPOINTS[operation], [*headers, JSON], content)


def classify(status: int, content: bytes, method: str = "POST") -> Result:
    """Classify a response, which has to be a success or in one of the known error shapes."""
    if status == 200 or method == "HEAD":
        return Result(status)
    if content == b"Invalid HTTP request received.":
        return Result(status, "no HTTP")
    body = json.loads(content)
    assert body.keys() in ({"traceId", "errorCode", "message"}, {"message"}, {"error"})
    assert all(isinstance(value, str) and value for value in body.values())
    assert len(content) < 2_000
    return Result(status, body.get("errorCode"))


class _Stream(io.BytesIO):
    """Bytes that http.client takes for a socket."""

    def makefile(self, _: str) -> _Stream:
        return self

    def close(self) -> None:
        """Stay open: the next response may follow."""


def classify_all(responses: bytes, method: str = "POST") -> list[Result]:
    """Classify all the responses that came over one connection."""
    stream, found = _Stream(responses), []
    while stream.tell() < len(responses):
        response = http.client.HTTPResponse(stream, method=method)  # type: ignore[arg-type]
        response.begin()
        found.append(classify(response.status, response.read(), method))
    return found
