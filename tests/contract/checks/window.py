"""Is a request rejected whose timestamp differs by more than three minutes from the server's?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.contract import document, schemas
from tests.contract.checks.api_client import ApiClient
from tests.contract.suite import check
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

_SECOND = 1_000
_MINUTE = 60 * _SECOND
_DAY = 24 * 60 * _MINUTE
# With a tolerance: another server's clock may differ from ours.
INSIDE = (170 * _SECOND, 130 * _SECOND)
OUTSIDE = (185 * _SECOND, 5 * _MINUTE, 10 * _MINUTE, 60 * _MINUTE, _DAY, 365 * _DAY)
# The mock's clock is this machine's.
INSIDE_MOCK = (179 * _SECOND,)
OUTSIDE_MOCK = (181 * _SECOND,)
# Timestamps from the current time and the document's limits: constants, other units, and a whole
# number with a decimal point, which is an integer for JSON Schema.
_STAMPS: tuple[Callable[[int, Json], Sequence[float]], ...] = (
    lambda *_: (0, 1, -1),
    lambda _, limits: [limits[name] for name in ("minimum", "maximum") if name in limits],
    lambda now, _: (-now, now // 1_000),
    lambda now, _: (now * 1_000, now * 1_000_000),
    lambda now, _: [float(now - OUTSIDE[-1])],
)
# A request that takes longer may have arrived too late, and is sent again.
_IN_TIME = 4_000
_IN_TIME_FOR_MOCK = 900
_ATTEMPTS = 5


@check("a request up to 170 seconds old, or ahead, is accepted")
def inside(context: Context) -> None:
    with ApiClient(context) as api:
        steps = INSIDE + (INSIDE_MOCK if api.is_mock else ())
        for operation in api.operations_with_body("timestamp"):
            for step in steps:
                for sign in (-1, 1):
                    api.expect_success(_sent(api, operation, sign * step))


@check("a request 185 seconds old or more, or ahead, is rejected with 011")
def outside(context: Context) -> None:
    with ApiClient(context) as api:
        steps = OUTSIDE + (OUTSIDE_MOCK if api.is_mock else ())
        both = [sign * step for step in steps for sign in (-1, 1)]
        for operation, step in api.pair_with(api.operations_with_body("timestamp"), both):
            api.expect_rejection(_sent(api, operation, step), "011", also=("001",))


@check("a timestamp in another unit, or far from the present, is rejected with 011")
def other_units(context: Context) -> None:
    with ApiClient(context) as api:
        for operation, stamp in api.pair_with(api.operations_with_body("timestamp"), _STAMPS):
            limits = schemas.resolve(schemas.members(operation)["timestamp"])
            for each in stamp(now(), limits):
                _expect_rejection(api, operation, each)


@check("the timestamp of a minimal request is checked, too")
def minimal(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body("timestamp"):
            for step in (-OUTSIDE[0], OUTSIDE[0]):
                body = {**api.minimal_body(operation), "timestamp": now() + step}
                api.expect_rejection(api.send(operation, body), "011", also=("001",))


@check("the window ends after exactly 180 seconds", "mock")
def limit(context: Context) -> None:
    """A request stamped 180 s ahead arrives in time; one stamped 180 s ago arrives too late."""
    with ApiClient(context) as api:
        for operation in api.operations_with_body("timestamp"):
            body = {**api.body(operation), "timestamp": now() + 180 * _SECOND}
            api.expect_success(api.send(operation, body))
            body = {**api.body(operation), "timestamp": now() - 180 * _SECOND - 1}
            api.expect_rejection(api.send(operation, body), "011")


@check("the window follows wire time, not business time", "mock", "writes")
def two_clocks(context: Context) -> None:
    api = ApiClient(context)
    session = context.session
    try:
        session.control("clock", {"advance": {"days": 31}})
        api.expect_success(api.call("getAccount"))
        session.control("clock", {"skew": 600})
        api.expect_rejection(_uninspected(api, now()), "011")
        api.expect_success(_uninspected(api, now() + 600 * _SECOND))
    finally:
        api.reset()
    api.expect_success(api.call("getAccount"))


def _sent(api: ApiClient, operation: str, late: int) -> Exchange:
    """Send a request with this offset, and make sure that it arrived in time."""
    longest = _IN_TIME_FOR_MOCK if api.is_mock else _IN_TIME
    for _ in range(_ATTEMPTS):
        began = now()
        exchange = api.send(operation, {**api.body(operation), "timestamp": began + late})
        if now() - began < longest:
            break
    return exchange


def _uninspected(api: ApiClient, stamp: int) -> Exchange:
    # The Date header of these responses is not checked: it is ahead on purpose.
    body = {**api.body("getAccount"), "timestamp": stamp}
    content = json.dumps(body).encode()
    method, path = document.routes()["getAccount"]
    return api.context.session.send(method, path, content, signature(api.who, content))


def _expect_rejection(api: ApiClient, operation: str, stamp: float) -> None:
    body: Json = {**api.body(operation), "timestamp": stamp}
    api.expect_rejection(api.send(operation, body), "011", also=("001",))
