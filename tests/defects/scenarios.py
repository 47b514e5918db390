"""Serve a mock in this process, with an account in use and without control endpoints."""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from calypso_mock import Clock, Mock, Server
from calypso_mock.serving import _control
from tests.contract.tampering import tampered
from tests.contract.wire import Target
from tests.defects.client import Client
from tests.defects.fixtures import (
    REQUEST_ID,
    SUBSCRIPTION,
    address,
    advance_clock,
    customer,
    deposit,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.tampering import MockResponse

    Change = Callable[[MockResponse], MockResponse]

# More than two pages of each default size that the OpenAPI document names.
DEPOSITS = 57
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
class Scenario:
    """How an account has been used, and how its server is configured.

    Attributes:
        name: A name for reports.
        deposits: The number of deposits.
        gap: Seconds between every third deposit and the next; the others arrive at one time.
        deposit_every: A deposit arrives after this number of requests; 0 means never.
        seeded: Whether the mock starts with the objects of the document's examples.
        options: Options of the mock.
        change: Returns a function that rewrites responses on their way to the client.
    """

    name: str = "in use"
    deposits: int = DEPOSITS
    gap: int = 3_600
    deposit_every: int = 0
    seeded: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    change: Callable[[], Change] | None = None


def rewrite(pattern: str, *formats: Callable[[str], str], path: str = "") -> Callable[[], Change]:
    """Write the values that match a pattern in a different format in each response.

    Args:
        pattern: A regular expression for the values in the text of a response.
        formats: Functions that return a value in another format; used in turn.
        path: Only responses of paths with this ending are changed.
    """

    def change() -> Change:
        responses = itertools.count()

        def write(response: MockResponse) -> MockResponse:
            if not response.path.endswith(path):
                return response
            turn = itertools.count(next(responses))
            text = re.sub(
                pattern,
                lambda match: formats[next(turn) % len(formats)](match[0]),
                response.content.decode(),
            )
            return replace(response, content=text.encode())

        return write

    return change


def combine(*changes: Callable[[], Change]) -> Callable[[], Change]:
    """Apply several changes to responses, one after the other."""

    def change() -> Change:
        functions = [each() for each in changes]

        def write(response: MockResponse) -> MockResponse:
            for each in functions:
                response = each(response)
            return response

        return write

    return change


def _in_zone(hours: int) -> Callable[[str], str]:
    zone = timezone(timedelta(hours=hours))

    def write(date: str) -> str:
        # Keep all digits of the fraction: a `datetime` has six at most.
        second, _, fraction = date.rstrip("Z").partition(".")
        there = datetime.fromisoformat(f"{second}Z").astimezone(zone).isoformat()
        return f"{there[:-6]}.{fraction or 0}{there[-6:]}"

    return write


DATE, NUMBER = r"\d{4}-\d\d-\d\dT[\d:.]+Z", r'(?<="amount":)\d+(\.\d+)?(?=[,}])'
UUID, ETHEREUM = r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", r"\b0x[0-9a-f]{40}\b"
# Different formats with the same meaning, all of which one server may use.
FORMATS = {
    "ids in capitals": rewrite(UUID, str.upper, str),
    "ids in capitals by search": rewrite(UUID, str.upper, path="/find"),
    "dates in zones": rewrite(DATE, str, _in_zone(3), _in_zone(-11)),
    "dates in a zone by search": rewrite(DATE, _in_zone(3), path="/find"),
    "dates to the nanosecond": rewrite(DATE, lambda date: f"{date[:-1]}000000Z", str),
    "dates in small letters": rewrite(DATE, str.lower, str),
    "checksummed addresses": rewrite(ETHEREUM, lambda text: f"0x{text[2:].upper()}", str),
    "numbers with exponents": rewrite(NUMBER, str, lambda text: f"{Decimal(text):E}"),
    "numbers with zeros": rewrite(
        NUMBER, lambda text: f"{text}00" if "." in text else f"{text}.0", str
    ),
}


SCENARIOS = (
    Scenario(),
    Scenario("page base 1", options={"page_base": 1}),
    Scenario("auth status 400", options={"auth_status": 400}),
    Scenario("strict account", options={"strict_account": True}),
    Scenario("another seed", options={"seed": 7}),
    Scenario("empty", deposits=0, seeded=False),
    Scenario("empty, page base 1", deposits=0, seeded=False, options={"page_base": 1}),
    Scenario("one deposit", deposits=1, seeded=False),
    Scenario("one deposit, page base 1", deposits=1, seeded=False, options={"page_base": 1}),
    Scenario("two deposits", deposits=2, seeded=False),
    Scenario("one page", deposits=20, seeded=False),
    Scenario("all at one time", gap=0),
    Scenario("many", deposits=10_000, gap=1),
    Scenario("new deposits", deposit_every=5),
    Scenario("many new deposits, page base 1", deposit_every=1, options={"page_base": 1}),
    Scenario("new deposits in an empty account", deposits=0, seeded=False, deposit_every=3),
    Scenario("values in several formats", change=combine(*FORMATS.values())),
)


@contextmanager
def served(scenario: Scenario) -> Iterator[tuple[Target, str]]:
    """Serve a scenario; yield a target for the account, and the id of a customer with deposits."""
    start = datetime.now(UTC)
    frozen = [True]
    base = Clock(lambda: (start if frozen else datetime.now(UTC)) - _AGO)
    base.skew(_AGO.total_seconds())
    # Webhooks are not sent anywhere.
    mock = Mock(seeded=scenario.seeded, clock=base, deliver=lambda *_: 200, **scenario.options)
    client = Client(mock, Target(**mock.settings()), [])
    customer_id = fill(client, scenario)
    frozen.clear()
    if scenario.deposit_every:
        _deposit_during_reads(mock, client, customer_id, scenario.deposit_every)
    with patch.dict(_control.ENDPOINTS, clear=True), Server(mock) as server:
        target = Target(**{**mock.settings(), "base_url": server.url})
        with tampered(target, (scenario.change or combine())()) as changed:
            yield (changed if scenario.change else target), customer_id


def fill(client: Client, scenario: Scenario) -> str:
    """Fill an account; return the id of a customer with addresses and deposits of all kinds."""
    customer_id, other = customer(client, email="ada@shop.example"), customer(client)
    # This address gets no deposit, so it expires.
    address(client, customer_id)
    advance_clock(client, days=31)
    for number in range(2 if scenario.deposits > 1 else 0):
        request_id = f"{REQUEST_ID[:-1]}{number}"
        client.call("createSubscription", {**SUBSCRIPTION, "requestId": request_id})
    for number in range(scenario.deposits):
        currency = _CURRENCIES[number % len(_CURRENCIES)]
        addr = address(client, customer_id if number % 4 else other, currency)
        step = _STEPS[number // 2 % len(_STEPS)]
        amount = _AMOUNTS[number % len(_AMOUNTS)]
        deposit(client, addr, amount, currency=currency, to=step)
        if scenario.gap and number % 3 == 0:
            advance_clock(client, seconds=scenario.gap)
    return customer_id


def _deposit_during_reads(mock: Mock, client: Client, customer_id: str, every: int) -> None:
    # The address is created now, because the control endpoints are removed later.
    addr = address(client, customer_id, "LTC")
    requests = [0]

    def arrive(_: object) -> None:
        requests[0] += 1
        if requests[0] % every == 0:
            mock.simulate_deposit(address=addr, currency="LTC", amount="3", to="credited")

    mock.observe(arrive)
