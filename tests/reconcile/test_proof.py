"""Exactly the planted mistakes are found over HTTP, though processes are killed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calypso_mock import Server
from tests.reconcile import checking
from tests.reconcile.process import Account, Job
from tests.reconcile.proof import SIZES, Shop, prove

if TYPE_CHECKING:
    from pathlib import Path


def test_a_tiny_proof_finds_exactly_what_was_planted() -> None:
    runs = list(prove(SIZES["tiny"], seed=1, show=lambda _: None))
    assert [finding for run in runs for finding in run.outcome.findings] == []
    assert [(run.page_base, run.way, run.outcome.crashes) for run in runs] == [
        (0, "sync", 0),
        (0, "async", 1),
        (1, "async", 0),
        (1, "sync", 1),
    ]
    assert all(run.outcome.differences.total() > 19 for run in runs)


@pytest.mark.parametrize("where", ["in the books", "in the plan"])
def test_what_is_only_in_the_books_or_only_in_the_plan_is_a_finding(
    where: str, tmp_path: Path
) -> None:
    shop = Shop(tmp_path, SIZES["tiny"], seed=2, page_base=0)
    deposit = shop.deposits[7]
    if where == "in the books":
        shop.book([deposit])
        wrong = "found, and not planted (1)"
    else:
        shop.expected.miss(deposit)
        wrong = "not found (1)"
    with Server(shop.mock) as server:
        account = Account(shop.mock.settings(base_url=server.url), shop.customers)
        job = Job([account], "sync", "table", shop.ledger, shop.memory, "nightly")
        findings = checking.run(job, shop.expected, page_base=0).findings
    assert any(wrong in each and deposit.id in each for each in findings)
    assert any(f"of {deposit.currency}" in each for each in findings)
