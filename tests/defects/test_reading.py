"""What a server shows gives a defect away where nothing may be written, and no healthy one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.suite import CHECKS
from tests.defects import reading, registry
from tests.defects.shop import Habit
from tests.rows import rows

if TYPE_CHECKING:
    from tests.defects.registry import Defect

OWN = [check.name for check in CHECKS if check.run.__module__ == "tests.contract.checks.reading"]
# By which check each is found: one of each kind that reads alone can show.
FOUND = {
    "get-shows-the-newest": "a transaction read by its id",
    "always-by-date": "rows stand in the order",
    "not-in-lets-all-through": "every row that a search shows",
    "later-pages-begin-a-row-late": "every deposit stands on one page",
    "third-page-slips": "every deposit stands on one page",
    "pending-counts-as-translated": "amounts are not negative",
    "declined-purses-left-out": "a customer's purses",
    "every-other-balance-is-old": "two reads",
    "subscription-keys-open-the-api": "the keys of a subscription",
    "far-pages-overflow": "an odd request",
}


@rows("defect, name", [(registry.load()[defect], name) for defect, name in FOUND.items()])
def test_a_defect_is_found_by_reads_alone(defect: Defect, name: str) -> None:
    with defect.planted():
        findings, _ = reading.read(Habit(), wanted=lambda each: each.startswith(name))

    assert defect.by_reads
    assert len(findings) == 1


@rows(
    "habit",
    [
        Habit(),
        Habit(rows=0, seeded=False, switches={"page_base": 1}),
        Habit(rows=1, seeded=False),
        # Deposits of one time, and others that arrive while the account is read.
        Habit(gap=0, busy=2, switches={"page_base": 1}),
    ],
)
def test_a_healthy_server_gives_no_alarm(habit: Habit) -> None:
    findings, sent = reading.read(habit, wanted=OWN.__contains__)

    assert findings == []
    assert sent < reading.MOST_REQUESTS // 2


def test_there_are_fifteen_defects_written_for_it_and_older_ones() -> None:
    shown = [found for found in registry.load().values() if found.by_reads]

    assert sum(found.half == "before" for found in shown) >= 40
    assert len(shown) >= 60
