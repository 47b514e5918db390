"""A proxy between a run and a server that is not our mock: every request goes through here.

It limits the rate, waits when the server asks for it, counts requests and created objects, and
blocks requests that would change anything that the run did not create.
"""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from tests.contract import document, printing, relay
from tests.contract.rate_limiter import DAY, SLOWER, RateLimiter, requested_wait
from tests.contract.relay import Connection, HttpResponse, Request
from tests.contract.session import TIMEOUT, Exchange, StoppedError
from tests.contract.wire import FAILED, LISTED, STOPPED, now, signature
from tests.contract.write_guard import WriteGuard, is_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from tests.contract.wire import Target
    from tests.contract.write_guard import Rejection

# How long one request may wait in all, in seconds: its signed timestamp is valid for 180.
MAX_WAIT = 100.0

_LIST, _DELETE = "getSubscriptions", "deleteSubscription"
_ATTEMPTS = 12
_MIN_WAIT = 0.1
# How often the remaining subscriptions are listed: at most, and normally.
_ROUNDS, _LOOKS = 3, 2
# How long cleaning up may take, in seconds, in addition to twice the time that the rate requires.
_CLEANING = 120.0


@dataclass(frozen=True)
class Plan:
    """The limits of what a run may do to a server.

    Attributes:
        requests: How many requests it may send.
        rate: How many per second; 0 for no limit.
        made: How many objects it may create, by kind; empty if it may only read.
        shared: Whether the account may have subscriptions already.
    """

    requests: int
    rate: float
    made: dict[str, int]
    shared: bool = False

    @property
    def writes(self) -> bool:
        """Whether objects may be created and changed."""
        return bool(self.made)

    @property
    def limits_text(self) -> str:
        """What is created, in words."""
        return (
            f"at most {self.made['customers']} customers and {self.made['addresses']} addresses, "
            f"which cannot be deleted, and {self.made['subscriptions']} subscriptions, which are "
            "deleted at the end"
        )


class Gateway:
    """Forwards requests to a server over HTTP, from a port of this machine.

    Args:
        targets: The accounts that the run uses there, the main one first.
        plan: What the run may do.
        others: Ids of objects that the run must not change.
        asked: How many requests the run has sent to the server already; they count, too.

    Attributes:
        plan: What the run may do.
        exchanges: All requests, recorded before they are sent; the status is 0 without a response.
        stopped: Why the run has to end; None while it may continue.
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
        self._guard = WriteGuard(writes=plan.writes, others=others)
        self._prefix = urlsplit(targets[0].base_url).path.rstrip("/")
        self._server = relay.server(self.handle)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._lock = threading.Lock()
        self._stop_event = threading.Event()
        self._limiter = RateLimiter(plan.rate, self._wait, started=bool(asked))
        self._connection = Connection(targets[0].base_url)
        self._began = time.monotonic()
        self._left = plan.requests - asked
        self._is_cleaning = False
        self._others: int | None = None
        # When cleaning up has to be finished.
        self._deadline = float("inf")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with _signals(signal.SIG_IGN):
            self.stopped = self.stopped or "The run has ended."
            self._stop_event.set()
            self._clean_up()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    @property
    def target(self) -> Target:
        """The run's account, as it is reached through this gateway."""
        url = f"http://127.0.0.1:{self._server.server_port}{self._prefix}"
        return replace(self._targets[0], base_url=url, real_url=self._targets[0].base_url)

    def others(self) -> int:
        """Return how many subscriptions there were before the run created any.

        Raises:
            StoppedError: They cannot be listed, so they cannot be protected.
        """
        with self._lock:
            return self._existing_subscriptions()

    def handle(self, request: Request) -> HttpResponse:
        """Respond to a request: with the server's response, or with why the request is not sent."""
        path = request.path.removeprefix(self._prefix)
        if path.startswith(LISTED):
            is_listed = self._guard.is_protected(path.removeprefix(LISTED))
            return _response(HTTPStatus.OK if is_listed else HTTPStatus.NOT_FOUND, {})
        with self._lock:
            try:
                return self._handle(request, path)
            except StoppedError as stop:
                self.stopped = self.stopped or str(stop)
                return _no_response(STOPPED, self.stopped)
            except (OSError, http.client.HTTPException) as error:
                return _no_response(FAILED, f"{type(error).__name__}: {error}")

    def _handle(self, request: Request, path: str) -> HttpResponse:
        if self.stopped:
            raise StoppedError(self.stopped)
        rejection = self._guard.rejection(request.method, path, request.content)
        if rejection:
            return self._reject(request, path, rejection)
        if not is_read(request.method, path):
            self._existing_subscriptions()
            kind = self._guard.note_request(request.method, path, request.content)
            if kind and self._made(kind) >= self.plan.made[kind]:
                raise StoppedError(f"It has made the {self.plan.made[kind]} {kind} it announced.")
        return self._forwarded(request, path)

    def _made(self, kind: str) -> int:
        return self._guard.made[kind] + self._guard.unsure[kind]

    def _reject(self, request: Request, path: str, rejection: Rejection) -> HttpResponse:
        body = {
            "traceId": f"not-sent-{len(self.exchanges)}",
            "errorCode": rejection.code,
            "message": f"Not sent: {rejection.why}",
        }
        response = _response(rejection.status, body)
        self._record(len(self.exchanges), self._started_exchange(request, path), response)
        return response

    def _existing_subscriptions(self) -> int:
        """List the existing subscriptions once, before anything is created; they are protected."""
        if self._others is None:
            self._others = sum(map(len, map(self._listed, self._targets)))
        if self.plan.writes and self._others and not self.plan.shared:
            raise StoppedError(
                f"The account has {self._others} webhook subscriptions already, so others use it. "
                f"With ALLOW_SHARED=1 as well, the run creates {self.plan.limits_text}; existing "
                "objects are not changed."
            )
        return self._others

    def _listed(self, target: Target) -> list[str]:
        if not document.has(_LIST):
            return []
        response = self._call(target, _LIST)
        try:
            rows = json.loads(response.content)["subscriptions"]
            return [str(each["requestId"]) for each in rows]
        except (ValueError, LookupError, TypeError):
            raise StoppedError(
                f"The subscriptions cannot be listed ({response.status}), so writing would put "
                "them at risk."
            ) from None

    def _call(self, target: Target, operation: str, payload: object = None) -> HttpResponse:
        method, path = document.routes()[operation]
        body = {"account": target.account, "timestamp": now()}
        content = json.dumps(body if payload is None else {**body, "payload": payload}).encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **signature(target, content),
        }
        sent = Request(method, self._prefix + path, list(headers.items()), content)
        return self._forwarded(sent, path)

    def _forwarded(self, request: Request, path: str) -> HttpResponse:
        """Send a request, and retry it if the server asks to wait, or if a read is cut off."""
        waited, is_cut = 0.0, False
        for attempt in range(_ATTEMPTS):
            waited += self._limiter.wait_for_turn()
            self._count()
            index = len(self.exchanges)
            started = self._started_exchange(request, path)
            self.exchanges.append(started)
            self._guard.note_sending(request.method, path)
            try:
                response = self._connection.send(request)
            except (ConnectionError, http.client.HTTPException):
                if is_cut or not is_read(request.method, path):
                    raise
                is_cut = True
                continue
            self._record(index, started, response)
            self._guard.note_response(request.method, path, response.status, response.content)
            wait = requested_wait(response)
            if wait is None:
                self._limiter.recover()
                self._guard.learn(
                    request.method, path, request.content, response.status, response.content
                )
                return response
            self._limiter.slow_down()
            # Some servers ask for no wait at all, and still reject the next request.
            wait = max(wait, _MIN_WAIT * SLOWER**attempt)
            if waited + wait > MAX_WAIT or time.monotonic() + wait > self._deadline:
                raise StoppedError(self._too_fast(response.status, wait))
            waited += wait
            self._wait(wait)
        raise StoppedError(
            f"The server returned {response.status} to {_ATTEMPTS} attempts in a row."
        )

    def _count(self) -> None:
        if time.monotonic() > self._deadline:
            raise StoppedError("It took too long.")
        if not self._is_cleaning and self._left <= self._reserved_for_cleaning():
            raise StoppedError(f"It has sent the {self.plan.requests} requests it announced.")
        self._left -= 1

    def _reserved_for_cleaning(self) -> int:
        made = len(self._guard.subscriptions)
        return made + _LOOKS * len(self._targets) if made or self._guard.tried else 0

    def _too_fast(self, status: int, wait: float) -> str:
        sent, seconds = len(self.exchanges), time.monotonic() - self._began + wait
        rate, asked = sent / seconds, f"{wait:.0f} s" if wait <= DAY else "more than a day"
        would = f" RATE={rate:.2g} would have respected its limit." if 0.01 <= rate < 90 else ""
        return (
            f"After {sent} requests the server returned {status} and asked to wait {asked}; a "
            f"signed request may wait {MAX_WAIT:.0f} s at most.{would}"
        )

    def _wait(self, seconds: float) -> None:
        if self._stop_event.wait(seconds):
            raise StoppedError(self.stopped or "The run has ended.")

    def _started_exchange(self, request: Request, path: str) -> Exchange:
        url = self._targets[0].base_url + path
        headers = dict(request.headers)
        return Exchange(
            request.method, url, path, headers, request.content, 0, {}, b"", time.time(), 0.0
        )

    def _record(self, index: int, started: Exchange, response: HttpResponse) -> None:
        headers = {name.lower(): value for name, value in response.headers}
        self.exchanges[index : index + 1] = [
            replace(
                started,
                status=response.status,
                headers=headers,
                content=response.content,
                seconds=time.time() - started.began,
            )
        ]

    @contextmanager
    def _after_last_request(self) -> Iterator[None]:
        """Wait until the request in progress ends: it may be creating something."""
        if not self._lock.acquire(timeout=2 * TIMEOUT):
            raise StoppedError("The last request does not end.")
        try:
            self._stop_event.clear()
            yield
        finally:
            # Only here: closing it while another thread reads from it would block.
            self._connection.close()
            self._lock.release()

    def _clean_up(self) -> None:
        """Delete the subscriptions that the run created, and print what remains."""
        guard, subscriptions = self._guard, self._guard.subscriptions
        self._is_cleaning, was_any = True, bool(subscriptions)
        try:
            # A second Ctrl-C ends cleaning up; only the ids of what remains are still printed.
            with _signals(_end), self._after_last_request():
                each = 2 * max(self._limiter.interval, 0.25)
                self._deadline = time.monotonic() + _CLEANING + each * len(subscriptions)
                self._delete()
        except (StoppedError, OSError, http.client.HTTPException) as error:
            printing.out(f"Cleaning up failed: {type(error).__name__}: {error}\n")
        if subscriptions:
            left = ", ".join(subscriptions.values())
            printing.out(f"NOT removed: the subscriptions {left}. Delete them by hand.\n")
        elif was_any or self._made("subscriptions"):
            printing.out(f"Removed: all {_counted(guard, 'subscriptions')} that were created.\n")
        lasting = [_counted(guard, kind) for kind in ("customers", "addresses") if self._made(kind)]
        if lasting:
            printing.out(f"Left there: {' and '.join(lasting)}, which cannot be deleted.\n")
        if guard.contested:
            printing.out(
                "The server gave new customers ids that it had used before; they were not changed "
                f"any more: {', '.join(sorted(guard.contested))}.\n"
            )

    def _delete(self) -> None:
        guard = self._guard
        for _ in range(_ROUNDS if document.has(_DELETE) else 0):
            if not guard.subscriptions and not guard.tried:
                return
            listed = {target: self._listed(target) for target in self._targets}
            guard.keep_only(name for names in listed.values() for name in names)
            guard.tried.clear()
            for target, names in listed.items():
                for name in filter(guard.is_made, names):
                    # If this is cut off, the next list shows whether it was deleted.
                    with suppress(ConnectionError, http.client.HTTPException):
                        self._call(target, _DELETE, {"requestId": name})


def _counted(guard: WriteGuard, kind: str) -> str:
    """Return how many objects of a kind there are, or may be, in words."""
    unsure = guard.unsure[kind]
    return f"{kind} ({'at most ' if unsure else ''}{guard.made[kind] + unsure})"


def _response(status: int, body: object) -> HttpResponse:
    headers = [("Content-Type", "application/json"), ("Date", _date())]
    return HttpResponse(status, HTTPStatus(status).phrase, headers, json.dumps(body).encode())


def _no_response(header: str, text: str) -> HttpResponse:
    plain = " ".join(text.split()).encode("ascii", "replace").decode()
    return HttpResponse(HTTPStatus.BAD_GATEWAY, "No Response", [(header, plain)], b"")


def _date() -> str:
    return datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def _end(number: int, _: object) -> None:
    raise StoppedError(f"It was stopped by {signal.Signals(number).name}.")


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """Handle the signals that end a process."""
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
