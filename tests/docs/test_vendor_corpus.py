"""The drift reader, judged by a corpus that was written without knowledge of it.

The whole of it has a target of its own, `make corpora`; its sample is one change, one harmless
change and one damaged page of each kind.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.docs.vendor.corpus import PAGES, Case, Damage, Expectation, cases, damages
from tests.rows import rows
from tools.drift import reading
from tools.drift.compare import compare
from tools.drift.document import Document
from tools.drift.facts import Facts, facts_of
from tools.drift.run import READ, Source, examine
from tools.spec import read as read_document

if TYPE_CHECKING:
    from tools.drift.differences import Difference

DOCUMENT = Document(read_document())
CHANGES = {case.name: case for case in [*cases("changes"), *cases("changes2")]}
HARMLESS = {case.name: case for case in [*cases("harmless"), *cases("harmless2")]}
DAMAGES = {damage.name: damage for damage in damages()}

# The last of each kind, from whichever page it is.
SOME_CHANGES = {
    case.name: case
    for case in {
        (each.kind, each.effect): case for case in CHANGES.values() for each in case.expects
    }.values()
}
SOME_HARMLESS = {
    case.name: case
    for case in {(case.how or case.page, case.seen): case for case in HARMLESS.values()}.values()
}
SOME_DAMAGES = {
    damage.name: damage for damage in {each.how: each for each in DAMAGES.values()}.values()
}


def facts(name: str, text: str) -> Facts:
    return facts_of(reading.read(reading.decode(text.encode()), name, DOCUMENT), DOCUMENT)


@cache
def before(name: str) -> Facts:
    """Return the facts of a page unchanged."""
    return facts(name, (PAGES / name).read_text("utf-8"))


def differences(case: Case) -> list[Difference]:
    old = before(case.page) if case.seen else None
    return compare(facts(case.page, case.after), DOCUMENT, old, is_whole=True)


def short(each: Difference) -> str:
    return f"{each.kind}, {each.effect}: {each.where}: {each.old} -> {each.new}. {each.text}"


def fits(each: Difference, expected: Expectation) -> bool:
    same = (each.kind, each.effect) == (expected.kind, expected.effect)
    return same and all(word in short(each) for word in expected.mentions)


def assert_is_found_and_rightly_classed(case: Case) -> None:
    found = differences(case)
    shown = [short(each) for each in found]

    missed = [it for it in case.expects if not any(fits(each, it) for each in found)]
    assert missed == [], shown
    expected = [*case.expects, *case.allows]
    others = [short(each) for each in found if not any(fits(each, it) for it in expected)]
    assert others == []


def assert_raises_nothing(case: Case) -> None:
    assert [short(each) for each in differences(case)] == []


def assert_is_reported(damage: Damage) -> None:
    outcome = examine([Source(damage.page, damage.content)], DOCUMENT, None)

    (status,) = outcome.statuses
    assert status.status != READ, status
    assert damage.says.lower() in f"{status.status} {status.reason}".lower()


@rows("name", sorted(path.name for path in PAGES.iterdir()))
def test_a_page_that_agrees_with_the_document_raises_nothing(name: str) -> None:
    """Neither when it is read for the first time nor when it is read again."""
    first = compare(before(name), DOCUMENT, None, is_whole=True)
    again = compare(before(name), DOCUMENT, before(name), is_whole=True)

    assert [short(each) for each in first] == []
    assert [short(each) for each in again] == []


@rows("case", SOME_CHANGES)
def test_one_change_of_each_kind_is_found_and_rightly_classed(case: Case) -> None:
    assert_is_found_and_rightly_classed(case)


@rows("case", SOME_HARMLESS)
def test_one_harmless_change_of_each_page_and_of_each_reshaping_raises_nothing(case: Case) -> None:
    assert_raises_nothing(case)


@rows("damage", SOME_DAMAGES)
def test_damage_of_each_kind_is_reported(damage: Damage) -> None:
    assert_is_reported(damage)


@pytest.mark.slow
@rows("case", CHANGES)
def test_every_planted_change_is_found_and_rightly_classed(case: Case) -> None:
    assert_is_found_and_rightly_classed(case)


@pytest.mark.slow
@rows("case", HARMLESS)
def test_every_harmless_change_raises_nothing(case: Case) -> None:
    assert_raises_nothing(case)


@pytest.mark.slow
@rows("damage", DAMAGES)
def test_every_damage_is_reported(damage: Damage) -> None:
    assert_is_reported(damage)
