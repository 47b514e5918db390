"""A report reads well in a terminal and a pull request, and whatever a page holds stays text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.properties import examples
from tests.rows import rows
from tools.drift.differences import Difference, Edit, Kind, Known, Report, Severity, Unread
from tools.drift.report import as_json, markdown, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

DOCUMENT = """\
components:
  schemas:
    Payload:
      properties:
        email:
          type: string
        description:
          type: string""".splitlines()

NEW = Difference(
    Kind.FIELD_NEW,
    Severity.BREAKING,
    "customers",
    12,
    "customers.create: payload.taxId",
    "The page requires payload.taxId, of type string|null, which openapi.yaml does not have.",
    "Calls that leave it out are refused.",
    7,
    (Edit(7, "insert", "        taxId:\n          type: [string, 'null']"),),
)
LIMIT = Difference(
    Kind.LIMIT_CHANGED,
    Severity.ADDITIVE,
    "customers",
    20,
    "customers.create: payload.email",
    "The page allows 255 characters.",
    "Longer ones are accepted.",
    6,
    (Edit(6, "replace", "          maxLength: 255"),),
)
WORDS = Difference(
    Kind.PAGE_CHANGED, Severity.EDITORIAL, "errors", None, "paragraph", "It is gone.", "Read it."
)
KNOWN = Known("accounts", 3, "addresses.get: id", "The page leaves it out.", 2)
UNREAD = Unread("https://docs.example/x", "The server answered 404.")
REPORT = Report(
    ("errors", "customers", "accounts"), (WORDS, LIMIT, NEW), known=(KNOWN,), unread=(UNREAD,)
)

HOSTILE = (
    *("\x1b[31m", "\x1b]8;;https://evil.example\x07", "\x9b2J", "\u202e", "\u2066", "\u200b"),
    *("@octocat", "a@evil.example", "https://evil.example", "www.evil.example", "#12", "GH-12"),
    *("|", "\\|", "\\", "`", "```", "~~~", "<b>", "<!--", "</details>", "[a](b)", "![", "&#64;"),
    *("\n", "\r", "\n\n# x\n", "\u2028", "\t", "- ", "1. ", "---", "*a*", "_a_", "$x$", "deadbeef"),
    *("\nKnown:", "\n  field new: x", "\nPage x", "\n\n```\n", "\ud800", " ", "word", "."),
)
ANY = st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=5), max_size=6).map(
    "".join
)
SEEN = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")) | st.just("\n"))
LINE = st.integers(1, 12)


def reports(words: st.SearchStrategy[str]) -> st.SearchStrategy[Report]:
    """Reports whose fields hold these words."""
    edit = st.builds(Edit, LINE, st.sampled_from(["insert", "replace"]), words)
    maybe = st.none() | LINE
    difference = st.builds(
        Difference,
        *(st.sampled_from(Kind), st.sampled_from(Severity), words, maybe),
        *(words, words, words, maybe, st.lists(edit, max_size=3).map(tuple)),
    )
    known = st.builds(Known, words, LINE, words, words, maybe)
    many = [st.lists(each, max_size=3).map(tuple) for each in (words, difference, known)]
    return st.builds(
        Report, *many, st.lists(st.builds(Unread, words, words), max_size=2).map(tuple)
    )


def seen(words: str) -> str:
    """What is left of the words without controls and formats, and without their spaces."""
    return "".join(
        char
        for char in words
        if not char.isspace() and unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
    )


def test_text_tells_what_where_and_the_edit() -> None:
    assert (
        text(REPORT, colour=False, document=DOCUMENT)
        == """\
BREAKING: 1

Page customers
  field new: customers.create: payload.taxId
      The page requires payload.taxId, of type string|null, which openapi.yaml does not have.
      For users: Calls that leave it out are refused.
      customers:12, openapi.yaml:7
           5           email:
           6             type: string
             +         taxId:
             +           type: [string, 'null']
           7           description:
           8             type: string

ADDITIVE: 1

Page customers
  limit changed: customers.create: payload.email
      The page allows 255 characters.
      For users: Longer ones are accepted.
      customers:20, openapi.yaml:6
           4         properties:
           5           email:
           6 -           type: string
             +           maxLength: 255
           7           description:
           8             type: string

EDITORIAL: 1

Page errors
  page changed: paragraph
      It is gone.
      For users: Read it.
      errors

Known: the pages contradict each other, and openapi.yaml says so
  addresses.get: id
      The page leaves it out.
      accounts:3, openapi.yaml:2

Could not be read
  https://docs.example/x
      The server answered 404.

3 pages read: 1 breaking, 1 additive, 1 editorial; 1 known; 1 could not be read. Edit openapi.yaml
at the lines named, read what is editorial too, then run `make update`. What could not be read was
not compared: mend it and run this again."""
    )


def test_markdown_tells_the_same() -> None:
    assert (
        markdown(replace(REPORT, differences=(NEW,)))
        == """\
## Drift of the documentation: 1 breaking, 0 additive, 0 editorial

3 pages read: 1 breaking, 0 additive, 0 editorial; 1 known; 1 could not be read. \
Edit openapi.yaml at the lines named, then run `make update`. \
What could not be read was not compared: mend it and run this again.

| Severity | What | For users | Where to edit |
| --- | --- | --- | --- |
| **breaking** | field new: `customers.create: payload.taxId`<br>\
The page requires `payload.taxId`, of type `string`&#124;`null`, \
which `openapi.yaml` does not have. (`customers:12`) | \
Calls that leave it out are refused. | `openapi.yaml:7` |

<details>
<summary>Suggested edits (1)</summary>

Insert before `openapi.yaml:7`, for `customers.create: payload.taxId`:

```yaml
        taxId:
          type: [string, 'null']
```

</details>

<details>
<summary>Known contradictions (1)</summary>

- `addresses.get: id` (`accounts:3`, `openapi.yaml:2`): The page leaves it out.

</details>

<details>
<summary>Could not be read (1)</summary>

- `https://docs.example/x`: The server answered 404.

</details>"""
    )


def test_json_has_a_version_counts_and_all_fields() -> None:
    assert json.loads(as_json(replace(REPORT, differences=(NEW,)))) == {
        "version": 1,
        "pages": ["accounts", "customers", "errors"],
        "counts": {"breaking": 1, "additive": 0, "editorial": 0},
        "differences": [
            {
                "severity": "breaking",
                "kind": "field new",
                "page": "customers",
                "page_line": 12,
                "subject": NEW.subject,
                "what": NEW.what,
                "consequence": NEW.consequence,
                "document_line": 7,
                "edits": [
                    {
                        "line": 7,
                        "action": "insert",
                        "text": "        taxId:\n          type: [string, 'null']",
                    }
                ],
            }
        ],
        "known": [
            {
                "page": "accounts",
                "page_line": 3,
                "subject": "addresses.get: id",
                "what": "The page leaves it out.",
                "document_line": 2,
            }
        ],
        "unread": [{"source": "https://docs.example/x", "why": "The server answered 404."}],
    }


@rows(
    ("report", "closing"),
    [
        (Report(("a", "b")), "2 pages read: nothing new, openapi.yaml is up to date."),
        (
            Report(("a",), known=(KNOWN,)),
            "1 page read: nothing new, openapi.yaml is up to date; 1 known.",
        ),
        (Report(()), "No page was read, so nothing was compared."),
        (
            Report(("a",), (LIMIT,)),
            "1 page read: 0 breaking, 1 additive, 0 editorial. "
            "Edit openapi.yaml at the lines named, then run `make update`.",
        ),
        (
            Report(("a",), (WORDS,)),
            "1 page read: 0 breaking, 0 additive, 1 editorial. "
            "Read the pages at the lines named; where nothing follows for openapi.yaml, "
            "run `python -m tools.drift --accept`.",
        ),
        (
            Report((), unread=(UNREAD,)),
            "0 pages read: 0 breaking, 0 additive, 0 editorial; 1 could not be read. "
            "What could not be read was not compared: mend it and run this again.",
        ),
    ],
)
def test_the_end_says_in_plain_words_what_to_do(report: Report, closing: str) -> None:
    assert " ".join(text(report, colour=False, document=[]).split()).endswith(closing)
    assert closing in markdown(report)


def test_without_drift_the_text_is_one_friendly_line() -> None:
    assert text(Report(("a", "b")), colour=False, document=DOCUMENT).count("\n") == 0


def test_lines_are_at_most_100_wide_and_no_name_is_broken() -> None:
    name = "-".join(["payload.very"] * 12)
    long = replace(NEW, what=f"The page says of {name} " + "many a word " * 20)

    lines = text(Report(("a",), (long,)), colour=False, document=DOCUMENT).split("\n")

    assert [line for line in lines if len(line) > 100] == [f"      {name}"]


def test_edits_apart_stand_in_one_excerpt_in_the_order_of_lines() -> None:
    """The last one goes behind the end of the document."""
    edits = (Edit(2, "replace", "  schemes:"), Edit(9, "insert", "          maxLength: 9"))
    report = Report(("a",), (replace(NEW, edits=edits),))

    shown = text(report, colour=False, document=DOCUMENT)

    assert (
        """
           1   components:
           2 -   schemas:
             +   schemes:
           3       Payload:
           4         properties:
           …
           7           description:
           8             type: string
             +           maxLength: 9

"""
        in shown
    )


def test_an_edit_without_text_takes_a_line_away() -> None:
    gone = replace(LIMIT, edits=(Edit(6, "replace", ""),))
    report = Report(("a",), (gone,))

    assert "\n           6 -           type: string\n           7  " in text(
        report, colour=False, document=DOCUMENT
    )
    assert "Delete `openapi.yaml:6`, for `customers.create: payload.email`:\n\n</details>" in (
        markdown(report)
    )


@examples(16)
@given(reports(ANY), st.lists(ANY.map(lambda line: line.replace("\n", "")), max_size=14))
def test_nothing_unseen_comes_out(report: Report, document: list[str]) -> None:
    """No terminal obeys a page, and no text runs backwards."""
    for shown in (
        text(report, colour=False, document=document),
        as_json(report),
        markdown(report),
    ):
        assert {unicodedata.category(char) for char in shown.replace("\n", "")}.isdisjoint(
            {"Cc", "Cf", "Cs", "Zl", "Zp"}
        )


@examples(16)
@given(reports(ANY))
def test_text_and_json_show_every_difference_once_and_text_every_edit_whole(
    report: Report,
) -> None:
    """Colour adds nothing but colour."""
    shown = text(report, colour=False, document=DOCUMENT)
    styled = text(report, colour=True, document=DOCUMENT)
    expected = Counter(
        (str(each.severity), seen(each.page), str(each.kind), seen(each.subject))
        for each in report.differences
    )
    in_json = json.loads(as_json(report))["differences"]
    # Lines of prose begin at the sixth column, so a sign of theirs is not mistaken for a mark.
    marked = Counter(seen(line[14:]) for line in shown.split("\n") if line[:14] == f"{'':13}+")

    assert styled != click.unstyle(styled)
    assert click.unstyle(styled) == shown
    assert expected == Counter(_heads(shown))
    assert expected == Counter(
        (each["severity"], seen(each["page"]), each["kind"], seen(each["subject"]))
        for each in in_json
    )
    assert marked == Counter(seen(line) for each in report.differences for line in _added(each))


@examples(16)
@given(reports(ANY))
def test_markdown_shows_every_difference_and_edit_and_words_become_no_markup(
    report: Report,
) -> None:
    """Whatever the words hold, they stand in their own cells and blocks, and all of them.

    There is no link, image, mention, heading or HTML that the report does not make itself.
    """
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(report))

    assert Counter(_rows(tokens)) == Counter(
        (
            str(each.severity),
            seen(f"{each.kind}:{each.subject}{each.what}({_place(each.page, each.page_line)})"),
            seen(each.consequence),
            "" if each.document_line is None else f"openapi.yaml:{each.document_line}",
        )
        for each in report.differences
    )
    blocks = Counter(seen(token.content) for token in tokens if token.type == "fence")
    edits = (edit.text for each in report.differences for edit in each.edits)
    shown = Counter(seen(edit) for edit in edits)
    # An edit may be nothing but what can't be seen, and then has no block.
    assert {edit: n for edit, n in blocks.items() if edit} == {e: n for e, n in shown.items() if e}
    _assert_no_markup_but_its_own(tokens)


def _assert_no_markup_but_its_own(tokens: list[Token]) -> None:
    inline = [child for token in tokens for child in token.children or ()]

    assert Counter(token.type for token in tokens)["heading_open"] == 1
    assert {child.type for child in inline} <= {
        *("text", "code_inline", "strong_open", "strong_close", "html_inline"),
    }
    assert {child.content for child in inline if child.type == "html_inline"} <= {"<br>"}
    for token in tokens:
        if token.type == "html_block":
            assert re.fullmatch(
                r"<details>\n<summary>[A-Z][a-z ]+ \(\d+\)</summary>\n|</details>\n?", token.content
            )
    bare = " ".join(child.content for child in inline if child.type == "text")
    assert re.search(r"@|://|www\.|#\d|GH-\d|deadbeef|:\w+:", bare) is None


@examples(16)
@given(reports(SEEN))
def test_json_gives_every_field_back(report: Report) -> None:
    given_back = _from_json(as_json(report))

    for name in ("pages", "differences", "known", "unread"):
        assert Counter(getattr(given_back, name)) == Counter(getattr(report, name))


@examples(16)
@given(reports(ANY), st.randoms(use_true_random=False))
def test_the_order_of_finding_does_not_show(report: Report, random: Any) -> None:
    parts = [report.pages, report.differences, report.known, report.unread]
    other = Report(*(tuple(random.sample(part, len(part))) for part in parts))

    assert as_json(other) == as_json(report)
    assert markdown(other) == markdown(report)
    assert text(other, colour=False, document=[]) == text(report, colour=False, document=[])


def _from_json(written: str) -> Report:
    read = json.loads(written)
    differences = [
        {
            **each,
            "kind": Kind(each["kind"]),
            "severity": Severity(each["severity"]),
            "edits": tuple(Edit(**edit) for edit in each["edits"]),
        }
        for each in read["differences"]
    ]
    return Report(
        tuple(read["pages"]),
        tuple(Difference(**each) for each in differences),
        tuple(Known(**each) for each in read["known"]),
        tuple(Unread(**each) for each in read["unread"]),
    )


def _heads(shown: str) -> Iterator[tuple[str, str, str, str]]:
    severity = page = ""
    for line in shown.split("\n"):
        if line.startswith(("Known: ", "Could not")):
            return
        if found := re.fullmatch("(BREAKING|ADDITIVE|EDITORIAL): [0-9]+", line):
            severity = found[1].lower()
        elif line.startswith("Page "):
            page = seen(line.removeprefix("Page "))
        elif found := re.fullmatch("  ([a-z][a-z ]*): ?(.*)", line):
            yield severity, page, found[1], seen(found[2])


def _added(each: Difference) -> list[str]:
    texts = [edit.text for edit in each.edits if _is_text(edit.text)]
    return [line for text in texts for line in text.split("\n")]


def _is_text(words: str) -> bool:
    return bool(seen(words) or re.search(r"[^\S\r\x1c-\x1f]", words))


def _place(name: str, line: int | None) -> str:
    return name if line is None else f"{name}:{line}"


def _rows(tokens: list[Token]) -> Iterator[tuple[str, ...]]:
    cells: list[str] = []
    for number, token in enumerate(tokens):
        if token.type == "td_open":
            cells.append(_words(tokens[number + 1]))
        elif token.type == "tr_close" and cells:
            yield tuple(cells)
            cells = []


def _words(inline: Token) -> str:
    children = inline.children or ()
    return seen("".join(each.content for each in children if each.type != "html_inline"))
