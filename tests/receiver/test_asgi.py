"""The ASGI application, called directly: its limits, and that they never block the vendor."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_pay import ConfigurationError
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseExpiredEvent
from tests.properties import examples
from tests.receiver.deposits import SECRET, delivery
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calypso_pay.receiver import Application

BODY, HEADERS = delivery(PurseExpiredEvent)
PAIRS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
DISCONNECT = {"type": "http.disconnect"}
PATIENCE = 30


def scope(method: str = "POST", headers: Sequence[tuple[bytes, bytes]] = PAIRS) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": "/any/path", "headers": [*headers]}


def chunks(*bodies: bytes) -> list[dict[str, Any]]:
    parts = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    parts[-1]["more_body"] = False
    return parts


class Client:
    """An ASGI client that sends messages, records the response, and then stays silent."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.response: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def send(self, message: Any) -> None:
        self.response.append(message)

    async def call(self, app: Application, given: dict[str, Any] | None = None) -> int | None:
        async with asyncio.timeout(PATIENCE):
            await app(given or scope(), self.receive, self.send)
        return self.response[0]["status"] if self.response else None


def application(**limits: Any) -> tuple[Application, list[Event]]:
    receiver, seen = Receiver(SECRET), list[Event]()

    @receiver.default
    async def handler(event: Event) -> None:
        seen.append(event)

    return receiver.asgi(**limits), seen


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - threads may have a part in it
            await asyncio.sleep(0.001)


async def until_delivered(app: Application) -> None:
    """Retry the delivery until the response is 200, as the vendor does."""
    async with asyncio.timeout(PATIENCE):
        while await Client(*chunks(BODY)).call(app) != 200:  # noqa: ASYNC110 - as the vendor does
            await asyncio.sleep(0.001)


def call(app: Application, *messages: dict[str, Any], **given: Any) -> int | None:
    return asyncio.run(Client(*messages).call(app, scope(**given)))


@examples(20)
@given(st.lists(st.integers(0, len(BODY)), max_size=5))
def test_a_body_may_come_in_any_pieces(cuts: list[int]) -> None:
    app, seen = application()
    ends = [0, *sorted(cuts), len(BODY)]
    pieces = [BODY[start:end] for start, end in itertools.pairwise(ends)]

    assert call(app, *chunks(*pieces)) == 200
    assert len(seen) == 1


def test_other_methods_are_rejected() -> None:
    app, _ = application()

    def respond(method: str) -> tuple[int | None, bool]:
        client = Client(*chunks(b""))
        status = asyncio.run(client.call(app, scope(method)))
        return status, (b"allow", b"POST") in client.response[0]["headers"]

    methods = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post"]
    assert {method: respond(method) for method in methods} == dict.fromkeys(methods, (405, True))


@pytest.mark.parametrize(("limit", "status"), [(len(BODY), 200), (len(BODY) - 1, 413)])
def test_a_body_that_is_too_long_is_rejected_whatever_its_content_length(
    limit: int, status: int
) -> None:
    app, _ = application(max_body=limit)
    wrong_length = [*PAIRS, (b"content-length", b"1")]

    assert call(app, *chunks(BODY[:9], BODY[9:])) == status
    assert call(app, *chunks(BODY[:9], BODY[9:]), headers=wrong_length) == status


@pytest.mark.parametrize("length", [b"1048577", b"9" * 10_000])
def test_a_content_length_that_is_too_long_is_rejected_before_the_body_is_read(
    length: bytes,
) -> None:
    app, _ = application()

    assert call(app, headers=[*PAIRS, (b"content-length", length)]) == 413


def test_a_content_length_that_is_not_a_number_is_ignored() -> None:
    app, _ = application()

    assert call(app, *chunks(BODY), headers=[*PAIRS, (b"content-length", b"many")]) == 200


def test_a_body_that_does_not_arrive_times_out() -> None:
    app, _ = application(read_timeout=0.01)

    assert call(app, *chunks(BODY, b"")[:1]) == 408


def test_a_client_that_disconnects_while_it_sends_gets_no_response() -> None:
    app, seen = application()

    assert call(app, *chunks(BODY, b"")[:1], DISCONNECT) is None
    assert seen == []


@rows("headers", [[], [(b"sign", b"0" * 127)], [(b"sign", b"g" * 128)], [PAIRS[1], PAIRS[1]]])
def test_a_request_without_exactly_one_signature_is_rejected_before_it_is_read(
    headers: Any,
) -> None:
    app, _ = application()

    assert call(app, headers=headers) == 401


@examples(20)
@given(st.integers(1, 5), st.integers(0, 40), st.lists(st.integers(0, 40), max_size=3))
def test_bodies_that_do_not_arrive_do_not_block_genuine_deliveries(
    limit: int, others: int, genuine: list[int]
) -> None:
    """However many there are, with well-formed signatures: the oldest is ended."""
    app, seen = application(max_concurrency=limit, read_timeout=PATIENCE)
    forged = [(b"sign", b"0" * 128)]

    async def scenario() -> list[int | None]:
        statuses = []
        waiting = []
        for number in range(max(others, *genuine, 0) + 1):
            if number < others:
                unfinished = Client(*chunks(b"{", b"")[:1])
                waiting.append(asyncio.create_task(unfinished.call(app, scope(headers=forged))))
                await asyncio.sleep(0)
            statuses += [
                await Client(*chunks(BODY)).call(app) for each in genuine if each == number
            ]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return statuses

    assert asyncio.run(scenario()) == [200] * len(genuine)
    assert len(seen) == bool(genuine)


def test_the_oldest_unread_request_is_ended_when_there_are_too_many() -> None:
    app, _ = application(max_concurrency=1, read_timeout=PATIENCE)
    forged = scope(headers=[(b"sign", b"0" * 128)])

    async def scenario() -> int | None:
        first = asyncio.create_task(Client(*chunks(b"{", b"")[:1]).call(app, forged))
        await asyncio.sleep(0)
        second = asyncio.create_task(Client(*chunks(b"{", b"")[:1]).call(app, forged))
        done, _ = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
        second.cancel()
        assert done == {first}
        return first.result()

    assert asyncio.run(scenario()) == 408


def test_slow_handlers_do_not_block_the_verification_of_other_deliveries() -> None:
    """A forged delivery gets 401 even while the maximum of handlers is running."""
    receiver, may_end = Receiver(SECRET), asyncio.Event()
    app = receiver.asgi(max_concurrency=1, respond_within=0.01)
    receiver.default(lambda _: may_end.wait())

    async def scenario() -> list[int | None]:
        forged = scope(headers=[(b"sign", b"0" * 128)])
        first = await Client(*chunks(BODY)).call(app)
        second = await Client(*chunks(BODY)).call(app, forged)
        may_end.set()
        return [first, second]

    assert asyncio.run(scenario()) == [503, 401]


def test_a_shutdown_waits_for_handlers_and_logs_the_unfinished_ones(
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver, may_end, seen = Receiver(SECRET), asyncio.Event(), list[Event]()
    app = receiver.asgi(respond_within=0.01, drain_within=PATIENCE)

    @receiver.default
    async def handler(event: Event) -> None:
        await may_end.wait()
        seen.append(event)

    async def scenario() -> None:
        assert await Client(*chunks(BODY)).call(app) == 503
        await receiver.aclose(within=0.01)
        assert "1 deliveries were not finished within 0.01 seconds" in caplog.text
        life = Client({"type": "lifespan.shutdown"})
        ending = asyncio.create_task(life.call(app, {"type": "lifespan"}))
        await asyncio.sleep(0)
        may_end.set()
        with contextlib.suppress(KeyError):
            await ending
        assert len(seen) == 1
        assert life.response == [{"type": "lifespan.shutdown.complete"}]

    asyncio.run(scenario())


def test_synchronous_handlers_that_hang_do_not_use_up_other_threads() -> None:
    """Neither asyncio's own, nor those of other handlers up to `max_concurrency`."""
    receiver, may_end, started = Receiver(SECRET), threading.Event(), list[Event]()
    app = receiver.asgi(max_concurrency=50, respond_within=0.01)

    @receiver.default
    def handler(event: Event) -> None:
        started.append(event)
        may_end.wait(PATIENCE)

    async def deliver(number: int) -> int | None:
        body, headers = delivery(PurseExpiredEvent, number)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return await Client(*chunks(body)).call(app, scope(headers=pairs))

    async def scenario() -> list[int | None]:
        statuses = await asyncio.gather(*map(deliver, range(50)))
        await until(lambda: len(started) == 50)
        assert await asyncio.to_thread(lambda: "free") == "free"
        may_end.set()
        await app.aclose()
        return statuses

    assert set(asyncio.run(scenario())) == {503}


def test_deliveries_beyond_max_concurrency_are_rejected_until_a_handler_ends() -> None:
    receiver, may_end, started = Receiver(SECRET), asyncio.Event(), list[Event]()
    app = receiver.asgi(max_concurrency=2)

    @receiver.default
    async def handler(event: Event) -> None:
        started.append(event)
        await may_end.wait()

    async def deliver(number: int) -> int | None:
        body, headers = delivery(PurseExpiredEvent, number)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return await Client(*chunks(body)).call(app, scope(headers=pairs))

    async def scenario() -> list[int | None]:
        running = [asyncio.create_task(deliver(number)) for number in (1, 2)]
        await until(lambda: len(started) == 2)
        rejected = await deliver(3)
        may_end.set()
        return [rejected, *await asyncio.gather(*running), await deliver(3)]

    assert asyncio.run(scenario()) == [503, 200, 200, 200]


@pytest.mark.parametrize(
    "message", [DISCONNECT, {"type": "http.request", "body": b"x" * 2_000_000}]
)
def test_a_request_that_was_not_read_to_its_end_no_longer_counts(message: dict[str, Any]) -> None:
    app, _ = application(max_concurrency=1)

    for _ in range(3):
        call(app, message)
    assert call(app, *chunks(BODY)) == 200


def test_a_slow_handler_gives_503_and_finishes_so_that_the_next_delivery_finds_it_done() -> None:
    receiver, may_end, seen = Receiver(SECRET), asyncio.Event(), list[Event]()
    app = receiver.asgi(respond_within=0.01)

    @receiver.default
    async def handler(event: Event) -> None:
        await may_end.wait()
        seen.append(event)

    async def scenario() -> list[int | None]:
        first = await Client(*chunks(BODY)).call(app)
        meanwhile = await Client(*chunks(BODY)).call(app)
        may_end.set()
        await until(lambda: seen)
        await until_delivered(app)
        return [first, meanwhile]

    assert asyncio.run(scenario()) == [503, 503]
    assert len(seen) == 1


def test_a_request_that_is_cancelled_does_not_stop_a_handler() -> None:
    """Some middleware cancels the application when the client disconnects."""
    receiver, may_end = Receiver(SECRET), asyncio.Event()
    started, seen = list[Event](), list[Event]()
    app = receiver.asgi()

    @receiver.default
    async def handler(event: Event) -> None:
        started.append(event)
        await may_end.wait()
        seen.append(event)

    async def scenario() -> None:
        request = asyncio.create_task(Client(*chunks(BODY)).call(app))
        await until(lambda: started)
        request.cancel()
        await asyncio.wait({request})
        may_end.set()
        await until(lambda: seen)
        await until_delivered(app)

    asyncio.run(scenario())
    assert len(seen) == len(started) == 1


@given(st.lists(st.tuples(st.binary(), st.binary())), st.binary())
def test_any_headers_and_body_get_a_response(pairs: list[tuple[bytes, bytes]], body: bytes) -> None:
    app, seen = application()

    assert call(app, *chunks(body), headers=pairs) in {400, 401, 413}
    assert seen == []


def test_it_can_be_served_alone_and_closes_websockets() -> None:
    app, _ = application()
    life = Client({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    socket = Client({"type": "websocket.connect"})

    asyncio.run(app({"type": "lifespan"}, life.receive, life.send))
    asyncio.run(app({"type": "websocket"}, socket.receive, socket.send))

    assert [each["type"] for each in life.response] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert [each["type"] for each in socket.response] == ["websocket.close"]


LIMITS = ["max_body", "max_concurrency", "read_timeout", "respond_within", "drain_within"]


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_zero_is_rejected_when_the_application_is_created(limit: str) -> None:
    with pytest.raises(ConfigurationError, match="above zero"):
        application(**{limit: 0})
