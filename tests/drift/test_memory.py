"""What is remembered of a page: enough to see what changed, and none of its sentences."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import rows
from tools.drift.facts import Page, Paragraph, Reading
from tools.drift.memory import (
    Seen,
    SeenError,
    fingerprint,
    load,
    refigured,
    remember,
    save,
    unfamiliar,
    vanished,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

THIRTY = "An unused address expires after 30 days."
SIXTY = "An unused address expires after 60 days."
NINETY = "An unused address expires after 90 days."
OTHER = "Customers can be blocked."

sentences = st.lists(
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["Wait", "Retry", "Expires after"]),
        st.integers(0, 5),
        st.sampled_from(["seconds", "days", "times; not guaranteed"]),
    )
    | st.text(max_size=20),
    max_size=12,
)


def reading(*texts: str) -> Reading:
    prose = tuple(Paragraph(line, text) for line, text in enumerate(texts, 1))
    return Reading(Page("errors", "here", "", "markdown"), prose=prose)


def seen(*texts: str) -> Seen:
    return remember(reading(*texts), frozenset())


def changes(before: Sequence[str], now: Sequence[str]) -> tuple[list[str], list[str], int]:
    memory, page = seen(*before), reading(*now)
    return (
        [each.text for each in unfamiliar(memory, page)],
        [each.text for each in refigured(memory, page)],
        vanished(memory, page),
    )


@rows(
    ("before", "now", "expected"),
    [
        ([THIRTY, OTHER], [OTHER, THIRTY], ([], [], 0)),
        ([THIRTY], ["an unused “address” expires, after 30 days"], ([], [], 0)),
        (["The last is after 125 430 s."], ["The last is after 125430 s"], ([], [], 0)),
        (["30, 600 and 1,000 s"], ["30, 600 and 1 000 s"], ([], [], 0)),
        ([THIRTY], [SIXTY], ([], [SIXTY], 0)),
        (["int32 it is"], ["int64 it is"], ([], ["int64 it is"], 0)),
        ([THIRTY], [THIRTY, SIXTY], ([SIXTY], [], 0)),
        ([THIRTY], [SIXTY, NINETY], ([NINETY], [SIXTY], 0)),
        ([THIRTY, THIRTY], [THIRTY], ([], [], 0)),
        ([THIRTY], [THIRTY, THIRTY], ([], [], 0)),
        ([THIRTY, THIRTY], [THIRTY, SIXTY], ([], [SIXTY], 0)),
        ([THIRTY, SIXTY], [SIXTY], ([], [], 1)),
        ([THIRTY, OTHER], [], ([], [], 2)),
        ([OTHER], [THIRTY], ([THIRTY], [], 1)),
        (["At most 5 %"], ["At most 5"], (["At most 5"], [], 1)),
        (["a < 5"], ["a > 5"], (["a > 5"], [], 1)),
        ([OTHER], [OTHER, "—"], ([], [], 0)),
    ],
)
def test_new_refigured_and_vanished_paragraphs_are_told_apart(
    before: list[str], now: list[str], expected: tuple[list[str], list[str], int]
) -> None:
    assert changes(before, now) == expected


@given(sentences)
def test_a_page_that_stayed_as_it_was_shows_no_change_in_whatever_order(texts: list[str]) -> None:
    assert changes(texts, random.sample(texts, len(texts))) == ([], [], 0)


@given(sentences, sentences)
def test_no_paragraph_is_both_new_and_refigured_and_each_that_is_neither_was_there(
    before: list[str], now: list[str]
) -> None:
    new, figures, gone = changes(before, now)
    assert len(new) + len(figures) <= len(now)
    assert gone <= len(before)
    known = [text for text in now if text not in (*new, *figures)]
    assert changes(before, known)[:2] == ([], [])


@given(sentences, st.sets(st.text(max_size=9)))
def test_what_was_saved_is_loaded_byte_for_byte_alike_and_holds_no_sentence(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], keys: set[str]
) -> None:
    path = tmp_path_factory.mktemp("seen") / "seen.json"
    pages = {"b": remember(reading(*texts), frozenset(keys)), "a": seen(OTHER)}
    save(path, pages)
    first = path.read_bytes()
    assert load(path) == pages
    save(path, dict(reversed(load(path).items())))
    assert path.read_bytes() == first
    assert b"locked" not in first
    assert b"uarant" not in first


@given(sentences, st.sets(st.text(max_size=9), min_size=1))
def test_a_fingerprint_stands_for_the_content_and_not_for_its_order(
    texts: list[str], keys: set[str]
) -> None:
    memory = remember(reading(*texts), frozenset(keys))
    again = remember(reading(*reversed(texts)), frozenset(sorted(keys, reverse=True)))
    assert fingerprint(memory) == fingerprint(again)
    assert len(fingerprint(memory)) == 16
    assert fingerprint(memory) != fingerprint(remember(reading(*texts), frozenset()))
    assert fingerprint(memory) != fingerprint(
        remember(reading(*texts, "Something new."), frozenset(keys))
    )


def test_each_key_has_a_line_of_its_own_so_that_a_change_reads_well(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    save(path, {"errors": remember(reading(THIRTY), frozenset({"code 001"}))})
    before = path.read_text().splitlines()
    save(path, {"errors": remember(reading(THIRTY), frozenset({"code 000", "code 001"}))})
    assert [line for line in path.read_text().splitlines() if line not in before] == [
        '   "code 000",'
    ]


def test_where_nothing_was_kept_nothing_was_seen(tmp_path: Path) -> None:
    assert load(tmp_path / "seen.json") == {}


@rows(
    "content",
    [
        "",
        "[]",
        "<<<<<<< ours",
        '{"errors": {"form": "markdown", "facts": []}}',
        '{"errors": {"form": "html", "facts": [], "prose": {}}}',
        '{"errors": {"form": [], "facts": [], "prose": {}}}',
        '{"errors": {"form": "text", "facts": "code", "prose": {}}}',
        '{"errors": {"form": "text", "facts": [[]], "prose": {}}}',
        '{"errors": {"form": "text", "facts": [], "prose": []}}',
        '{"errors": {"form": "text", "facts": [], "prose": {"0123456789ab": "words"}}}',
        '{"errors": {"form": "text", "facts": [], "prose": {"0123456789ab": null}}}',
        '{"errors": null}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_told_of_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "seen.json"
    path.write_text(content)
    with pytest.raises(SeenError, match=r"seen\.json: it is damaged .*Restore it from git"):
        load(path)


def test_bytes_that_are_no_text_and_a_folder_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "seen.json").write_bytes(json.dumps("é", ensure_ascii=False).encode("latin-1"))
    with pytest.raises(SeenError, match="damaged"):
        load(tmp_path / "seen.json")
    with pytest.raises(SeenError, match="directory"):
        load(tmp_path)
