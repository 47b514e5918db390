"""The web applications of the servers: each request creates a customer with a deposit address.

The client is created and used when the module is imported, which is before the fork with
``--preload``.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from calypso_pay import AsyncCalypso, Calypso
from calypso_pay.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

calypso = Calypso(max_retries=0)
receiver = Receiver(calypso.subscriptions.secrets())
TRANSPORT: Any = os.environ.get("DEPLOYMENT_TRANSPORT")
asynchronous = AsyncCalypso(max_retries=0, transport=TRANSPORT)


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Create a customer in a WSGI application."""
    email = parse_qs(environ["QUERY_STRING"])["email"][0]
    customer = calypso.customers.create(email=email)
    address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([email, customer.id, address.address]).encode()]


async def asgi(scope: dict[str, Any], _: object, send: Callable[..., Any]) -> None:
    """Create a customer in an ASGI application."""
    if scope["type"] != "http":
        return
    email = parse_qs(scope["query_string"].decode())["email"][0]
    customer = await asynchronous.customers.create(email=email)
    address = await asynchronous.addresses.get(customer_id=customer.id, currency="USDT_TRX")
    body = json.dumps([email, customer.id, address.address]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
