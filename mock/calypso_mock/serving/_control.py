"""Control a served mock over HTTP: endpoints under ``/_mock/``, unsigned, for this machine only.

A new endpoint is a function with ``@endpoint`` above it. It gets the ``Control`` and the JSON
object of the request, returns the JSON object of the response, and raises ``MockError`` for bad
input.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from calypso_mock import _json, _loopback
from calypso_mock._errors import MockError
from calypso_mock.api import _responses
from calypso_mock.api._checks import MAX_BODY, whole_number
from calypso_mock.api._http import Rejection
from calypso_mock.api._responses import HttpResponse
from calypso_mock.api._rows import Rows
from calypso_mock.delivery import _events, _queue
from calypso_mock.serving import _snapshot
from calypso_mock.state import _clock, _dates
from calypso_mock.state._fault_injection import FaultInjection

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from calypso_mock.api._context import Context
    from calypso_mock.api._http import Request, Response
    from calypso_mock.state._records import KeyPair

    Json = dict[str, Any]
    Endpoint = Callable[["Control", Json], Json]

PREFIX = "/_mock/"
NAME = "calypso-mock"
ENDPOINTS: dict[tuple[str, str], Endpoint] = {}


class SimulatedDeposit(Protocol):
    """The part of a deposit that a response shows."""

    @property
    def transaction_id(self) -> str: ...

    @property
    def step(self) -> str: ...


class SimulatedTopUp(Protocol):
    """The part of a top-up that a response shows."""

    @property
    def top_up_id(self) -> str: ...

    @property
    def step(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Control:
    """What the endpoints control: the parts of a mock, and its simulations.

    Attributes:
        context: The parts of the mock.
        simulate_deposit: Lets a deposit arrive.
        advance_deposit: Moves a deposit on, by its id.
        simulate_top_up: Lets a top-up arrive.
        advance_top_up: Moves a top-up on, by its id.
    """

    context: Context
    simulate_deposit: Callable[..., SimulatedDeposit]
    advance_deposit: Callable[[Context, str, Any], SimulatedDeposit]
    simulate_top_up: Callable[..., SimulatedTopUp]
    advance_top_up: Callable[[Context, str, Any], SimulatedTopUp]


def endpoint(method: str, name: str) -> Callable[[Endpoint], Endpoint]:
    """Make a function respond to a method at ``/_mock/<name>``."""

    def register(function: Endpoint) -> Endpoint:
        ENDPOINTS[method, PREFIX + name] = function
        return function

    return register


@endpoint("POST", "deposit")
def deposit(control: Control, body: Json) -> Json:
    """Let a deposit arrive: address, currency, amount; optionally ``to`` and ``sender``."""
    _check_members(body, needed=("address", "currency", "amount"), allowed=("to", "sender"))
    made = control.simulate_deposit(control.context, **{"to": "credited", **body})
    return _show_deposit(made)


@endpoint("POST", "deposit/advance")
def advance_deposit(control: Control, body: Json) -> Json:
    """Move a deposit on: transactionId; optionally ``to``."""
    _check_members(body, needed=("transactionId",), allowed=("to",))
    transaction_id = str(body["transactionId"]).lower()
    return _show_deposit(control.advance_deposit(control.context, transaction_id, body.get("to")))


@endpoint("POST", "top-up")
def top_up(control: Control, body: Json) -> Json:
    """Send money to an account: currency, amount; optionally ``account``, ``to``, ``sender``."""
    _check_members(body, needed=("currency", "amount"), allowed=("account", "to", "sender"))
    return _show_top_up(control.simulate_top_up(control.context, **body))


@endpoint("POST", "top-up/advance")
def advance_top_up(control: Control, body: Json) -> Json:
    """Move a top-up on: topUpId; optionally ``to``."""
    _check_members(body, needed=("topUpId",), allowed=("to",))
    top_up_id = str(body["topUpId"]).lower()
    return _show_top_up(control.advance_top_up(control.context, top_up_id, body.get("to")))


@endpoint("POST", "rows/lose")
def lose_row(control: Control, body: Json) -> Json:
    """Show a deposit no more: transactionId; with ``findOnly`` in searches only."""
    _check_members(body, needed=("transactionId",), allowed=("findOnly",))
    Rows(control.context).lose(body["transactionId"], find_only=body.get("findOnly", False))
    return _show_row(control, body)


@endpoint("POST", "rows/delay")
def delay_row(control: Control, body: Json) -> Json:
    """Show a deposit later: transactionId, ``by`` as for the clock; optionally ``findOnly``."""
    _check_members(body, needed=("transactionId", "by"), allowed=("findOnly",))
    Rows(control.context).delay(
        body["transactionId"], _difference(body["by"]), find_only=body.get("findOnly", False)
    )
    return _show_row(control, body)


@endpoint("POST", "rows/alter")
def alter_row(control: Control, body: Json) -> Json:
    """Show other values of a deposit: transactionId, and ``fields`` with the values by name."""
    _check_members(body, needed=("transactionId", "fields"))
    Rows(control.context).alter(body["transactionId"], **_object("fields", body))
    return _show_row(control, body)


@endpoint("POST", "rows/restore")
def restore_rows(control: Control, body: Json) -> Json:
    """Show a deposit as it is, by its transactionId; without one, all deposits."""
    _check_members(body, allowed=("transactionId",))
    Rows(control.context).restore(_text("transactionId", body))
    return {}


@endpoint("POST", "clock")
def move_clock(control: Control, body: Json) -> Json:
    """Advance business time, by seconds or ``{"days": 30}``, or set the skew in seconds."""
    _check_members(body, allowed=("advance", "skew"))
    by = _difference(body.get("advance", 0))
    skew = _number("skew", body["skew"]) if "skew" in body else None
    if skew is not None:
        # A bad value is rejected before either clock has moved.
        _clock.skew_of(skew)
    clock = control.context.clock
    clock.advance(by)
    if skew is not None:
        clock.skew(skew)
    return {"now": _dates.iso(clock.now()), "wire": _dates.iso(clock.wire())}


@endpoint("GET", "deliveries")
def deliveries(control: Control, _: Json) -> Json:
    """Show the attempts made, the future ones, and what was lost."""
    with control.context.lock:
        state = control.context.state
        made, pending, lost = list(state.attempts), _queue.pending(state), _queue.lost(state)
    return {
        "made": list(map(_snapshot.attempt, made)),
        "pending": list(map(_snapshot.attempt, pending)),
        "lost": list(map(_snapshot.attempt, lost)),
    }


@endpoint("POST", "deliveries/resend")
def resend(control: Control, body: Json) -> Json:
    """Send an event once more: eventId; optionally ``requestId``, else to all it was sent to."""
    _check_members(body, needed=("eventId",), allowed=("requestId",))
    event_id = whole_number(body["eventId"])
    if event_id is None:
        raise MockError("eventId has to be a whole number")
    request_id = _text("requestId", body)
    context = control.context
    with context.lock:
        due = _queue.resend(context.state, event_id, request_id, context.clock.now())
    return {"due": due}


@endpoint("POST", "deliveries/disturb")
def disturb(control: Control, body: Json) -> Json:
    """Inject faults into deliveries: ``reorder``, ``delayBy``, and shares of the others."""
    names = ("duplicates", "failures", "lose", "delay")
    _check_members(body, allowed=(*names, "reorder", "delayBy"))
    shares = {name: _number(name, body.get(name, 0)) for name in names}
    delay_by = _clock.delay_of(_difference(body.get("delayBy", {"hours": 1})))
    chosen = FaultInjection(**shares, reorder=body.get("reorder", False), delay_by=delay_by)
    with control.context.lock:
        control.context.fault_injection = chosen
    return {
        **{name: Decimal(str(share)) for name, share in shares.items()},
        "reorder": chosen.reorder,
        "delayBy": _snapshot.seconds(delay_by),
    }


@endpoint("POST", "deliveries/lose")
def lose_events(control: Control, body: Json) -> Json:
    """Never send events of a deposit: transactionId; optionally ``eventType``, else all."""
    _check_members(body, needed=("transactionId",), allowed=("eventType",))
    return _change_events(control, body, lost=True)


@endpoint("POST", "deliveries/delay")
def delay_events(control: Control, body: Json) -> Json:
    """Send events of a deposit later: transactionId, ``by``; optionally ``eventType``."""
    _check_members(body, needed=("transactionId", "by"), allowed=("eventType",))
    return _change_events(control, body, delay=_clock.delay_of(_difference(body["by"])))


@endpoint("POST", "deliveries/alter")
def alter_events(control: Control, body: Json) -> Json:
    """Send other data of a deposit: transactionId, ``fields``; optionally ``eventType``."""
    _check_members(body, needed=("transactionId", "fields"), allowed=("eventType",))
    return _change_events(control, body, altered=_object("fields", body))


@endpoint("POST", "deliveries/restore")
def restore_events(control: Control, body: Json) -> Json:
    """Send events that were not sent yet as they are, by transactionId; without one, all."""
    _check_members(body, allowed=("transactionId",))
    _events.restore(control.context, _text("transactionId", body))
    return {}


@endpoint("POST", "subscription/unblock")
def unblock(control: Control, body: Json) -> Json:
    """Unblock a subscription and send what it held: requestId; optionally ``account``."""
    _check_members(body, needed=("requestId",), allowed=("account",))
    request_id, account = _text("requestId", body) or "", _text("account", body)
    context = control.context
    with context.lock:
        due = _queue.unblock(context.state, request_id, account, context.clock.now())
    return {"due": due}


@endpoint("POST", "account")
def add_account(control: Control, body: Json) -> Json:
    """Add a merchant account, for a key pair of its own or for an existing ``key``."""
    _check_members(body, allowed=("key",))
    key = str(body["key"]) if "key" in body else None
    with control.context.lock:
        made = control.context.state.add_account(key=key)
        pair = control.context.state.pair_of(made.id)
    return {"account": made.id, "key": pair.key, "secret": pair.secret}


@endpoint("POST", "reset")
def reset(control: Control, body: Json) -> Json:
    """Go back to the start."""
    _check_members(body)
    control.context.reset()
    return _snapshot.snapshot(control.context)


@endpoint("GET", "state")
def state(control: Control, _: Json) -> Json:
    """Show everything but secrets."""
    return _snapshot.snapshot(control.context)


@endpoint("GET", "identity")
def identity(control: Control, body: Json) -> Json:
    """Prove to be this mock: its name, the ``nonce`` of the query, a proof for each account.

    A caller that has the secret can compute the proof, too, and so check that it has the right one.
    """
    _check_members(body, needed=("nonce",))
    nonce = body["nonce"]
    with control.context.lock:
        proofs = [
            {"key": pair.key, "account": account, "proof": _proof(pair, account, nonce)}
            for pair in control.context.state.keys.values()
            for account in pair.accounts
        ]
    return {"name": NAME, "nonce": nonce, "accounts": proofs}


@endpoint("GET", "journal")
def journal(control: Control, _: Json) -> Json:
    """Show how often each operation was carried out and rejected, and the latest in order."""
    entries = [
        {
            "operation": entry.operation,
            "errorCode": entry.error_code,
            "fromExample": entry.from_example,
        }
        for entry in control.context.journal.entries()
    ]
    return {**control.context.journal.counts(), "entries": entries}


def respond(control: Control, request: Request) -> Response:
    """Respond to a request to a control endpoint."""
    return _responses.render(control.context, _respond(control, request))


def _respond(control: Control, request: Request) -> HttpResponse:
    denied = _access_error(request)
    if denied is not None:
        return _error(403, denied)
    chosen = ENDPOINTS.get((request.method, request.path))
    if chosen is None:
        known = ", ".join(f"{method} {path}" for method, path in ENDPOINTS)
        return _error(404, f"no such endpoint; there are {known}")
    try:
        return HttpResponse(200, chosen(control, _read(request)))
    except (MockError, _json.BadJsonError) as error:
        return _error(400, str(error))


def _access_error(request: Request) -> str | None:
    """Return why a caller may not use the endpoints, or None if it may."""
    if request.client is None:
        return None
    if not _loopback.is_loopback(request.client):
        return "control endpoints are for callers on this machine only"
    # A page in this machine's browser can reach a loopback port, through a name of its own that
    # resolves to it or across origins; Host reveals the first, Origin the second.
    if not _loopback.is_loopback(_loopback.host_of(request.headers.get("host", ""))):
        return "control endpoints need a Host header that is a loopback address or localhost"
    origin = request.headers.get("origin")
    if origin is not None and not _loopback.is_loopback(
        _loopback.host_of(origin.partition("://")[2])
    ):
        return "control endpoints are not for pages of other origins"
    return None


def _proof(pair: KeyPair, account: str, nonce: str) -> str:
    # It begins unlike any body of a request, and so cannot sign one.
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


def _object(name: str, body: Json) -> Json:
    value = body[name]
    if not isinstance(value, dict):
        raise MockError(f"{name} has to be an object")
    return value


def _difference(given: object) -> timedelta:
    """Read a difference in time: seconds, or an object such as ``{"days": 30}``."""
    step = given if isinstance(given, dict) else {"seconds": given}
    _check_members(step, allowed=("days", "hours", "seconds"))
    return _clock.difference(**{name: _number(name, value) for name, value in step.items()})


def _show_deposit(made: SimulatedDeposit) -> Json:
    return {"transactionId": made.transaction_id, "step": made.step}


def _change_events(control: Control, body: Json, **changes: Any) -> Json:  # noqa: ANN401 - passed on
    context, transaction_id = control.context, body["transactionId"]
    _events.change(context, transaction_id, _text("eventType", body), **changes)
    with context.lock:
        transaction = context.state.known_transaction(transaction_id)
        return {"transactionId": transaction.id, "events": _snapshot.event_faults(transaction)}


def _show_row(control: Control, body: Json) -> Json:
    with control.context.lock:
        transaction = control.context.state.known_transaction(body["transactionId"])
        return {"transactionId": transaction.id, **_snapshot.row_faults(transaction)}


def _show_top_up(made: SimulatedTopUp) -> Json:
    return {"topUpId": made.top_up_id, "step": made.step}


def _error(status: int, message: str) -> HttpResponse:
    return HttpResponse(status, {"error": message}, Rejection(None, message))
