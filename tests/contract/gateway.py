"""Stand between a run and a server that is not our mock: every request goes through here.

One place paces all of them, waits where the server asks for it, counts what is sent and made, and
keeps back what would change anything that the run did not make.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
import select
import signal
import socket
import sys
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

from tests.contract import document
from tests.contract.guard import Guard, is_read
from tests.contract.session import PATIENCE, Exchange, StoppedError
from tests.contract.wire import FAILED, LISTED, STOPPED, now, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from tests.contract.guard import Refusal
    from tests.contract.wire import Target

# How long one request may wait in all, in seconds: its signed timestamp is good for 180.
MOST_WAIT = 100.0

_LIST, _DELETE = "getSubscriptions", "deleteSubscription"
_ASKS_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_ATTEMPTS = 12
# How often the subscriptions that are left are looked for, at most and where all goes well.
_ROUNDS, _LOOKS = 3, 2
_DAY = 86_400.0
# How long cleaning up may take, in seconds, and twice as long as the rate asks for besides.
_CLEANING = 120.0
# A server that asks to wait is asked this much more slowly from then on.
_SLOWER = 1.5
# The most seconds between two requests, and how many without a wait make it faster again.
_SLOWEST, _CALM = 10.0, 10
# A connection that was idle for longer is not used again: it may be about to be closed.
_IDLE = 2.0
# They belong to one connection; the encoding is asked for here, since responses are read here.
_HOP_BY_HOP = frozenset(
    {"accept-encoding", "connection", "host", "keep-alive", "te", "transfer-encoding", "upgrade"}
)
# Said anew, or by nobody but the gateway.
_REWRITTEN = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "transfer-encoding",
        FAILED.lower(),
        STOPPED.lower(),
    }
)


@dataclass(frozen=True)
class Plan:
    """What a run may do to a server, at most.

    Attributes:
        requests: How many requests are sent.
        rate: How many a second; 0 for as many as it answers.
        made: How many objects are made, by kind; nothing is written where it is empty.
        shared: Whether there may be subscriptions of others.
    """

    requests: int
    rate: float
    made: dict[str, int]
    shared: bool = False

    @property
    def writes(self) -> bool:
        """Whether objects may be made and changed."""
        return bool(self.made)

    @property
    def making(self) -> str:
        """What is made, in words."""
        return (
            f"at most {self.made['customers']} customers and {self.made['addresses']} addresses, "
            f"which cannot be deleted, and {self.made['subscriptions']} subscriptions, which are "
            "deleted at the end"
        )


class Pace:
    """Lets one request go after the other, not more often than so many times a second.

    Args:
        rate: Requests a second; 0 for no limit.
        wait: Waits for some seconds.
        clock: Tells the time in seconds.
        begun: Whether one has gone just now.

    Attributes:
        interval: Seconds from one request to the next.
    """

    def __init__(
        self,
        rate: float,
        wait: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
        *,
        begun: bool = False,
    ) -> None:
        self._asked = self.interval = 1 / rate if rate else 0.0
        self._calm = 0
        self._wait = wait
        self._clock = clock
        self._next = clock() + (self.interval if begun else 0.0)

    def step(self) -> float:
        """Wait until the next request may go; return for how many seconds."""
        ahead = max(0.0, self._next - self._clock())
        if ahead:
            self._wait(ahead)
        self._next = self._clock() + self.interval
        return ahead

    def slow_down(self) -> None:
        """Go more slowly from now on."""
        self._calm = 0
        self.interval = min(self.interval * _SLOWER, max(_SLOWEST, self._asked))

    def recover(self) -> None:
        """Take note of a request that need not wait; after some of them go faster again."""
        self._calm += 1
        if self._calm == _CALM:
            self._calm = 0
            self.interval = max(self.interval / _SLOWER, self._asked)


class Request(NamedTuple):
    """A request on its way; the path is the whole one."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    content: bytes


class Reply(NamedTuple):
    """What is given back for it."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    content: bytes


class Gateway:
    """Forwards to a server over HTTP, on a port of this machine.

    Args:
        targets: The accounts that the run uses there, its own first.
        plan: What the run may do.
        others: Ids that are not the run's from the start.
        asked: How many requests the run has sent to the server just now, which count, too.

    Attributes:
        plan: What the run may do.
        exchanges: What was sent, each from before it was; the status is 0 where none came.
        stopped: Why the run has to end; None while it may go on.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        plan: Plan,
        others: Sequence[str] = (),
        *,
        asked: int = 0,
    ) -> None:
        self.plan = plan
        self.exchanges: list[Exchange] = []
        self.stopped: str | None = None
        self._targets = targets
        self._guard = Guard(writes=plan.writes, others=others)
        self._parts = urlsplit(targets[0].base_url)
        self._prefix = self._parts.path.rstrip("/")
        self._server = _Server(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._pace = Pace(plan.rate, self._wait, begun=bool(asked))
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0
        self._began = time.monotonic()
        self._left = plan.requests - asked
        self._is_cleaning = False
        self._others: int | None = None
        # When cleaning up has to be done.
        self._until = float("inf")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with _signals(signal.SIG_IGN):
            self.stopped = self.stopped or "The run has ended."
            self._woken.set()
            self._clean_up()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    @property
    def target(self) -> Target:
        """The run's account, as it is reached through here."""
        url = f"http://127.0.0.1:{self._server.server_port}{self._prefix}"
        return replace(self._targets[0], base_url=url, real_url=self._targets[0].base_url)

    def others(self) -> int:
        """Return how many subscriptions there were before the run made any.

        Raises:
            StoppedError: They cannot be listed, so what is there cannot be left alone.
        """
        with self._lock:
            return self._survey()

    def answer(self, request: Request) -> Reply:
        """Answer a request: with what the server says, or with why it is not asked."""
        path = request.path.removeprefix(self._prefix)
        if path.startswith(LISTED):
            is_listed = self._guard.is_listed(path.removeprefix(LISTED))
            return _said(HTTPStatus.OK if is_listed else HTTPStatus.NOT_FOUND, {})
        with self._lock:
            try:
                return self._answer(request, path)
            except StoppedError as stop:
                self.stopped = self.stopped or str(stop)
                return _instead(STOPPED, self.stopped)
            except (OSError, http.client.HTTPException) as error:
                return _instead(FAILED, f"{type(error).__name__}: {error}")

    def _answer(self, request: Request, path: str) -> Reply:
        if self.stopped:
            raise StoppedError(self.stopped)
        refusal = self._guard.refusal(request.method, path, request.content)
        if refusal:
            return self._refused(request, path, refusal)
        if not is_read(request.method, path):
            self._survey()
            kind = self._guard.asks(request.method, path, request.content)
            if kind and self._made(kind) >= self.plan.made[kind]:
                raise StoppedError(f"It has made the {self.plan.made[kind]} {kind} it announced.")
        return self._forwarded(request, path)

    def _made(self, kind: str) -> int:
        return self._guard.made[kind] + self._guard.unsure[kind]

    def _refused(self, request: Request, path: str, refusal: Refusal) -> Reply:
        said = {
            "traceId": f"not-sent-{len(self.exchanges)}",
            "errorCode": refusal.code,
            "message": f"Not sent: {refusal.why}",
        }
        reply = _said(refusal.status, said)
        self._note(len(self.exchanges), self._begun(request, path), reply)
        return reply

    def _survey(self) -> int:
        """Look at the subscriptions before anything is made, once; they are not the run's."""
        if self._others is None:
            self._others = sum(map(len, map(self._listed, self._targets)))
        if self.plan.writes and self._others and not self.plan.shared:
            raise StoppedError(
                f"The account has {self._others} webhook subscriptions already, so others use it. "
                f"With ALLOW_SHARED=1 as well, the run makes {self.plan.making}; what is there now "
                "stays as it is."
            )
        return self._others

    def _listed(self, target: Target) -> list[str]:
        if not document.has(_LIST):
            return []
        reply = self._call(target, _LIST)
        try:
            rows = json.loads(reply.content)["subscriptions"]
            return [str(each["requestId"]) for each in rows]
        except (ValueError, LookupError, TypeError):
            raise StoppedError(
                f"The subscriptions cannot be listed ({reply.status}), so nothing can be written "
                "without a risk to them."
            ) from None

    def _call(self, target: Target, operation: str, payload: object = None) -> Reply:
        method, path = document.places()[operation]
        body = {"account": target.account, "timestamp": now()}
        content = json.dumps(body if payload is None else {**body, "payload": payload}).encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **signature(target, content),
        }
        sent = Request(method, self._prefix + path, list(headers.items()), content)
        return self._forwarded(sent, path)

    def _forwarded(self, request: Request, path: str) -> Reply:
        """Send a request, and again where the server asks to; a read that is cut off, too."""
        waited, is_cut = 0.0, False
        for _ in range(_ATTEMPTS):
            waited += self._pace.step()
            self._count()
            place = len(self.exchanges)
            begun = self._begun(request, path)
            self.exchanges.append(begun)
            self._guard.sends(request.method, path)
            try:
                reply = self._sent(request)
            except (ConnectionError, http.client.HTTPException):
                if is_cut or not is_read(request.method, path):
                    raise
                is_cut = True
                continue
            self._note(place, begun, reply)
            self._guard.hears(request.method, path, reply.status, reply.content)
            wait = _wait_for(reply)
            if wait is None:
                self._pace.recover()
                self._guard.learn(
                    request.method, path, request.content, reply.status, reply.content
                )
                return reply
            self._pace.slow_down()
            if waited + wait > MOST_WAIT or time.monotonic() + wait > self._until:
                raise StoppedError(self._too_fast(reply.status, wait))
            waited += wait
            self._wait(wait)
        raise StoppedError(self._too_fast(reply.status, MOST_WAIT))

    def _count(self) -> None:
        if time.monotonic() > self._until:
            raise StoppedError("It takes too long.")
        if not self._is_cleaning and self._left <= self._kept_for_cleaning():
            raise StoppedError(f"It has sent the {self.plan.requests} requests it announced.")
        self._left -= 1

    def _kept_for_cleaning(self) -> int:
        made = len(self._guard.subscriptions)
        return made + _LOOKS * len(self._targets) if made or self._guard.tried else 0

    def _too_fast(self, status: int, wait: float) -> str:
        sent, seconds = len(self.exchanges), time.monotonic() - self._began + wait
        rate, asked = sent / seconds, f"{wait:.0f} s" if wait <= _DAY else "more than a day"
        would = f" RATE={rate:.2g} would have kept to its limit." if 0.01 <= rate < 90 else ""
        return (
            f"After {sent} requests the server answers {status} and asks to wait {asked}; a "
            f"signed request may wait {MOST_WAIT:.0f} s at most.{would}"
        )

    def _sent(self, request: Request) -> Reply:
        connection = self._connected()
        try:
            if connection.sock is None:
                connection.connect()
            with _done_within(PATIENCE, connection.sock):
                connection.putrequest(
                    request.method, request.path, skip_host=True, skip_accept_encoding=True
                )
                connection.putheader("Host", self._parts.netloc.rpartition("@")[2])
                connection.putheader("Accept-Encoding", "identity")
                for name, value in request.headers:
                    if name.lower() not in _HOP_BY_HOP:
                        connection.putheader(name, value.encode("latin-1"))
                connection.endheaders(request.content or None)
                with connection.getresponse() as response:
                    content = response.read()
        except BaseException:
            # Half of a response may still be on its way, and would be taken for the next one.
            connection.close()
            raise
        self._used = time.monotonic()
        headers = [each for each in response.getheaders() if each[0].lower() not in _REWRITTEN]
        return _decoded(Reply(response.status, response.reason, headers, content))

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            # Over TLS the server's certificate is verified, with the system's authorities.
            is_secure = self._parts.scheme == "https"
            kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
            self._connection = kind(self._parts.netloc.rpartition("@")[2], timeout=PATIENCE)
        elif _is_stale(self._connection, self._used):
            self._connection.close()
        return self._connection

    def _wait(self, seconds: float) -> None:
        if self._woken.wait(seconds):
            raise StoppedError(self.stopped or "The run has ended.")

    def _begun(self, request: Request, path: str) -> Exchange:
        url = self._targets[0].base_url + path
        headers = dict(request.headers)
        return Exchange(
            request.method, url, path, headers, request.content, 0, {}, b"", time.time(), 0.0
        )

    def _note(self, place: int, begun: Exchange, reply: Reply) -> None:
        headers = {name.lower(): value for name, value in reply.headers}
        self.exchanges[place : place + 1] = [
            replace(
                begun,
                status=reply.status,
                headers=headers,
                content=reply.content,
                seconds=time.time() - begun.began,
            )
        ]

    @contextmanager
    def _last(self) -> Iterator[None]:
        """Wait until what is on its way comes to its end: it may be making something."""
        if not self._lock.acquire(timeout=2 * PATIENCE):
            raise StoppedError("The last request does not end.")
        try:
            self._woken.clear()
            yield
        finally:
            # Only here: to close what another thread reads from would wait for it.
            if self._connection:
                self._connection.close()
            self._lock.release()

    def _clean_up(self) -> None:
        """Delete the subscriptions that the run made, and say what stays."""
        guard, subscriptions = self._guard, self._guard.subscriptions
        self._is_cleaning, was_any = True, bool(subscriptions)
        try:
            # Nothing but the ids of what is left is worth more than a second Ctrl-C.
            with _signals(_end), self._last():
                each = 2 * max(self._pace.interval, 0.25)
                self._until = time.monotonic() + _CLEANING + each * len(subscriptions)
                self._delete()
        except (StoppedError, OSError, http.client.HTTPException) as error:
            sys.stdout.write(f"Cleaning up failed: {type(error).__name__}: {error}\n")
        if subscriptions:
            left = ", ".join(subscriptions.values())
            sys.stdout.write(f"NOT removed: the subscriptions {left}. Delete them by hand.\n")
        elif was_any or self._made("subscriptions"):
            most = _at_most(guard, "subscriptions")
            sys.stdout.write(f"Removed: all {most} that were made.\n")
        lasting = [_at_most(guard, kind) for kind in ("customers", "addresses") if self._made(kind)]
        if lasting:
            sys.stdout.write(f"Left there: {' and '.join(lasting)}, which cannot be deleted.\n")
        if guard.contested:
            sys.stdout.write(
                "The server gave new customers ids that it had used before, which were left alone "
                f"from then on: {', '.join(sorted(guard.contested))}.\n"
            )
        sys.stdout.flush()

    def _delete(self) -> None:
        guard = self._guard
        for _ in range(_ROUNDS if document.has(_DELETE) else 0):
            if not guard.subscriptions and not guard.tried:
                return
            listed = {target: self._listed(target) for target in self._targets}
            guard.keep(name for names in listed.values() for name in names)
            guard.tried.clear()
            for target, names in listed.items():
                for name in filter(guard.is_made, names):
                    # Where this is cut off, the next look at the list shows what came of it.
                    with suppress(ConnectionError, http.client.HTTPException):
                        self._call(target, _DELETE, {"requestId": name})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*_)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body in one packet.
    wbufsize = -1
    gateway: Gateway

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass

    def _pass_on(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers.items(), content)
        reply = self.gateway.answer(request)
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)


def _at_most(guard: Guard, kind: str) -> str:
    """Say how many there are, or how many there may be."""
    unsure = guard.unsure[kind]
    return f"{'at most ' if unsure else ''}{guard.made[kind] + unsure} {kind}"


def _handler_for(gateway: Gateway) -> type[_Handler]:
    return type("Handler", (_Handler,), {"gateway": gateway})


def _said(status: int, body: object) -> Reply:
    headers = [("Content-Type", "application/json"), ("Date", _date())]
    return Reply(status, HTTPStatus(status).phrase, headers, json.dumps(body).encode())


def _instead(header: str, text: str) -> Reply:
    plain = " ".join(text.split()).encode("ascii", "replace").decode()
    return Reply(HTTPStatus.BAD_GATEWAY, "No Response", [(header, plain)], b"")


def _date() -> str:
    return datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def _is_stale(connection: http.client.HTTPConnection, used: float) -> bool:
    if connection.sock is None:
        return False
    # What comes without having been asked for is the end of the connection.
    return time.monotonic() - used > _IDLE or bool(select.select([connection.sock], [], [], 0)[0])


@contextmanager
def _done_within(seconds: float, connection: socket.socket) -> Iterator[None]:
    """Cut a connection off whose response takes too long, however steadily it comes.

    Raises:
        TimeoutError: It was cut off.
    """
    is_late = threading.Event()

    def cut() -> None:
        is_late.set()
        with suppress(OSError):
            # Past TLS, which another thread is reading from.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # The end of a response without a length looks the same as one that was cut off.
        if is_late.is_set():
            raise TimeoutError(f"the response was not complete after {seconds:g} s")


def _wait_for(reply: Reply) -> float | None:
    """Return how many seconds a response asks to wait; None where it asks for nothing."""
    named = {name.lower(): value for name, value in reply.headers}.get("retry-after")
    if reply.status not in _ASKS_TO_WAIT:
        return None
    if named is None:
        return 1.0 if reply.status == HTTPStatus.TOO_MANY_REQUESTS else None
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", named):
        return min(float(named), 2 * _DAY)
    try:
        asked = parsedate_to_datetime(named).timestamp() - time.time()
    except (ValueError, TypeError, LookupError, OverflowError, OSError):
        return 1.0
    return min(max(0.0, asked), 2 * _DAY)


def _decoded(reply: Reply) -> Reply:
    """Return a response that a server packed unasked as it is meant: ids have to be found in it."""
    named = {name.lower(): value for name, value in reply.headers}
    coding = named.get("content-encoding", "").strip().lower()
    try:
        if coding in {"gzip", "x-gzip"}:
            content = gzip.decompress(reply.content)
        elif coding == "deflate":
            # Some send it without the zlib header that belongs to it.
            is_bare = reply.content[:1] != b"\x78"
            content = zlib.decompress(reply.content, -zlib.MAX_WBITS if is_bare else zlib.MAX_WBITS)
        else:
            return reply
    except (OSError, EOFError, zlib.error):
        return reply
    headers = [each for each in reply.headers if each[0].lower() != "content-encoding"]
    return reply._replace(headers=headers, content=content)


def _end(number: int, _: object) -> None:
    raise StoppedError(f"It was ended by {signal.Signals(number).name}.")


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """Handle what ends a process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    chosen = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, handler) for each in chosen}
    try:
        yield
    finally:
        for each, former in before.items():
            signal.signal(each, former)
