"""The read-only checks find defects, and report nothing on a healthy server."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.contract.results import EVERY_RESPONSE
from tests.contract.suite import CHECKS
from tests.defects import read_only, registry
from tests.defects.scenarios import DATE, FORMATS, NUMBER, UUID, Scenario, combine, rewrite
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.tampering import MockResponse
    from tests.defects.registry import Defect
    from tests.defects.scenarios import Change

OWN = [check.name for check in CHECKS if check.run.__module__ == "tests.contract.checks.reading"]
# Defects of each kind that reads can reveal, with the check that finds them.
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
        findings, _ = read_only.read(Scenario(), wanted=lambda each: each.startswith(name))

    assert defect.visible_to_reads
    assert len(findings) == 1


@rows(
    "scenario",
    [
        Scenario(),
        Scenario(deposits=0, seeded=False, options={"page_base": 1}),
        Scenario(deposits=1, seeded=False),
        # Deposits with the same time, and deposits that arrive while the account is read.
        Scenario(gap=0, deposit_every=2, options={"page_base": 1}),
    ],
)
def test_a_healthy_server_has_no_findings(scenario: Scenario) -> None:
    findings, sent = read_only.read(scenario, wanted=OWN.__contains__)

    assert findings == []
    assert sent < read_only.MAX_REQUESTS // 2


SAME_ACCOUNT = "a response about the account is about the requested one"
SEVERAL_FORMATS = combine(*FORMATS.values())


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([SEVERAL_FORMATS], id="together"),
        pytest.param(list(FORMATS.values()), id="each", marks=pytest.mark.slow),
    ],
)
def test_values_in_another_format_are_not_findings(changes: list[Callable[[], Change]]) -> None:
    wanted = (*OWN, SAME_ACCOUNT).__contains__
    for change in changes:
        findings, _ = read_only.read(Scenario(change=change), wanted=wanted)

        assert findings == []


SINGLE_READ, TWO_READS = "a transaction read by its id", "two consecutive reads"


def _changed(text: str) -> str:
    """Return a date, an id or a number that differs in its last digit."""
    return f"{text[:-1]}000000001Z" if text.endswith("Z") else f"{text[:-1]}{'12'[text[-1] == '1']}"


@rows(
    "change, name",
    [
        (rewrite(UUID, _changed, path="/transaction/get"), SINGLE_READ),
        (rewrite(DATE, _changed, path="/transaction/get"), SINGLE_READ),
        (rewrite(NUMBER, _changed, path="/transaction/get"), SINGLE_READ),
        (rewrite(UUID, str, _changed, path="/transaction/get"), TWO_READS),
        (rewrite(DATE, str, _changed, path="/find"), TWO_READS),
        (rewrite(NUMBER, str, _changed), TWO_READS),
        (rewrite(r"\b0x[0-9a-f]{40}\b", _changed), SAME_ACCOUNT),
    ],
)
def test_another_value_is_found_in_any_format(change: Callable[[], Change], name: str) -> None:
    scenario = Scenario(change=combine(change, SEVERAL_FORMATS))
    findings, _ = read_only.read(scenario, wanted=lambda each: each.startswith(name))

    assert len(findings) == 1


@rows("defect, name", [(registry.load()[defect], name) for defect, name in FOUND.items()])
def test_a_defect_is_found_in_any_format(defect: Defect, name: str) -> None:
    with defect.planted():
        findings, _ = read_only.read(
            Scenario(change=SEVERAL_FORMATS), wanted=lambda each: each.startswith(name)
        )

    assert len(findings) == 1


def _spoiled(which: Callable[[int], bool], **others: object) -> Callable[[], Change]:
    def change() -> Change:
        numbers = itertools.count()

        def write(response: MockResponse) -> MockResponse:
            return replace(response, **others) if which(next(numbers)) else response  # type: ignore[arg-type]

        return write

    return change


TEAPOT = {"status": 418}
LOGIN = {"status": 200, "content_type": "text/html", "content": b"<html>Log in</html>"}


@rows(
    "change",
    [
        *(_spoiled(lambda n, first=first: n % 5 == first, **TEAPOT) for first in range(5)),
        _spoiled(lambda n: n % 7 == 3, status=403, content=b"<html>Blocked</html>"),
        _spoiled(lambda n: n % 7 == 3, status=404, content=b'{"message": "No route"}'),
        _spoiled(lambda n: n % 3 == 1, content=b'{"result": [null], "totalElements": 9}'),
        *(_spoiled(lambda n, most=most: n > most, **LOGIN) for most in (5, 20, 60)),
    ],
)
def test_an_invalid_response_is_one_finding_and_never_compared(
    change: Callable[[], Change],
) -> None:
    findings, _ = read_only.read(Scenario(change=change), wanted=OWN.__contains__)

    assert {each.check for each in findings} == {EVERY_RESPONSE}


def test_reads_can_reveal_enough_defects_of_both_halves() -> None:
    defects = [defect for defect in registry.load().values() if defect.visible_to_reads]

    assert sum(defect.half == "before" for defect in defects) >= 40
    assert len(defects) >= 60
