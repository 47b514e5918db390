"""The generated pages: fresh, the same every time, true to the client, and readable as Markdown."""

from __future__ import annotations

import copy
import functools
import inspect
import os
import re
import subprocess
import sys
from html import unescape
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import calypso_api.models
from calypso_pay import Calypso, CalypsoError
from generator import document as doc
from tests.methods import method
from tests.rows import rows
from tools.provenance_locations import locations
from tools.reference import __main__ as command
from tools.reference import calls, counts, errors
from tools.reference import markdown as md
from tools.reference.fields import rows as fields_of
from tools.spec import read
from tools.spec.read import flatten

if TYPE_CHECKING:
    from pathlib import Path

    from tools.spec import Operation

SPEC = read()
PAGES = command.pages_of(SPEC)
GITHUB = MarkdownIt("commonmark").enable("table")
DOCS = command.ROOT / "docs"

each_page = rows("name", list(PAGES))
each_call = rows("call", {call.id: call for call in SPEC.operations.values()})


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


@each_page
def test_the_pages_in_docs_are_up_to_date(name: str) -> None:
    """Else they were not generated, or edited by hand."""
    assert PAGES[name] == (DOCS / name).read_text("utf-8")


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the order of sets is in a run; what is committed was written by another."""
    subprocess.run(
        [sys.executable, "-m", "tools.reference", "--output", tmp_path],
        env=os.environ | {"PYTHONHASHSEED": "1"},
        cwd=command.ROOT,
        check=True,
    )

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        name: (DOCS / name).read_bytes() for name in PAGES
    }


def test_a_stale_page_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message of a check has the command to run."""
    monkeypatch.setattr(command, "read", lambda _: SPEC)
    monkeypatch.setattr(command, "pages_of", lambda _: PAGES)
    where = ["--output", str(tmp_path / "docs")]
    assert command.main([*where, "--check"]) == 1
    assert not (tmp_path / "docs").exists()
    assert capsys.readouterr().err == (
        "docs/ is stale: run make generate\n  docs/reference.md\n  docs/provenance.md\n"
    )

    assert command.main(where) == 0
    assert command.main([*where, "--check"]) == 0
    (tmp_path / "docs" / "provenance.md").write_bytes(PAGES["provenance.md"].encode() + b"\r")

    assert command.main([*where, "--check"]) == 1
    assert capsys.readouterr().err.endswith("generate\n  docs/provenance.md\n")


def test_an_unreadable_document_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for a missing file."""
    assert command.main(["--document", str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml" in capsys.readouterr().err


def test_a_document_that_the_generator_rejects_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page is made of it, and the place is named."""
    document: dict[str, Any] = copy.deepcopy(dict(SPEC.document))
    document["components"]["schemas"]["PurseStatus"]["x-provenance"]["readings"] = "x"
    odd = flatten(document, SPEC.lines, SPEC.text)
    monkeypatch.setattr(command, "read", lambda _: odd)

    assert command.main(["--output", str(tmp_path / "docs")]) == 1
    assert "  PurseStatus: x-provenance has readings that are no" in capsys.readouterr().err
    assert not (tmp_path / "docs").exists()


@rows(
    "tag, name",
    [
        ("class", "class_"),
        ("my tag", "my_tag"),
        ("_core", "tagcore"),
        ("\u017ftate\u00aa", "statea"),
    ],
)
def test_a_resource_has_the_name_of_the_clients_attribute(tag: str, name: str) -> None:
    """In the list of contents, in the heading, and in both tables of where facts are from."""
    document: dict[str, Any] = copy.deepcopy(dict(SPEC.document))
    document["paths"]["/api/v1/customer-purse/purse/get-all"]["post"]["tags"] = [tag]

    pages = command.pages_of(flatten(document, SPEC.lines, SPEC.text))

    assert f"- [`{name}.list`](#{name}list" in pages["reference.md"]
    assert f"### `{name}.list(" in pages["reference.md"]
    assert pages["provenance.md"].count(f"| `{name}.list` |") >= 1
    assert f"`{tag}.list" not in "".join(pages.values())


@each_call
def test_a_call_is_written_as_the_client_takes_it(call: Operation) -> None:
    """Names, order, what may be left out, what goes without its name, and types."""
    given_ = list(inspect.signature(method(call.tag, call.method)).parameters.values())[1:]
    parts = [
        part.name + ("" if part.default is part.empty else "=…")
        for part in given_
        if part.kind is not part.KEYWORD_ONLY
    ]
    named = [
        part.name + ("" if part.default is part.empty else "=…")
        for part in given_
        if part.kind is part.KEYWORD_ONLY
    ]
    types = {row.path: row.type for row in calls.arguments(SPEC, call)}

    signature = (
        f"{call.tag}.{call.method}({', '.join([*parts, *(['*', *named] if named else [])])})"
    )
    assert signature == calls.signature(SPEC, call)
    assert f"### `{signature}`" in PAGES["reference.md"]
    assert {
        part.name: str(part.annotation).removesuffix(" | Unset").replace("builtins.", "")
        for part in given_
    } == types


def attributes(name: str) -> dict[str, str]:
    """Return the types of the attributes of a generated class."""
    return {
        each.name: str(each.type).replace("datetime.datetime", "datetime")
        for each in attrs.fields(getattr(calypso_api.models, name))
        if each.name != "additional_properties"
    }


@rows("name", ["Account", "Customer", "Transaction", "Subscription", "Purse"])
def test_a_response_has_the_attributes_of_its_class(name: str) -> None:
    """Names and types of fields are those that a user finds on the object."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    call = next(
        each
        for each in SPEC.operations.values()
        if schema in (each.schemas.get("response"), each.schemas.get("response", {}).get("items"))
    )
    found = {
        row.path.removeprefix("[]."): row
        for row in fields_of(SPEC, call.fields["response"])
        if not re.search(r"\[\]\..*\[\]|\w\[\]\.|\w\.", row.path)
    }

    assert {path: row.type for path, row in found.items()} == attributes(name)
    assert {row.wire.removeprefix("[].") for row in found.values() if row.required} == set(
        doc.schemas(dict(SPEC.document))[name].get("required", ())
    )


def test_an_event_has_the_attributes_of_its_class() -> None:
    """Its id, which is a number by the document, may come as text."""
    shared = SPEC.events["*"].fields["event"]
    envelope = {row.path: row.type for row in fields_of(SPEC, shared) if row.path != "data"}
    assert envelope == attributes("Notification")

    expired = SPEC.events["CUSTOMER_PURSE_EXPIRED"].fields["event"]
    data = {row.path: row.type for row in fields_of(SPEC, expired, below="data.")}
    assert data == attributes("PurseExpiredData")


@each_call
def test_everything_uncertain_has_a_mark(call: Operation) -> None:
    """A row without a mark is documented without contradiction."""
    for part, fields in call.fields.items():
        below = "payload." if part == "request" else ""
        marks = {row.wire: row.mark for row in fields_of(SPEC, fields, below=below)}
        for path, field in fields.items():
            if path.removeprefix(below) in marks:
                mark = marks[path.removeprefix(below)]
                assert ("◌ inferred" in mark) == (field.provenance.level == "inferred")
                assert ("◍ observed" in mark) == (field.provenance.level == "observed")
                assert ("≠ pages disagree" in mark) == bool(field.provenance.readings)


def test_every_reading_and_every_note_on_uncertain_facts_is_listed() -> None:
    """With their pages, the reading in use before the others."""
    text = words_of(GITHUB.render(PAGES["provenance.md"]))
    links = re.findall(r"\]\((https://[^)]+)\)", PAGES["provenance.md"])
    for location in locations(dict(SPEC.document)):
        known = location.node.get("x-provenance", {})
        readings = known.get("readings", [])
        positions = [text.index(f"{each['value']} (") for each in readings]
        assert all(f"https://{each['page'].partition(' ')[0]}" in links for each in readings)
        if readings and location.kind != "event":
            assert positions[0] >= 0
        if known.get("level") in ("inferred", "observed"):
            assert " ".join(known["note"].split()) in text, location.name


def test_every_field_and_every_vendor_name_is_listed() -> None:
    """So a field that is new shows in the page, whatever it is."""
    table = PAGES["provenance.md"].partition("## Every field")[2]
    listed = dict(re.findall(r"^\| `(\w+)` \| (.*)$", table, re.MULTILINE))
    for location in locations(dict(SPEC.document)):
        schema, _, field = location.name.partition(".")
        if location.kind == "property":
            assert f"`{field}`" in listed[schema]
        elif location.kind == "schema" and (
            name := location.node["x-provenance"].get("vendor-name")
        ):
            assert f"`{name}`" in listed[schema]


def test_the_counts_add_up() -> None:
    """Each field of a body is of one level, and the totals are those of the rows above."""
    text = PAGES["provenance.md"]
    for call in SPEC.operations.values():
        row = re.search(rf"^\| `{call.tag}\.{call.method}` \|(.*)$", text, re.MULTILINE)
        assert row is not None
        figures = [int(cell) for cell in row[1].split("|") if cell.strip().isdecimal()][:6]
        paths = [path for part in call.fields.values() for path in part if path]
        fields = [path for path in paths if not path.endswith("[]")]
        assert sum(figures) == len(fields)
    everything = sum(
        (
            counts.counted(part)
            for call in SPEC.operations.values()
            for part in call.fields.values()
        ),
        counts.counted({}),
    )
    totals = re.search(r"^\| \*\*all\*\* \|(.*)$", text, re.MULTILINE)
    assert totals is not None
    assert sum(map(int, re.findall(r"\*\*(\d+)\*\*", totals[1]))) == everything.total()


@each_page
def test_a_reader_sees_whole_tables_and_no_stray_signs(name: str) -> None:
    """Every row has the cells of its head; nothing of Markdown is left over."""
    html = GITHUB.render(PAGES[name].partition("-->")[2])
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    plain = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)

    assert len(tables) == PAGES[name].count("\n| --- |")
    for table in tables:
        cells = {row.count("<td") + row.count("<th") for row in table.split("<tr>")[1:]}
        assert len(cells) == 1
    assert not re.search(r"[|`\\]|\*\*|\]\(", words_of(plain))


@each_page
def test_every_link_leads_somewhere(name: str) -> None:
    """To a heading of the page, to a file, or to one of the pages that were read, over https."""
    html = GITHUB.render(PAGES[name])
    headings = {
        md.slug(words_of(found)) for found in re.findall(r"<h\d>(.*?)</h\d>", html, re.DOTALL)
    }
    for link in re.findall(r'<a href="([^"]*)"', html):
        if link.startswith("#"):
            assert link[1:] in headings
        elif not link.startswith("https://"):
            assert (DOCS / link).exists()


@given(st.text())
def test_any_text_is_unchanged_in_a_cell(words: str) -> None:
    """No text of the document can end a cell, begin a link, or become HTML."""
    html = GITHUB.render(md.table(("a", "b"), [(md.text(words), "end")]))
    cells = re.findall(r"<td>(.*?)</td>", html, re.DOTALL)

    assert [words_of(cells[0]) if "<" not in words else unescape(cells[0]), cells[1]] == [
        " ".join(words.replace("\0", "\ufffd").split()),
        "end",
    ]


@given(st.text(st.characters(exclude_characters="\0"), min_size=1).filter(str.strip))
def test_any_value_is_code_in_a_cell(words: str) -> None:
    """Bars and backticks of a pattern stay what they are."""
    html = GITHUB.render(md.table(("a", "b"), [(md.code(words), "end")]))
    found = re.findall(r"<td><code>(.*?)</code></td>\s*<td>end</td>", html, re.DOTALL)

    assert [unescape(each) for each in found] == [" ".join(words.split())]


@rows(
    "page, link",
    [
        ("docs.calypso.money/a/b-c", "[money: b-c](https://docs.calypso.money/a/b-c)"),
        (
            "docs.calypso.finance/b (2025-11)",
            r"[finance: b (2025-11)](https://docs.calypso.finance/b)",
        ),
        ("github.com/who/what", "[github.com: what](https://github.com/who/what)"),
        ("a talk with support", "a talk with support"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_a_page_is_linked_when_it_is_an_address(page: str, link: str) -> None:
    """Short titles stay words."""
    assert link == md.page_link(page)


RESPONSES = {
    status: SPEC.document["components"]["responses"][response["$ref"].rpartition("/")[2]]  # type: ignore[index]
    for item in SPEC.document["paths"].values()  # type: ignore[attr-defined]
    for body in item.values()
    for status, response in body["responses"].items()
    if "$ref" in response
}
EXAMPLES = {
    f"{status}-{name}-{method}": (status, example["value"], method)
    for status, response in RESPONSES.items()
    for name, example in response["content"]["application/json"]["examples"].items()
    for method in ("get", "create")
} | {"403-without a code-get": ("403", {}, "get")}


@rows("status, example, method", EXAMPLES)
def test_a_status_raises_the_documented_error(status: str, example: Any, method: str) -> None:
    """The table of errors is right for a call that is safe to retry and for one that is not."""
    transport = httpx.MockTransport(lambda _: httpx.Response(int(status), json=example))
    with (
        Calypso(
            key="k" * 32,
            secret="s" * 32,
            account="0x" + "0" * 40,
            transport=transport,
            max_retries=0,
        ) as calypso,
        pytest.raises(CalypsoError) as caught,
    ):
        calypso.accounts.get() if method == "get" else calypso.customers.create()

    row = re.search(rf"^\| `{status}` \|.*$", PAGES["reference.md"], re.MULTILINE)
    assert row is not None
    assert f"`{type(caught.value).__name__}`" in errors.RAISED[status]
    assert f"| {errors.RAISED[status]} | `{caught.value.outcome}` |" in row[0]


def richer() -> dict[str, Any]:
    """Return the document with what it does not have today, all of it at one operation."""
    document: dict[str, Any] = copy.deepcopy(dict(SPEC.document))
    moved = document["paths"].pop("/api/v1/customer-purse/purse/get-all")["post"]
    del moved["requestBody"]
    text = {"type": "string", "description": "A text.", "examples": ["a"]}
    uuid = {"type": "string", "format": "uuid"}
    response = {
        "type": "object",
        "properties": {
            "limits": {"type": "object", "properties": {"daily": {"type": "number"}}},
            "maybe": {"type": ["object", "null"], "properties": {"inner": text}},
            "rates": {"type": "object", "additionalProperties": {"type": "number"}},
            "owner": {"oneOf": [{"$ref": "#/components/schemas/Customer"}, {"type": "string"}]},
            "old": text | {"deprecated": True},
        },
    }
    moved["responses"]["200"]["content"]["application/json"] = {"schema": response}
    document["paths"]["/api/v1/{customerId}/purses"] = {
        "get": moved
        | {
            "deprecated": True,
            "parameters": [
                {
                    "name": "pageSize",
                    "in": "query",
                    "description": "Rows.",
                    "deprecated": True,
                    "schema": {"type": "integer"},
                },
                {
                    "name": "state",
                    "in": "query",
                    "schema": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/TransactionState"},
                    },
                },
                {"name": "customerId", "in": "path", "required": True, "schema": uuid},
            ],
        }
    }
    return document


@rows(
    "line",
    [
        "### `purses.list(customer_id, *, page_size=…, state=…)`",
        "**Deprecated.** Each call gives a `DeprecationWarning`.",
        "| `customer_id` | `customerId` in the path | `str \\| UUID` | yes |  | ◌ inferred |",
        "| `page_size` | `pageSize` in the query | `int` |  | **Deprecated.** Rows. | ◌ inferred |",
        "| `state` | `state` in the query | `list[TransactionState] \\| list[str]` |  |  "
        "| ◌ inferred |",
        "Returns `GetPursesResponse`. The purses, oldest first.",
        "| `limits` | `limits` | `GetPursesResponseLimits \\| None` |  |  | ◌ inferred |",
        "| `limits.daily` | `limits.daily` | `Decimal \\| None` |  |  | ◌ inferred |",
        "| `maybe.inner` | `maybe.inner` | `str \\| None` |  | A text. | ◌ inferred |",
        "| `rates` | `rates` | `GetPursesResponseRates \\| None` |  |  | ◌ inferred |",
        "| `owner` | `owner` | `Customer \\| str \\| None` |  |  | ◌ inferred |",
        "| `old` | `old` | `str \\| None` |  | **Deprecated.** A text. | ◌ inferred |",
    ],
)
def test_features_that_the_document_lacks_today_are_written_too(line: str) -> None:
    """Parameters, deprecation, objects without a name, choices, maps."""
    assert line in richer_page().splitlines()


@functools.cache
def richer_page() -> str:
    return calls.page(flatten(richer(), SPEC.lines, SPEC.text))
