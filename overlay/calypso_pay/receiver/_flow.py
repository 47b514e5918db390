"""Process a delivery: verify it, claim its event, run the handler.

Nothing here does I/O. Each function is a generator that yields the calls to make; `_drivers` makes
them and sends back what they return.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_pay._errors import Reason, WebhookVerificationError
from calypso_pay._secret import Secret
from calypso_pay._verification import is_callable, pairs, public_key, secret_lookup, unwrap
from calypso_pay.receiver._drivers import Call, Flow
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._money import may_be_money
from calypso_pay.receiver._order import contradicts, is_duplicate, is_late, task_of
from calypso_pay.receiver._response import Response, Result
from calypso_pay.receiver._store import ClaimStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calypso_pay import AsyncCalypso, Calypso
    from calypso_pay.receiver._store import AsyncStore, Claim, Store, Task
    from calypso_pay.webhooks import Event

log = logging.getLogger("calypso_pay.receiver")


class Handler(NamedTuple):
    """A user's function, and whether it takes the transaction as the API has it now."""

    function: Callable[..., Any]
    refetch: bool = False


class Config(NamedTuple):
    """What a receiver was made with, and its handlers."""

    secret: Secret
    store: Store | AsyncStore
    client: Calypso | AsyncCalypso | None
    lease: float
    handlers: Mapping[type | str, Handler]


class Delivery(NamedTuple):
    """The body and headers of a delivery, wrapped: anyone who sees both can send them again."""

    body: Secret
    headers: Secret


class _RefetchError(Exception):
    """The transaction for the handler could not be read; `__cause__` has the reason."""


def process(config: Config, delivery: Delivery) -> Flow[Response]:
    """Verify a delivery and process its event."""
    event = yield from verify(config, delivery)
    if isinstance(event, Response):
        return event
    return (yield from process_event(config, event))


def verify(config: Config, delivery: Delivery) -> Flow[Event | Response]:
    """Return the event of a delivery, or the response that rejects it."""
    # Read once: they may be an iterator.
    delivery = delivery._replace(headers=pairs(delivery.headers))
    try:
        secret = config.secret
        if is_callable(secret):
            # A call of its own, so that the function may be a coroutine function.
            key = public_key(delivery.headers)
            secret = Secret({key: (yield Call(secret_lookup(secret), (key,)))})
        event: Event = yield Call(unwrap, (delivery.body, delivery.headers, secret), blocks=False)
    except WebhookVerificationError as error:
        unreadable = error.reason == Reason.MALFORMED_BODY
        # The vendor signed an unreadable body, so an event is lost unless the cause is fixed.
        log.log(logging.ERROR if unreadable else logging.WARNING, "rejected a delivery: %s", error)
        return Response(Result.UNREADABLE if unreadable else Result.UNVERIFIED, error.reason)
    except (Exception, SystemExit):
        log.exception("could not verify a delivery")
        return Response(Result.UNAVAILABLE)
    return event


def process_event(config: Config, event: Event) -> Flow[Response]:
    """Claim a verified event and run its handler; reject one about money that has no handler."""
    if _find_handler(config, event) is None and may_be_money(event):
        log.error(
            "%s may be about money and has no handler: register one for %s; until then the vendor "
            "delivers it again for days, and too many errors block the subscription",
            _name(event),
            type(event).__name__,
        )
        return Response(Result.FAILED)
    result = yield from claim_and_run(config, event)
    log.debug("%s: %s", _name(event), result)
    return Response(result)


def claim_and_run(config: Config, event: Event) -> Flow[Result]:
    """Claim an event, run its handler, and complete the event; release it if that fails."""
    task = task_of(event)
    try:
        claim: Claim = yield _store_call(config, config.store.claim, task, config.lease)
    except Exception:
        log.exception("%s could not be claimed", _name(event))
        return Result.UNAVAILABLE
    if claim.status != ClaimStatus.ACQUIRED:
        return Result.DUPLICATE if claim.status == ClaimStatus.DONE else Result.BUSY

    try:
        result = yield from _run(config, event, task, claim)
    except GeneratorExit:
        # The driver is gone, so nothing can be called any more. The lease expires by itself.
        raise
    except BaseException:
        # The task is cancelled or the process is ending: the event has to come again.
        yield from _release(config, task, claim)
        raise

    if result not in {Result.FAILED, Result.UNAVAILABLE}:
        try:
            yield _store_call(config, config.store.complete, task, claim)
        except Exception:
            log.exception("event %s could not be completed, and will be handled again", task.event)
            result = Result.UNAVAILABLE
        else:
            return result
    yield from _release(config, task, claim)
    return result


def _run(config: Config, event: Event, task: Task, claim: Claim) -> Flow[Result]:
    """Run the handler, unless the transaction is past this event."""
    try:
        if is_duplicate(task.step, claim.steps):
            return Result.DUPLICATE
        if is_late(task.step, claim.steps):
            return Result.LATE
        if contradicts(task.step, claim.steps):
            log.warning("%s contradicts an earlier event of its transaction", _name(event))
        handler = _find_handler(config, event)
        if handler is None:
            return Result.IGNORED
        transaction = (yield from _refetch(config, task)) if handler.refetch else ()
        yield Call(handler.function, (event, *transaction))
    except _RefetchError as error:
        log.error("%s: could not read its transaction", _name(event), exc_info=error.__cause__)  # noqa: TRY400 - the cause has the details
        return Result.UNAVAILABLE
    except (Exception, SystemExit):
        log.exception("%s: its handler failed", _name(event))
        return Result.FAILED
    return Result.HANDLED


def _refetch(config: Config, task: Task) -> Flow[tuple[object]]:
    if config.client is None or task.transaction is None:
        raise _RefetchError from ValueError("the event has no transaction id")
    try:
        return ((yield Call(config.client.transactions.get, (task.transaction,))),)
    except Exception as error:
        raise _RefetchError from error


def _release(config: Config, task: Task, claim: Claim) -> Flow[None]:
    try:
        yield _store_call(config, config.store.release, task, claim)
    except Exception:
        log.exception("event %s could not be released: its lease has to expire", task.event)


def _find_handler(config: Config, event: Event) -> Handler | None:
    kinds: tuple[type | str, ...] = (type(event), object)
    if event.event_type is not None:
        kinds = (str(event.event_type), *kinds)
    return next((config.handlers[kind] for kind in kinds if kind in config.handlers), None)


def _store_call(config: Config, method: Callable[..., Any], *args: object) -> Call:
    return Call(method, args, blocks=type(config.store) is not MemoryStore)


def _name(event: Event) -> str:
    return f"{type(event).__name__} {event.id} of {event.request_id!r}"
