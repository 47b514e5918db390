"""Deliver deposits from the mock while processes, connections and the database are cut off.

At the end each deposit has to be booked exactly once, and the sums have to agree to the last digit.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from calypso_mock import Mock, Server
from tests.storm.chaos import Chaos, HalfSentRequests
from tests.storm.events import STEPS
from tests.storm.processes import Programs
from tests.storm.reconciling import FEW, Calm
from tests.storm.sender import CountingSender
from tests.storm.shop import EVENTS, Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests import postgres
    from tests.storm.events import Booking
    from tests.storm.reconciling import Run

ROOT = Path(__file__).resolve().parents[2]
_TICK = 0.05


class Program(NamedTuple):
    """What the deliveries go to.

    Attributes:
        name: Its name in the output.
        serve: The command that serves HTTP on ``{port}``.
        ledger: Reads what is booked.
        unfinished: Counts the events that are stored and not done, by their status.
        check: Returns more findings, at the end.
        prepare: Commands that run before, such as one that creates tables.
        workers: Commands of other processes, which handle what was stored.
        environment: More environment variables. ``CALYPSO_WEBHOOK_SECRETS`` has all secrets,
            separated by spaces, and the client's settings lead to the mock.
        folder: Where the commands run.
        path: Where deliveries are sent to.
        booked: The event type on which it books.
        accounts: How many accounts get deposits; 1 for a program that calls the API.
        database: The database of its inbox and of the ledger of `books`, if it has them. It is
            reconciled after the storm.
    """

    name: str
    serve: Sequence[str]
    ledger: Callable[[], Iterable[Booking]]
    unfinished: Callable[[], Mapping[str, int]] = dict
    check: Callable[[], Iterable[str]] = tuple
    prepare: Sequence[Sequence[str]] = ()
    workers: Sequence[Sequence[str]] = ()
    environment: Mapping[str, str] = {}
    folder: Path = ROOT
    path: str = "/"
    booked: str = STEPS[2]
    accounts: int = 8
    database: str = ""


class Plan(NamedTuple):
    """How hard it blows.

    Attributes:
        seed: Decides the amounts, the faults and when they happen.
        deposits: How many.
        kills: How many processes are killed from outside, besides those by `FAULT_HEADER`.
        restarts: How often the database crashes and starts again.
        cuts: How often all connections to the database are cut.
        limit: Seconds after which the storm counts as hung.
        reconciled: The ledgers that are reconciled after it, each with the way in which to call.
    """

    seed: int
    deposits: int
    kills: int = 0
    restarts: int = 0
    cuts: int = 0
    limit: float = 600
    reconciled: Sequence[tuple[str, str]] = FEW


class Result(NamedTuple):
    """What happened.

    Attributes:
        findings: What is wrong.
        seconds: From the first delivery to the last.
        deliveries: How many were sent, by the status of their response.
        happened: How often something else happened.
        sums: What was deposited of each currency.
        reconciled: The reconciliations after the storm.
        log: The last lines that the program wrote, if something is wrong.
    """

    findings: list[str]
    seconds: float
    deliveries: Counter[str]
    happened: Counter[str]
    sums: dict[str, Decimal]
    reconciled: list[Run]
    log: str = ""


def storm(program: Program, plan: Plan, database: postgres.Server | None = None) -> Result:
    """Run a storm.

    Args:
        program: What the deliveries go to.
        plan: How hard it blows.
        database: The server that crashes, where the program uses one.
    """
    # The vendor's first page may have either number.
    mock = Mock(seed=plan.seed, page_base=plan.seed % 2)
    sender = CountingSender(seed=plan.seed, booked=program.booked, limit=plan.limit)
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(mock, deliver=sender) as server,
        Programs(
            (program.serve, *program.workers), folder=program.folder, log=Path(folder, "log")
        ) as programs,
    ):
        url = f"http://127.0.0.1:{programs.port}{program.path}"
        shop = Shop(mock, url, program.booked, deposits=plan.deposits, seed=plan.seed)
        shop.open(program.accounts)
        sender.twins = shop.twins
        programs.start(
            {
                **os.environ,
                **_settings(mock, server.url),
                "CALYPSO_WEBHOOK_SECRETS": " ".join(shop.secrets),
                **program.environment,
            },
            program.prepare,
        )
        chaos = Chaos(
            {"kill": plan.kills, "restart": plan.restarts, "cut": plan.cuts},
            seed=plan.seed,
            # Before the last of the deliveries that there are in any case.
            last=int(plan.deposits * EVENTS * 0.8),
            sender=sender,
            programs=programs,
            database=database,
        )
        start = time.monotonic()
        with HalfSentRequests(programs.port, plan.seed) as half_sent, chaos:
            shop.deliver_all(sender, programs.listens)
            seconds = time.monotonic() - start
        findings = [*sender.findings(mock), *chaos.findings]
        findings += _wait_until_finished(program, programs, sender.deadline)
        findings += compare(shop.deposited, program.ledger())
        findings += program.check()
        happened = Counter(sender.faults)
        happened.update(chaos.happened)
        happened["half-sent requests"] = half_sent.count
        happened["subscriptions unblocked"] = shop.unblocked
        result = Result(
            findings,
            seconds,
            Counter(sender.statuses),
            happened,
            sums(shop.deposited.values()),
            [],
        )
        if program.database and not findings:
            sender.calm_down()
            mock.deliveries.disturb()
            calm = Calm(
                mock=mock,
                url=server.url,
                shop=shop,
                database=program.database,
                seed=plan.seed,
                folder=Path(folder),
                is_finished=partial(_is_finished, program, programs),
            )
            result.reconciled.extend(calm.runs(plan.reconciled))
            findings += [wrong for run in result.reconciled for wrong in run.outcome.findings]
        return result._replace(log=programs.log_tail() if findings else "")


def compare(deposited: Mapping[str, Booking], ledger: Iterable[Booking]) -> list[str]:
    """Return findings: deposits that are not booked once, and sums that differ."""
    booked = list(ledger)
    counts = Counter(each.transaction for each in booked)
    findings = [
        f"deposit {transaction} is booked {counts[transaction]} times"
        for transaction in deposited
        if counts[transaction] != 1
    ]
    findings += [
        f"booked {each.amount} {each.currency} for {each.transaction}, of which the mock has "
        f"{deposited.get(each.transaction)}"
        for each in booked
        if deposited.get(each.transaction) != each
    ]
    expected, found = sums(deposited.values()), sums(booked)
    return findings + [
        f"the sum of {currency} is {found.get(currency, 0)}, not {expected.get(currency, 0)}"
        for currency in sorted({*expected, *found})
        if found.get(currency) != expected.get(currency)
    ]


def sums(bookings: Iterable[Booking]) -> dict[str, Decimal]:
    """Return the exact sum of each currency."""
    totals: dict[str, Decimal] = {}
    for each in bookings:
        totals[each.currency] = totals.get(each.currency, Decimal(0)) + each.amount
    return dict(sorted(totals.items()))


def _settings(mock: Mock, url: str) -> dict[str, str]:
    settings = mock.settings(base_url=url)
    return {f"CALYPSO_{key.upper()}": str(value) for key, value in settings.items()}


def _is_finished(program: Program, programs: Programs) -> bool:
    programs.revive()
    return not any(program.unfinished().values())


def _wait_until_finished(program: Program, programs: Programs, deadline: float) -> list[str]:
    """Wait until the workers have handled what is stored."""
    while unfinished := {status: n for status, n in program.unfinished().items() if n}:
        if time.monotonic() > deadline:
            return [f"events that are not done: {unfinished}"]
        programs.revive()
        time.sleep(_TICK)
    return []
