"""Let every call fail in every way under the real SDK of Sentry, and print what it would send.

    python -m tests.overlay.reported

Run as a program of its own, for the SDK changes the process that it is set up in.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import httpx
import sentry_sdk

from calypso_pay import AsyncCalypso, Calypso
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import sign
from tests.overlay.every_call import OPERATIONS, arun_all, example, run_all

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "canary-of-a-response"
HEADERS = {"X-Echo": CANARY, "Set-Cookie": CANARY}
SECRET = "a-subscription's-secret-key"


def documented(request: httpx.Request) -> Any:
    """Return the response that the document has as an example, with the canary in its texts."""
    value = example(OPERATIONS[request.method, request.url.path]["responses"]["200"])
    return _marked(value)


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _marked(item) for name, item in value.items()} | {"new": CANARY}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    # A new value of an enum is named on purpose.
    return CANARY if isinstance(value, str) and not value.isupper() else value


def _without_essentials(value: Any) -> Any:
    needed = {"id", "address", "balances", "requestId", "amount", "subscriptions"}
    if isinstance(value, dict):
        left = value if len(needed & {*value}) != 1 else {}
        return {k: _without_essentials(v) for k, v in left.items() if k not in needed} | {
            "new": CANARY
        }
    return [*map(_without_essentials, value), {"new": CANARY}] if isinstance(value, list) else value


def rejecting(status: int, code: str) -> Callable[[httpx.Request], httpx.Response]:
    body = {"errorCode": code, "message": "no", "more": CANARY}
    return lambda _: httpx.Response(status, json=body, headers=HEADERS)


def broken(request: httpx.Request) -> httpx.Response:
    content = json.dumps(documented(request)).encode()[:-1]
    return httpx.Response(200, content=content, headers=HEADERS)


WAYS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "without what is needed": lambda request: httpx.Response(
        200, json=_without_essentials(documented(request)), headers=HEADERS
    ),
    "with something new": lambda request: httpx.Response(
        200, json=documented(request), headers=HEADERS
    ),
    "broken off": broken,
    "no JSON": lambda _: httpx.Response(200, text=CANARY, headers=HEADERS),
    "of another type": lambda _: httpx.Response(200, json=[CANARY, 1], headers=HEADERS),
    "encoded": lambda _: httpx.Response(
        200, content=CANARY.encode(), headers=HEADERS | {"Content-Encoding": "br"}
    ),
    "bad gateway": lambda _: httpx.Response(502, html=CANARY, headers=HEADERS),
    **{
        f"{status} {code}": rejecting(status, code)
        for status, code in (
            (401, "003"),
            (400, "001"),
            (400, "011"),
            (404, "004"),
            (429, "429"),
            (500, "000"),
            (200, "777"),
            (409, "012"),
        )
    },
}


def main() -> None:
    """Print the events."""
    events: list[Any] = []
    # It is called with what would be sent, and nothing is.
    sentry_sdk.init(
        "https://key@sentry.invalid/1", before_send=lambda event, _: events.append(str(event))
    )

    def see(_: str, result: object) -> None:
        if isinstance(result, BaseException):
            sentry_sdk.capture_exception(result)

    settings: dict[str, Any] = {"max_retries": 0, "strict": True}
    for way in WAYS.values():
        with Calypso(
            key="k", secret="s", account="0xabc", transport=httpx.MockTransport(way), **settings
        ) as client:
            run_all(client, see, raw=False)
        asyncio.run(_fail(way, see, settings))
    for receiver in (Receiver(_fail_to_look_up), Receiver(_fail_to_look_up_later)):
        _deliver(receiver)
    json.dump(events, sys.stdout)


async def _fail(
    way: Callable[[httpx.Request], httpx.Response],
    see: Callable[[str, object], None],
    settings: dict[str, Any],
) -> None:
    transport = httpx.MockTransport(way)
    async with AsyncCalypso(
        key="k", secret="s", account="0xabc", transport=transport, **settings
    ) as client:
        await arun_all(client, see, raw=False)


def _fail_to_look_up(_: str | None) -> str:
    raise LookupError("the database is down")


async def _fail_to_look_up_later(_: str | None) -> str:
    raise LookupError("the database is down")


def _deliver(receiver: Receiver) -> None:
    body = json.dumps({"id": 1, "requestId": CANARY})
    signature = sign(body, SECRET)
    headers = {"Key": "public", "Sign": signature, "X-Echo": CANARY}
    asyncio.run(receiver.ahandle(body, headers))


if __name__ == "__main__":
    main()
