"""What is left of a page for people, and the lengths of time that it speaks of."""

from hypothesis import given
from hypothesis import strategies as st

from tests.properties import examples
from tests.rows import rows
from tools.drift.facts import Paragraph, PeriodFact
from tools.drift.readers import prose
from tools.drift.readers.elements import Code, Element, Heading, Item, Prose, Row, Table

CALL = Prose(1, "Ask with POST /api/v1/account for it.")


def texts(*elements: Element) -> list[str]:
    return [paragraph.text for paragraph in prose.read(elements)[0]]


def periods(text: str) -> list[tuple[int, str]]:
    return [(fact.amount, fact.unit) for fact in prose.read([Prose(1, text)])[1]]


@examples(16)
@given(st.from_regex(r"[A-Z][a-z]{2,9}( [a-z]{2,9}){3,9}\.", fullmatch=True))
def test_a_sentence_is_a_paragraph_wherever_it_stands(text: str) -> None:
    page: list[Element] = [
        Prose(1, text),
        Item(2, 0, text),
        Table(3, (), (Row(4, (text, "b")),)),
        Code(5, "", text),
    ]
    assert texts(*page) == [text, text, f"{text} | b", text]


def test_white_space_and_emphasis_are_no_words() -> None:
    assert texts(Prose(1, "  a **bold**\u00a0\u200b step\n for `us` ")) == ["a bold step for us"]


@rows(
    "text",
    [
        "Last updated 3 days ago",
        "Last updated: 2026-01-02",
        "Was this helpful?",
        "Powered by GitBook",
        "© 2026 Somebody",
        "Copyright 2026 Somebody. All rights reserved.",
        "PreviousHow to beginNextHow to end",
        "NextHow to end",
        "https://docs.test/page",
        "![a picture](x.png)",
        "Figure 2: the window",
        "JSON",
        "Markdown of all pages: https://docs.test/llms.txt",
        "",
    ],
)
def test_navigation_dates_and_layout_are_no_prose(text: str) -> None:
    assert prose.read([Prose(1, text), Heading(2, 2, text), Item(3, 0, text)]) == ([], [])


@rows(
    "text",
    [
        "Next you wait for 3 days",
        "Previously it was free",
        "Last updated rows win",
        "https://api.test/api/v1/account",
        "Updated rows win",
        "Copy the key to a safe place",
    ],
)
def test_sentences_that_begin_like_layout_stay(text: str) -> None:
    assert texts(Prose(1, text)) == [text]


def test_what_is_meant_for_programs_ends_at_the_next_heading() -> None:
    page: list[Element] = [
        Heading(1, 1, "Agent Instructions: asking"),
        Prose(2, "Do this within 5 days."),
        Code(3, "", "GET https://docs.test/page.md?ask=why"),
        Heading(4, 1, "Purses"),
        Prose(5, "For people."),
    ]
    assert prose.read(page) == ([Paragraph(4, "Purses"), Paragraph(5, "For people.")], [])


def test_samples_that_were_understood_are_left_out() -> None:
    curl = 'curl -X POST https://api.test/api/v1/account -d \'{"account": "a"}\''
    event = '{"eventType": "INVOICE_PAID", "data": {}}'
    page: list[Element] = [Code(2, "", curl), Code(3, "", '{"total": 1}'), Code(4, "", event)]
    assert texts(CALL, *page) == [CALL.text]


@rows(
    "text",
    [
        '{"total": 1, // so far }',
        "curl -X POST https://api.test/api/v1/account -d '{\"account\": …}'",
        "curl -X POST https://api.test/other",
        'requests.post("https://api.test/api/v1/account", data=sign(body))',
    ],
)
def test_samples_that_were_not_understood_or_belong_to_nothing_stay(text: str) -> None:
    assert texts(CALL, Code(2, "", text)) == [CALL.text, text]
    assert texts(Code(2, "", '{"total": 1}')) == ['{"total": 1}']


def test_of_what_states_a_fact_only_the_describing_words_are_left() -> None:
    page: list[Element] = [
        CALL,
        Item(2, 0, "account (required) - whose money it is"),
        Item(3, 0, "customerId (uuid, required)"),
        Item(4, 0, "INVOICE_PAID - it was paid"),
        Prose(5, "States:"),
        Item(6, 0, "ARCHIVED - put away"),
        Item(7, 0, "DECLINED – turned down"),  # noqa: RUF001 - a dash that pages use
        Table(8, ("Code", "Message", "Comment"), (Row(9, ("003", "Off", "Sign again")),)),
        Prose(10, "The answer:"),
        Table(11, ("Field", "Type", "Notes"), (Row(12, ("name", "string, short", "Yours")),)),
    ]
    assert texts(*page) == [
        CALL.text,
        "whose money it is",
        "it was paid",
        "States:",
        "put away",
        "turned down",
        "Sign again",
        "The answer:",
        "string, short | Yours",
    ]


def test_a_table_that_nobody_understood_is_kept_with_its_header() -> None:
    table = Table(1, ("Chain", "Token"), (Row(2, ("Tron", "a coin")),))
    assert texts(table) == ["Chain | Token", "Tron | a coin"]


@rows(
    ("text", "amount", "unit"),
    [
        ("within 30 days of it", 30, "day"),
        ("a 30-day rule", 30, "day"),
        ("for 12 months (365 d)", 12, "month"),
        ("at most 3 minutes in the past", 3, "minute"),
        ("after 30 s,", 30, "second"),
        ("every 90 seconds.", 90, "second"),
        ("thirty days", 30, "day"),
        ("kept for a year", 12, "month"),
        ("2 years", 24, "month"),
        ("two weeks", 14, "day"),
        ("in 24h", 24, "hour"),
        ("1,000 seconds", 1000, "second"),
        ("5-10 minutes", 10, "minute"),
        ("10 business days", 10, "day"),
    ],
)
def test_lengths_of_time_are_read_in_their_units(text: str, amount: int, unit: str) -> None:
    assert periods(text)[0] == (amount, unit)


@rows(
    "text",
    [
        "changed 3 days ago",
        "on 2025-10-30 Days passed",
        "v1.5 seconds",
        "int64",
        "3fa85f64-24h",
        "rule-30 days",
        "a second deposit",
        "a day",
        "the 1990s",
        "2D",
        "30 ms",
        "30 daily runs",
        "1.5 hours",
    ],
)
def test_other_figures_are_no_lengths_of_time(text: str) -> None:
    assert periods(text) == []


def test_rows_and_items_speak_of_time_and_samples_do_not() -> None:
    page: list[Element] = [
        Item(1, 0, "ARCHIVED - after 30 days"),
        Table(2, ("Rule", "Words"), (Row(3, ("Expiry", "12 months")),)),
        Code(4, "", "sleep 30 seconds"),
    ]
    assert prose.read(page)[1] == [PeriodFact(1, 30, "day"), PeriodFact(3, 12, "month")]
