"""Is a request refused that is more than three minutes from the server's time, either way?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.contract import document, schemas
from tests.contract.checks.bench import Bench
from tests.contract.suite import check
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab

_SECOND = 1_000
_MINUTE = 60 * _SECOND
_DAY = 24 * 60 * _MINUTE
# How far the window may be off on a stranger's server, whose clock is not quite ours.
INSIDE = (170 * _SECOND, 130 * _SECOND)
OUTSIDE = (185 * _SECOND, 5 * _MINUTE, 10 * _MINUTE, 60 * _MINUTE, _DAY, 365 * _DAY)
# The mock's clock is this machine's.
INSIDE_MOCK = (179 * _SECOND,)
OUTSIDE_MOCK = (181 * _SECOND,)
# Made of the time and the document's limits: a constant, another unit, a whole number with a point,
# which JSON Schema takes for an integer.
_STAMPS: tuple[Callable[[int, Json], Sequence[float]], ...] = (
    lambda *_: (0, 1, -1),
    lambda _, limits: [limits[name] for name in ("minimum", "maximum") if name in limits],
    lambda now, _: (-now, now // 1_000),
    lambda now, _: (now * 1_000, now * 1_000_000),
    lambda now, _: [float(now - OUTSIDE[-1])],
)
# A request that takes longer may have come too late to tell anything, and is sent again.
_IN_TIME = 4_000
_IN_TIME_FOR_MOCK = 900
_ATTEMPTS = 5


@check("a request of up to 170 seconds ago, or from now, is accepted")
def inside(lab: Lab) -> None:
    with Bench(lab) as bench:
        steps = INSIDE + (INSIDE_MOCK if bench.is_mock else ())
        for operation in bench.sending("timestamp"):
            for step in steps:
                for sign in (-1, 1):
                    bench.accept(_sent(bench, operation, sign * step))


@check("a request of 185 seconds ago or more, or from now, is refused with 011")
def outside(lab: Lab) -> None:
    with Bench(lab) as bench:
        steps = OUTSIDE + (OUTSIDE_MOCK if bench.is_mock else ())
        both = [sign * step for step in steps for sign in (-1, 1)]
        for operation, step in bench.spread(bench.sending("timestamp"), both):
            bench.refuse(_sent(bench, operation, step), "011", also=("001",))


@check("a request stamped in another unit, or with no time at all, is refused with 011")
def other_units(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation, stamp in bench.spread(bench.sending("timestamp"), _STAMPS):
            limits = schemas.resolve(schemas.members(operation)["timestamp"])
            for each in stamp(now(), limits):
                _refuse(bench, operation, each)


@check("a request of the least content is held against the clock, too")
def least(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending("timestamp"):
            for step in (-OUTSIDE[0], OUTSIDE[0]):
                body = {**bench.least(operation), "timestamp": now() + step}
                bench.refuse(bench.send(operation, body), "011", also=("001",))


@check("the two last milliseconds of the window are not the same", "mock")
def limit(lab: Lab) -> None:
    """A request from 180 s ahead arrives inside; one of 180 s ago arrives a moment too late."""
    with Bench(lab) as bench:
        for operation in bench.sending("timestamp"):
            body = {**bench.body(operation), "timestamp": now() + 180 * _SECOND}
            bench.accept(bench.send(operation, body))
            body = {**bench.body(operation), "timestamp": now() - 180 * _SECOND - 1}
            bench.refuse(bench.send(operation, body), "011")


@check("the window follows wire time; business time may move on by a month", "mock", "writes")
def two_clocks(lab: Lab) -> None:
    bench = Bench(lab)
    session = lab.session
    try:
        session.control("clock", {"advance": {"days": 31}})
        bench.accept(bench.call("getAccount"))
        session.control("clock", {"skew": 600})
        bench.refuse(_uninspected(bench, now()), "011")
        bench.accept(_uninspected(bench, now() + 600 * _SECOND))
    finally:
        bench.reset()
    bench.accept(bench.call("getAccount"))


def _sent(bench: Bench, operation: str, late: int) -> Exchange:
    """Send a request stamped so far from now, and be sure that it arrived in time."""
    longest = _IN_TIME_FOR_MOCK if bench.is_mock else _IN_TIME
    for _ in range(_ATTEMPTS):
        began = now()
        exchange = bench.send(operation, {**bench.body(operation), "timestamp": began + late})
        if now() - began < longest:
            break
    return exchange


def _uninspected(bench: Bench, stamp: int) -> Exchange:
    # Nobody looks at the Date header of these: it is meant to be ahead.
    body = {**bench.body("getAccount"), "timestamp": stamp}
    content = json.dumps(body).encode()
    method, path = document.places()["getAccount"]
    return bench.lab.session.send(method, path, content, signature(bench.who, content))


def _refuse(bench: Bench, operation: str, stamp: float) -> None:
    body: Json = {**bench.body(operation), "timestamp": stamp}
    bench.refuse(bench.send(operation, body), "011", also=("001",))
