"""What is done with a delivery, without any I/O: a flow that is carried out by a driver."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_pay._errors import Reason, WebhookVerificationError
from calypso_pay.receiver._answer import Result
from calypso_pay.receiver._driving import Call, Flow
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._order import is_contradicted, is_late, work_of
from calypso_pay.receiver._store import Verdict
from calypso_pay.webhooks import EVENT_TYPES, UnknownEvent, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calypso_pay import AsyncCalypso, Calypso
    from calypso_pay._secret import Secret
    from calypso_pay.receiver._store import AsyncStore, Claim, Store, Work
    from calypso_pay.webhooks import Event, HeadersLike

log = logging.getLogger("calypso_pay.receiver")


class Handler(NamedTuple):
    """A user's function, and whether it wants the transaction as the API has it now."""

    function: Callable[..., Any]
    reread: bool = False


class Parts(NamedTuple):
    """What a receiver is made of."""

    secret: Secret
    store: Store | AsyncStore
    client: Calypso | AsyncCalypso | None
    lease: float
    handlers: Mapping[type, Handler]


class _UnavailableError(Exception):
    """Something that the handler needs could not be had; its cause says why."""


def deal_with(parts: Parts, body: bytes | str, headers: HeadersLike) -> Flow[Result]:
    """Verify a delivery, see that it is due, and hand it to its handler."""
    try:
        event = yield Call(_unwrap, (parts.secret, body, headers), waits=_looks_up(parts.secret))
    except WebhookVerificationError as error:
        return _refused(error)
    except Exception:
        log.exception("could not verify a delivery")
        return Result.UNAVAILABLE
    if _is_lost_on(parts, event):
        log.error("%s is not as documented, and its handler can't have it", _name(event))
        return Result.UNREADABLE
    result = yield from _once(parts, event)
    log.debug("%s: %s", _name(event), result)
    return result


def _unwrap(secret: Secret, body: bytes | str, headers: HeadersLike) -> Event:
    reveal: Any = secret.reveal
    return unwrap(body, headers, reveal())


def _looks_up(secret: Secret) -> bool:
    return callable(secret.reveal())


def _refused(error: WebhookVerificationError) -> Result:
    log.warning("refused a delivery: %s", error.reason)
    return Result.UNREADABLE if error.reason == Reason.MALFORMED_BODY else Result.UNVERIFIED


def _is_lost_on(parts: Parts, event: Event) -> bool:
    """Whether to answer 200 would lose an event that a handler waits for."""
    if not isinstance(event, UnknownEvent) or event.problem is None:
        return False
    return (
        UnknownEvent not in parts.handlers and EVENT_TYPES[str(event.event_type)] in parts.handlers
    )


def _once(parts: Parts, event: Event) -> Flow[Result]:
    work = work_of(event)
    try:
        claim: Claim = yield _on_store(parts, parts.store.claim, work, parts.lease)
    except Exception:
        log.exception("%s could not be claimed", _name(event))
        return Result.UNAVAILABLE
    if claim.verdict == Verdict.MINE:
        return (yield from _claimed(parts, event, work, claim))
    return Result.DUPLICATE if claim.verdict == Verdict.DONE else Result.BUSY


def _claimed(parts: Parts, event: Event, work: Work, claim: Claim) -> Flow[Result]:
    try:
        result = yield from _in_order(parts, event, work, claim)
    except asyncio.CancelledError:
        yield from _give_back(parts, work, claim)
        raise
    except _UnavailableError as error:
        log.error("%s: could not read its transaction", _name(event), exc_info=error.__cause__)  # noqa: TRY400 - the cause says more
        result = Result.UNAVAILABLE
    except Exception:
        log.exception("%s: its handler failed", _name(event))
        result = Result.FAILED
    else:
        return (yield from _completed(parts, work, claim, result))
    yield from _give_back(parts, work, claim)
    return result


def _completed(parts: Parts, work: Work, claim: Claim, result: Result) -> Flow[Result]:
    try:
        yield _on_store(parts, parts.store.complete, work, claim)
    except Exception:
        log.exception("event %d could not be completed, and will be handled again", work.event)
        yield from _give_back(parts, work, claim)
        return Result.UNAVAILABLE
    return result


def _in_order(parts: Parts, event: Event, work: Work, claim: Claim) -> Flow[Result]:
    if work.step in claim.steps:
        return Result.DUPLICATE
    if is_late(work.step, claim.steps):
        return Result.LATE
    if is_contradicted(work.step, claim.steps):
        log.warning("%s contradicts what its transaction went through before", _name(event))
    handler = parts.handlers.get(type(event)) or parts.handlers.get(object)
    if handler is None:
        return Result.IGNORED
    seen = (yield from _reread(parts, work)) if handler.reread else ()
    yield Call(handler.function, (event, *seen))
    return Result.HANDLED


def _reread(parts: Parts, work: Work) -> Flow[tuple[object, ...]]:
    if parts.client is None or work.transaction is None:
        raise _UnavailableError from ValueError("the event names no transaction")
    try:
        return ((yield Call(parts.client.transactions.get, (work.transaction,))),)
    except Exception as error:
        raise _UnavailableError from error


def _give_back(parts: Parts, work: Work, claim: Claim) -> Flow[None]:
    try:
        yield _on_store(parts, parts.store.release, work, claim)
    except Exception:
        log.exception("event %d could not be released; it waits until its lease ends", work.event)


def _on_store(parts: Parts, method: Callable[..., Any], *args: object) -> Call:
    return Call(method, args, waits=type(parts.store) is not MemoryStore)


def _name(event: Event) -> str:
    return f"{type(event).__name__} {event.id} of {event.request_id!r}"
