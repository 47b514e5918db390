"""Steer a served mock over HTTP: endpoints under ``/_mock/``, unsigned and for this machine only.

A new endpoint is one function with ``@endpoint`` above it. It is given the world and the JSON
object that was sent, returns what to answer, and raises ``MockError`` for bad input.
"""

from __future__ import annotations

import hashlib
import hmac
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from calypso_mock import _clock, _core, _deposits, _json, _loopback, _outbox, _snapshot, _top_ups
from calypso_mock._checks import MAX_BODY, whole_number
from calypso_mock._core import Answer
from calypso_mock._deposits import Deposit
from calypso_mock._disturbance import Disturbance
from calypso_mock._errors import MockError
from calypso_mock._exchange import Verdict
from calypso_mock._top_ups import TopUp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from calypso_mock._exchange import Request, Response
    from calypso_mock._state import KeyPair
    from calypso_mock._world import World

    Json = dict[str, Any]
    Endpoint = Callable[[World, Json], Json]

PREFIX = "/_mock/"
NAME = "calypso-mock"
ENDPOINTS: dict[tuple[str, str], Endpoint] = {}


def endpoint(method: str, name: str) -> Callable[[Endpoint], Endpoint]:
    """Make a function answer a method at ``/_mock/<name>``."""

    def register(function: Endpoint) -> Endpoint:
        ENDPOINTS[method, PREFIX + name] = function
        return function

    return register


@endpoint("POST", "deposit")
def deposit(world: World, body: Json) -> Json:
    """Let a deposit arrive: address, currency, amount; optionally ``to`` and ``sender``."""
    _check_members(body, needed=("address", "currency", "amount"), allowed=("to", "sender"))
    made = _deposits.simulate(world, **{"to": "credited", **body})
    return _show(made)


@endpoint("POST", "deposit/advance")
def advance_deposit(world: World, body: Json) -> Json:
    """Move a deposit on: transactionId; optionally ``to``."""
    _check_members(body, needed=("transactionId",), allowed=("to",))
    with world.lock:
        transaction = world.state.transaction(str(body["transactionId"]).lower())
    if transaction is None:
        raise MockError("no deposit has this transactionId")
    return _show(Deposit(world, transaction).advance(body.get("to")))


@endpoint("POST", "top-up")
def top_up(world: World, body: Json) -> Json:
    """Send money to an account: currency, amount; optionally ``account``, ``to``, ``sender``."""
    _check_members(body, needed=("currency", "amount"), allowed=("account", "to", "sender"))
    return _show_top_up(_top_ups.simulate(world, **body))


@endpoint("POST", "top-up/advance")
def advance_top_up(world: World, body: Json) -> Json:
    """Move a top-up on: topUpId; optionally ``to``."""
    _check_members(body, needed=("topUpId",), allowed=("to",))
    with world.lock:
        record = world.state.top_up(str(body["topUpId"]).lower())
    if record is None:
        raise MockError("no top-up has this topUpId")
    return _show_top_up(TopUp(world, record).advance(body.get("to")))


@endpoint("POST", "clock")
def move_clock(world: World, body: Json) -> Json:
    """Advance business time, by seconds or ``{"days": 30}``, or set the skew in seconds."""
    _check_members(body, allowed=("advance", "skew"))
    advance = body.get("advance", 0)
    step = advance if isinstance(advance, dict) else {"seconds": advance}
    _check_members(step, allowed=("days", "hours", "seconds"))
    by = _difference(step)
    skew = _number("skew", body["skew"]) if "skew" in body else None
    if skew is not None:
        # What cannot be done is refused before either clock has moved.
        _clock.skew_of(skew)
    world.clock.advance(by)
    if skew is not None:
        world.clock.skew(skew)
    return {"now": _clock.iso(world.clock.now()), "wire": _clock.iso(world.clock.wire())}


@endpoint("GET", "deliveries")
def deliveries(world: World, _: Json) -> Json:
    """Show the attempts made and those to come."""
    with world.lock:
        made, pending = list(world.state.attempts), _outbox.pending(world.state)
    return {
        "made": list(map(_snapshot.attempt, made)),
        "pending": list(map(_snapshot.attempt, pending)),
    }


@endpoint("POST", "deliveries/resend")
def resend(world: World, body: Json) -> Json:
    """Send an event once more: eventId; optionally ``requestId``, else to all it was sent to."""
    _check_members(body, needed=("eventId",), allowed=("requestId",))
    event_id = whole_number(body["eventId"])
    if event_id is None:
        raise MockError("eventId has to be a whole number")
    with world.lock:
        return {"due": _outbox.resend(world, event_id, _text("requestId", body))}


@endpoint("POST", "deliveries/disturb")
def disturb(world: World, body: Json) -> Json:
    """Disturb deliveries: shares of ``duplicates`` and ``failures``, and ``reorder``."""
    _check_members(body, allowed=("duplicates", "reorder", "failures"))
    shares = {name: _number(name, body.get(name, 0)) for name in ("duplicates", "failures")}
    chosen = Disturbance(**shares, reorder=body.get("reorder", False))
    with world.lock:
        world.state.disturbance = chosen
    return {
        "duplicates": Decimal(str(chosen.duplicates)),
        "reorder": chosen.reorder,
        "failures": Decimal(str(chosen.failures)),
    }


@endpoint("POST", "subscription/unblock")
def unblock(world: World, body: Json) -> Json:
    """Unblock a subscription and send what it held: requestId; optionally ``account``."""
    _check_members(body, needed=("requestId",), allowed=("account",))
    with world.lock:
        return {
            "due": _outbox.unblock(world, _text("requestId", body) or "", _text("account", body))
        }


@endpoint("POST", "account")
def add_account(world: World, body: Json) -> Json:
    """Add a merchant account, seen by a key pair of its own or by an existing ``key``."""
    _check_members(body, allowed=("key",))
    key = str(body["key"]) if "key" in body else None
    with world.lock:
        made = world.state.add_account(key=key)
        pair = world.state.pair_of(made.id)
    return {"account": made.id, "key": pair.key, "secret": pair.secret}


@endpoint("POST", "reset")
def reset(world: World, body: Json) -> Json:
    """Go back to the start."""
    _check_members(body)
    world.reset()
    return _snapshot.snapshot(world)


@endpoint("GET", "state")
def state(world: World, _: Json) -> Json:
    """Show everything but secrets."""
    return _snapshot.snapshot(world)


@endpoint("GET", "identity")
def identity(world: World, body: Json) -> Json:
    """Prove to be this mock: its name, the ``nonce`` of the query, a proof for each account.

    A caller that has the secret can make the proof, too, and so knows whether it has the right one.
    """
    _check_members(body, needed=("nonce",))
    nonce = body["nonce"]
    with world.lock:
        proofs = [
            {"key": pair.key, "account": account, "proof": _proof(pair, account, nonce)}
            for pair in world.state.keys.values()
            for account in pair.accounts
        ]
    return {"name": NAME, "nonce": nonce, "accounts": proofs}


@endpoint("GET", "journal")
def journal(world: World, _: Json) -> Json:
    """Show how often each operation was carried out and refused, and the latest in order."""
    entries = [
        {
            "operation": entry.operation,
            "errorCode": entry.error_code,
            "fromExample": entry.from_example,
        }
        for entry in world.journal.entries()
    ]
    return {**world.journal.counts(), "entries": entries}


def respond(world: World, request: Request) -> Response:
    """Answer a request to a control endpoint."""
    refused = _refuse_stranger(request)
    if refused is not None:
        return _core.render(world, _error(403, refused))
    chosen = ENDPOINTS.get((request.method, request.path))
    if chosen is None:
        known = ", ".join(f"{method} {path}" for method, path in ENDPOINTS)
        return _core.render(world, _error(404, f"no such endpoint; there are {known}"))
    try:
        answer = Answer(200, chosen(world, _read(request)))
    except (MockError, _json.BadJsonError) as error:
        answer = _error(400, str(error))
    return _core.render(world, answer)


def _refuse_stranger(request: Request) -> str | None:
    if request.client is None:
        return None
    if not _loopback.is_loopback(request.client):
        return "control endpoints answer callers on this machine only"
    # A page in this machine's browser can reach a loopback port, by a name of its own that points
    # here or across origins; Host gives away the first, Origin the second.
    if not _loopback.is_loopback(_loopback.host_of(request.headers.get("host", ""))):
        return "control endpoints want a Host header that is a loopback address or localhost"
    origin = request.headers.get("origin")
    if origin is not None and not _loopback.is_loopback(
        _loopback.host_of(origin.partition("://")[2])
    ):
        return "control endpoints do not answer pages of other origins"
    return None


def _proof(pair: KeyPair, account: str, nonce: str) -> str:
    # It begins as no body of a request does, and so signs none.
    message = f"{pair.key} {account} {nonce}"
    return hmac.new(pair.secret.encode(), message.encode(), hashlib.sha512).hexdigest()


def _read(request: Request) -> Json:
    if request.method == "GET" and request.query:
        return dict(parse_qsl(request.query))
    if len(request.body) > MAX_BODY:
        raise MockError(f"the body is larger than {MAX_BODY} bytes")
    body = _json.load(request.body) if request.body else {}
    if not isinstance(body, dict):
        raise MockError("the body has to be a JSON object")
    return body


def _check_members(
    body: Json, *, needed: tuple[str, ...] = (), allowed: tuple[str, ...] = ()
) -> None:
    missing = [name for name in needed if name not in body]
    if missing:
        raise MockError(f"{', '.join(missing)} missing; send {', '.join(needed)}")
    known = (*needed, *allowed)
    if any(name not in known for name in body):
        raise MockError(f"only {', '.join(known) or 'an empty object'} can be sent here")


def _text(name: str, body: Json) -> str | None:
    value = body.get(name)
    if name in body and not isinstance(value, str):
        raise MockError(f"{name} has to be a text")
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise MockError(f"{name} has to be a number")
    return float(value)


def _difference(step: Json) -> timedelta:
    return _clock.difference(**{name: _number(name, value) for name, value in step.items()})


def _show(made: Deposit) -> Json:
    return {"transactionId": made.transaction_id, "step": made.step}


def _show_top_up(made: TopUp) -> Json:
    return {"topUpId": made.top_up_id, "step": made.step}


def _error(status: int, message: str) -> Answer:
    return Answer(status, {"error": message}, Verdict(None, message))
