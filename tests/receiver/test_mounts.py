"""A receiver in Starlette and FastAPI, served by uvicorn, with deliveries of the mock over HTTP."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from calypso_mock import Mock, Sender, Server
from calypso_pay import Calypso
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseExpiredEvent
from tests.receiver.deposits import SECRET, TYPES, delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/hooks/calypso"


def fastapi_route(receiver: Receiver) -> Any:
    return FastAPI(routes=[Route(PATH, receiver.asgi())])


def fastapi_mount(receiver: Receiver) -> Any:
    app = FastAPI()
    app.mount(PATH, receiver.asgi())
    return app


def starlette_route(receiver: Receiver) -> Any:
    return Starlette(routes=[Route(PATH, receiver.asgi())])


def starlette_mount(receiver: Receiver) -> Any:
    return Starlette(routes=[Mount(PATH, receiver.asgi())])


def standalone(receiver: Receiver) -> Any:
    return receiver.asgi()


# Both frameworks redirect the bare path of a mount to the one with a slash, which is not 200.
SETTINGS = [
    (fastapi_route, PATH),
    (fastapi_mount, f"{PATH}/"),
    (starlette_route, PATH),
    (starlette_mount, f"{PATH}/"),
    (standalone, PATH),
]


PATIENCE = 30


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application; the socket listens at once, so that the first request waits for it."""
    config = uvicorn.Config(app, log_level="critical", loop="asyncio", http="h11", ws="none")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_each_event_of_a_deposit_is_handled_once_though_the_mock_disturbs_its_deliveries() -> None:
    """However the receiver is mounted."""
    mock = Mock()
    mock.deliveries.disturb(duplicates=0.5, failures=0.3)
    seen = {build.__name__: list[Event]() for build, _ in SETTINGS}
    secrets: dict[str, str] = {}
    with (
        contextlib.ExitStack() as servers,
        Server(mock, deliver=Sender(timeout=PATIENCE)) as server,
        Calypso(**mock.settings(base_url=server.url)) as calypso,
    ):
        for number, (build, path) in enumerate(SETTINGS):
            receiver = Receiver(secrets.get)
            receiver.default(seen[build.__name__].append)
            url = servers.enter_context(serving(build(receiver)))
            calypso.subscriptions.create(
                url=url + path,
                # The disturbances of the mock depend on it.
                request_id=f"00000000-0000-4000-8000-00000000000{number}",
                notification_event_types=list(TYPES.values()),
            )
        secrets.update(calypso.subscriptions.secrets())
        customer = calypso.customers.create()
        address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX").address
        mock.simulate_deposit(address=address, currency="USDT_TRX", amount="25.50")
        for _ in range(20):
            mock.deliveries.deliver_due()
            mock.clock.advance(hours=40)
        assert mock.deliveries.pending == ()

    handled = {name: [type(event).__name__ for event in events] for name, events in seen.items()}
    final = {"PurseFundsReceivedEvent", "PurseTranslationCompletedEvent"}
    assert {name: kinds for name, kinds in handled.items() if len(kinds) != len(set(kinds))} == {}
    assert {name: kinds for name, kinds in handled.items() if not final <= set(kinds)} == {}


@pytest.mark.parametrize(("build", "path"), SETTINGS)
def test_statuses_reach_the_caller(build: Any, path: str) -> None:
    receiver = Receiver(SECRET)
    body, headers = delivery(next(iter(TYPES)))

    def in_pieces() -> Iterator[bytes]:
        yield body[:50]
        yield body[50:]

    with (
        serving(build(receiver)) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        statuses = [
            client.post(path, content=in_pieces(), headers=headers).status_code,
            client.post(path, content=b"{}", headers=headers).status_code,
            client.post(path, content=b"x" * 2_000_000, headers=headers).status_code,
            client.get(path).status_code,
        ]

    assert statuses == [200, 401, 413, 405]


def test_half_sent_requests_do_not_block_genuine_deliveries_to_a_real_server() -> None:
    """More of them than `max_concurrency`, with signatures and without, and more all the time."""
    receiver, seen = Receiver(SECRET), list[Event]()
    receiver.default(seen.append)
    app = receiver.asgi(max_concurrency=8, read_timeout=PATIENCE)
    with serving(app) as url, contextlib.ExitStack() as attack, httpx.Client() as vendor:
        statuses = []
        for number in range(60):
            for signature in ("Sign: " + "0" * 128, "Host: shop.example"):
                connection = socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0))
                attack.enter_context(connection)
                connection.sendall(
                    f"POST / HTTP/1.1\r\n{signature}\r\nContent-Length: 9\r\n\r\n{{".encode()
                )
            body, headers = delivery(PurseExpiredEvent, number)
            statuses.append(vendor.post(url, content=body, headers=headers).status_code)

    assert statuses == [200] * 60
    assert len(seen) == 60


def test_a_server_that_is_stopped_waits_for_its_handlers() -> None:
    """Also for a slow one, whose delivery already got 503."""
    receiver, begun, seen = Receiver(SECRET), threading.Event(), list[Event]()

    @receiver.default
    def slow(event: Event) -> None:
        begun.set()
        time.sleep(0.3)
        seen.append(event)

    with serving(receiver.asgi(respond_within=0.01)) as url:
        body, headers = delivery(PurseExpiredEvent)
        assert httpx.post(url, content=body, headers=headers).status_code == 503
        assert begun.wait(PATIENCE)

    assert len(seen) == 1
