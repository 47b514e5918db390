"""The list of pages, and that accepting a reading changes two values of it and nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import rows
from tools.drift.pages import LIST, Entry, PagesError, load, record

if TYPE_CHECKING:
    from pathlib import Path

# Ends of lines as Windows has them, a comment in the way, quoted and bare values, another order.
ODD = """# head\r
- name: one   # the first\r
  title: "One: a page"\r
  url: https://docs.calypso.finance/one.md\r
  read: null   # not yet\r
  fingerprint: null\r
\r
- fingerprint: "0123456789abcdef"  # quoted\r
  read: 2025-11-23\r
  url: 'http://127.0.0.1:8000/two.md'\r
  title: Two\r
  name: two-2\r
# tail\r
"""
GOOD = """\
- name: one
  title: One
  url: https://docs.calypso.finance/one.md
  read: null
  fingerprint: null
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    path = tmp_path / "pages.yaml"
    path.write_bytes(ODD.encode())
    return path


def test_the_list_holds_the_vendors_pages_in_markdown_over_tls() -> None:
    entries = load()
    assert {"account-api", "customer-purse-api", "webhook-api", "errors"} <= {
        entry.name for entry in entries
    }
    for entry in entries:
        assert entry.url.startswith(("https://docs.calypso.finance/", "https://docs.calypso.money"))
        assert entry.url.endswith(".md")
    assert len({entry.url for entry in entries}) == len(entries)


def test_entries_are_read_however_they_are_written(pages: Path) -> None:
    one, two = load(pages)
    assert one == Entry("one", "One: a page", "https://docs.calypso.finance/one.md")
    assert two.read == date(2025, 11, 23)
    assert two.fingerprint == "0123456789abcdef"


def test_an_accepted_reading_changes_its_two_values_and_no_other_byte(pages: Path) -> None:
    record({"one": (date(2026, 1, 2), "fedcba9876543210")}, pages)
    expected = ODD.replace("read: null ", "read: 2026-01-02 ").replace(
        "fingerprint: null", 'fingerprint: "fedcba9876543210"'
    )
    assert pages.read_bytes() == expected.encode()


@given(
    day=st.dates(),
    # Digits alone, or with an e among them, are a number to YAML where they aren't quoted.
    fingerprint=st.from_regex(r"[0-9a-f]{16}|[0-9]{16}|[0-9]{8}e[0-9]{7}", fullmatch=True),
    names=st.lists(st.sampled_from(["one", "two-2"]), unique=True),
)
def test_what_was_recorded_is_what_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, day: date, fingerprint: str, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("list") / "pages.yaml"
    path.write_bytes(ODD.encode())
    before = load(path)
    record(dict.fromkeys(names, (day, fingerprint)), path)
    for old, new in zip(before, load(path), strict=True):
        if new.name in names:
            assert new == old._replace(read=day, fingerprint=fingerprint)
        else:
            assert new == old


def test_recording_all_pages_of_the_real_list_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "pages.yaml"
    path.write_bytes(LIST.read_bytes())
    record({each.name: (date(2026, 1, 2), "0" * 16) for each in load(path)}, path)
    changed = [
        (old, new)
        for old, new in zip(
            LIST.read_text().splitlines(), path.read_text().splitlines(), strict=True
        )
        if old != new
    ]
    assert len(changed) <= 2 * len(load(path))
    assert all(new.strip().startswith(("read: ", "fingerprint: ")) for _, new in changed)


def test_nothing_is_written_when_a_page_is_unknown(pages: Path) -> None:
    with pytest.raises(PagesError, match="no page is named three"):
        record({"one": (date(2026, 1, 2), "0" * 16), "three": (date(2026, 1, 2), "0" * 16)}, pages)
    assert pages.read_bytes() == ODD.encode()


@rows(
    ("old", "new", "word"),
    [
        ("name: one", "name: One page", "line 1: name: small letters"),
        ("title: One", "title: null", "line 2: title:"),
        ("title: One", "title:", "line 2: title has to be text"),
        ("title: One", "title: [One]", "line 2: title has to be text"),
        ("title: One", "titel: One", "line 2: titel is none of the keys"),
        ("title: One", "name: two", "line 2: name stands there twice"),
        ("  title: One\n", "", "line 1: title missing"),
        ("https://docs", "http://docs", "line 3: url: it has to be a whole address"),
        ("https://docs", "https://me:password@docs", "line 3: url:"),
        ("https://docs.calypso.finance/one.md", "one.md", "line 3: url:"),
        ("https://docs.calypso.finance", "https://[::1", "line 3: url:"),
        ("read: null", "read: yesterday", "line 4: read: it has to be a date"),
        ("read: null", "read: 2025-02-30", "line 4: read:"),
        ("fingerprint: null", "fingerprint: abc", "line 5: fingerprint: it has to be 16 hex"),
        ("  fingerprint: null", "  fingerprint: null\n- one", "line 6: a page has the keys"),
        ("  fingerprint: null", "  fingerprint: null\n" + GOOD, "line 6: a page named one stands"),
        (GOOD, "", "it has to be a list"),
        (GOOD, "pages: []", "it has to be a list"),
        (GOOD, "- name: [", "it is no YAML"),
        (GOOD, "\x01", "it is no YAML"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    path = tmp_path / "pages.yaml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(PagesError) as caught:
        load(path)
    assert word in str(caught.value)
    assert "pages.yaml" in str(caught.value)


def test_a_missing_list_and_one_in_another_encoding_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(PagesError, match="No such file"):
        load(tmp_path / "pages.yaml")
    (tmp_path / "pages.yaml").write_bytes(b"- name: caf\xe9")
    with pytest.raises(PagesError, match="not UTF-8"):
        load(tmp_path / "pages.yaml")
