"""The drift reader, judged by a corpus that was written without knowledge of it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.vendor.corpus import PAGES, Case, Damage, Expectation, cases, damages
from tools.drift.__main__ import UNREAD, main
from tools.drift.compare import compare, remembered
from tools.drift.forms import admit
from tools.drift.readers import read
from tools.surface import read as read_document

if TYPE_CHECKING:
    from pathlib import Path

    from tools.drift.differences import Difference, Known
    from tools.drift.facts import Reading
    from tools.drift.memory import Seen

SURFACE = read_document()


def reading(name: str, text: str) -> Reading:
    return read(admit(name, name, text.encode()))


@cache
def seen(name: str) -> Seen:
    return remembered(reading(name, (PAGES / name).read_text("utf-8")), SURFACE)


def outcome(case: Case) -> tuple[list[Difference], list[Known]]:
    now = reading(case.page, case.after)
    assert now.cut is None
    return compare(now, SURFACE, seen(case.page) if case.seen else None)


def words(each: Any) -> str:
    return f"{each.subject} {each.what}"


def short(each: Difference) -> str:
    return f"{each.kind}, {each.severity}: {words(each)}"


def fits(each: Difference, expected: Expectation) -> bool:
    same = (each.kind, each.severity) == (expected.kind, expected.severity)
    return same and all(word in words(each) for word in expected.mentions)


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("name", sorted(path.name for path in PAGES.iterdir()))
def test_a_page_that_agrees_with_the_document_raises_nothing(name: str, *, again: bool) -> None:
    page = reading(name, (PAGES / name).read_text("utf-8"))
    differences, _ = compare(page, SURFACE, seen(name) if again else None)

    assert [short(each) for each in differences] == []


@pytest.mark.parametrize(
    "case", [*cases("changes"), *cases("changes2")], ids=lambda case: case.name
)
def test_a_planted_change_is_found_and_rightly_classed(case: Case) -> None:
    differences, _ = outcome(case)
    found = [short(each) for each in differences]

    missed = [it for it in case.expects if not any(fits(each, it) for each in differences)]
    assert missed == [], found
    expected = [*case.expects, *case.allows]
    others = [short(each) for each in differences if not any(fits(each, it) for it in expected)]
    assert others == []


@pytest.mark.parametrize(
    "case", [*cases("harmless"), *cases("harmless2")], ids=lambda case: case.name
)
def test_a_harmless_change_raises_nothing(case: Case) -> None:
    differences, known = outcome(case)

    assert [short(each) for each in differences] == []
    for word in case.known:
        assert any(word in words(each) for each in known), [words(each) for each in known]


@pytest.mark.parametrize("damage", damages(), ids=lambda damage: damage.name)
def test_damaged_input_is_told_and_ends_with_2(
    damage: Damage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / damage.page
    file.write_bytes(damage.content)

    assert main([str(file)]) == UNREAD
    told = capsys.readouterr().out
    assert damage.says.lower() in told.lower()
    assert file.name in told
