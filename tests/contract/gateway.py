"""Stand between a run and a server that is not our mock: every request goes through here.

One place paces all of them, waits where the server asks for it, counts what is sent and made, and
keeps back what would change anything that the run did not make.
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
from tests.contract.guard import Guard, is_read
from tests.contract.pace import DAY, SLOWER, Pace, wait_for
from tests.contract.relay import Connection, Reply, Request
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
_ATTEMPTS = 12
_LEAST_WAIT = 0.1
# How often the subscriptions that are left are looked for, at most and where all goes well.
_ROUNDS, _LOOKS = 3, 2
# How long cleaning up may take, in seconds, and twice as long as the rate asks for besides.
_CLEANING = 120.0


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
        self._prefix = urlsplit(targets[0].base_url).path.rstrip("/")
        self._server = relay.server(self.answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._pace = Pace(plan.rate, self._wait, begun=bool(asked))
        self._connection = Connection(targets[0].base_url)
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
        for attempt in range(_ATTEMPTS):
            waited += self._pace.step()
            self._count()
            place = len(self.exchanges)
            begun = self._begun(request, path)
            self.exchanges.append(begun)
            self._guard.sends(request.method, path)
            try:
                reply = self._connection.send(request)
            except (ConnectionError, http.client.HTTPException):
                if is_cut or not is_read(request.method, path):
                    raise
                is_cut = True
                continue
            self._note(place, begun, reply)
            self._guard.hears(request.method, path, reply.status, reply.content)
            wait = wait_for(reply)
            if wait is None:
                self._pace.recover()
                self._guard.learn(
                    request.method, path, request.content, reply.status, reply.content
                )
                return reply
            self._pace.slow_down()
            # Some ask for no wait at all, and still want one.
            wait = max(wait, _LEAST_WAIT * SLOWER**attempt)
            if waited + wait > MOST_WAIT or time.monotonic() + wait > self._until:
                raise StoppedError(self._too_fast(reply.status, wait))
            waited += wait
            self._wait(wait)
        raise StoppedError(f"The server answered {reply.status} to {_ATTEMPTS} attempts in a row.")

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
        rate, asked = sent / seconds, f"{wait:.0f} s" if wait <= DAY else "more than a day"
        would = f" RATE={rate:.2g} would have kept to its limit." if 0.01 <= rate < 90 else ""
        return (
            f"After {sent} requests the server answers {status} and asks to wait {asked}; a "
            f"signed request may wait {MOST_WAIT:.0f} s at most.{would}"
        )

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
            printing.out(f"Cleaning up failed: {type(error).__name__}: {error}\n")
        if subscriptions:
            left = ", ".join(subscriptions.values())
            printing.out(f"NOT removed: the subscriptions {left}. Delete them by hand.\n")
        elif was_any or self._made("subscriptions"):
            printing.out(f"Removed: all {_counted(guard, 'subscriptions')} that were made.\n")
        lasting = [_counted(guard, kind) for kind in ("customers", "addresses") if self._made(kind)]
        if lasting:
            printing.out(f"Left there: {' and '.join(lasting)}, which cannot be deleted.\n")
        if guard.contested:
            printing.out(
                "The server gave new customers ids that it had used before, which were left alone "
                f"from then on: {', '.join(sorted(guard.contested))}.\n"
            )

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


def _counted(guard: Guard, kind: str) -> str:
    """Say how many there are, or how many there may be."""
    unsure = guard.unsure[kind]
    return f"{kind} ({'at most ' if unsure else ''}{guard.made[kind] + unsure})"


def _said(status: int, body: object) -> Reply:
    headers = [("Content-Type", "application/json"), ("Date", _date())]
    return Reply(status, HTTPStatus(status).phrase, headers, json.dumps(body).encode())


def _instead(header: str, text: str) -> Reply:
    plain = " ".join(text.split()).encode("ascii", "replace").decode()
    return Reply(HTTPStatus.BAD_GATEWAY, "No Response", [(header, plain)], b"")


def _date() -> str:
    return datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


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
