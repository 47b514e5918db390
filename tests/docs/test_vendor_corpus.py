"""The drift reader, judged by a corpus that was written without knowledge of it.

The whole of it is slow; its sample is one change, one harmless change and one damaged page
of each kind.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.vendor.corpus import PAGES, Case, Damage, Expectation, cases, damages
from tests.docs.vendor.document import read_once
from tests.rows import rows
from tools.drift.__main__ import UNREAD, main
from tools.drift.compare import compare, remembered
from tools.drift.forms import admit
from tools.drift.readers import read
from tools.spec import read as read_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.drift.differences import Difference, Known
    from tools.drift.facts import Reading
    from tools.drift.memory import Seen

SPEC = read_document()
CHANGES = {case.name: case for case in [*cases("changes"), *cases("changes2")]}
HARMLESS = {case.name: case for case in [*cases("harmless"), *cases("harmless2")]}
DAMAGES = {damage.name: damage for damage in damages()}

# The last of each kind, from whichever page it is.
SOME_CHANGES = {
    case.name: case
    for case in {
        (each.kind, each.severity): case for case in CHANGES.values() for each in case.expects
    }.values()
}
SOME_HARMLESS = {
    case.name: case
    for case in {
        (case.how or case.page, case.seen, bool(case.known)): case for case in HARMLESS.values()
    }.values()
}
SOME_DAMAGES = {
    damage.name: damage for damage in {each.how: each for each in DAMAGES.values()}.values()
}


@pytest.fixture(scope="module", autouse=True)
def document_is_read_once() -> Iterator[None]:
    with read_once():
        yield


def reading(name: str, text: str) -> Reading:
    return read(admit(name, name, text.encode()))


@cache
def before(name: str) -> Reading:
    """Return a page unchanged."""
    return reading(name, (PAGES / name).read_text("utf-8"))


@cache
def seen(name: str) -> Seen:
    return remembered(before(name), SPEC)


def outcome(case: Case) -> tuple[list[Difference], list[Known]]:
    now = reading(case.page, case.after)
    assert now.cut is None
    return compare(now, SPEC, seen(case.page) if case.seen else None)


def words(each: Any) -> str:
    return f"{each.subject} {each.what}"


def short(each: Difference) -> str:
    return f"{each.kind}, {each.severity}: {words(each)}"


def fits(each: Difference, expected: Expectation) -> bool:
    same = (each.kind, each.severity) == (expected.kind, expected.severity)
    return same and all(word in words(each) for word in expected.mentions)


def assert_is_found_and_rightly_classed(case: Case) -> None:
    differences, _ = outcome(case)
    found = [short(each) for each in differences]

    missed = [it for it in case.expects if not any(fits(each, it) for each in differences)]
    assert missed == [], found
    expected = [*case.expects, *case.allows]
    others = [short(each) for each in differences if not any(fits(each, it) for it in expected)]
    assert others == []


def assert_raises_nothing(case: Case) -> None:
    differences, known = outcome(case)

    assert [short(each) for each in differences] == []
    for word in case.known:
        assert any(word in words(each) for each in known), [words(each) for each in known]


def assert_is_told_and_ends_with_2(
    damage: Damage, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / damage.page
    file.write_bytes(damage.content)

    assert main([str(file)]) == UNREAD
    output = capsys.readouterr().out
    assert damage.says.lower() in output.lower()
    assert file.name in output


@rows("name", sorted(path.name for path in PAGES.iterdir()))
def test_a_page_that_agrees_with_the_document_raises_nothing(name: str) -> None:
    """Neither when it is read for the first time nor when it is read again."""
    page = before(name)
    assert page.cut is None
    first, _ = compare(page, SPEC, None)
    again, _ = compare(page, SPEC, seen(name))

    assert [short(each) for each in first] == []
    assert [short(each) for each in again] == []


@rows("case", SOME_CHANGES)
def test_one_change_of_each_kind_is_found_and_rightly_classed(case: Case) -> None:
    assert_is_found_and_rightly_classed(case)


@rows("case", SOME_HARMLESS)
def test_one_harmless_change_of_each_page_and_of_each_reshaping_raises_nothing(case: Case) -> None:
    assert_raises_nothing(case)


@rows("damage", SOME_DAMAGES)
def test_damage_of_each_kind_is_reported_and_exits_with_2(
    damage: Damage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_is_told_and_ends_with_2(damage, tmp_path, capsys)


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
def test_every_damage_is_reported_and_exits_with_2(
    damage: Damage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_is_told_and_ends_with_2(damage, tmp_path, capsys)
