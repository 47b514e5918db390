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
    cases,
    damages,
)
from tests.rows import rows

CHANGES = cases("changes") + cases("changes2")
HARMLESS = cases("harmless") + cases("harmless2")
EXPECTED = [each for case in CHANGES for each in case.expects]

# Kinds of what is on no page of the corpus: they are tested with the reader.
ELSEWHERE = {"default", "deprecated", "page"}
KINDS = {
    *("operation-added", "operation-removed", "operation-moved", "field-added", "field-removed"),
    *("required", "type", "bounds", "default", "value-added", "value-removed", "header"),
    *("security", "status-added", "status-removed", "error-added", "error-removed"),
    *("error-changed", "event-added", "event-removed", "deprecated", "figure", "sentence"),
    *("example", "page"),
}


def load_blocks(text: str) -> None:
    """Raise where a block of JSON or YAML can't be read."""
    fenced = re.findall(r"^```(json|yaml)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for language, block in fenced:
        json.loads(block) if language == "json" else yaml.load(block, yaml.CSafeLoader)


def test_names_are_unique() -> None:
    """A report by name would leave one out."""
    everything: list[Case | Damage] = [*CHANGES, *HARMLESS, *damages()]
    names = Counter(each.name for each in everything)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_page_and_kind_is_changed_and_every_reshaping_and_damage_used() -> None:
    assert {case.page for case in CHANGES} == {path.name for path in PAGES.iterdir()}
    assert {each.kind for each in EXPECTED} == KINDS - ELSEWHERE
    assert {case.how for case in CHANGES + HARMLESS} - {""} == set(RESHAPINGS)
    assert {damage.how for damage in damages()} == set(DAMAGES)


def test_kinds_that_may_go_either_way_are_planted_both_ways() -> None:
    """Else a reader that always reports the same would pass."""
    for kind in ("field-added", "bounds", "required", "type"):
        assert len({each.effect for each in EXPECTED if each.kind == kind}) > 1, kind


@pytest.mark.slow
@rows("case", {case.name: case for case in CHANGES + HARMLESS})
def test_every_edit_fits_its_page_and_leaves_blocks_that_can_be_read(case: Case) -> None:
    """`after` raises for a text that is not there, or is there more or less often."""
    load_blocks(case.after.replace("\r\n", "\n"))
    assert case.after != case.before or not case.seen


@pytest.mark.slow
@rows("case", {case.name: case for case in CHANGES})
def test_what_is_expected_is_on_the_page_before_or_after(case: Case) -> None:
    """Expected words that are on no page could never be found."""
    text = (case.before + case.after).replace("\\_", "_").lower()
    words = [word for each in case.expects + case.allows for word in each.mentions]
    assert case.expects
    assert [word for word in words if word.lower() not in text] == []
