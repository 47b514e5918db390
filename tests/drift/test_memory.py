"""Accepted texts are kept one file each, and only what changed since is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.drift import layouts
from tests.rows import rows
from tools.drift.memory import Memory
from tools.drift.rewrap import rewrapped
from tools.drift.run import CUT, READ, Source, examine

if TYPE_CHECKING:
    from pathlib import Path

    from tools.drift.document import Document
    from tools.drift.run import Outcome


def read(pages: dict[str, str], ours: Document, folder: Path, *, accept: bool = False) -> Outcome:
    memory = Memory(folder)
    sources = [Source(name, text.encode()) for name, text in pages.items()]
    outcome = examine(sources, ours, memory)
    if accept:
        for page in outcome.read:
            memory.accept(page)
    return outcome


@rows("name, text", list(layouts.PAGES.items()))
def test_what_was_accepted_reads_again_and_raises_nothing(
    name: str, text: str, ours: Document, tmp_path: Path
) -> None:
    """Also when it differs from the document, and when it is accepted twice."""
    changed = text.replace("30 days", "45 days").replace("amount", "sum")
    folder = tmp_path / name
    for _ in range(3):
        outcome = read({name: changed}, ours, folder, accept=True)
        assert [each.status for each in outcome.statuses] == [READ]
    assert outcome.differences == []


@rows("name, text", list(layouts.PAGES.items()))
def test_a_copy_that_breaks_off_within_a_line_raises_nothing(
    name: str, text: str, ours: Document, tmp_path: Path
) -> None:
    folder = tmp_path / name
    read({name: text}, ours, folder, accept=True)
    places = range(len(text) * 2 // 5, len(text) - 1, 1 + len(text) // 25)
    within = [each for each in places if not text[each - 1 : each + 1].count("\n")]
    cut = [read({name: text[:each]}, ours, folder) for each in within]
    assert [each.differences for each in cut] == [[]] * len(within)
    assert {status.status for each in cut for status in each.statuses} == {CUT}


@rows("name, text", list(layouts.PAGES.items()))
def test_a_copy_without_its_last_line_break_raises_nothing(
    name: str, text: str, ours: Document, tmp_path: Path
) -> None:
    folder = tmp_path / name
    read({name: f"{text.rstrip()}\n"}, ours, folder, accept=True)
    assert read({name: text.rstrip()}, ours, folder).differences == []


def test_a_line_that_is_gone_at_the_end_is_no_end_that_is_missing(
    ours: Document, tmp_path: Path
) -> None:
    text = layouts.PAGES["glued-events.txt"]
    read({"e.txt": text}, ours, tmp_path, accept=True)
    outcome = read({"e.txt": text.replace("amountnumberhow much comes\n", "")}, ours, tmp_path)
    assert [each.status for each in outcome.statuses] == [READ]
    assert [each.kind for each in outcome.differences] == ["field-removed"]


def test_of_a_copy_that_breaks_off_only_what_changed_is_reported(
    ours: Document, tmp_path: Path
) -> None:
    text = layouts.PAGES["path-at-the-end.txt"]
    read({"p.txt": text}, ours, tmp_path, accept=True)
    at = text.index("Date")
    (difference,) = read(
        {"p.txt": text[: at + 3].replace("3 minutes", "5 minutes")}, ours, tmp_path
    ).differences
    assert (difference.kind, difference.new) == ("figure", "5 minutes")


def test_each_page_is_one_file_under_its_address(ours: Document, tmp_path: Path) -> None:
    pages = {name: layouts.PAGES[name] for name in ("errors.md", "overview.txt")}
    read(pages, ours, tmp_path, accept=True)
    read(pages, ours, tmp_path, accept=True)
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*[dt]")}
    assert files == {
        "docs.calypso.finance/get-started-with-calypso-api/errors.md",
        "docs.calypso.finance/webhooks/overview.txt",
    }
    errors = tmp_path / "docs.calypso.finance/get-started-with-calypso-api/errors.md"
    assert errors.read_text("utf-8") == layouts.ERRORS


def test_layouts_of_one_page_are_kept_side_by_side(ours: Document, tmp_path: Path) -> None:
    pages = {name: layouts.PAGES[name] for name in ("compact.txt", "descriptions.txt")}
    read(pages, ours, tmp_path, accept=True)
    assert len(list(tmp_path.rglob("customer-purse-api*.txt"))) == 2
    assert read(pages, ours, tmp_path).differences == []


def test_text_and_markdown_of_one_page_are_not_compared(ours: Document, tmp_path: Path) -> None:
    """What was saved as text says nothing of what the live page's Markdown lacks."""
    read({"compact.txt": layouts.PAGES["compact.txt"]}, ours, tmp_path, accept=True)
    assert read({"reference.md": layouts.REFERENCE}, ours, tmp_path).differences == []


def test_removals_are_reported_until_they_are_accepted(ours: Document, tmp_path: Path) -> None:
    read({"errors.md": layouts.ERRORS}, ours, tmp_path, accept=True)
    fewer = "\n".join(line for line in layouts.ERRORS.splitlines() if "| 003" not in line)
    kinds = [each.kind for each in read({"errors.md": fewer}, ours, tmp_path).differences]
    assert kinds == ["error-removed"]
    read({"errors.md": fewer}, ours, tmp_path, accept=True)
    assert read({"errors.md": fewer}, ours, tmp_path).differences == []


def test_a_wrong_page_is_not_accepted(ours: Document, tmp_path: Path) -> None:
    read({"errors.md": layouts.ERRORS}, ours, tmp_path, accept=True)
    read({"errors.md": "# Page not found\n\nCalypso\n"}, ours, tmp_path, accept=True)
    assert read({"errors.md": layouts.ERRORS}, ours, tmp_path).differences == []


def test_a_page_whose_title_changed_is_recognised_by_what_was_accepted(
    ours: Document, tmp_path: Path
) -> None:
    read({"errors.md": layouts.ERRORS}, ours, tmp_path, accept=True)
    renamed = layouts.ERRORS.replace("# Errors", "# Codes of failure")
    (difference,) = read({"saved.md": renamed}, ours, tmp_path).differences
    assert (difference.kind, difference.old, difference.new) == (
        "page",
        "Errors",
        "Codes of failure",
    )


def test_a_page_that_ends_within_an_accepted_line_breaks_off(
    ours: Document, tmp_path: Path
) -> None:
    text = layouts.OVERVIEW
    read({"o.txt": text}, ours, tmp_path, accept=True)
    outcome = read({"o.txt": text[: text.index("19 retries")].rstrip()}, ours, tmp_path)
    assert [each.status for each in outcome.statuses] == [CUT]
    assert outcome.differences == []


def test_a_page_that_ends_before_a_meaning_loses_none(ours: Document, tmp_path: Path) -> None:
    text = layouts.TYPES.replace("An order was", "In ORDER_NEW, an order was")
    read({"t.txt": text}, ours, tmp_path, accept=True)
    outcome = read({"t.txt": text[: text.index("In ORDER_NEW") + 8]}, ours, tmp_path)
    assert [each.status for each in outcome.statuses] == [CUT]
    assert outcome.differences == []


def test_the_index_of_a_site_is_kept(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert memory.index("docs.calypso.money") is None
    memory.accept_index("docs.calypso.money", {"docs.calypso.money/b", "docs.calypso.money/a"})
    assert Memory(tmp_path).index("docs.calypso.money") == {
        "docs.calypso.money/a",
        "docs.calypso.money/b",
    }


def test_an_operation_whose_path_is_cut_off_has_not_moved(ours: Document, tmp_path: Path) -> None:
    """The layout has the path at the end of an operation."""
    text = layouts.PAGES["path-at-the-end.txt"]
    read({"r.txt": text}, ours, tmp_path, accept=True)
    outcome = read({"r.txt": text[: text.index("transactionHashstring") + 8]}, ours, tmp_path)
    assert [each.status for each in outcome.statuses] == [CUT]
    assert [each for each in outcome.differences if each.kind == "operation-moved"] == []


def test_the_beginning_of_a_sample_is_of_nothing_new(ours: Document, tmp_path: Path) -> None:
    members = ["id", "amount", "currency", "transactionHash", "transactionState", "complianceState"]
    lines = "".join(f'  "{name}": "x",\n' for name in members)
    sample = f'### As it comes\n\n```json\n{{\n{lines}  "createdDate": "x"\n}}\n```\n'
    text = f"{layouts.PAGES['states.md']}\n{sample}"
    read({"s.md": text}, ours, tmp_path, accept=True)
    outcome = read({"s.md": text[: text.index('  "currency"')]}, ours, tmp_path)
    assert [each.status for each in outcome.statuses] == [CUT]
    assert outcome.differences == []


def test_what_is_no_longer_required_is_found_where_a_document_breaks_off(
    ours: Document, tmp_path: Path
) -> None:
    """Its schemas name what is required before their properties."""
    text = layouts.REFERENCE[: layouts.REFERENCE.index('"format":"uuid"}}},"Deposit"') + 16]
    read({"r.md": text}, ours, tmp_path, accept=True)
    loose = text.replace('"required":["transactionId"],', "")
    (difference,) = read({"r.md": loose}, ours, tmp_path).differences
    assert (difference.kind, difference.new) == ("required", "optional")


def test_a_text_with_its_lines_broken_elsewhere_is_the_same(ours: Document, tmp_path: Path) -> None:
    text = layouts.OVERVIEW
    read({"o.txt": text}, ours, tmp_path, accept=True)
    wrapped = text.replace("comes after ", "comes\nafter ").replace(" errors", "\nerrors")
    assert read({"o.txt": wrapped}, ours, tmp_path).differences == []
    changed = wrapped.replace("100\nerrors", "50\nerrors")
    (difference,) = read({"o.txt": changed}, ours, tmp_path).differences
    assert (difference.kind, difference.old, difference.new) == (
        "figure",
        "100 errors",
        "50 errors",
    )


WRAPPED = [
    ("a b\nc", "a\nb\nc", "a b\nc"),
    ("a b c d\ne", "a\nb x c\nd\ne", "a b x c d\ne"),
    ("a b c\n\nd", "a b\nx\n\nd", "a b x\n\nd"),
    ("a b\nc", "a b\nnew\nc", "a b\nnew\nc"),
    ("a b c d", "w x\ny z", "w x\ny z"),
    ("a\nb c d\ne", "a\nd\ne", "a\nd\ne"),
]


@rows("earlier, text, expected", WRAPPED)
def test_lines_are_broken_where_they_were(earlier: str, text: str, expected: str) -> None:
    assert rewrapped(text, earlier) == expected


def test_a_page_that_gives_another_address_is_the_page_that_moved(
    ours: Document, tmp_path: Path
) -> None:
    address = "docs.calypso.money/get-started-with-calypso-api/errors"
    page = f"> At [llms.txt](x); available as [Markdown](https://{address}.md).\n\n{layouts.ERRORS}"
    read({"e.md": page}, ours, tmp_path, accept=True)
    moved = page.replace("/errors", "/codes/errors").replace("Write to us", "Please write to us")
    outcome = read({"e.md": moved}, ours, tmp_path)
    (difference,) = outcome.differences
    assert (difference.kind, difference.old, difference.page) == ("page", address, address)
    assert difference.new == address.replace("/errors", "/codes/errors")
    (status,) = outcome.statuses
    assert status.status == READ
    assert read({"e.md": moved}, ours, tmp_path, accept=True).differences == [difference]
    assert read({"e.md": moved}, ours, tmp_path).differences == []
