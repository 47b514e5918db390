"""A tiny storm passes with the inbox, and finds the usual mistakes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.storm import cost
from tests.storm.driver import Plan, compare, storm
from tests.storm.events import Booking
from tests.storm.programs import gunicorn

if TYPE_CHECKING:
    from tests.postgres import Server

PLAN = Plan(seed=1, deposits=40, kills=1, restarts=1, cuts=1, limit=120)
# So many that each mistake shows whatever the order in which events arrive.
LONGER = PLAN._replace(deposits=150)


def test_each_deposit_is_booked_once_though_a_worker_is_killed_and_the_database_crashes(
    postgres: Server, postgres_url: str
) -> None:
    result = storm(gunicorn(postgres_url, workers=2), PLAN, postgres)
    assert result.findings == [], result.log
    assert result.happened["kill -9 from outside"] == 1
    assert result.happened["crashes of PostgreSQL"] == 1
    assert result.happened["raise"] > 0
    assert result.happened["half-sent requests"] > 0
    right, wrong = result.reconciled[:2], result.reconciled[2:]
    assert not any(each.outcome.differences for each in right)
    # Some of the mistakes are two differences, and some change only the ledger.
    assert [each.outcome.differences.total() >= 2 for each in wrong] == [True, True]
    assert [each.outcome.crashes for each in wrong] == [1, 1]


def test_an_event_takes_four_statements_and_two_commits_at_most(postgres: Server) -> None:
    statements, commits = cost.count(postgres)
    assert 1 <= len(statements) <= cost.STATEMENTS, statements
    assert 1 <= commits <= cost.COMMITS


@pytest.mark.slow
@pytest.mark.parametrize("mistake", ["outside", "memory"])
def test_a_storm_finds_what_is_booked_twice(
    postgres: Server, postgres_url: str, mistake: str
) -> None:
    result = storm(gunicorn(postgres_url, 2, f"mistakes:{mistake}()"), LONGER, postgres)
    assert any("is booked 2 times" in finding for finding in result.findings), result


@pytest.mark.slow
def test_a_storm_finds_what_is_lost(postgres: Server, postgres_url: str) -> None:
    result = storm(gunicorn(postgres_url, 2, "mistakes:early()"), LONGER, postgres)
    assert any("is booked 0 times" in finding for finding in result.findings), result


@pytest.mark.slow
def test_a_program_that_hangs_ends_the_storm(postgres: Server, postgres_url: str) -> None:
    plan = PLAN._replace(deposits=4, limit=3)
    result = storm(gunicorn(postgres_url, 2, "mistakes:hanging()"), plan, postgres)
    assert "time was up before everything was delivered" in result.findings


def test_a_sum_that_differs_in_the_last_digit_is_found() -> None:
    exact = Booking("a", "ETH", Decimal("1.000000000000000001"))
    assert compare({"a": exact}, [exact]) == []
    [wrong, differing_sum] = compare({"a": exact}, [exact._replace(amount=Decimal(1))])
    assert "booked 1 ETH for a" in wrong
    assert differing_sum == "the sum of ETH is 1, not 1.000000000000000001"
