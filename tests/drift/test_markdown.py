"""Pages in the markdown that GitBook serves, cut into elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drift.effort import TOO_MUCH, growth
from tests.rows import rows
from tools.drift.facts import FieldFact, OperationFact, Page
from tools.drift.readers import markdown
from tools.drift.readers.elements import Code, Heading, Item, Prose, Row, Table

if TYPE_CHECKING:
    from tools.drift.readers.cuttings import Cuttings
    from tools.drift.readers.elements import Element

BLOCK = '{"openapi":"3.0.1","paths":{"/a":{"post":{"summary":"Do it"}}}}'


def cut_up(text: str) -> Cuttings:
    return markdown.cut_up(Page("page", "page.md", text, "markdown"))


@rows(
    ("page", "elements"),
    {
        "headings paragraphs and lists lose their markup": (
            (
                "# The *big* one <a href='#x' id='x'></a>\n\nSome **bold** words, `a_b`\n"
                "and [a link](https://x.example).\n\n"
                "* first\n  goes on\n  1. inner\n\n     more of it\n* second\n"
            ),
            [
                Heading(1, 1, "The big one"),
                Prose(3, "Some bold words, a_b and a link."),
                Item(6, 0, "first goes on"),
                Item(8, 1, "inner"),
                Prose(10, "more of it"),
                Item(11, 0, "second"),
            ],
        ),
        "escapes and entities are what they stand for": (
            "TICKET\\_OPEN and TICKET_SHUT&#x20;\\\nx &lt; y\n",
            [Prose(1, "TICKET_OPEN and TICKET_SHUT x < y")],
        ),
        "front matter is no part of the page and lines still count": (
            "---\ndescription: A page\n---\n\n# Title\n",
            [Heading(5, 1, "Title")],
        ),
        "a rule at the top is no front matter": (
            "---\n\nWords\n\n---\n\nMore\n",
            [Prose(3, "Words"), Prose(7, "More")],
        ),
        "a table gives its cells as plain text": (
            "| Name | Text |\n| --- | :-: |\n| `a\\|b` | *x* \\_y<br>z |\n| c | |\n",
            [Table(1, ("Name", "Text"), (Row(3, ("a|b", "x _y z")), Row(4, ("c", ""))))],
        ),
        "a table in html gives the same as one in markdown": (
            (
                '<table data-full-width="true"><thead><tr><th width="120">Name</th>'
                "<th>Text</th></tr></thead>"
                "<tbody><tr><td><code>a_b</code></td><td>x &#x3C; y<br>z</td></tr>\n\n"
                "<tr><td>c</td><td></td></tr></tbody></table>\n\nAfter\n"
            ),
            [
                Table(1, ("Name", "Text"), (Row(1, ("a_b", "x < y z")), Row(3, ("c", "")))),
                Prose(5, "After"),
            ],
        ),
        "a table in html without a header has none": (
            "<table><tbody><tr><td>a</td></tr></tbody></table>\n",
            [Table(1, (), (Row(1, ("a",)),))],
        ),
        "tags of gitbook vanish and what they hold stays": (
            (
                '{% hint style="info" %}\nMind this.\n{% endhint %}\n\n'
                '{% tabs %}\n{% tab title="Shell" %}\n{% code overflow="wrap" %}\n'
                "```bash\n{% hint %}\n```\n{% endcode %}\n{% endtab %}\n{% endtabs %}\n"
            ),
            [Prose(2, "Mind this."), Code(9, "bash", "{% hint %}\n")],
        ),
        "a tag that nobody knows stays as prose": (
            '{% novelty x="1" %}\n',
            [Prose(1, '{% novelty x="1" %}')],
        ),
        "json that is no openapi stays code": (
            '```json\n{"a": 1}\n```\n',
            [Code(2, "json", '{"a": 1}\n')],
        ),
        "words that gitbook adds are left out": (
            (
                "> All pages are listed in [llms.txt](https://x.example/llms.txt).\n\n# Title\n\n"
                "> Permission annotations:<br>\n\n> A quotation.\n\n---\n\n"
                "# Agent Instructions: asking this site\n\nAsk so:\n\n```\nGET /page?ask=x\n```\n"
            ),
            [Heading(3, 1, "Title"), Prose(7, "A quotation.")],
        ),
        "html is read as what it shows": (
            "<details>\n\n<summary>More &amp; more</summary>\n\nInner\n\n</details>\n<!-- no -->\n",
            [Prose(3, "More & more"), Prose(5, "Inner")],
        ),
    },
)
def test_a_page_is_cut_into_elements(page: str, elements: list[Element]) -> None:
    assert cut_up(page).elements == elements


def test_a_reference_by_tag_names_the_call_and_no_more() -> None:
    text = (
        '{% openapi src="x.json" path="/api/v1/a" method="post" %}\n[x.json](x.json)\n'
        "{% endopenapi %}\n\nAfter\n"
    )
    cuttings = cut_up(text)
    assert cuttings.elements == [Prose(5, "After")]
    assert cuttings.facts == [OperationFact(1, "POST /api/v1/a", cut=True)]


@rows("fence", ["```", "````", "~~~"])
def test_a_block_of_openapi_becomes_facts(fence: str) -> None:
    cuttings = cut_up(f"## Do it\n\n{fence}json\n{BLOCK}\n{fence}\n\nAfter\n")

    assert cuttings.elements == [Heading(1, 2, "Do it"), Prose(7, "After")]
    assert cuttings.facts == [OperationFact(4, "POST /a", "Do it")]
    assert cuttings.cut is None


def test_a_block_of_openapi_in_yaml_becomes_facts() -> None:
    text = "```yaml\nopenapi: 3.0.1\npaths:\n  /a:\n    post:\n      summary: Do it\n```\n"
    assert cut_up(text) == ([], [OperationFact(2, "POST /a", "Do it")], None)


def test_a_page_that_ends_within_a_fence_tells_where_it_began() -> None:
    cuttings = cut_up(f"# Title\n\n````json\n{BLOCK[:-20]}\n```\n")

    assert cuttings.cut == 3
    assert cuttings.facts == [OperationFact(4, "POST /a", cut=True)]


@rows("kind", ["string", "str"])
def test_the_last_line_of_yaml_in_a_fence_that_never_ends_is_not_trusted(kind: str) -> None:
    text = (
        "```yaml\nopenapi: 3.0.1\npaths:\n  /a:\n    post:\n      parameters:\n"
        "        - name: X-Desk\n          in: header\n"
        f"          schema:\n            type: {kind}\n"
    )
    cuttings = cut_up(text)

    assert cuttings.cut == 1
    (fact,) = (fact for fact in cuttings.facts if isinstance(fact, FieldFact))
    assert fact.field_path.path == "header X-Desk"
    assert fact.shape.type is None


def test_a_page_that_ends_within_a_table_of_html_tells_where_it_began() -> None:
    cuttings = cut_up("Words\n\n<table><tr><td>a</td></tr><tr><td>b\n")

    assert cuttings.cut == 3
    assert cuttings.elements[1:] == [Table(3, (), (Row(3, ("a",)), Row(3, ("b",))))]


def test_a_fence_that_ends_by_itself_or_with_its_item_is_no_cut() -> None:
    assert cut_up("* item\n\n  ```\n  x\n  ```\n").cut is None
    assert cut_up("```\n```\n").cut is None
    assert cut_up("* item\n\n  ```\n  x\n\nAfter\n").cut is None


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


PIECES_OVER_AND_OVER = {
    "images": ("", "!["),
    "paragraphs": ("", "![" * 50 + "\n\n"),
    "tags": ("<table>\n<td>", "<a "),
    "one tag": ("<div><", "a"),
    "settings": ("---\n", "a: b\n"),
    "calls": ("", "{% openapi path='/a' %}\n"),
    "quotes": ("", "> "),
    "fences": ("", "```\n"),
}


@rows(("start", "piece"), PIECES_OVER_AND_OVER)
def test_the_effort_grows_with_the_length_of_a_page(start: str, piece: str) -> None:
    assert growth(cut_up, lambda size: start + piece * (size // len(piece)), 3_000) < TOO_MUCH


@pytest.mark.slow
@rows(("start", "piece"), PIECES_OVER_AND_OVER)
def test_the_effort_grows_with_the_length_of_the_longest_pages(start: str, piece: str) -> None:
    assert growth(cut_up, lambda size: start + piece * (size // len(piece)), 60_000) < TOO_MUCH
