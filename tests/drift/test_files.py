"""What the bytes of a page are, and which page a saved file is."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import rows
from tools.drift.differences import Unread
from tools.drift.facts import Page, UnreadablePageError
from tools.drift.files import Saved, read, recognise
from tools.drift.forms import CAP, admit
from tools.drift.pages import Entry, load

ENTRIES = load()
NAVIGATION = (
    "LogoLogo\n  • GENERAL\n    • Overview\nPowered by GitBook\nOn this page\nExport as PDF\n"
)
TEXT = NAVIGATION + "  1. API REFERENCE\n\nAccount API\n\nPreviousThisNextThat\n\nWords.\n"
MARKDOWN = "# Account API\n\nCalls go to https://api.calypso.finance.\n"


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadablePageError) as caught:
        admit("account-api", "here", data)
    return str(caught.value)


@rows(
    ("data", "word"),
    [
        (b"", "it is empty (0 bytes"),
        (b" \r\n\t\n", "it is empty (5 bytes"),
        (b"\xef\xbb\xbf\n", "it is empty"),
        (b"\0" * 512, "it is empty"),
        (b"x" * (CAP + 1), "it is too large, 2.0 MiB or more"),
        (b"x" * (7 * 1024 * 1024), "it is too large, 7.0 MiB"),
        (b"words\0and more", "it is binary"),
        (b"\xc3\x28\0\xff", "it is binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture"),
        (b"%PDF-1.7\n", "a PDF document"),
        (gzip.compress(MARKDOWN.encode(), mtime=0), "compressed with gzip"),
        (b"PK\x03\x04rest", "an office document"),
        ("café".encode("latin-1"), "it is not UTF-8 (byte 3)"),
        (b"\xff\xfew", "it is not UTF-16"),
        (b"\xff\xfe\0\0w\0\0\0", "it is binary"),
        (b'{"openapi": "3.0.1"}', "this is JSON alone"),
        (b'\n[{"a": 1}]\n', "this is JSON alone"),
        (b'{"openapi": "3.0.1", "info": {"ti', "this is JSON alone"),
        (b"[" * 100_000 + b"]" * 100_000, ""),
        (b"<?xml version='1.0'?><Error/>", "this is XML"),
        (b"<!DOCTYPE html><title>Sign&nbsp;in \n now</title>", "HTML, titled “Sign in now”"),
        (b"<!-- saved --> <!-- twice -->\n<HTML lang='en'>", "this is HTML. Save the page as text"),
        (b"<center>Bad Gateway</center></body>", "this is HTML"),
    ],
)
def test_what_is_no_page_is_refused_with_its_name(data: bytes, word: str) -> None:
    if word:
        assert word in refusal(data)
    else:
        admit("account-api", "here", data)


@rows(
    ("text", "form"),
    [
        (TEXT, "text"),
        ("Account API\n\nWords only.\n", "text"),
        # A comment of a Python sample is no heading, and neither is one in a saved page's sample.
        ("Signing\n\nimport hmac\n# the key comes first\nsign()\n", "text"),
        (TEXT + "\n# the key comes first\nsign()\n", "text"),
        (MARKDOWN, "markdown"),
        ("> Where to find the index.\n\n# Account API\n", "markdown"),
        ("---\ntitle: x\n---\nWords.\n", "markdown"),
        ("Words.\n\n```json\n{}\n```\n", "markdown"),
        ("| a | b |\n| - | --- |\n| 1 | 2 |\n", "markdown"),
        ("## Get the account\nWords.\n", "markdown"),
        ("<figure></figure>\n\n# Account API\n", "markdown"),
    ],
)
def test_the_form_is_told_from_the_marks_of_markdown_and_of_a_saved_window(
    text: str, form: str
) -> None:
    assert admit("account-api", "here", text.encode()).form == form


@rows("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@rows("end", ["\n", "\r\n", "\r"])
def test_a_page_is_the_same_page_in_each_encoding_and_with_each_end_of_line(
    encoding: str, end: str
) -> None:
    data = TEXT.replace("\n", end).encode(encoding)
    assert admit("account-api", "here", data) == Page("account-api", "here", TEXT, "text")


def test_padding_and_control_characters_leave_the_lines_as_an_editor_counts_them() -> None:
    data = "# One\x1b[31m\n\ntwo\u2028still two\x0c\nthree".encode() + b"\0" * 9
    assert admit("x", "here", data).text == "# One[31m\n\ntwo still two \nthree\n"


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_page_or_refused_with_a_word(data: bytes) -> None:
    try:
        text = admit("x", "here", data).text
    except UnreadablePageError as error:
        text = f"{error}\n"
    assert text.strip()
    assert text.endswith("\n")
    assert text.split("\n")[:-1] == text.splitlines()


def test_the_largest_page_that_is_read_is_read() -> None:
    assert len(admit("x", "here", b"x" * CAP).text) == CAP + 1


def saved(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, "utf-8")
    (page,) = read([path], ENTRIES).found
    assert isinstance(page, Page)
    return page.name


@rows(
    ("text", "name"),
    [
        (TEXT, "account-api"),
        (TEXT + "Host: api.calypso.money\n", "account-api-money"),
        (MARKDOWN, "account-api"),
        (MARKDOWN.replace("finance", "money"), "account-api-money"),
        ("```sh\n# Errors\n```\n\n# **Webhook API** #\n", "webhook-api"),
        ("Errors\nLast updated\n\nWords.\n\nPowered by GitBook\n", "errors"),
        (NAVIGATION + "  1. GUIDES\n  2. How to get a purse\n", "how-to-get-a-purse"),
        ("# How to get a deposit address for a \u0421ustomer\n", "deposit-address"),
        (f"> As [Markdown]({ENTRIES[3].url}).\n\n# Of another title\n", ENTRIES[3].name),
        ("# A page of no list\n", "page-1"),
        ("## No title\n", "page-1"),
    ],
)
def test_a_saved_page_is_recognised_by_its_address_or_title(
    tmp_path: Path, text: str, name: str
) -> None:
    assert saved(tmp_path, "page-1.txt", text) == name


def test_of_two_pages_alike_in_all_else_the_name_of_the_file_decides(tmp_path: Path) -> None:
    assert saved(tmp_path, "account-api-money.md", "# Account API\n") == "account-api-money"
    assert saved(tmp_path, "x.md", "# Account API\n") == "account-api"
    assert saved(tmp_path, "account-api-money.md", MARKDOWN) == "account-api"


def test_the_stem_is_the_name_where_the_list_is_empty() -> None:
    assert recognise(Page("x", "x", MARKDOWN, "markdown"), "stem", [Entry("a", "", "")]) == "stem"


def test_folders_are_searched_to_the_bottom_and_other_files_counted(tmp_path: Path) -> None:
    for name in ("b.md", "a/deep/c.TXT", "a/d.markdown", "logo.png", "a/page.html", ".git/e.md"):
        saved(tmp_path, name, f"# Title of {Path(name).stem}\n")
    found, skipped = read([tmp_path], ENTRIES)
    assert [each.source for each in found] == [
        str(tmp_path / name) for name in ("b.md", "a/d.markdown", "a/deep/c.TXT")
    ]
    assert skipped == 2


def test_a_file_is_read_once_and_whatever_its_name_where_it_is_named_itself(tmp_path: Path) -> None:
    saved(tmp_path, "page", MARKDOWN)
    saved(tmp_path, "other.md", MARKDOWN)
    (tmp_path / "link.md").symlink_to(tmp_path / "other.md")
    found, _ = read([tmp_path / "page", tmp_path, tmp_path / "other.md"], ENTRIES)
    assert [Path(each.source).name for each in found] == ["page", "link.md"]


def test_a_folder_without_pages_is_an_error_that_counts_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"")
    (unread,) = read([tmp_path], ENTRIES).found
    assert isinstance(unread, Unread)
    assert unread.source == str(tmp_path)
    assert "holds no page (.md, .txt, .markdown), among 1 other files" in unread.why


def test_what_cant_be_read_keeps_nothing_else_from_being_read(tmp_path: Path) -> None:
    """A missing file, a circle of links, a pipe, a file too large for memory, and a good one."""
    (tmp_path / "circle.md").symlink_to(tmp_path / "circle.md")
    os.mkfifo(tmp_path / "pipe.md")
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(50 * 1024**3)
    saved(tmp_path, "good.md", MARKDOWN)
    found, _ = read([tmp_path / "none.md", tmp_path], ENTRIES)
    told = {Path(each.source).stem: each.why for each in found if isinstance(each, Unread)}
    assert told.keys() == {"none", "circle", "pipe", "huge"}
    assert "No such file" in told["none"]
    assert "no regular file" in told["pipe"]
    assert "51,200.0 MiB" in told["huge"]
    assert [each.name for each in found if isinstance(each, Page)] == ["account-api"]


def test_no_path_gives_no_page() -> None:
    assert read([], ENTRIES) == Saved(())
