"""No secret shows, whatever a program does with what it was given.

The merchant's secret key, the API key, every signature and a subscription's secret key are looked
for in logs, texts, tracebacks with local variables, warnings, pickles and copies, of all methods
of all resources. What hands a secret out on purpose is the attribute `secret_key`, `to_dict()`,
and the bytes of a response in `content`.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
import socket
import time
from collections import ChainMap, Counter
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from click.testing import CliRunner

from calypso_api import UNSET, Client, DecodeError, Operation, RowsError, errors, models, types
from calypso_mock import Mock, Server
from calypso_pay import (
    APIError,
    AsyncCalypso,
    Attempt,
    Calypso,
    CalypsoError,
    ConfigurationError,
    Drift,
    KeySign,
    Outcome,
    PagingWarning,
    RawResponse,
    inbox,
    receiver,
    reconcile,
    subscriptions,
    webhooks,
)
from calypso_pay.cli._app import app
from calypso_pay.customers import CustomerClaim, CustomerStatus
from calypso_pay.receiver import testing
from calypso_pay.transactions import PagingCause
from tests.overlay.canaries import KEY, SECRET, SUBSCRIPTION, Watch
from tests.overlay.every_call import (
    DOCUMENT,
    OPERATIONS,
    arun_all,
    methods,
    response_to,
    run_all,
)
from tests.overlay.peers import peer
from tests.overlay.surface import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "0xabc"


class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that passes each request to a function."""

    def __init__(self, react: Callable[[httpx.Request], httpx.Response]) -> None:
        self.react = react

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.react(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.react(request)


class Torn(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off after a secret came."""

    def __iter__(self) -> Iterator[bytes]:
        yield SUBSCRIPTION.encode()
        raise httpx.ReadError("broke off")

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


def succeed(request: httpx.Request) -> httpx.Response:
    return response_to(request, SUBSCRIPTION)


def reject(status: int, code: str) -> Callable[[httpx.Request], httpx.Response]:
    """Respond with one of the vendor's errors and a secret beside it."""
    body = {"errorCode": code, "message": "No", "secretKey": SUBSCRIPTION}
    return lambda _: httpx.Response(status, json=body, headers={"X-Echo": KEY})


def respond(status: int, **body: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, **body)


def fail(kind: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
    def react(request: httpx.Request) -> httpx.Response:
        raise kind("no", request=request)

    return react


def fail_carelessly(request: httpx.Request) -> httpx.Response:
    """Raise as a foreign transport may: headers in text, attributes, notes, locals and context."""
    headers = dict(request.headers)
    try:
        raise LookupError(headers)  # noqa: TRY301 - it shall be the context of another
    except LookupError as error:
        error.add_note(repr(headers))
        failure = OSError(f"could not send {headers}")
        failure.headers = headers  # type: ignore[attr-defined]
        raise failure from error


REACTIONS = {
    "success": succeed,
    "unknown sign": reject(401, "003"),
    "invalid": reject(400, "001"),
    "stale": reject(400, "011"),
    "server error": reject(500, "000"),
    "undocumented code": reject(200, "777"),
    "too many": reject(429, "429"),
    "redirect": respond(302, headers={"Location": f"http://other.invalid/?secret={SUBSCRIPTION}"}),
    "other type": respond(200, json={"secretKey": SUBSCRIPTION}),
    "list": respond(200, json=[SUBSCRIPTION, {"secretKey": SUBSCRIPTION}]),
    "half": respond(200, content=f'{{"secretKey": "{SUBSCRIPTION}'.encode()),
    "page": respond(502, html=f"<html>{SUBSCRIPTION}</html>"),
    "empty": respond(200, content=b""),
    "encoded": respond(200, headers={"Content-Encoding": "br"}, content=SUBSCRIPTION.encode()),
    "torn": lambda _: httpx.Response(200, stream=Torn()),
    "timeout": fail(httpx.ReadTimeout),
    "no connection": fail(httpx.ConnectError),
    "careless": fail_carelessly,
}


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watch for the canaries, and never wait."""
    # Equal calls shall have equal bodies, and so equal signatures, of which each is looked for.
    monkeypatch.setattr("calypso_pay.subscriptions._rules.uuid4", lambda: UUID(int=4))
    doze = asyncio.sleep
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(asyncio, "sleep", lambda _: doze(0))
    return Watch(monkeypatch, key=KEY, secret=SECRET, subscription=SUBSCRIPTION)


def look_at(watch: Watch, result: object) -> None:
    if isinstance(result, BaseException):
        watch.error(result)
    else:
        watch.thing(result)


# Tried also with the raw view, with a listener that fails, and with what asyncio logs: one way to
# succeed, one to be broken, one to fail. What those show does not depend on the others.
THOROUGHLY = ("success", "half", "careless")


def still() -> float:
    """A time that does not pass, so that equal calls have equal signatures."""
    return 1_795_239_600.0


def test_no_call_shows_a_secret(watch: Watch) -> None:
    """However it ends, and even where a listener fails while it looks at an attempt."""
    seen: Counter[str] = Counter()
    signed: dict[str, int] = {}

    def listen(attempt: Attempt) -> None:
        watch.thing(attempt)
        if watch.case in THOROUGHLY:
            raise ValueError(attempt)
        if attempt.error is not None and watch.case not in seen:
            # Its frames, too, though others may follow this attempt.
            watch.error(attempt.error)

    def see(_: str, result: object) -> None:
        seen[watch.case] += 1
        look_at(watch, result)

    async def run(*, raw: bool, **settings: Any) -> None:
        async with AsyncCalypso(key=KEY, secret=SECRET, account=ACCOUNT, **settings) as client:
            await arun_all(client, see, raw=raw)

    with watch:
        for case, reaction in REACTIONS.items():
            watch.case, thorough, before = case, case in THOROUGHLY, watch.signed
            settings: dict[str, Any] = {"transport": FakeTransport(reaction), "max_retries": 1}
            settings |= {"on_attempt": listen, "clock": still}
            with Calypso(key=KEY, secret=SECRET, account=ACCOUNT, **settings) as client:
                run_all(client, see, raw=thorough)
            asyncio.run(run(raw=thorough, **settings), debug=thorough)
            signed[case] = watch.signed - before

    calls = {case: 2 * len(OPERATIONS) * (1 + (case in THOROUGHLY)) for case in REACTIONS}
    assert {case: (seen[case], signed[case]) for case in calls if seen[case] < calls[case]} == {}
    assert {case: count for case, count in signed.items() if count < calls[case]} == {}
    assert watch.leaks() == set()


def test_a_closed_client_shows_no_secret(watch: Watch) -> None:
    client = Calypso(key=KEY, secret=SECRET, account=ACCOUNT, transport=FakeTransport(succeed))
    asynchronous = AsyncCalypso(
        key=KEY, secret=SECRET, account=ACCOUNT, transport=FakeTransport(succeed)
    )
    results: list[object] = []
    client.close()

    async def run() -> None:
        await asynchronous.aclose()
        await arun_all(asynchronous, lambda _, result: results.append(result))

    with watch:
        run_all(client, lambda _, result: results.append(result))
        asyncio.run(run(), debug=True)
        for result in results:
            look_at(watch, result)

    assert {type(result) for result in results} == {ConfigurationError}
    assert watch.leaks() == set()


WRONG_SETTINGS: list[dict[str, Any]] = [
    {"key": f"{KEY}\n"},
    {"key": KEY.encode()},
    {"key": f"{KEY}é"},
    {"secret": f"{SECRET}\n"},
    {"secret": SECRET.encode()},
    {"secret": f" {SECRET}"},
    {"account": ""},
    {"base_url": "none"},
    {"timeout": -1},
    {"max_retries": "many"},
    {"transport": "none"},
    {"transport": FakeTransport(succeed), "http_client": httpx.Client()},
]


def raised_by(make: Callable[..., object], settings: Callable[[int], Any], number: int) -> Any:
    """Return the error of making something; no local variable here shows the settings."""
    try:
        make(**settings(number))
    except Exception as error:  # noqa: BLE001 - its kind is for the test to judge
        return error
    return None


def kinds_of_errors(
    watch: Watch, make: Callable[..., object], settings: list[dict[str, Any]]
) -> list[type]:
    """Look at the errors of making something with each of these settings."""
    kinds = []
    for number in range(len(settings)):
        watch.case = f"{make.__name__} with settings {number}"
        error = raised_by(make, settings.__getitem__, number)
        look_at(watch, error)
        kinds.append(type(error))
    return kinds


def test_a_client_that_cannot_be_made_shows_no_secret(watch: Watch) -> None:
    """Whatever is wrong with its settings."""
    identity = {"key": KEY, "secret": SECRET, "account": ACCOUNT}
    settings = [identity | wrong for wrong in WRONG_SETTINGS]
    with watch:
        kinds = [
            *kinds_of_errors(watch, Calypso, settings),
            *kinds_of_errors(watch, AsyncCalypso, settings),
        ]

    assert kinds == [ConfigurationError] * 2 * len(settings)
    assert watch.leaks() == set()


def test_a_hook_that_cannot_be_made_shows_no_secret(watch: Watch) -> None:
    settings = [{"key": f"{KEY}\n", "secret": SECRET}, {"key": KEY, "secret": f"{SECRET}\n"}]
    with watch:
        kinds = kinds_of_errors(watch, KeySign, settings)

    assert kinds == [ConfigurationError] * 2
    assert watch.leaks() == set()


WRONG_PLACES = [
    *[(name, form) for name in ("account", "key", "base_url") for form in ("{} {}", "{}\n")],
    ("base_url", "https://{}@one.invalid"),
    ("base_url", "https://one.invalid:{}"),
    ("base_url", "https://[{}"),
    ("base_url", "https://one.invalid/?key={}"),
]


def test_a_secret_in_the_wrong_place_is_in_no_message(watch: Watch) -> None:
    identity = {"key": KEY, "secret": SECRET, "account": " "}
    settings = [identity | {name: form.format(SECRET, KEY)} for name, form in WRONG_PLACES]
    ends = {}
    with watch:
        for number, (name, form) in enumerate(WRONG_PLACES):
            watch.case = f"{name} {form!r}"
            error = raised_by(Calypso, settings.__getitem__, number)
            ends[watch.case] = type(error)
            watch.note("message", f"{error} {error.args}")

    assert ends == dict.fromkeys(ends, ConfigurationError)
    assert watch.leaks() == set()


def quote(line: bytes) -> bytes:
    """Make a response of which a broken proxy left this line where a line of HTTP has to be."""
    return line + SUBSCRIPTION.encode() + b"\r\n\r\n"


BROKEN_HTTP = [
    quote(b""),
    quote(b"HTTP/1.1 200 OK\r\n"),
    quote(b"HTTP/1.1 200 OK\r\nContent-Length: "),
    quote(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
]


def test_a_response_that_is_not_http_is_not_quoted(watch: Watch) -> None:
    """The HTTP library's errors quote it; its own log at DEBUG does, too, and is not ours."""
    responses = iter(BROKEN_HTTP)

    def respond(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(next(responses))

    with peer(respond) as url, watch:
        client = Calypso(
            key=KEY, secret=SECRET, account=ACCOUNT, base_url=url, max_retries=0, clock=still
        )
        with client:
            for number in range(len(BROKEN_HTTP)):
                watch.case = f"response {number}"
                with pytest.raises(CalypsoError) as caught:
                    client.accounts.get()
                watch.error(caught.value)

    leaks = {leak for leak in watch.leaks() if ": log of httpcore" not in leak[1]}
    assert leaks == set()


@pytest.mark.parametrize("right", [True, False], ids=["served", "rejected"])
def test_no_secret_shows_over_http(monkeypatch: pytest.MonkeyPatch, right: bool) -> None:
    """Real connections, and all that httpx, httpcore and asyncio log."""
    mock = Mock(seeded=True)
    own = mock.settings()
    watch = Watch(monkeypatch, key=own["key"], secret=own["secret"] if right else SECRET)

    def see(_: str, result: Any) -> None:
        for found in getattr(result, "subscriptions", [result]):
            if hasattr(found, "secret_key"):
                watch.secrets[found.request_id] = found.secret_key
        look_at(watch, result)

    async def run(**settings: Any) -> None:
        async with AsyncCalypso(**settings) as client:
            await arun_all(client, see)

    now = time.time()
    with Server(mock) as server, watch:
        settings = {**own, "secret": watch.secrets["secret"], "base_url": server.url}
        settings["clock"] = lambda: now
        with Calypso(**settings) as client:
            run_all(client, see)
        asyncio.run(run(**settings), debug=True)

    assert any(where == "log of httpcore.http11" for where, _ in watch.seen)
    assert right is any("Subscription(" in text for _, text in watch.seen)
    assert watch.leaks() == set()


def test_a_call_that_is_given_up_on_shows_no_secret(watch: Watch) -> None:
    """By its timeout or by its caller, over a connection on which no response comes."""

    async def run(url: str) -> None:
        async with AsyncCalypso(
            key=KEY, secret=SECRET, account=ACCOUNT, base_url=url, clock=still
        ) as client:
            for turns in range(40):
                task = asyncio.create_task(client.accounts.get())
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError) as cancelled:
                    await task
                watch.error(cancelled.value)

    with socket.create_server(("127.0.0.1", 0)) as deaf, watch:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        asyncio.run(run(url), debug=True)
        with Calypso(
            key=KEY, secret=SECRET, account=ACCOUNT, base_url=url, timeout=0.05, max_retries=0
        ) as client:
            for method in (client.accounts.get, client.customers.create):
                with pytest.raises(CalypsoError) as caught:
                    method()
                watch.error(caught.value)

    assert any(where == "traceback of CancelledError" for where, _ in watch.seen)
    assert any(where == "traceback of ReadTimeout" for where, _ in watch.seen)
    assert watch.leaks() == set()


def filled(schema: dict[str, Any]) -> Any:
    """Make a JSON value for a schema, with a canary wherever a secret belongs."""
    if "$ref" in schema:
        return filled(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "properties" in schema or "allOf" in schema:
        taken = [filled(part) for part in schema.get("allOf", ())]
        own = {name: filled(field) for name, field in schema.get("properties", {}).items()}
        return dict(ChainMap(own, *taken))
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    texts = {"password": SUBSCRIPTION, "date-time": "2026-11-21T00:00:00Z"}
    kind = schema.get("type", "object")
    plain = {"array": [], "boolean": True, "integer": 1, "number": 1, "object": {}}
    if kind == "array":
        return [filled(schema["items"])]
    text = texts.get(schema.get("format", "").removesuffix("-local"), "text")
    return plain.get(kind if isinstance(kind, str) else kind[0], text)


def instances() -> Iterator[object]:
    """Make one of each public class, of models and errors by themselves."""
    clients: list[Any] = [
        Calypso(key=KEY, secret=SECRET, account=ACCOUNT, transport=FakeTransport(succeed)),
        AsyncCalypso(key=KEY, secret=SECRET, account=ACCOUNT, transport=FakeTransport(succeed)),
    ]
    for client in [*clients, *(client.with_options(max_retries=0) for client in clients)]:
        yield from (client, client.raw, client.transactions.iter())
        yield from (method.__self__ for root in (client, client.raw) for _, method in methods(root))
    for name, schema in DOCUMENT["components"]["schemas"].items():
        model = getattr(models, name, None)
        if model is not None:
            made = hasattr(model, "from_dict")
            yield model.from_dict(filled(schema)) if made else next(iter(model))
    response = RawResponse(200, {"X-Echo": KEY}, SUBSCRIPTION.encode(), None)
    yield from (kind("no", response=response) for kind in subclasses(CalypsoError))
    auth = KeySign(KEY, SECRET)
    yield from (auth, response, Operation("op", "POST", "/", "safe", None), UNSET)
    yield from (
        DecodeError("A.b: expected text, got null"),
        PagingWarning("some"),
        PagingCause.ORDER,
    )
    yield RowsError("A.b[1]: expected text, got null", [], [{"secretKey": SUBSCRIPTION}])
    yield from (CustomerClaim(CustomerStatus.BUSY), CustomerStatus.BUSY)
    yield Drift("op", "field", "newField", None)
    yield from (errors.UnexpectedStatus(599, SUBSCRIPTION.encode()), Outcome.DONE)
    yield Client(base_url="http://one.invalid", httpx_args={"auth": auth})
    yield Attempt("op", 1, Outcome.REFUSED, 0.1, 400, APIError("no", response=response), None)
    yield types.Response(
        status_code=200, content=SUBSCRIPTION.encode(), headers={"X-Echo": KEY}, parsed=None
    )


def received() -> Iterator[object]:
    """Make one of each public class of what has to do with webhooks."""
    body = '{"requestId":"r","id":1,"createdDate":"2026-11-21T12:00:00","level":"INFO",'
    body += '"service":"NEW","eventType":"NEW","data":{}}'
    yield webhooks.unwrap(body, {"Sign": webhooks.sign(body, SUBSCRIPTION)}, SUBSCRIPTION)
    keeper = receiver.Receiver(SUBSCRIPTION, store=receiver.MemoryStore())
    response = keeper.handle(b"", {})
    claim = receiver.Claim(receiver.ClaimStatus.DONE)
    yield testing.StoreTests()
    yield from (keeper, keeper.asgi(), response, response.result, receiver.MemoryStore())
    task = receiver.Task("r", 1, body=body.encode())
    yield from (claim, claim.status, task, webhooks.Reason.NO_MATCH)
    yield from (receiver.StoredEvent.of(task), receiver.UnavailableError("no API"))
    for store in (inbox.Inbox, inbox.AsyncInbox):
        yield store(f"postgresql+psycopg://shop:{SECRET}@localhost/shop")
    with Calypso(
        key=KEY, secret=SECRET, account=ACCOUNT, transport=FakeTransport(succeed)
    ) as client:
        (old, *_) = client.subscriptions.list().subscriptions
        yield from (client.subscriptions, client.subscriptions.secrets())
        for kind in (subscriptions.Rotation, subscriptions.AsyncRotation):
            made = kind(client.subscriptions, old, old)
            yield from (made, made.secrets)


def reconciled() -> Iterator[object]:
    """Make one of each public class of a reconciliation."""
    yield from (reconcile.Kind.OPEN, reconcile.Progress(1, 2, 0, 1), reconcile.Totals())
    with Calypso(
        key=KEY, secret=SECRET, account=ACCOUNT, transport=FakeTransport(succeed)
    ) as client:
        run = reconcile.reconcile(client, customers=[], ledger=lambda _: [])
        report = reconcile.Report(run.summary, [])
        yield from (run, run.summary, report, reconcile.Sum())
    yield reconcile.reconcile(
        AsyncCalypso(key=KEY, secret=SECRET, account=ACCOUNT), customers=[], ledger=lambda _: []
    )
    booking = reconcile.Booking("1", Decimal(1), "BTC")
    yield from (booking, reconcile.Difference(kind=reconcile.Kind.OPEN, customer_id="1", reason=""))


def subclasses(kind: type) -> set[type]:
    return {kind}.union(*(subclasses(derived) for derived in kind.__subclasses__()))


def is_protocol(kind: type) -> bool:
    return getattr(kind, "_is_protocol", False)


def test_no_object_shows_a_secret(watch: Watch) -> None:
    """One of each public class: its texts, its attributes, its pickles and its copies."""
    classes = {found.value for found in public() if inspect.isclass(found.value)}
    ours = {
        kind
        for kind in classes
        if not kind.__module__.startswith("calypso_mock") and not is_protocol(kind)
    }
    met = set()
    with watch:
        for thing in chain(instances(), received(), reconciled()):
            met.update(type(thing).__mro__)
            watch.thing(thing)

    assert ours - met == set()
    assert watch.leaks() == set()


def test_what_is_asked_for_is_handed_out(watch: Watch) -> None:
    """The attribute, `to_dict()` and the bytes have the secret, and so has a copy."""
    with Calypso(
        key=KEY, secret=SECRET, account=ACCOUNT, transport=FakeTransport(succeed)
    ) as client:
        response = client.raw.subscriptions.list()
    (found, *_) = response.parsed.subscriptions

    assert found.secret_key == SUBSCRIPTION
    assert found.to_dict()["secretKey"] == SUBSCRIPTION
    assert copy.copy(found) == found == copy.deepcopy(found)
    assert copy.deepcopy(response).parsed == response.parsed
    assert copy.copy(response).content == response.content != b""


def test_errors_are_pickled_with_all_but_the_response() -> None:
    """A worker's error reaches the process that started it; the bytes, and headers, stay behind."""
    response = RawResponse(400, {"X-Echo": KEY}, SUBSCRIPTION.encode(), None)
    kinds = subclasses(CalypsoError)
    errors = {
        kind.__name__: kind(
            "no", outcome=Outcome.REFUSED, operation="op", attempts=2, response=response
        )
        for kind in kinds
    }
    for error in errors.values():
        error.add_note("a note")
    twins = {name: pickle.loads(pickle.dumps(error)) for name, error in errors.items()}

    def facts_of(error: CalypsoError) -> tuple[object, ...]:
        return type(error), {**vars(error), "response": None}, error.args

    assert len(errors) == len(kinds)
    assert {name: facts_of(twin) for name, twin in twins.items()} == {
        name: facts_of(error) for name, error in errors.items()
    }
    assert {name for name, twin in twins.items() if twin.response is not None} == set()
    assert {name for name, error in errors.items() if error.response is not response} == set()


def test_no_command_shows_a_secret(watch: Watch) -> None:
    """Each with the merchant's settings around. `calypso mock` prints its own, and only those."""
    mine = {"KEY": KEY, "SECRET": SECRET, "ACCOUNT": ACCOUNT, "BASE_URL": "http://127.0.0.1:1"}
    environment = {f"CALYPSO_{name}": value for name, value in mine.items()}
    with watch:
        for name in app.commands:
            for arguments in ([name, "--help"], [] if name == "mock" else [name]):
                result = CliRunner().invoke(app, arguments, env=environment)
                watch.note(f"output of {name}", f"{result.output} {result.exception!r}")

    assert len(app.commands) >= 2
    assert watch.leaks() == set()
