"""Pages saved as text from a browser: what is navigation, and what the rest is cut into."""

from __future__ import annotations

import random
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.drift.effort import TOO_MUCH, growth
from tests.rows import rows
from tools.drift.facts import FieldFact, OperationFact, Page
from tools.drift.readers import text
from tools.drift.readers.elements import Code, Element, Heading, Item, Prose, Table

if TYPE_CHECKING:
    from tools.drift.readers.cuttings import Cuttings

MENU = """\
LogoLogo
  • FIRST STEPS
    • What is this about?
    • Keys
  • PARCELS
    • How to send a parcel
      • Read this first, then go on with the rest of it.
    • Parcel API
Powered by GitBook
On this page
Export as PDF
  1. PARCELS
  2. Guides

"""

GUIDE = """\
How to send a parcel

PreviousKeysNextParcel API

Last updated 3 days ago

Where it goes

Ask for a label first: parcel (POST https://parcels.example/api/v1/label/get)

These belong to it:

  • account (required) - who asks.

  • payload (required) - what is asked

    • parcelId (required)

    • label

      • colour

  • timestamp (required)

Send this:

JSON

Copy
curl --request POST \\
     --url https://parcels.example/api/v1/label/get \\
     --header 'content-type: application/json' \\
     --data '
{
  "account": "string",
  "payload": {
    "parcelId": "string"
  }
}
'

This comes back:

JSON

{
  "label": "string",

  "codes": [1, 2]
}

Python

import hmac

def sign(body):
    return hmac.new(SECRET, body).hexdigest()

print(sign("{}"))

A label is good for 30 days.

Was this helpful?

Last updated on 3 May 2026

This site uses cookies to deliver its service and to analyze traffic.

AcceptReject"""

REFERENCE = """\
Parcel API

PreviousHow to send a parcelNextErrors

Calls about parcels.

Take a parcel

post

Body
accountstringRequired
Responses
200
OK
*/*
post
POST /api/v1/parcel HTTP/1.1
Host: parcels.example
Content-Type: application/json

{
  "account": "text"
}
{
  "id": 1
}Drop a parcel

get

Responses
200
OK
get
GET /api/v1/parcel/drop HTTP/1.1
Host: parcels.example

{
  "id": 1
}LogoLogo

Afterwards

All is well now.
"""

TABLES = """\
Errors

Code\tMessage\tComment
000\tOut of order\tNot your fault
001\tNo such parcel\t

| State | Meaning |
| --- | --- |
| OPEN | Still on its way |

Parameter    Type      Mandatory
parcelId     string    yes
weight       number    no

Code

Message

Comment

002

Wrong label

Print it again

003

Wrong colour

Paint it

What follows is no row.

LOST_AT_SEA
It is gone.
FOUND_AGAIN
It is back.
"""


def cut(page: str) -> Cuttings:
    return text.cut_up(Page("page", "page.txt", page, "text"))


def elements(page: str) -> list[Element]:
    return cut(page).elements


def below(page: str) -> list[Element]:
    """Return the elements below a title that is put over the page."""
    title, *rest = elements(f"On top\n\n{dedent(page)}")
    assert title == Heading(1, 1, "On top")
    return [element._replace(line=element.line - 2) for element in rest]


def tables(page: str) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    found = [element for element in below(page) if isinstance(element, Table)]
    return [(table.header, [row.cells for row in table.rows]) for table in found]


def spread(page: str) -> str:
    """Set a blank line between all lines."""
    return "\n\n".join(dedent(page).strip().split("\n"))


def test_a_guide_is_cut_into_its_title_sentences_lists_and_samples() -> None:
    texts = [(type(each), getattr(each, "text", "")) for each in elements(MENU + GUIDE)]
    assert [(kind, words) for kind, words in texts if kind is not Code] == [
        (Heading, "How to send a parcel"),
        (Heading, "Where it goes"),
        (Prose, "Ask for a label first: parcel (POST https://parcels.example/api/v1/label/get)"),
        (Prose, "These belong to it:"),
        (Item, "account (required) - who asks."),
        (Item, "payload (required) - what is asked"),
        (Item, "parcelId (required)"),
        (Item, "label"),
        (Item, "colour"),
        (Item, "timestamp (required)"),
        (Prose, "Send this:"),
        (Prose, "This comes back:"),
        (Prose, "A label is good for 30 days."),
    ]


def test_the_title_alone_is_of_the_first_level_and_items_know_how_deep_they_are() -> None:
    headings = [each for each in elements(MENU + GUIDE) if isinstance(each, Heading)]
    assert [heading.level for heading in headings] == [1, 2]
    items = [each for each in elements(MENU + GUIDE) if isinstance(each, Item)]
    assert [item.depth for item in items] == [0, 0, 1, 1, 2, 0]


def test_samples_are_whole_and_bear_their_language() -> None:
    call, answer, program = [each for each in elements(MENU + GUIDE) if isinstance(each, Code)]
    assert (call.language, call.text.count("\n"), call.text[-2:]) == ("JSON", 10, "\n'")
    assert (answer.language, answer.text) == (
        "JSON",
        '{\n  "label": "string",\n\n  "codes": [1, 2]\n}',
    )
    assert program.language == "Python"
    assert program.text.startswith("import hmac\n\ndef sign(body):\n    return")
    assert program.text.endswith('print(sign("{}"))')


def test_every_element_stands_where_its_line_says() -> None:
    lines = (MENU + GUIDE).split("\n")
    for each in elements(MENU + GUIDE):
        first = each.text.partition("\n")[0] if not isinstance(each, Table) else ""
        assert first in lines[each.line - 1]


WORDS = st.text(st.sampled_from("abc dE?.,:-_"), min_size=1, max_size=40).filter(str.strip)


@given(st.lists(st.tuples(st.integers(1, 4), WORDS), max_size=20))
def test_whatever_the_menu_lists_none_of_it_is_in_the_page(menu: list[tuple[int, str]]) -> None:
    tree = "".join(f"{'  ' * depth}• {words}\n" for depth, words in menu)
    frame = f"LogoLogo\n{tree}Powered by GitBook\nOn this page\nExport as PDF\n  1. GUIDES\n\n"
    shift = frame.count("\n") - MENU.count("\n")
    moved = [each.line - shift for each in elements(frame + GUIDE)]
    assert moved == [each.line for each in elements(MENU + GUIDE)]


@rows(
    "word",
    [
        "LogoLogo",
        "Copy",
        "Export as PDF",
        "PreviousKeysNextParcel API",
        "PreviousKeys",
        "NextParcel API",
        "Previous\nKeys\n\nNext\nParcel API",
        "Last updated 2 months ago",
        "Last updated on 3 May 2026",
        "Was this helpful?",
        "Search…",
        "Ask or search…CtrlK",
        "Search...⌘K",
        "On this page\nWhere it goes",
        "This site uses cookies to deliver its service.",
    ],
)
def test_words_of_the_frame_may_stand_anywhere(word: str) -> None:
    page = f"On top\n\nWhere it goes\n\n{word}\n\nSome sentence here.\n\n{word}\n"
    assert [each.text for each in elements(page) if not isinstance(each, Table)] == [
        "On top",
        "Where it goes",
        "Some sentence here.",
    ]


@rows(
    ("page", "expected"),
    {
        "the title is the last entry of the breadcrumb where a sentence follows": (
            "  1. GUIDES\n  2. Parcels\n\nThese are parcels.\n",
            [
                Heading(2, 1, "Parcels"),
                Prose(4, "These are parcels."),
            ],
        ),
        "a menu without its last words is known by the logo over it": (
            "LogoLogo\n  • FIRST STEPS\n    • Keys\n\nOn top\n\nSome words.\n",
            [
                Heading(5, 1, "On top"),
                Prose(7, "Some words."),
            ],
        ),
    },
)
def test_the_title_is_found(page: str, expected: list[Element]) -> None:
    assert elements(page) == expected


def test_a_page_without_a_frame_is_read_all_the_same() -> None:
    assert [each.line for each in elements(GUIDE)] == [
        each.line - MENU.count("\n") for each in elements(MENU + GUIDE)
    ]


@rows(
    ("page", "expected"),
    {
        "a line with an address is no heading": (
            "Ask at (https://h.example)\n",
            [Prose(1, "Ask at (https://h.example)")],
        ),
        "a program ends at words below a blank line only": (
            "Python\n\nimport hmac\nLabel\n\nWords again.\n",
            [
                Code(3, "Python", "import hmac\nLabel"),
                Prose(6, "Words again."),
            ],
        ),
        "a bullet may stand on a line of its own": (
            "  •\n\nparcelId (required)\n  • weight\n    in kilograms\n",
            [
                Item(1, 0, "parcelId (required)"),
                Item(4, 0, "weight in kilograms"),
            ],
        ),
        "a sentence wrapped by hand is one paragraph": (
            (
                "A parcel that nobody has asked for within\nthree weeks goes back.\n"
                "Nobody knows where.\n"
            ),
            [
                Prose(1, "A parcel that nobody has asked for within three weeks goes back."),
                Prose(3, "Nobody knows where."),
            ],
        ),
        "what is glued to a sample is a line of its own": (
            '{\n  "a": 1\n}Get a Parcel',
            [
                Code(1, "", '{\n  "a": 1\n}'),
                Heading(3, 2, "Get a Parcel"),
            ],
        ),
        **{
            f"{mark} makes an item": (f"{mark} one\n", [Item(1, 0, "one")])
            for mark in ("•", "-", "*", "1.", "12)")
        },
    },
)
def test_what_stands_below_the_title_is_cut_into_elements(
    page: str, expected: list[Element]
) -> None:
    assert below(page) == expected


def test_the_foot_alone_does_not_make_a_menu_of_the_page() -> None:
    page = "On top\n\nSome words that make a sentence here.\n\n  • an item\n\nPowered by GitBook\n"
    assert len(elements(page)) == 3


def test_reference_becomes_facts_and_what_stands_around_it_elements() -> None:
    cuttings = cut(MENU + REFERENCE)
    operations = [each for each in cuttings.facts if isinstance(each, OperationFact)]
    assert [(each.owner, each.title) for each in operations] == [
        ("POST /api/v1/parcel", "Take a parcel"),
        ("GET /api/v1/parcel/drop", "Drop a parcel"),
    ]
    assert [each.field_path.path for each in cuttings.facts if isinstance(each, FieldFact)] == [
        "account"
    ]
    assert [each.text for each in cuttings.elements if not isinstance(each, Table)] == [
        "Parcel API",
        "Calls about parcels.",
        "Take a parcel",
        "Drop a parcel",
        "Afterwards",
        "All is well now.",
    ]


def test_tables_are_found_whichever_way_they_are_set() -> None:
    found = [each for each in elements(TABLES) if isinstance(each, Table)]
    assert [(table.header, [row.cells for row in table.rows]) for table in found] == [
        (
            ("Code", "Message", "Comment"),
            [("000", "Out of order", "Not your fault"), ("001", "No such parcel")],
        ),
        (("State", "Meaning"), [("OPEN", "Still on its way")]),
        (
            ("Parameter", "Type", "Mandatory"),
            [("parcelId", "string", "yes"), ("weight", "number", "no")],
        ),
        (
            ("Code", "Message", "Comment"),
            [("002", "Wrong label", "Print it again"), ("003", "Wrong colour", "Paint it")],
        ),
        ((), [("LOST_AT_SEA", "It is gone."), ("FOUND_AGAIN", "It is back.")]),
    ]
    assert Prose(33, "What follows is no row.") in elements(TABLES)


FIELDS = """\
Parameter
Type
Mandatory
Description
parcelId
string
yes
Which one
weight
number
no
"""


FIELD_HEADER = ("Parameter", "Type", "Mandatory", "Description")
FIELD_CELLS = [("parcelId", "string", "yes", "Which one"), ("weight", "number", "no")]
STATES = """\
transactionState
complianceState
Meaning
LOST
UNCHECKED
Nobody knows.
FOUND_AGAIN
CHECKED
It is back.
"""
STATE_HEADER = ("transactionState", "complianceState", "Meaning")
STATE_CELLS = [("LOST", "UNCHECKED", "Nobody knows."), ("FOUND_AGAIN", "CHECKED", "It is back.")]


def called(name: str) -> list[tuple[str, ...]]:
    """Return a table of fields, with its header, of which one is called so."""
    header = ("Field", "Type", "Mandatory", "Description")
    return [header, (name, "string", "Yes", "Which one"), ("weight", "number", "No", "How heavy")]


@rows(
    ("page", "header", "cells"),
    {
        "fields are found by their types": (FIELDS, FIELD_HEADER, FIELD_CELLS),
        "with blank lines between": (spread(FIELDS), FIELD_HEADER, FIELD_CELLS),
        "below a heading": (f"Parameters\n\n{spread(FIELDS)}", FIELD_HEADER, FIELD_CELLS),
        **{
            f"a field that is called {name}": (
                "\n\n".join(cell for row in called(name) for cell in row),
                called(name)[0],
                called(name)[1:],
            )
            for name in ("currency", "status", "type", "reason")
        },
        "a cell of several lines does not end the table": (
            "000\nBad\n001\nWorse\nmuch worse\n002\nWorst\n",
            (),
            [("000", "Bad"), ("001", "Worse much worse"), ("002", "Worst")],
        ),
        "a cell that is missing does not move the rows below": (
            "Code\nMessage\nComment\n000\nBad\n001\nWorse\nMuch\n002\nWorst\n",
            ("Code", "Message", "Comment"),
            [("000", "Bad"), ("001", "Worse", "Much"), ("002", "Worst")],
        ),
        "two columns of values": (STATES, STATE_HEADER, STATE_CELLS),
        "two columns with blank lines": (spread(STATES), STATE_HEADER, STATE_CELLS),
        "two columns without a header": (STATES.partition("Meaning")[2], (), STATE_CELLS),
        "two columns with blank lines and no header": (
            spread(STATES).partition("Meaning")[2],
            (),
            STATE_CELLS,
        ),
    },
)
def test_a_table_with_a_cell_a_line_is_found(
    page: str, header: tuple[str, ...], cells: list[tuple[str, ...]]
) -> None:
    assert tables(page) == [(header, cells)]


def test_a_heading_ends_a_table_and_the_next_one_begins_anew() -> None:
    page = spread("A_ONE\nFirst.\nA_TWO\nSecond.\nOther states\nB_ONE\nThird.\nB_TWO\nLast.")
    assert tables(page) == [
        ((), [("A_ONE", "First."), ("A_TWO", "Second.")]),
        ((), [("B_ONE", "Third."), ("B_TWO", "Last.")]),
    ]
    assert [each.text for each in below(page) if isinstance(each, Heading)] == ["Other states"]


@given(
    header=st.sampled_from(["", "Event\nDescription\n", "eventType\nDescription\n"]),
    keys=st.lists(
        st.from_regex(r"[A-Z]{3,8}_[A-Z]{2,8}|[0-9]{3}", fullmatch=True), min_size=2, max_size=8
    ),
    words=st.lists(st.sampled_from(["It is gone.", "It is back"]), min_size=8, max_size=8),
    blank=st.booleans(),
    code=st.booleans(),
)
def test_codes_and_values_alone_on_their_lines_are_always_in_a_table(
    header: str, keys: list[str], words: list[str], *, blank: bool, code: bool
) -> None:
    keys = [key for key in keys if key.isdigit() == code]
    cells = list(zip(keys, words, strict=False))
    if len(cells) < 2:
        return
    page = header + "\n".join(line for row in cells for line in row)
    found = tables(spread(page) if blank else page)
    assert found == [(tuple(header.split("\n")[:-1]), cells)]


@rows(
    "page",
    [
        "Status\n\nDescription\n\nHere is what it does, in short.\n",
        "GENERAL\n\nACQUIRING\n\nSome words here.\n",
        "404\n\nThe page is not there.\n",
        "Two  spaces here.\nTwo  spaces there.\n",
        "name\nvalue\nsize\n",
    ],
)
def test_in_doubt_nothing_is_called_a_table(page: str) -> None:
    assert tables(page) == []
    assert "".join(each.text for each in below(page) if not isinstance(each, Table))


@rows(
    ("page", "line"),
    [
        ('Words.\n\nJSON\n\n{\n  "a": {\n    "b": 1\n  }', 7),
        ('Words.\n\n[\n  {"a": 1},', 5),
        ("Words.\n\ncURL\n\ncurl --url https://h.example \\\n  --data '{", 7),
        ('Words.\n\n{\n  "a": {\n\nMore words.', None),
        ('Words.\n\n{"a": 1}', None),
        ("Words.\n\nJSON", None),
        ("", None),
    ],
)
def test_a_page_that_ends_within_a_sample_is_cut_where_that_starts(
    page: str, line: int | None
) -> None:
    assert cut(f"On top\n\n{page}").cut == line


def test_a_brace_too_few_does_not_swallow_the_words_below() -> None:
    assert below('{\n  "a": {\n\nMore words.')[-1] == Prose(4, "More words.")


@rows("page", ["", "\n\n", "LogoLogo\n", "•\n", "post", "{", "|", "\t", "\x00"])
def test_a_page_of_next_to_nothing_is_cut_up_without_complaint(page: str) -> None:
    assert cut(page).facts == []


LINES = [
    *(MENU + GUIDE + REFERENCE + TABLES + FIELDS + STATES).split("\n"),
    "post",
    "{",
    "curl -",
    "'",
]


@example(["post", "Body", "{"])
@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=20)), max_size=60))
def test_lines_in_any_order_are_cut_up_without_complaint(lines: list[str]) -> None:
    """Elements stand on lines of the page; nothing is raised and nothing goes on for ever."""
    page = "\n".join(lines)
    cuttings = cut(page)
    for each in [*cuttings.elements, *cuttings.facts]:
        assert 1 <= each.line <= page.count("\n") + 1


@given(st.integers(0, len(MENU + REFERENCE)), st.integers(0, 400))
def test_a_page_with_a_piece_torn_out_is_cut_up_without_complaint(start: int, size: int) -> None:
    page = MENU + REFERENCE
    cut(page[:start] + page[start + size :])


PIECES = [
    *(MENU + GUIDE + "\n", REFERENCE, TABLES, FIELDS, STATES),
    *("post\n", "post\nBody\n", "{\n", "[" * 90 + "\n", '{"a": [\n', "}x\n", "OPEN\n", "A_B\n"),
    *("a  b\n", "curl -d '\n", "• x\n", "Code\nMessage\n", "1. x\n", "x" * 997 + "string\n"),
    *("post\n/a\ncurl -d x \\\n", "Field\nType\ncurrency\nstring\n"),
    *("Previous" * 12 + "\n", "200\n", "a" * 60 + "\n", "astringRequired\n", "a\tb\n"),
]


@rows("piece", PIECES)
def test_the_same_over_and_over_does_not_slow_the_reader_down(piece: str) -> None:
    """Going through the rest of the page for each line would take eight times as long again."""
    assert growth(cut, lambda size: piece * (size // len(piece)), 2_000) < TOO_MUCH


@pytest.mark.slow
@rows("piece", PIECES)
def test_the_same_over_and_over_does_not_slow_the_reader_of_long_pages_down(piece: str) -> None:
    assert growth(cut, lambda size: piece * (size // len(piece)), 12_500) < TOO_MUCH


def shuffled(size: int) -> str:
    lines = LINES * (size // sum(len(line) + 1 for line in LINES))
    random.Random(7).shuffle(lines)  # noqa: S311 - any order that repeats will do
    return "\n".join(lines)


def test_shuffled_lines_do_not_slow_the_reader_down() -> None:
    assert growth(cut, shuffled, 8_000) < TOO_MUCH


@pytest.mark.slow
def test_shuffled_lines_do_not_slow_the_reader_of_the_longest_page_that_is_admitted_down() -> None:
    assert growth(cut, shuffled, 250_000) < TOO_MUCH
