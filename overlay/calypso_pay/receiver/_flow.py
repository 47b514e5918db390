"""What is done with a delivery, without any I/O: a flow that is carried out by a driver."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_pay._errors import Reason, WebhookVerificationError
from calypso_pay._secret import Secret
from calypso_pay._signed import is_a_function, looked_up, public_key, unwrap
from calypso_pay.receiver._answer import Response, Result
from calypso_pay.receiver._driving import Call, Flow
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._money import may_be_money
from calypso_pay.receiver._order import is_contradicted, is_late, is_repeated, task_of
from calypso_pay.receiver._store import ClaimStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calypso_pay import AsyncCalypso, Calypso
    from calypso_pay.receiver._store import AsyncStore, Claim, Store, Task
    from calypso_pay.webhooks import Event

log = logging.getLogger("calypso_pay.receiver")


class Handler(NamedTuple):
    """A user's function, and whether it wants the transaction as the API has it now."""

    function: Callable[..., Any]
    refetch: bool = False


class Parts(NamedTuple):
    """What a receiver is made of."""

    secret: Secret
    store: Store | AsyncStore
    client: Calypso | AsyncCalypso | None
    lease: float
    handlers: Mapping[type | str, Handler]


class Delivery(NamedTuple):
    """A body and the headers that came with it, both wrapped: a true one can be sent again."""

    body: Secret
    headers: Secret


class _UnavailableError(Exception):
    """Something that the handler needs could not be had; its cause says why."""


def deal_with(parts: Parts, delivery: Delivery) -> Flow[Response]:
    """Verify a delivery, see that it is due, and hand it to its handler."""
    event = yield from verified(parts, delivery)
    if isinstance(event, Response):
        return event
    return (yield from hand_on(parts, event))


def verified(parts: Parts, delivery: Delivery) -> Flow[Event | Response]:
    """Return the event that was delivered, or what to answer where it is none."""
    try:
        secret = parts.secret
        if is_a_function(secret):
            # Called by itself, so that it may be awaited.
            found = yield Call(looked_up(secret), (public_key(delivery.headers),))
            secret = Secret({public_key(delivery.headers): found})
        event: Event = yield Call(unwrap, (delivery.body, delivery.headers, secret), waits=False)
    except WebhookVerificationError as error:
        unreadable = error.reason == Reason.MALFORMED_BODY
        # What is rightly signed and can't be read is lost if it stays so.
        log.log(logging.ERROR if unreadable else logging.WARNING, "refused a delivery: %s", error)
        return Response(Result.UNREADABLE if unreadable else Result.UNVERIFIED, error.reason)
    except (Exception, SystemExit):
        log.exception("could not verify a delivery")
        return Response(Result.UNAVAILABLE)
    return event


def hand_on(parts: Parts, event: Event) -> Flow[Response]:
    """See that an event is due, and hand it to its handler."""
    if _handler(parts, event) is None and may_be_money(event):
        log.error(
            "%s may be about money and has no handler: register one for %s, or it is "
            "sent again for days, and too many errors block the subscription",
            _name(event),
            type(event).__name__,
        )
        return Response(Result.FAILED)
    result = yield from _once(parts, event)
    log.debug("%s: %s", _name(event), result)
    return Response(result)


def _once(parts: Parts, event: Event) -> Flow[Result]:
    task = task_of(event)
    try:
        claim: Claim = yield _on_store(parts, parts.store.claim, task, parts.lease)
    except Exception:
        log.exception("%s could not be claimed", _name(event))
        return Result.UNAVAILABLE
    if claim.status == ClaimStatus.ACQUIRED:
        return (yield from _claimed(parts, event, task, claim))
    return Result.DUPLICATE if claim.status == ClaimStatus.DONE else Result.BUSY


def _claimed(parts: Parts, event: Event, task: Task, claim: Claim) -> Flow[Result]:
    try:
        result = yield from _in_order(parts, event, task, claim)
    except _UnavailableError as error:
        log.error("%s: could not read its transaction", _name(event), exc_info=error.__cause__)  # noqa: TRY400 - the cause says more
        result = Result.UNAVAILABLE
    except (Exception, SystemExit):
        log.exception("%s: its handler failed", _name(event))
        result = Result.FAILED
    except GeneratorExit:
        raise
    except BaseException:
        # It is cancelled, or the process is to end; the event comes again.
        yield from _give_back(parts, task, claim)
        raise
    else:
        return (yield from _completed(parts, task, claim, result))
    yield from _give_back(parts, task, claim)
    return result


def _completed(parts: Parts, task: Task, claim: Claim, result: Result) -> Flow[Result]:
    try:
        yield _on_store(parts, parts.store.complete, task, claim)
    except Exception:
        log.exception("event %s could not be completed, and will be handled again", task.event)
        yield from _give_back(parts, task, claim)
        return Result.UNAVAILABLE
    return result


def _in_order(parts: Parts, event: Event, task: Task, claim: Claim) -> Flow[Result]:
    if is_repeated(task.step, claim.steps):
        return Result.DUPLICATE
    if is_late(task.step, claim.steps):
        return Result.LATE
    if is_contradicted(task.step, claim.steps):
        log.warning("%s contradicts what its transaction went through before", _name(event))
    handler = _handler(parts, event)
    if handler is None:
        return Result.IGNORED
    seen = (yield from _refetch(parts, task)) if handler.refetch else ()
    yield Call(handler.function, (event, *seen))
    return Result.HANDLED


def _handler(parts: Parts, event: Event) -> Handler | None:
    kinds: tuple[type | str, ...] = (type(event), object)
    if event.event_type is not None:
        kinds = (str(event.event_type), *kinds)
    return next((parts.handlers[kind] for kind in kinds if kind in parts.handlers), None)


def _refetch(parts: Parts, task: Task) -> Flow[tuple[object, ...]]:
    if parts.client is None or task.transaction is None:
        raise _UnavailableError from ValueError("the event names no transaction")
    try:
        return ((yield Call(parts.client.transactions.get, (task.transaction,))),)
    except Exception as error:
        raise _UnavailableError from error


def _give_back(parts: Parts, task: Task, claim: Claim) -> Flow[None]:
    try:
        yield _on_store(parts, parts.store.release, task, claim)
    except Exception:
        log.exception("event %s could not be released; it waits until its lease ends", task.event)


def _on_store(parts: Parts, method: Callable[..., Any], *args: object) -> Call:
    return Call(method, args, waits=type(parts.store) is not MemoryStore)


def _name(event: Event) -> str:
    return f"{type(event).__name__} {event.id} of {event.request_id!r}"
