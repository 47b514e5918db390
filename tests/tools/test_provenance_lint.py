"""The lint of provenance: a fact without a source or a description is rejected by name."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from generator import document as doc
from tests.rows import rows
from tools import lint_document, provenance_lint
from tools.provenance_lint import baseline, complaints
from tools.provenance_locations import locations
from tools.reference.fields import node_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

CONTENT = lint_document.DOCUMENT.read_text("utf-8")
COVERED = baseline()
SMALL = ("Customer", "ErrorResponse", "DepositAddress")
COVERED_THEN = [name for name in COVERED if name.startswith(SMALL)]


@cache
def slim_text() -> str:
    """Return the document without bodies and their examples: what the lint reads is left."""
    document: dict[str, Any] = json.loads(json.dumps(yaml.load(CONTENT, yaml.CSafeLoader)))
    for section in ("paths", "webhooks"):
        for item in document[section].values():
            for operation in item.values():
                del operation["responses"]
                operation.pop("requestBody", None)
    for response in document["components"]["responses"].values():
        del response["content"]
    return json.dumps(document)


def slim() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(slim_text())
    return document


def small() -> dict[str, Any]:
    """Return a document with just what the errors need."""
    document = slim()
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {name: schemas[name] for name in SMALL}
    return document | {"paths": {}, "webhooks": {}}


def lint(document: dict[str, Any], covered: list[str] = COVERED) -> list[str]:
    return [str(each) for each in complaints(json.dumps(document, indent=1), covered)]


def at(document: dict[str, Any], path: str) -> dict[str, Any]:
    return node_at(document, path)


LOCATIONS = list(locations(slim()))


def removals() -> dict[tuple[str, ...], list[Any]]:
    """Return everything that must not be missing: locations by the keys that lead to it."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for location in LOCATIONS:
        node, keys = location.node, []
        if location.own:
            given = node["x-provenance"]
            needed = ["level", "page", "date", *["note"] * (given["level"] != "documented")]
            keys = [("x-provenance",), *(("x-provenance", key) for key in needed)]
        if location.described and "$ref" not in node:
            keys.append(("description",))
        if location.described and "examples" in node and node["type"] != "array":
            keys.append(("examples",))
        for way in keys:
            found.setdefault(way, []).append(location)
    return found


def test_the_projects_document_passes() -> None:
    """Every fact in it has a source."""
    assert complaints(CONTENT, COVERED) == []
    assert lint(slim()) == []


@rows("way, gone", removals().items())
def test_each_missing_source_is_reported(way: tuple[str, ...], gone: list[Any]) -> None:
    """Source, page, date, level, needed note, description and example are all required."""
    document = slim()
    for location in gone:
        *around, last = way
        del at(document, "/".join((location.pointer, *around)))[last]

    lines = json.dumps(document, indent=1).splitlines()
    found: dict[str, str] = {}
    for each in lint(document):
        # One removal may cause several errors: a reference to a schema loses its description too.
        _, line, name, _ = each.split(":", 3)
        found.setdefault(name.strip(), lines[int(line) - 1])
    named = {
        location.name: location.pointer.rpartition("/")[2].replace("~1", "/") for location in gone
    }
    if len(way) > 1:
        named = dict.fromkeys(named, "x-provenance")
    missed = {name: found.get(name, "nothing") for name in named}
    assert {name: line for name, line in missed.items() if f'"{named[name]}"' not in line} == {}


def test_no_schema_can_hide_a_new_property() -> None:
    """The source of a schema does not cover a property that came later."""
    document = slim()
    schemas = [each for each in LOCATIONS if each.kind == "schema" and "properties" in each.node]
    for location in schemas:
        at(document, location.pointer)["properties"]["nickname"] = {
            "type": "string",
            "description": "What friends call them.",
            "examples": ["Ada"],
        }

    assert sorted(each.split(": ", 1)[1] for each in lint(document)) == sorted(
        f"{location.name}.nickname: has no source; add x-provenance with level, page and date"
        for location in schemas
    )


def test_a_placeholder_of_a_suggested_edit_is_rejected() -> None:
    left = CONTENT.replace("description: Name of the account.", "description: <what it is>", 1)

    (complaint,) = complaints(left, COVERED)
    assert str(complaint).startswith("openapi.yaml:")
    assert str(complaint).endswith("<what it is>: is a placeholder; write the text")


def test_a_new_property_without_a_source_is_rejected_with_its_line() -> None:
    """The messages lead to the line, and name all that is missing there."""
    anchor = "        blocked:\n          type: boolean\n"
    assert CONTENT.count(anchor) == 1
    planted = CONTENT.replace(
        anchor, f"        nickname: {{type: string, description: A name.}}\n{anchor}"
    )
    line = planted[: planted.index("nickname")].count("\n") + 1

    assert [str(each) for each in complaints(planted, COVERED)] == [
        f"openapi.yaml:{line}: Customer.nickname: has no example; add examples: […]",
        f"openapi.yaml:{line}: Customer.nickname: has no source; "
        "add x-provenance with level, page and date",
    ]


CUSTOMER = "/components/schemas/Customer"
ADDRESS = "/components/schemas/DepositAddress/properties/id"
TRACE = "/components/schemas/ErrorResponse/properties/traceId"


def put(pointer: str, **values: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        at(document, pointer).update(
            {key.replace("_", "-"): value for key, value in values.items()}
        )

    return change


@rows(
    "change, message",
    [
        (
            put(f"{CUSTOMER}/x-provenance", level="sure"),
            "Customer: x-provenance has the level 'sure'",
        ),
        (put(CUSTOMER, x_provenance="a page"), "Customer: x-provenance is not an object"),
        (put(f"{CUSTOMER}/x-provenance", page=[]), "Customer: x-provenance has no page"),
        (put(f"{CUSTOMER}/x-provenance", page=[" "]), "Customer: x-provenance has no page"),
        (
            put(f"{CUSTOMER}/x-provenance", page="docs.calypso.money/x"),
            "Customer: x-provenance has no page",
        ),
        (
            put(f"{CUSTOMER}/x-provenance", page=["blog.example/x"]),
            "is documented on none of the vendor's",
        ),
        (
            put(f"{CUSTOMER}/x-provenance", page=["docs.calypso.money.example/x"]),
            "is documented on none",
        ),
        (
            put(f"{CUSTOMER}/x-provenance", date=2025),
            "x-provenance has the date 2025; write a year",
        ),
        (put(f"{CUSTOMER}/x-provenance", date="2025-13"), "has the date '2025-13'"),
        (put(f"{CUSTOMER}/x-provenance", date="autumn 2025"), "has the date 'autumn 2025'"),
        (
            put(f"{CUSTOMER}/x-provenance", source="me"),
            "Customer: x-provenance has the unknown key 'source'",
        ),
        (
            put(f"{TRACE}/x-provenance", note=" "),
            "is observed and has no note; write what it was observed from",
        ),
        (
            put(f"{ADDRESS}/x-provenance", readings=[]),
            "DepositAddress.id: x-provenance has one reading",
        ),
        (
            put(f"{ADDRESS}/x-provenance", readings="two"),
            "x-provenance has incomplete readings",
        ),
        (
            put(f"{ADDRESS}/x-provenance", readings=[{"value": "a", "page": "p"}]),
            "x-provenance has one reading; add that of the other page",
        ),
        (
            put(f"{ADDRESS}/x-provenance", readings=[{"value": "a", "page": "p"}, {"value": "b"}]),
            "x-provenance has incomplete readings; write each as {value: …, page: …}",
        ),
        (
            put(
                f"{ADDRESS}/x-provenance", readings=[{"value": "a", "page": page} for page in "pq"]
            ),
            "x-provenance has the reading 'a' twice",
        ),
        (put(CUSTOMER, x_nullable=True), "x-nullable: nothing reads this extension here"),
        (put(CUSTOMER, x_method="list"), "x-method: nothing reads this extension here"),
        (put(CUSTOMER, x_facts={}), "x-facts: nothing reads this extension here"),
        (put(f"{CUSTOMER}/properties/id", x_flags={}), "x-flags: nothing reads this extension"),
        (put(CUSTOMER, x_essential=True), "x-essential: nothing reads this extension here"),
        (put("/info", x_provenance={}), "x-provenance: nothing reads this extension here"),
        (put("/components/schemas", Pet={"type": "object"}), "Pet: has no source"),
        (put("/components/schemas", Pet={"type": "object"}), "Pet: has no description"),
        (put("/components/responses", Gone={"description": "Gone."}), "Gone: has no source"),
    ],
)
def test_each_error_is_named(change: Callable[[dict[str, Any]], None], message: str) -> None:
    """The message has the location, what is wrong, and what to write."""
    document = small()
    change(document)

    found = lint(document, COVERED_THEN)

    assert any(message in each for each in found), found
    assert all(each.startswith("openapi.yaml:") for each in found)


@rows(
    "change",
    {
        "a day": put(f"{CUSTOMER}/x-provenance", date="2026-11-21"),
        "a field that a client can't do without": put(ADDRESS, x_essential=True),
        "the vendor's name": put(f"{ADDRESS}/x-provenance", vendor_name="id"),
        "a schema whose name looks like an extension": put(
            "/components/schemas", **{"x-pet": at(small(), CUSTOMER) | {"properties": {}}}
        ),
    },
)
def test_correct_provenance_passes(change: Callable[[dict[str, Any]], None]) -> None:
    """The lint rejects no more than it has to."""
    document = small()
    change(document)

    assert lint(document, COVERED_THEN) == []


def test_a_property_of_that_name_is_not_an_extension() -> None:
    """The API may name its fields as it likes."""
    document = small()
    properties = at(document, CUSTOMER)["properties"]
    properties["x-ray"] = properties["externalId"]

    assert lint(document, COVERED_THEN) == []


def test_no_field_that_is_only_sent_is_essential() -> None:
    """The generator would ignore it."""
    anchor = "        equals:\n"
    planted = CONTENT.replace(anchor, f"{anchor}          x-essential: true\n")
    lines = [n for n, line in enumerate(planted.splitlines(), 1) if line == anchor.rstrip()]

    assert [str(each) for each in complaints(planted, COVERED)] == [
        f"openapi.yaml:{line + 1}: x-essential: nothing reads this extension here; delete it"
        for line in lines
    ]


def test_the_baseline_only_shrinks() -> None:
    """A line for a property that is removed, or has a source of its own, is an error."""
    assert lint(slim(), [*COVERED, "Customer.externalId", "Customer.removed"]) == [
        f"provenance-baseline.txt:{line}: {name}: is not a property without a source of its own; "
        "delete this line"
        for line, name in enumerate(("Customer.externalId", "Customer.removed"), len(COVERED) + 1)
    ]


def test_every_line_of_the_baseline_is_needed() -> None:
    """A property that is not listed needs a source of its own."""
    assert sorted(each.split(": ", 1)[1] for each in lint(slim(), [])) == sorted(
        f"{name}: has no source; add x-provenance with level, page and date" for name in COVERED
    )


def test_the_baseline_is_sorted_and_has_no_duplicates() -> None:
    """So that a line added to it shows in a review."""
    assert sorted(set(COVERED)) == COVERED


def test_all_errors_are_reported_at_once_in_the_order_of_their_lines() -> None:
    """One run shows a maintainer everything to fix."""
    document = slim()
    for location in LOCATIONS:
        if location.own:
            at(document, location.pointer)["x-provenance"]["date"] = ""

    found = lint(document)

    assert len(found) == sum(location.own for location in LOCATIONS)
    lines = [int(each.split(":")[1]) for each in found]
    assert sorted(lines) == lines


def test_the_line_of_a_merged_node_is_that_of_its_parent() -> None:
    """YAML can merge one node into another; the line is that of the merge."""
    anchored = CONTENT.replace("    Customer:\n", "    Customer: &customer\n", 1)
    merged = f"{anchored}    Twin:\n      <<: *customer\n      x-provenance: {{}}\n"

    found = complaints(merged, COVERED)

    last = merged.count("\n")
    assert {each.line for each in found if each.location.startswith("Twin")} == {last - 2, last}


def test_an_unreadable_document_is_one_complaint() -> None:
    """The lint reports what it can't read."""
    assert [str(each) for each in complaints("info: {}\n", COVERED)] == [
        "openapi.yaml:1: the document: openapi.yaml: not an OpenAPI document: it has no paths"
    ]


def test_the_linter_of_the_document_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make check` fails for a source that is missing."""
    monkeypatch.setattr(lint_document, "lint", list)
    monkeypatch.setattr(lint_document, "DOCUMENT", tmp_path / "openapi.yaml")
    monkeypatch.setattr(provenance_lint, "baseline", lambda: COVERED_THEN)
    document = small()
    (tmp_path / "openapi.yaml").write_text(json.dumps(document))
    assert lint_document.main() == 0

    del at(document, CUSTOMER)["x-provenance"]["date"]
    (tmp_path / "openapi.yaml").write_text(json.dumps(document))

    assert lint_document.main() == 1
    assert "Customer: x-provenance has the date None; write" in capsys.readouterr().err


def test_every_location_is_found() -> None:
    """The walk meets every property that the document has, however deep."""
    document = doc.parse(CONTENT.encode(), "openapi.yaml")
    properties = sum(
        len(node.get("properties", ()))
        for schema in doc.schemas(document).values()
        for node in doc.walk(schema)
        if isinstance(node.get("properties"), dict)
    )

    assert properties == sum(location.kind == "property" for location in locations(document))


def with_parameter(**more: Any) -> dict[str, Any]:
    document = small()
    known = {"level": "documented", "page": ["docs.calypso.finance/x"], "date": "2026"}
    parameter = {
        "name": "pageSize",
        "in": "query",
        "description": "Rows a page.",
        "schema": {"type": "integer"},
        "example": 20,
        "x-provenance": known,
    }
    rate = {"type": "number", "description": "A rate.", "examples": [1], "x-provenance": known}
    body = {"application/json": {"schema": {"properties": {"rate": rate}}}}
    response = {"description": "A rate.", "content": body, "x-provenance": known}
    operation = {"operationId": "getRate", "x-provenance": known, "responses": {"200": response}}
    document["paths"]["/rate"] = {"get": operation | {"parameters": [parameter | more]}}
    return document


def test_parameters_and_inline_schemas_of_operations_need_a_source() -> None:
    covered = COVERED_THEN
    assert lint(with_parameter(), covered) == []

    (complaint,) = lint(with_parameter(**{"x-provenance": {"level": "documented"}}), covered)[:1]
    assert "getRate.pageSize: x-provenance has" in complaint

    (complaint,) = lint(with_parameter(description=""), covered)
    assert complaint.endswith("getRate.pageSize: has no description; write one in your own words")

    document = with_parameter()
    response = document["paths"]["/rate"]["get"]["responses"]["200"]
    del response["content"]["application/json"]["schema"]["properties"]["rate"]["x-provenance"]
    (complaint,) = lint(document, covered)
    assert "getRate 200.rate: has no source" in complaint
