"""A page as a whole: what all readers together make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.drift.odd_elements import ELEMENTS
from tools.drift import readers
from tools.drift.facts import FieldFact, OperationFact, Page, PeriodFact
from tools.drift.readers import guides, prose, tables

if TYPE_CHECKING:
    from tools.drift.facts import Form, Reading
    from tools.drift.readers.elements import Element

BLOCK = (
    '{"openapi":"3.0.1","paths":{"/api/v1/ticket":{"post":{"summary":"Open a ticket",'
    '"requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["id"],'
    '"properties":{"id":{"type":"string"}}}}}},"responses":{"200":{"description":"OK"}}}}}}'
)
MARKDOWN = (
    "# Tickets\n\nA ticket is kept for 45 days.\n\n"
    f"## Open a ticket\n\n> Permission annotations:\n\n```json\n{BLOCK}\n```\n\n"
    "Tickets wait for 3 minutes.\n"
)


def read(text: str, form: Form = "markdown") -> Reading:
    return readers.read(Page("tickets", "tickets.md", text, form))


def test_facts_of_all_readers_come_in_the_order_of_the_page() -> None:
    reading = read(MARKDOWN)
    kinds = [type(fact) for fact in reading.facts]

    assert [fact.line for fact in reading.facts] == sorted(fact.line for fact in reading.facts)
    assert kinds.index(PeriodFact) < kinds.index(OperationFact) < kinds.index(FieldFact)
    assert kinds[-1] is PeriodFact
    assert reading.page.text == MARKDOWN
    assert reading.cut is None


def test_reference_is_kept_out_of_the_prose() -> None:
    words = " ".join(paragraph.text for paragraph in read(MARKDOWN).prose)

    assert "45 days" in words
    assert "openapi" not in words
    assert "Permission" not in words


def test_the_titles_of_calls_are_kept_out_of_the_prose() -> None:
    call = "{0}\n\npost\n/api/v1/{0}\n\nBody\nidstringRequired\n\nResponses\n200\nOK\n\n"
    page = "Tickets\n\nAll about them.\n\n" + call.format("Open") + call.format("Close")
    assert [each.text for each in read(page, "text").prose] == ["Tickets", "All about them."]


def test_a_page_that_breaks_off_says_where() -> None:
    reading = read(MARKDOWN[: MARKDOWN.index('"required"')])

    assert reading.cut == 9
    assert [fact.cut for fact in reading.facts if isinstance(fact, OperationFact)] == [True]


def test_the_form_of_a_page_decides_who_cuts_it_up() -> None:
    """What is a fence in markdown are words where a window's text was saved."""
    in_markdown = {type(fact) for fact in read(MARKDOWN).facts}
    as_text = {type(fact) for fact in read(MARKDOWN, "text").facts}

    assert FieldFact in in_markdown
    assert FieldFact not in as_text


@given(
    st.lists(
        st.sampled_from(
            [*MARKDOWN.splitlines(keepends=True), "* a (string) required\n", "| a | b |\n| - | - |"]
        )
        | st.text(max_size=8),
        max_size=12,
    ).map("".join),
    st.sampled_from(["markdown", "text"]),
)
def test_any_page_is_read(text: str, form: Form) -> None:
    reading = read(text, form)
    assert [fact.line for fact in reading.facts] == sorted(fact.line for fact in reading.facts)


@given(ELEMENTS)
def test_whatever_a_page_holds_it_is_read_alike_each_time_and_never_fails(
    elements: list[Element],
) -> None:
    """And each paragraph is one line with words."""
    assert guides.read(elements) == guides.read(list(elements))
    assert tables.read(elements) == tables.read(list(elements))
    for paragraph in prose.read(elements)[0]:
        assert paragraph.text
        assert paragraph.text == " ".join(paragraph.text.split())
