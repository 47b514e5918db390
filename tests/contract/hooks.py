"""Hooks of schemathesis before and after each call, and checks of each response.

This module is loaded into schemathesis' process; the settings come from the environment.
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
    allowed_rejections,
    consistency,
    document,
    optional_fields,
    probes,
    responses,
    schemas,
    targets,
)
from tests.contract.mock_state import MockState, OtherServerState, derive
from tests.contract.running import MOCK
from tests.contract.session import Exchange
from tests.contract.wire import Signer, Target, refresh

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemathesis import Case, CheckContext, HookContext, Response
    from schemathesis.core.failures import Failure

    from tests.contract.responses import Fault

TARGET = Target.read(os.environ)
IS_MOCK = os.environ[MOCK] == "1"
STATE = (MockState if IS_MOCK else OtherServerState)(TARGET)
OTHER = targets.other(os.environ, TARGET)

# Not in before_call, which does not see the bytes, and whose headers count as generated.
schemathesis.auth.set_from_requests(Signer(TARGET))


class CaseBoundaries:
    """Detects where one test case ends and the next begins."""

    def __init__(self) -> None:
        self._current: object = None

    def begins(self) -> bool:
        """Return whether a call starts a new case: a request, or a chain of links."""
        if not currently_in_test_context():
            # The examples and coverage phases do not use Hypothesis: each call is a case.
            return True
        before, self._current = self._current, current_build_context()
        return self._current is not before


BOUNDARIES = CaseBoundaries()
# Phases whose requests follow from the document, and must not be changed.
_LISTED = ("examples", "coverage")


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Set up the state that a request needs; fill in the account and the current time."""
    if BOUNDARIES.begins():
        STATE.reset()
    if isinstance(case.body, dict):
        # schemathesis shares the document's examples between cases: copy before changing.
        case.body = copy.deepcopy(case.body)
        _add_optional_fields(case)
        # Before the refresh: the generated time and account distinguish requests.
        # An invalid request is rejected whatever the state.
        if case.meta is None or case.meta.generation.mode.is_positive:
            with suppress(RuntimeError, KeyError, TypeError, ValueError):
                # An error here is found by the tests of the operation that is called.
                STATE.set_up(case.method, case.path, case.body)
        refresh(case.body, TARGET.account)


def _add_optional_fields(case: Case[Any]) -> None:
    """Add optional fields to a random, valid request."""
    operation, meta = document.operation_at(case.method, case.path), case.meta
    if operation is None or meta is None or meta.phase.name in _LISTED:
        return
    if meta.generation.mode.is_positive and isinstance(case.body, dict):
        chance = derive(["complete", operation, case.body])
        optional_fields.add_optional_fields(operation, case.body, chance)


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Record whether a call may have changed the state."""
    STATE.record(response.status_code)


@schemathesis.hook
def filter_failure(
    context: HookContext, failure: Failure, case: Case[Any], response: Response
) -> bool:
    """Allow rejections of valid requests for unknown objects, or for rules beyond the schemas."""
    exchange = _exchange(case, response)
    if not isinstance(failure, RejectedPositiveData) or exchange.status != HTTPStatus.BAD_REQUEST:
        return True
    return not allowed_rejections.is_explained(
        document.operation_at(exchange.method, exchange.path),
        _body(exchange),
        exchange.code,
        STATE.has_subscription,
    )


@schemathesis.check
def response_is_as_documented(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Check every response against the document, more strictly than its schemas do."""
    exchange = _exchange(case, response)
    found = responses.faults(exchange, mock=IS_MOCK)
    # The time that the response took is not known here.
    _fail_if_any((field, text) for field, text in found if field != "date")


@schemathesis.check
def response_matches_request(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Check a success against its request."""
    exchange = _exchange(case, response)
    if _is_granted(exchange) and exchange.content:
        body = responses.read(exchange.content, plain=False)
        payload = _payload(exchange)
        _fail_if_any(consistency.faults(exchange.label, payload, body, mock=IS_MOCK))


@schemathesis.check
def success_can_be_read_again(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Verify a success of our mock with other operations."""
    exchange = _exchange(case, response)
    if IS_MOCK and _is_granted(exchange):
        _fail_if_any(probes.read_back(exchange, STATE, derive(_asked(exchange))))


@schemathesis.check
def forged_signature_is_rejected(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Send a successful request to our mock again with a wrong signature."""
    exchange = _exchange(case, response)
    if _is_chosen(exchange, 0):
        _fail_if_any(probes.forged(exchange, STATE, derive(_asked(exchange))))


@schemathesis.check
def window_is_kept(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Send a successful request to our mock again with another timestamp."""
    exchange = _exchange(case, response)
    if _is_chosen(exchange, 1):
        _fail_if_any(probes.stale(exchange, STATE, derive(_asked(exchange))))


@schemathesis.check
def object_is_the_accounts_own(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Send a successful request again as another account.

    The check of schemathesis for this needs paths that are read with GET.
    """
    exchange = _exchange(case, response)
    if _is_chosen(exchange, 2):
        _fail_if_any(probes.foreign(exchange, STATE, derive(_asked(exchange))))
    elif OTHER is not None and not IS_MOCK and _is_granted(exchange):
        _fail_if_any(probes.read_by_another(exchange, STATE, OTHER))


def _is_chosen(exchange: Exchange, turn: int) -> bool:
    """Return whether this one of the three checks that send a request again is chosen for it."""
    if not (IS_MOCK and _is_granted(exchange)):
        return False
    return derive(["turn", *_asked(exchange)]).randrange(3) == turn


def _fail_if_any(faults: Iterable[Fault]) -> None:
    try:
        found = list(faults)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # An unexpected response may make any line of a check fail.
        found = [("body", f"the check could not continue after it: {error!r}")]
    if found:
        raise AssertionError("\n".join(dict.fromkeys(": ".join(each) for each in found)))


def _is_granted(exchange: Exchange) -> bool:
    name = document.operation_at(exchange.method, exchange.path)
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
