"""What a server shows gives a defect away where nothing may be written, and no healthy one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.contract.results import EVERY_RESPONSE
from tests.contract.suite import CHECKS
from tests.defects import reading, registry
from tests.defects.shop import DATE, FORMS, NUMBER, UUID, Habit, rewritten, together
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.tampering import MockResponse
    from tests.defects.registry import Defect
    from tests.defects.shop import Change

OWN = [check.name for check in CHECKS if check.run.__module__ == "tests.contract.checks.reading"]
# By which check each is found: one of each kind that reads alone can show.
FOUND = {
    "get-shows-the-newest": "a transaction read by its id",
    "always-by-date": "rows are in the requested order",
    "not-in-lets-all-through": "a search shows every row that",
    "later-pages-begin-a-row-late": "every deposit is on one page",
    "third-page-slips": "every deposit is on one page",
    "pending-counts-as-translated": "amounts are not negative",
    "declined-purses-left-out": "a customer's purses",
    "every-other-balance-is-old": "two consecutive reads",
    "subscription-keys-open-the-api": "the keys of a subscription",
    "far-pages-overflow": "odd read requests",
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


@rows("form", list(FORMS.values()))
def test_values_in_another_form_give_no_alarm(form: Callable[[], Change]) -> None:
    findings, _ = reading.read(Habit(change=form), wanted=(*OWN, SAME_ACCOUNT).__contains__)

    assert findings == []


SAME_ACCOUNT = "a response about the account is about the requested one"
SEVERAL = together(*FORMS.values())
SINGLE, TWO = "a transaction read by its id", "two consecutive reads"


def _next(text: str) -> str:
    """Change the last character that counts of a date, an id or a number."""
    return f"{text[:-1]}000000001Z" if text.endswith("Z") else f"{text[:-1]}{'12'[text[-1] == '1']}"


@rows(
    "change, name",
    [
        (rewritten(UUID, _next, path="/transaction/get"), SINGLE),
        (rewritten(DATE, _next, path="/transaction/get"), SINGLE),
        (rewritten(NUMBER, _next, path="/transaction/get"), SINGLE),
        (rewritten(UUID, str, _next, path="/transaction/get"), TWO),
        (rewritten(DATE, str, _next, path="/find"), TWO),
        (rewritten(NUMBER, str, _next), TWO),
        (rewritten(r"\b0x[0-9a-f]{40}\b", _next), SAME_ACCOUNT),
    ],
)
def test_another_value_is_found_in_whatever_form(change: Callable[[], Change], name: str) -> None:
    habit = Habit(change=together(change, SEVERAL))
    findings, _ = reading.read(habit, wanted=lambda each: each.startswith(name))

    assert len(findings) == 1


@rows("defect, name", [(registry.load()[defect], name) for defect, name in FOUND.items()])
def test_a_defect_is_found_in_whatever_form(defect: Defect, name: str) -> None:
    with defect.planted():
        findings, _ = reading.read(Habit(change=SEVERAL), wanted=lambda each: each.startswith(name))

    assert len(findings) == 1


def _spoilt(which: Callable[[int], bool], **others: object) -> Callable[[], Change]:
    def change() -> Change:
        numbers = itertools.count()

        def write(answer: MockResponse) -> MockResponse:
            return replace(answer, **others) if which(next(numbers)) else answer  # type: ignore[arg-type]

        return write

    return change


TEAPOT = {"status": 418}
LOGIN = {"status": 200, "content_type": "text/html", "content": b"<html>Log in</html>"}


@rows(
    "change",
    [
        *(_spoilt(lambda n, first=first: n % 5 == first, **TEAPOT) for first in range(5)),
        _spoilt(lambda n: n % 7 == 3, status=403, content=b"<html>Blocked</html>"),
        _spoilt(lambda n: n % 7 == 3, status=404, content=b'{"message": "No route"}'),
        _spoilt(lambda n: n % 3 == 1, content=b'{"result": [null], "totalElements": 9}'),
        *(_spoilt(lambda n, most=most: n > most, **LOGIN) for most in (5, 20, 60)),
    ],
)
def test_a_response_that_is_none_is_held_against_no_other(change: Callable[[], Change]) -> None:
    findings, _ = reading.read(Habit(change=change), wanted=OWN.__contains__)

    assert {each.check for each in findings} == {EVERY_RESPONSE}


def test_there_are_fifteen_defects_written_for_it_and_older_ones() -> None:
    shown = [found for found in registry.load().values() if found.by_reads]

    assert sum(found.half == "before" for found in shown) >= 40
    assert len(shown) >= 60
