"""A mock of an account that has been in use, served in this process without control endpoints."""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest import mock as patching

from calypso_mock import Clock, Mock, Server
from calypso_mock.serving import _control
from tests.contract.tampering import tampered
from tests.contract.wire import Target
from tests.defects.scenes import REQUEST_ID, SUBSCRIPTION, address, customer, deposit, later
from tests.defects.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.tampering import MockResponse

    Change = Callable[[MockResponse], MockResponse]

# More than two pages of any size that the document names as usual.
ROWS = 57
_AGO = timedelta(days=100)
_CURRENCIES = ("USDT_TRX", "ETH", "TRX", "BTC", "USDT_BSC", "USDC_TRX", "LTC")
_STEPS = ("credited", "pending", "credited", "confirmed", "mem_pool", "credited", "declined")
_LONG = "12345678901234567.12345678901234567"
_AMOUNTS = (
    "9",
    "10",
    f"{_LONG}8",
    "0.1",
    f"{_LONG}7",
    "1500.75",
    "100",
    "2",
    "0.000000000000000001",
)


@dataclass(frozen=True)
class Habit:
    """How an account has been used, and its server been set up.

    Attributes:
        name: What to call it.
        rows: How many deposits there are.
        gap: Seconds between every third deposit and the next; the others arrive at one time.
        busy: Let a deposit arrive after each so many requests; 0 lets none.
        seeded: Begin with what the document's examples show.
        switches: Settings of the mock.
        change: Makes what changes its responses on their way.
    """

    name: str = "in use"
    rows: int = ROWS
    gap: int = 3_600
    busy: int = 0
    seeded: bool = True
    switches: dict[str, Any] = field(default_factory=dict)
    change: Callable[[], Change] | None = None


def rewritten(pattern: str, *forms: Callable[[str], str], path: str = "") -> Callable[[], Change]:
    """Write each value that a pattern finds in another form in each response.

    Args:
        pattern: What to look for in the text of a response.
        forms: Give the text of a value in another form; used in turn.
        path: How the paths end whose responses are written so.
    """

    def change() -> Change:
        responses = itertools.count()

        def write(answer: MockResponse) -> MockResponse:
            if not answer.path.endswith(path):
                return answer
            turn = itertools.count(next(responses))
            text = re.sub(
                pattern,
                lambda found: forms[next(turn) % len(forms)](found[0]),
                answer.content.decode(),
            )
            return replace(answer, content=text.encode())

        return write

    return change


def together(*changes: Callable[[], Change]) -> Callable[[], Change]:
    """Change responses in several ways, one after the other."""

    def change() -> Change:
        made = [each() for each in changes]

        def write(answer: MockResponse) -> MockResponse:
            for each in made:
                answer = each(answer)
            return answer

        return write

    return change


def _in_zone(hours: int) -> Callable[[str], str]:
    zone = timezone(timedelta(hours=hours))

    def write(date: str) -> str:
        # What a `datetime` does not keep of the fraction is kept.
        second, _, fraction = date.rstrip("Z").partition(".")
        there = datetime.fromisoformat(f"{second}Z").astimezone(zone).isoformat()
        return f"{there[:-6]}.{fraction or 0}{there[-6:]}"

    return write


DATE, NUMBER = r"\d{4}-\d\d-\d\dT[\d:.]+Z", r'(?<="amount":)\d+(\.\d+)?(?=[,}])'
UUID, ETHEREUM = r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", r"\b0x[0-9a-f]{40}\b"
# What one server may write in several forms, each of which says the same.
FORMS = {
    "ids in capitals": rewritten(UUID, str.upper, str),
    "ids in capitals by search": rewritten(UUID, str.upper, path="/find"),
    "dates in zones": rewritten(DATE, str, _in_zone(3), _in_zone(-11)),
    "dates in a zone by search": rewritten(DATE, _in_zone(3), path="/find"),
    "dates to the nanosecond": rewritten(DATE, lambda date: f"{date[:-1]}000000Z", str),
    "dates in small letters": rewritten(DATE, str.lower, str),
    "checksummed addresses": rewritten(ETHEREUM, lambda text: f"0x{text[2:].upper()}", str),
    "numbers with exponents": rewritten(NUMBER, str, lambda text: f"{Decimal(text):E}"),
    "numbers with zeros": rewritten(
        NUMBER, lambda text: f"{text}00" if "." in text else f"{text}.0", str
    ),
}


HABITS = (
    Habit(),
    Habit("page base 1", switches={"page_base": 1}),
    Habit("auth status 400", switches={"auth_status": 400}),
    Habit("strict account", switches={"strict_account": True}),
    Habit("another seed", switches={"seed": 7}),
    Habit("empty", rows=0, seeded=False),
    Habit("empty, page base 1", rows=0, seeded=False, switches={"page_base": 1}),
    Habit("one deposit", rows=1, seeded=False),
    Habit("one deposit, page base 1", rows=1, seeded=False, switches={"page_base": 1}),
    Habit("two deposits", rows=2, seeded=False),
    Habit("one page", rows=20, seeded=False),
    Habit("all at one time", gap=0),
    Habit("many", rows=10_000, gap=1),
    Habit("busy", busy=5),
    Habit("very busy, page base 1", busy=1, switches={"page_base": 1}),
    Habit("busy from nothing", rows=0, seeded=False, busy=3),
    Habit("written in several forms", change=together(*FORMS.values())),
)


@contextmanager
def opened(habit: Habit) -> Iterator[tuple[Target, str]]:
    """Serve an account; yield who may call it where, and the id of its best customer."""
    start = datetime.now(UTC)
    standing = [True]
    base = Clock(lambda: (start if standing else datetime.now(UTC)) - _AGO)
    base.skew(_AGO.total_seconds())
    # Notifications go nowhere: what they are sent to is none of this machine's.
    mock = Mock(seeded=habit.seeded, clock=base, deliver=lambda *_: 200, **habit.switches)
    talk = Talk(mock, Target(**mock.settings()), [])
    owner = stock(talk, habit)
    standing.clear()
    if habit.busy:
        _stay_busy(mock, talk, owner, habit.busy)
    with patching.patch.dict(_control.ENDPOINTS, clear=True), Server(mock) as server:
        target = Target(**{**mock.settings(), "base_url": server.url})
        with tampered(target, (habit.change or together())()) as changed:
            yield (changed if habit.change else target), owner


def stock(talk: Talk, habit: Habit) -> str:
    """Use an account; return the id of a customer with addresses and deposits of all kinds."""
    owner, other = customer(talk, email="ada@shop.example"), customer(talk)
    # Never used, so it expires.
    address(talk, owner)
    later(talk, days=31)
    for number in range(2 if habit.rows > 1 else 0):
        request_id = f"{REQUEST_ID[:-1]}{number}"
        talk.call("createSubscription", {**SUBSCRIPTION, "requestId": request_id})
    for number in range(habit.rows):
        currency = _CURRENCIES[number % len(_CURRENCIES)]
        where = address(talk, owner if number % 4 else other, currency)
        step = _STEPS[number // 2 % len(_STEPS)]
        amount = _AMOUNTS[number % len(_AMOUNTS)]
        deposit(talk, where, amount, currency=currency, to=step)
        if habit.gap and number % 3 == 0:
            later(talk, seconds=habit.gap)
    return owner


def _stay_busy(mock: Mock, talk: Talk, owner: str, every: int) -> None:
    # A copy, since control endpoints are gone by then.
    where = address(talk, owner, "LTC")
    seen = [0]

    def arrive(_: object) -> None:
        seen[0] += 1
        if seen[0] % every == 0:
            mock.simulate_deposit(address=where, currency="LTC", amount="3", to="credited")

    mock.observe(arrive)
