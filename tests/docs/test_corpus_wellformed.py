"""The corpus that judges the drift reader is sound: its edits fit, and no kind is left out."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
import yaml

from tests.docs.vendor.corpus import (
    DAMAGES,
    PAGES,
    RESHAPINGS,
    Case,
    Damage,
    Expectation,
    cases,
    damages,
    page,
)
from tools.drift.differences import Kind, Severity

CHANGES = cases("changes") + cases("changes2")
HARMLESS = cases("harmless") + cases("harmless2")
NAMES = sorted(path.name for path in PAGES.iterdir())

# Whole pages that are gone or have moved are a matter of addresses, and tested with those.
ELSEWHERE = {Kind.PAGE_GONE, Kind.PAGE_MOVED}

# How grave a kind is, whatever it is about; of types, formats, limits and duties it depends.
ALWAYS: dict[Kind, Severity] = {
    Kind.PATH_CHANGED: Severity.BREAKING,
    Kind.EXAMPLE_REFUSED: Severity.BREAKING,
    Kind.FIGURE_CHANGED: Severity.BREAKING,
    Kind.PAGE_CHANGED: Severity.EDITORIAL,
    **{k: Severity.BREAKING for k in Kind if k.endswith(" gone") and k is not Kind.ANSWER_GONE},
    # A new field of a request may be required.
    **{k: Severity.ADDITIVE for k in Kind if k.endswith(" new") and k is not Kind.FIELD_NEW},
}


def by_name(case: Case | Damage) -> str:
    return case.name


def load_blocks(text: str) -> None:
    """Raise where a block of JSON or YAML can't be read."""
    fenced = re.findall(r"^```(json|yaml)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for language, block in fenced:
        json.loads(block) if language == "json" else yaml.safe_load(block)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_clean_text_whose_blocks_can_be_read(name: str) -> None:
    text = page(name)
    assert text.endswith("\n")
    assert "\r" not in text
    load_blocks(text)


@pytest.mark.parametrize("case", CHANGES + HARMLESS, ids=by_name)
def test_every_edit_fits_its_page_and_leaves_blocks_that_can_be_read(case: Case) -> None:
    """`after` raises for a text that is not there, or is there more or less often."""
    load_blocks(case.after.replace("\r\n", "\n"))
    assert case.after != case.before or (case.known and not case.seen)


@pytest.mark.parametrize("case", CHANGES, ids=by_name)
def test_what_is_expected_is_spoken_of_on_the_page_before_or_after(case: Case) -> None:
    """Words of an expectation that stand nowhere could never be found."""
    text = (case.before + case.after).replace("\\_", "_").lower()
    for expectation in case.expects + case.allows:
        for word in expectation.mentions:
            assert word.lower() in text


@pytest.mark.parametrize("case", CHANGES, ids=by_name)
def test_every_expectation_has_the_severity_of_its_kind(case: Case) -> None:
    assert case.expects
    for expectation in case.expects + case.allows:
        assert ALWAYS.get(expectation.kind, expectation.severity) is expectation.severity


@pytest.mark.parametrize("case", HARMLESS, ids=by_name)
def test_a_harmless_change_expects_nothing(case: Case) -> None:
    assert case.expects == ()
    assert case.allows == ()


@pytest.mark.parametrize("damage", damages(), ids=by_name)
def test_damage_leaves_something_else_than_the_page(damage: Damage) -> None:
    assert damage.content != page(damage.page).encode()
    assert damage.says


def test_names_are_unique() -> None:
    everything: list[Case | Damage] = [*CHANGES, *HARMLESS, *damages()]
    names = Counter(map(by_name, everything))
    assert [name for name, times in names.items() if times > 1] == []


def test_there_are_enough_of_them() -> None:
    assert len(CHANGES) >= 60 + 50
    assert len(HARMLESS) >= 30 + 30


def test_every_page_is_changed() -> None:
    assert {case.page for case in CHANGES} == set(NAMES)


def test_every_kind_of_difference_is_planted() -> None:
    assert {each.kind for each in _expected()} == set(Kind) - ELSEWHERE


def test_every_kind_that_may_go_either_way_is_planted_both_ways() -> None:
    """Else a reader that always said the same would pass. Patterns only ever came, none went."""
    both = {Severity.BREAKING, Severity.ADDITIVE}
    for kind in (Kind.FIELD_NEW, Kind.LIMIT_CHANGED, Kind.REQUIRED_CHANGED):
        assert {each.severity for each in _expected() if each.kind is kind} == both


def test_every_reshaping_and_every_damage_is_used() -> None:
    assert {case.how for case in CHANGES + HARMLESS} - {""} == set(RESHAPINGS)
    assert {damage.how for damage in damages()} == set(DAMAGES)


def _expected() -> list[Expectation]:
    return [each for case in CHANGES for each in case.expects]
