"""Pages in the markdown that GitBook serves, cut into elements."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.drift.facts import FieldFact, OperationFact, Page
from tools.drift.readers import markdown
from tools.drift.readers.elements import Code, Heading, Item, Prose, Row, Table

if TYPE_CHECKING:
    from tools.drift.readers.cuttings import Cuttings

BLOCK = '{"openapi":"3.0.1","paths":{"/a":{"post":{"summary":"Do it"}}}}'


def cut_up(text: str) -> Cuttings:
    return markdown.cut_up(Page("page", "page.md", text, "markdown"))


def test_headings_paragraphs_and_lists_lose_their_markup() -> None:
    text = (
        "# The *big* one <a href='#x' id='x'></a>\n\nSome **bold** words, `a_b`\n"
        "and [a link](https://x.example).\n\n"
        "* first\n  goes on\n  1. inner\n\n     more of it\n* second\n"
    )
    assert cut_up(text).elements == [
        Heading(1, 1, "The big one"),
        Prose(3, "Some bold words, a_b and a link."),
        Item(6, 0, "first goes on"),
        Item(8, 1, "inner"),
        Prose(10, "more of it"),
        Item(11, 0, "second"),
    ]


def test_escapes_and_entities_are_what_they_stand_for() -> None:
    text = "TICKET\\_OPEN and TICKET_SHUT&#x20;\\\nx &lt; y\n"
    assert cut_up(text).elements == [Prose(1, "TICKET_OPEN and TICKET_SHUT x < y")]


def test_front_matter_is_no_part_of_the_page_and_lines_still_count() -> None:
    assert cut_up("---\ndescription: A page\n---\n\n# Title\n").elements == [Heading(5, 1, "Title")]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    text = "---\n\nWords\n\n---\n\nMore\n"
    assert cut_up(text).elements == [Prose(3, "Words"), Prose(7, "More")]


def test_a_table_gives_its_cells_as_plain_text() -> None:
    text = "| Name | Text |\n| --- | :-: |\n| `a\\|b` | *x* \\_y<br>z |\n| c | |\n"
    rows = (Row(3, ("a|b", "x _y z")), Row(4, ("c", "")))
    assert cut_up(text).elements == [Table(1, ("Name", "Text"), rows)]


def test_a_table_in_html_gives_the_same_as_one_in_markdown() -> None:
    text = (
        '<table data-full-width="true"><thead><tr><th width="120">Name</th><th>Text</th></tr>'
        "</thead><tbody><tr><td><code>a_b</code></td><td>x &#x3C; y<br>z</td></tr>\n\n"
        "<tr><td>c</td><td></td></tr></tbody></table>\n\nAfter\n"
    )
    rows = (Row(1, ("a_b", "x < y z")), Row(3, ("c", "")))
    assert cut_up(text).elements == [Table(1, ("Name", "Text"), rows), Prose(5, "After")]


def test_a_table_in_html_without_a_header_has_none() -> None:
    text = "<table><tbody><tr><td>a</td></tr></tbody></table>\n"
    assert cut_up(text).elements == [Table(1, (), (Row(1, ("a",)),))]


def test_tags_of_gitbook_vanish_and_what_they_hold_stays() -> None:
    text = (
        '{% hint style="info" %}\nMind this.\n{% endhint %}\n\n'
        '{% tabs %}\n{% tab title="Shell" %}\n{% code overflow="wrap" %}\n'
        "```bash\n{% hint %}\n```\n{% endcode %}\n{% endtab %}\n{% endtabs %}\n"
    )
    assert cut_up(text).elements == [Prose(2, "Mind this."), Code(9, "bash", "{% hint %}\n")]


def test_a_tag_that_nobody_knows_stays_as_prose() -> None:
    assert cut_up('{% novelty x="1" %}\n').elements == [Prose(1, '{% novelty x="1" %}')]


def test_a_reference_by_tag_names_the_call_and_no_more() -> None:
    text = (
        '{% openapi src="x.json" path="/api/v1/a" method="post" %}\n[x.json](x.json)\n'
        "{% endopenapi %}\n\nAfter\n"
    )
    cuttings = cut_up(text)
    assert cuttings.elements == [Prose(5, "After")]
    assert cuttings.facts == [OperationFact(1, "POST /api/v1/a", cut=True)]


@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_a_block_of_openapi_becomes_facts(fence: str) -> None:
    cuttings = cut_up(f"## Do it\n\n{fence}json\n{BLOCK}\n{fence}\n\nAfter\n")

    assert cuttings.elements == [Heading(1, 2, "Do it"), Prose(7, "After")]
    assert cuttings.facts == [OperationFact(4, "POST /a", "Do it")]
    assert cuttings.cut is None


def test_a_block_of_openapi_in_yaml_becomes_facts() -> None:
    text = "```yaml\nopenapi: 3.0.1\npaths:\n  /a:\n    post:\n      summary: Do it\n```\n"
    assert cut_up(text) == ([], [OperationFact(2, "POST /a", "Do it")], None)


def test_json_that_is_no_openapi_stays_code() -> None:
    assert cut_up('```json\n{"a": 1}\n```\n').elements == [Code(2, "json", '{"a": 1}\n')]


def test_a_page_that_ends_within_a_fence_tells_where_it_began() -> None:
    cuttings = cut_up(f"# Title\n\n````json\n{BLOCK[:-20]}\n```\n")

    assert cuttings.cut == 3
    assert cuttings.facts == [OperationFact(4, "POST /a", cut=True)]


@pytest.mark.parametrize("kind", ["string", "str"])
def test_the_last_line_of_yaml_in_a_fence_that_never_ends_is_not_trusted(kind: str) -> None:
    text = (
        "```yaml\nopenapi: 3.0.1\npaths:\n  /a:\n    post:\n      parameters:\n"
        "        - name: X-Desk\n          in: header\n"
        f"          schema:\n            type: {kind}\n"
    )
    cuttings = cut_up(text)

    assert cuttings.cut == 1
    (fact,) = (fact for fact in cuttings.facts if isinstance(fact, FieldFact))
    assert fact.spot.path == "header X-Desk"
    assert fact.shape.type is None


def test_a_page_that_ends_within_a_table_of_html_tells_where_it_began() -> None:
    cuttings = cut_up("Words\n\n<table><tr><td>a</td></tr><tr><td>b\n")

    assert cuttings.cut == 3
    assert cuttings.elements[1:] == [Table(3, (), (Row(3, ("a",)), Row(3, ("b",))))]


def test_a_fence_that_ends_is_no_cut_wherever_it_stands() -> None:
    assert cut_up("* item\n\n  ```\n  x\n  ```\n").cut is None
    assert cut_up("```\n```\n").cut is None


def test_a_fence_that_ends_with_the_item_that_holds_it_is_no_cut() -> None:
    assert cut_up("* item\n\n  ```\n  x\n\nAfter\n").cut is None


def test_words_that_gitbook_adds_are_left_out() -> None:
    text = (
        "> All pages are listed in [llms.txt](https://x.example/llms.txt).\n\n# Title\n\n"
        "> Permission annotations:<br>\n\n> A quotation.\n\n---\n\n"
        "# Agent Instructions: asking this site\n\nAsk so:\n\n```\nGET /page?ask=x\n```\n"
    )
    assert cut_up(text).elements == [Heading(3, 1, "Title"), Prose(7, "A quotation.")]


def test_html_is_read_as_what_it_shows() -> None:
    text = "<details>\n\n<summary>More &amp; more</summary>\n\nInner\n\n</details>\n<!-- no -->\n"
    assert cut_up(text).elements == [Prose(3, "More & more"), Prose(5, "Inner")]


PIECES = st.sampled_from(
    [
        *("# A\n", "words ", "* x\n", "  ", "\n\n", "> ", "```json\n", "````\n", BLOCK, BLOCK[:30]),
        *("| a | b |\n| - | - |\n", "<table>", "<tr>", "<th>x", "</table>\n", "<!-- ", "---\n"),
        *(
            "{% hint %}\n",
            '{% openapi path="/a" method="get" %}\n',
            "{% endopenapi %}\n",
            "{%",
            "[",
        ),
        *("openapi: 3\n", "\\", "&#x0;", "\x00", "\t", "\u2028", "`", "\r", "1. ", "x\n===\n"),
        "# Agent Instructions\n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join))
def test_any_text_is_cut_up_within_its_lines(text: str) -> None:
    """Elements come in the order of the page, and no line lies outside of it."""
    elements, facts, cut = cut_up(text)
    lines = [each.line for each in (*elements, *facts)] + ([] if cut is None else [cut])

    assert all(1 <= line <= text.count("\n") + text.count("\r") + 2 for line in lines)
    assert [each.line for each in elements] == sorted(each.line for each in elements)


@pytest.mark.parametrize(
    "text",
    [
        "![" * 200_000,
        ("![" * 50 + "\n\n") * 5_000,
        "<table>\n<td>" + "<a " * 200_000,
        "<div><" + "a" * 500_000,
        "---\n" + "a: b\n" * 200_000,
        "{% openapi path='/a' %}\n" * 20_000,
        "> " * 200_000,
        "```\n" * 100_000,
    ],
    ids=["images", "paragraphs", "tags", "one tag", "settings", "calls", "quotes", "fences"],
)
def test_no_page_takes_long(text: str) -> None:
    """Seconds are many here: what grows with the square of the length would take hours."""
    begun = time.monotonic()
    cut_up(text)
    assert time.monotonic() - begun < 15
