"""Every method of every resource with arguments that fit, and a response for each operation.

Read from the classes and from the document, so that whatever is added is called as well.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

import httpx

from calypso_pay.customers import CustomerClaim, CustomerStatus

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT: dict[str, Any] = json.loads(
    files("calypso_mock").joinpath("openapi.json").read_text(encoding="utf-8")
)
OPERATIONS = {
    (method.upper(), path): operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
PASSWORDS = {
    name
    for schema in DOCUMENT["components"]["schemas"].values()
    for name, field in schema.get("properties", {}).items()
    if field.get("format") == "password"
}


def example(content: dict[str, Any]) -> Any:
    """Return the first example of a request's or a response's content."""
    named = content.get("content", {}).get("application/json", {}).get("examples", {})
    return next((found["value"] for found in named.values()), None)


def with_secret(value: Any, secret: str) -> Any:
    """Return a JSON value whose secret fields hold this secret."""
    if isinstance(value, list):
        return [with_secret(item, secret) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: secret if name in PASSWORDS else with_secret(item, secret)
        for name, item in value.items()
    }


def response_to(request: httpx.Request, secret: str) -> httpx.Response:
    """Respond as the document's example does, with this secret."""
    value = example(OPERATIONS[request.method, request.url.path]["responses"]["200"])
    return httpx.Response(200, json=with_secret(value, secret) if value else None)


def snake(name: str) -> str:
    """Return a field's name as it is in Python."""
    return re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", name)


_SAMPLES = {
    snake(name): value
    for operation in OPERATIONS.values()
    for name, value in example(operation["requestBody"]).get("payload", {}).items()
}


class Forgetful:
    """A store of customers that remembers none."""

    def begin_customer(self, *_: object) -> CustomerClaim:
        return CustomerClaim(CustomerStatus.ACQUIRED)

    def finish_customer(self, _: str, __: str, customer: str) -> str:
        return customer

    def release_customer(self, *_: object) -> None:
        pass


class AsyncForgetful:
    """A `Forgetful` whose methods are coroutines."""

    async def begin_customer(self, *_: object) -> CustomerClaim:
        return CustomerClaim(CustomerStatus.ACQUIRED)

    async def finish_customer(self, _: str, __: str, customer: str) -> str:
        return customer

    async def release_customer(self, *_: object) -> None:
        pass


def methods(client: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Go through all public methods of all resources of a client or its raw view."""
    for tag, _ in inspect.getmembers_static(
        type(client), lambda it: isinstance(it, cached_property)
    ):
        resource = getattr(client, tag)
        for name in dir(resource):
            if name[0] != "_" and callable(getattr(resource, name)):
                yield f"{tag}.{name}", getattr(resource, name)


def call(method: Callable[..., Any]) -> Any:
    """Call a method with sample values for what it needs; of an iterator take three items."""
    result = method(**_arguments(method))
    return list(islice(result, 3)) if isinstance(result, Iterator) else result


async def acall(method: Callable[..., Any]) -> Any:
    """Do for asynchronous methods what `call` does."""
    result = method(**_arguments(method))
    return [item async for item in result] if isinstance(result, AsyncIterator) else await result


def _arguments(method: Callable[..., Any]) -> dict[str, Any]:
    parameters = inspect.signature(method).parameters
    store = AsyncForgetful() if inspect.iscoroutinefunction(method) else Forgetful()
    needed = {
        name: store if name == "store" else _SAMPLES[name]
        for name, p in parameters.items()
        # One of the lists of a subscription is needed as well.
        if p.default is p.empty or name == "notification_event_types"
    }
    # What waits shall not wait for long.
    return needed | ({"deadline": 0.1} if "deadline" in parameters else {})


def run_all(client: Any, see: Callable[[str, Any], None], *, raw: bool = True) -> None:
    """Call all methods of a client, and of its raw view; failures are results as well."""
    for root in (client, client.raw)[: 1 + raw]:
        for name, method in methods(root):
            try:
                result = call(method)
            except Exception as error:  # noqa: BLE001 - whatever it raises is looked at
                result = error
            see(name, result)


async def arun_all(client: Any, see: Callable[[str, Any], None], *, raw: bool = True) -> None:
    """Do for asynchronous clients what `run_all` does, each call in a task of its own."""
    for root in (client, client.raw)[: 1 + raw]:
        for name, method in methods(root):
            (result,) = await asyncio.gather(acall(method), return_exceptions=True)
            see(name, result)
