"""The ASGI application, driven directly: what it takes in, and what it never keeps waiting for."""

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
GONE = {"type": "http.disconnect"}
PATIENCE = 30


def scope(method: str = "POST", headers: Sequence[tuple[bytes, bytes]] = PAIRS) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": "/any/path", "headers": [*headers]}


def chunks(*bodies: bytes) -> list[dict[str, Any]]:
    parts = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    parts[-1]["more_body"] = False
    return parts


class Client:
    """A caller that sends messages, keeps the answer, and then says nothing more."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.answer: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def send(self, message: Any) -> None:
        self.answer.append(message)

    async def call(self, app: Application, given: dict[str, Any] | None = None) -> int | None:
        async with asyncio.timeout(PATIENCE):
            await app(given or scope(), self.receive, self.send)
        return self.answer[0]["status"] if self.answer else None


def receiving(**limits: Any) -> tuple[Application, list[Event]]:
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
    """Send the event again until it is answered 200, as the vendor does."""
    async with asyncio.timeout(PATIENCE):
        while await Client(*chunks(BODY)).call(app) != 200:  # noqa: ASYNC110 - so vendors do
            await asyncio.sleep(0.001)


def call(app: Application, *messages: dict[str, Any], **given: Any) -> int | None:
    return asyncio.run(Client(*messages).call(app, scope(**given)))


@examples(20)
@given(st.lists(st.integers(0, len(BODY)), max_size=5))
def test_a_body_may_come_in_any_pieces(cuts: list[int]) -> None:
    app, seen = receiving()
    ends = [0, *sorted(cuts), len(BODY)]
    pieces = [BODY[start:end] for start, end in itertools.pairwise(ends)]

    assert call(app, *chunks(*pieces)) == 200
    assert len(seen) == 1


def test_other_methods_are_refused() -> None:
    app, _ = receiving()

    def answered(method: str) -> tuple[int | None, bool]:
        client = Client(*chunks(b""))
        status = asyncio.run(client.call(app, scope(method)))
        return status, (b"allow", b"POST") in client.answer[0]["headers"]

    methods = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post"]
    assert {method: answered(method) for method in methods} == dict.fromkeys(methods, (405, True))


@pytest.mark.parametrize(("most", "status"), [(len(BODY), 200), (len(BODY) - 1, 413)])
def test_a_body_that_is_too_long_is_refused_whatever_its_length_is_said_to_be(
    most: int, status: int
) -> None:
    app, _ = receiving(max_body=most)
    lie = [*PAIRS, (b"content-length", b"1")]

    assert call(app, *chunks(BODY[:9], BODY[9:])) == status
    assert call(app, *chunks(BODY[:9], BODY[9:]), headers=lie) == status


@pytest.mark.parametrize("length", [b"1048577", b"9" * 10_000])
def test_a_body_that_is_said_to_be_too_long_is_refused_before_it_is_read(length: bytes) -> None:
    app, _ = receiving()

    assert call(app, headers=[*PAIRS, (b"content-length", length)]) == 413


def test_a_length_that_is_no_number_is_not_believed() -> None:
    app, _ = receiving()

    assert call(app, *chunks(BODY), headers=[*PAIRS, (b"content-length", b"many")]) == 200


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    app, _ = receiving(read_timeout=0.01)

    assert call(app, *chunks(BODY, b"")[:1]) == 408


def test_a_caller_that_hangs_up_while_it_sends_is_answered_nothing() -> None:
    app, seen = receiving()

    assert call(app, *chunks(BODY, b"")[:1], GONE) is None
    assert seen == []


@rows("headers", [[], [(b"sign", b"0" * 127)], [(b"sign", b"g" * 128)], [PAIRS[1], PAIRS[1]]])
def test_what_has_not_one_signature_is_refused_before_it_is_read(headers: Any) -> None:
    app, _ = receiving()

    assert call(app, headers=headers) == 401


@examples(20)
@given(st.integers(1, 5), st.integers(0, 40), st.lists(st.integers(0, 40), max_size=3))
def test_bodies_that_do_not_come_keep_no_genuine_delivery_out(
    places: int, others: int, genuine: list[int]
) -> None:
    """However many there are, with signatures of the right form: the oldest loses its place."""
    app, seen = receiving(max_concurrency=places, read_timeout=PATIENCE)
    forged = [(b"sign", b"0" * 128)]

    async def story() -> list[int | None]:
        answers = []
        waiting = []
        for number in range(max(others, *genuine, 0) + 1):
            if number < others:
                half = Client(*chunks(b"{", b"")[:1])
                waiting.append(asyncio.create_task(half.call(app, scope(headers=forged))))
                await asyncio.sleep(0)
            answers += [await Client(*chunks(BODY)).call(app) for each in genuine if each == number]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return answers

    assert asyncio.run(story()) == [200] * len(genuine)
    assert len(seen) == bool(genuine)


def test_the_oldest_of_the_unread_requests_is_ended_when_there_are_too_many() -> None:
    app, _ = receiving(max_concurrency=1, read_timeout=PATIENCE)
    forged = scope(headers=[(b"sign", b"0" * 128)])

    async def story() -> int | None:
        first = asyncio.create_task(Client(*chunks(b"{", b"")[:1]).call(app, forged))
        await asyncio.sleep(0)
        second = asyncio.create_task(Client(*chunks(b"{", b"")[:1]).call(app, forged))
        done, _ = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
        second.cancel()
        assert done == {first}
        return first.result()

    assert asyncio.run(story()) == 408


def test_handlers_that_take_long_do_not_keep_others_from_being_verified() -> None:
    """A forged delivery is refused as one while all places of handlers are taken."""
    receiver, may_end = Receiver(SECRET), asyncio.Event()
    app = receiver.asgi(max_concurrency=1, respond_within=0.01)
    receiver.default(lambda _: may_end.wait())

    async def story() -> list[int | None]:
        forged = scope(headers=[(b"sign", b"0" * 128)])
        first = await Client(*chunks(BODY)).call(app)
        second = await Client(*chunks(BODY)).call(app, forged)
        may_end.set()
        return [first, second]

    assert asyncio.run(story()) == [503, 401]


def test_a_shutdown_waits_for_handlers_and_says_which_it_could_not_wait_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver, may_end, seen = Receiver(SECRET), asyncio.Event(), list[Event]()
    app = receiver.asgi(respond_within=0.01, drain_within=PATIENCE)

    @receiver.default
    async def handler(event: Event) -> None:
        await may_end.wait()
        seen.append(event)

    async def story() -> None:
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
        assert life.answer == [{"type": "lifespan.shutdown.complete"}]

    asyncio.run(story())


def test_plain_handlers_that_hang_take_no_threads_from_anything_else() -> None:
    """Neither from asyncio's own, nor from each other up to `max_concurrency`."""
    receiver, may_end, begun = Receiver(SECRET), threading.Event(), list[Event]()
    app = receiver.asgi(max_concurrency=50, respond_within=0.01)

    @receiver.default
    def handler(event: Event) -> None:
        begun.append(event)
        may_end.wait(PATIENCE)

    async def one(number: int) -> int | None:
        body, headers = delivery(PurseExpiredEvent, number)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return await Client(*chunks(body)).call(app, scope(headers=pairs))

    async def story() -> list[int | None]:
        answers = await asyncio.gather(*map(one, range(50)))
        await until(lambda: len(begun) == 50)
        assert await asyncio.to_thread(lambda: "free") == "free"
        may_end.set()
        await app.aclose()
        return answers

    assert set(asyncio.run(story())) == {503}


def test_more_at_once_than_allowed_are_refused_and_places_become_free_again() -> None:
    receiver, may_end, begun = Receiver(SECRET), asyncio.Event(), list[Event]()
    app = receiver.asgi(max_concurrency=2)

    @receiver.default
    async def handler(event: Event) -> None:
        begun.append(event)
        await may_end.wait()

    async def one(number: int) -> int | None:
        body, headers = delivery(PurseExpiredEvent, number)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return await Client(*chunks(body)).call(app, scope(headers=pairs))

    async def story() -> list[int | None]:
        running = [asyncio.create_task(one(number)) for number in (1, 2)]
        await until(lambda: len(begun) == 2)
        refused = await one(3)
        may_end.set()
        return [refused, *await asyncio.gather(*running), await one(3)]

    assert asyncio.run(story()) == [503, 200, 200, 200]


@pytest.mark.parametrize("message", [GONE, {"type": "http.request", "body": b"x" * 2_000_000}])
def test_a_request_that_was_not_read_to_its_end_frees_its_place(message: dict[str, Any]) -> None:
    app, _ = receiving(max_concurrency=1)

    for _ in range(3):
        call(app, message)
    assert call(app, *chunks(BODY)) == 200


def test_a_slow_handler_is_answered_503_and_goes_on_so_that_the_next_copy_finds_it_done() -> None:
    receiver, may_end, seen = Receiver(SECRET), asyncio.Event(), list[Event]()
    app = receiver.asgi(respond_within=0.01)

    @receiver.default
    async def handler(event: Event) -> None:
        await may_end.wait()
        seen.append(event)

    async def story() -> list[int | None]:
        first = await Client(*chunks(BODY)).call(app)
        meanwhile = await Client(*chunks(BODY)).call(app)
        may_end.set()
        await until(lambda: seen)
        await until_delivered(app)
        return [first, meanwhile]

    assert asyncio.run(story()) == [503, 503]
    assert len(seen) == 1


def test_a_request_that_is_cancelled_does_not_stop_a_handler() -> None:
    """Some middleware cancels what it calls when the caller hangs up."""
    receiver, may_end = Receiver(SECRET), asyncio.Event()
    begun, seen = list[Event](), list[Event]()
    app = receiver.asgi()

    @receiver.default
    async def handler(event: Event) -> None:
        begun.append(event)
        await may_end.wait()
        seen.append(event)

    async def story() -> None:
        request = asyncio.create_task(Client(*chunks(BODY)).call(app))
        await until(lambda: begun)
        request.cancel()
        await asyncio.wait({request})
        may_end.set()
        await until(lambda: seen)
        await until_delivered(app)

    asyncio.run(story())
    assert len(seen) == len(begun) == 1


@given(st.lists(st.tuples(st.binary(), st.binary())), st.binary())
def test_any_headers_and_body_get_an_answer(pairs: list[tuple[bytes, bytes]], body: bytes) -> None:
    app, seen = receiving()

    assert call(app, *chunks(body), headers=pairs) in {400, 401, 413}
    assert seen == []


def test_it_can_be_served_alone_and_refuses_websockets() -> None:
    app, _ = receiving()
    life = Client({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    socket = Client({"type": "websocket.connect"})

    asyncio.run(app({"type": "lifespan"}, life.receive, life.send))
    asyncio.run(app({"type": "websocket"}, socket.receive, socket.send))

    assert [each["type"] for each in life.answer] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert [each["type"] for each in socket.answer] == ["websocket.close"]


LIMITS = ["max_body", "max_concurrency", "read_timeout", "respond_within", "drain_within"]


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_nothing_is_refused_when_the_application_is_made(limit: str) -> None:
    with pytest.raises(ConfigurationError, match="above zero"):
        receiving(**{limit: 0})
