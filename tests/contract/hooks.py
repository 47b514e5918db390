"""What schemathesis does before each call, and the checks that it runs on each response.

It is loaded into schemathesis' own process, where the settings come from the environment.
"""

from __future__ import annotations

import copy
import json
import os
from contextlib import suppress
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis.control import current_build_context, currently_in_test_context
from schemathesis.openapi.checks import RejectedPositiveData

from tests.contract import (
    acceptance,
    answers,
    completion,
    document,
    probes,
    promises,
    schemas,
    targets,
)
from tests.contract.running import MOCK
from tests.contract.session import Exchange
from tests.contract.wire import Signed, Target, refresh
from tests.contract.world import Foreign, World, derive

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemathesis import Case, CheckContext, HookContext, Response
    from schemathesis.core.failures import Failure

    from tests.contract.answers import Fault

TARGET = Target.read(os.environ)
IS_MOCK = os.environ[MOCK] == "1"
WORLD = (World if IS_MOCK else Foreign)(TARGET)
OTHER = targets.other(os.environ, TARGET)

# Not in before_call: it does not see the bytes, and headers set there count as generated.
schemathesis.auth.set_from_requests(Signed(TARGET))


class Borders:
    """Tells where one test case ends and the next begins."""

    def __init__(self) -> None:
        self._current: object = None

    def begins(self) -> bool:
        """Tell whether a call is the first of a request, or of a chain of links."""
        if not currently_in_test_context():
            # The examples and coverage phases do without Hypothesis: each call stands alone.
            return True
        before, self._current = self._current, current_build_context()
        return self._current is not before


BORDERS = Borders()
# Phases whose requests are what the document implies, and have to stay that.
_LISTED = ("examples", "coverage")


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give a request the world that it needs, and the account and time of now."""
    if BORDERS.begins():
        WORLD.reset()
    if isinstance(case.body, dict):
        # The document's examples are not copied for each case: a change would go on to the next.
        case.body = copy.deepcopy(case.body)
        _complete(case)
        # Before the refresh: time and account as generated tell one request from another.
        # One that is invalid is rejected, whatever there is.
        if case.meta is None or case.meta.generation.mode.is_positive:
            with suppress(RuntimeError, KeyError, TypeError, ValueError):
                # What is refused here is found at the requests that ask for just that.
                WORLD.arrange(case.method, case.path, case.body)
        refresh(case.body, TARGET.account)


def _complete(case: Case[Any]) -> None:
    """Add fields to what was drawn at random, and meant to be valid."""
    operation, meta = document.at(case.method, case.path), case.meta
    if operation is None or meta is None or meta.phase.name in _LISTED:
        return
    if meta.generation.mode.is_positive and isinstance(case.body, dict):
        chance = derive(["complete", operation, case.body])
        completion.complete(operation, case.body, chance)


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Notice when a call may have changed the world."""
    WORLD.notice(response.status_code)


@schemathesis.hook
def filter_failure(
    context: HookContext, failure: Failure, case: Case[Any], response: Response
) -> bool:
    """Let a valid request be refused where it asks for what is not there, or no schema can say."""
    exchange = _exchange(case, response)
    if not isinstance(failure, RejectedPositiveData) or exchange.status != HTTPStatus.BAD_REQUEST:
        return True
    return not acceptance.is_explained(
        document.at(exchange.method, exchange.path),
        _body(exchange),
        exchange.code,
        WORLD.has_subscription,
    )


@schemathesis.check
def answer_is_as_documented(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Hold every response against the document, more closely than its schemas do."""
    exchange = _exchange(case, response)
    found = answers.faults(exchange, mock=IS_MOCK)
    # How long the response was on its way is not known here.
    _expect_none((field, text) for field, text in found if field != "date")


@schemathesis.check
def answer_is_to_the_request(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Hold a success against what was asked for."""
    exchange = _exchange(case, response)
    if _is_granted(exchange) and exchange.content:
        body = answers.read(exchange.content, plain=False)
        payload = _payload(exchange)
        _expect_none(promises.broken(exchange.label, payload, body, mock=IS_MOCK))


@schemathesis.check
def success_can_be_read_again(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Look up in our mock what a success says, by other operations."""
    exchange = _exchange(case, response)
    if IS_MOCK and _is_granted(exchange):
        _expect_none(probes.read_back(exchange, WORLD, derive(_asked(exchange))))


@schemathesis.check
def forged_signature_is_refused(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Send to our mock what it granted with a proof that does not fit."""
    exchange = _exchange(case, response)
    if _is_chosen(exchange, 0):
        _expect_none(probes.forged(exchange, WORLD, derive(_asked(exchange))))


@schemathesis.check
def window_is_kept(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Send to our mock what it granted with another time."""
    exchange = _exchange(case, response)
    if _is_chosen(exchange, 1):
        _expect_none(probes.stale(exchange, WORLD, derive(_asked(exchange))))


@schemathesis.check
def object_is_the_accounts_own(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Ask as another account for what an account was granted.

    schemathesis has a check for this, which knows objects by paths that are read with GET.
    """
    exchange = _exchange(case, response)
    if _is_chosen(exchange, 2):
        _expect_none(probes.foreign(exchange, WORLD, derive(_asked(exchange))))
    elif OTHER is not None and not IS_MOCK and _is_granted(exchange):
        _expect_none(probes.read_by_another(exchange, WORLD, OTHER))


def _is_chosen(exchange: Exchange, turn: int) -> bool:
    """Choose one of the probes that send a request again, so that there are not three of each."""
    if not (IS_MOCK and _is_granted(exchange)):
        return False
    return derive(["turn", *_asked(exchange)]).randrange(3) == turn


def _expect_none(faults: Iterable[Fault]) -> None:
    try:
        found = list(faults)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # A response of an unexpected form may break any line of a check.
        found = [("body", f"the check could not go on after it: {error!r}")]
    if found:
        raise AssertionError("\n".join(dict.fromkeys(": ".join(each) for each in found)))


def _is_granted(exchange: Exchange) -> bool:
    name = document.at(exchange.method, exchange.path)
    return name is not None and exchange.status == schemas.success(name)


def _asked(exchange: Exchange) -> tuple[str, object]:
    return exchange.label, _payload(exchange)


def _payload(exchange: Exchange) -> dict[str, Any]:
    payload = _body(exchange).get("payload")
    return payload if isinstance(payload, dict) else {}


def _body(exchange: Exchange) -> dict[str, Any]:
    try:
        body = json.loads(exchange.sent or b"{}", parse_float=Decimal)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _exchange(case: Case[Any], response: Response) -> Exchange:
    request = response.request
    url, body = request.url or "", request.body or b""
    assert isinstance(body, str | bytes)
    path = url.removeprefix(TARGET.base_url.rstrip("/"))
    return Exchange(
        request.method or case.method,
        url,
        path,
        {name: str(value) for name, value in request.headers.items()},
        body.encode() if isinstance(body, str) else bytes(body),
        response.status_code,
        {name.lower(): ", ".join(values) for name, values in response.headers.items()},
        response.content,
        0.0,
        response.elapsed,
    )
