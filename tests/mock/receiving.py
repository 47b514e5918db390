"""Receive a mock's deliveries, in process or over HTTP, and subscribe to its events."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from calypso_mock import Mock
    from conftest import Api

PURSE = "CUSTOMER_PURSE"
STEPS = [
    "CUSTOMER_PURSE_MEM_POOL_FOUND",
    "CUSTOMER_PURSE_PENDING_COMPLIANCE",
    "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE",
    "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED",
]
DECLINED = "CUSTOMER_PURSE_COMPLIANCE_DECLINED"
EXPIRED = "CUSTOMER_PURSE_EXPIRED"


@dataclass
class Receiver:
    """Keeps what it receives and returns one status; can be the ``deliver`` of a mock."""

    status: int = 200
    received: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.received.append((url, headers, body))
        return self.status

    @property
    def events(self) -> list[Any]:
        return [json.loads(body, parse_float=Decimal) for _, _, body in self.received]

    @property
    def types(self) -> list[str]:
        return [event["eventType"] for event in self.events]

    @property
    def ids(self) -> list[int]:
        return [event["id"] for event in self.events]


def subscribe(
    api: Api, *types: str, services: tuple[str, ...] = (), url: str = "http://127.0.0.1:9/hook"
) -> Any:
    """Subscribe to events; where none is named, to all events of purses."""
    wanted: dict[str, Any] = {"requestId": str(uuid.uuid4()), "url": url}
    if types:
        wanted["notificationEventTypes"] = list(types)
    if services or not types:
        wanted["notificationServiceTypes"] = list(services or (PURSE,))
    return api.ok("createSubscription", wanted)


def signed(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()


def deposit(api: Api, to: Any = "credited", **named: Any) -> Any:
    """Let a deposit arrive at a new customer's address."""
    address = named.pop("address", None) or api.address("USDT_TRX")
    wanted = {"address": address, "currency": "USDT_TRX", "amount": "1.5", **named}
    return api.mock.simulate_deposit(to=to, **wanted)


def due_steps(mock: Mock) -> list[tuple[int, float]]:
    """Return number and seconds since the first of every attempt made."""
    log = mock.deliveries.log
    return [(made.number, (made.due - log[0].due).total_seconds()) for made in log]


@contextmanager
def listening(handle: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """Have a function handle what is posted to a port of this machine; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            handle(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send_status(handler: BaseHTTPRequestHandler, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": "0", **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
