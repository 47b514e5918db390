"""The flattened document: every field in its place, with its line and its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator import document as doc
from tests.rows import rows
from tools.spec import FieldPath, ReadError, Shape, read, read_text
from tools.spec.read import flatten
from tools.spec.received import only_sent
from tools.spec.severity import Severity, alterations, new_field

if TYPE_CHECKING:
    from generator.document import Node
    from tools.spec.model import Part

SPEC = read()
TRANSACTION = "POST /api/v1/customer-purse/transaction/get"


def test_every_call_and_every_event_is_there() -> None:
    document = yaml.load(SPEC.text, yaml.CSafeLoader)
    calls = {f"{verb.upper()} {path}" for path, item in document["paths"].items() for verb in item}

    assert SPEC.operations.keys() == calls
    assert SPEC.events.keys() == {"*", *document["webhooks"]}


def test_a_field_of_an_inner_object_is_found_through_references() -> None:
    find = SPEC.operations["POST /api/v1/customer-purse/transaction/find"]

    state = find.fields["request"]["payload.transactionStateFilter.in[]"]
    assert state.enumeration == "TransactionState"
    assert find.fields["response"]["result[].amount"].shape == Shape(type="number", required=True)


def test_an_event_has_the_fields_of_the_envelope_and_its_own() -> None:
    fields = SPEC.events["CUSTOMER_PURSE_EXPIRED"].fields["event"]

    assert {"requestId", "level", "data", "data.customerId"} <= set(fields)


def test_a_parameter_is_a_field_of_the_request_named_by_its_place() -> None:
    """As the drift reader names what pages show of it."""
    document = doc.parse(SPEC.text.encode(), "openapi.yaml")
    call = document["paths"]["/api/v1/account"]["post"]
    level = {"type": "integer", "minimum": 1}
    call["parameters"] = [
        {"name": "level", "in": "query", "schema": level, "x-provenance": {"level": "observed"}},
        {"name": "id", "in": "path", "schema": {"type": "string"}},
    ]

    fields = flatten(document, SPEC.lines, "").operations["POST /api/v1/account"].fields
    found, other = fields["request"]["query level"], fields["request"]["path id"]

    assert found.shape == Shape(type="integer", required=False, limits={"minimum": 1})
    assert found.pointer == "/paths/~1api~1v1~1account/post/parameters/0"
    assert (found.provenance.level, other.provenance.level) == ("observed", "documented")
    assert other.shape.required
    assert "timestamp" in fields["request"]


def test_every_field_has_the_line_that_defines_it() -> None:
    lines = SPEC.text.splitlines()
    for operation in [*SPEC.operations.values(), *SPEC.events.values()]:
        for fields in operation.fields.values():
            for path, field in fields.items():
                if path and not path.endswith("[]"):
                    name = path.rpartition(".")[2]
                    assert lines[field.line - 1].strip().startswith(f"{name}:"), field.field_path


def test_bounds_that_a_format_implies_are_left_out() -> None:
    request = SPEC.operations[TRANSACTION].fields["request"]

    assert request["timestamp"].shape.limits == {}


def test_the_error_codes_are_those_that_the_document_describes() -> None:
    assert {"000", "011", "028"} <= set(SPEC.codes)
    assert SPEC.codes["011"].text == "timestamp out of range"


def test_a_schema_that_is_also_received_is_not_only_sent() -> None:
    """As for the generator, whatever leads to it."""

    def body(name: str) -> Node:
        return {"content": {"application/json": {"schema": doc.ref_to(name)}}}

    operation = {"requestBody": body("Order"), "responses": {"200": body("Page")}}
    schemas = {
        "Order": {"properties": {"buyer": doc.ref_to("Buyer"), "filter": doc.ref_to("Filter")}},
        "Page": {"properties": {"rows": {"items": {"allOf": [doc.ref_to("Buyer")]}}}},
        "Buyer": {"properties": {"friend": doc.ref_to("Buyer")}},
        "Filter": {"type": "object"},
    }
    document = {"paths": {"/a": {"post": operation}}, "components": {"schemas": schemas}}

    assert only_sent(document) == {"Order", "Filter"}


def test_a_file_that_is_not_a_document_is_reported() -> None:
    for text in ("", "a: [", "[]", "openapi: 3.1.0"):
        with pytest.raises(ReadError, match=r"openapi\.yaml"):
            read_text(text)


def test_a_field_path_is_written_as_messages_show_it() -> None:
    assert str(FieldPath(TRANSACTION, "response", "")) == f"{TRANSACTION} response (body)"


shapes = st.builds(
    Shape,
    type=st.sampled_from(["string", "integer", "number", "string|null"]),
    format=st.sampled_from([None, "uuid", "int32", "int64", "date-time"]),
    pattern=st.sampled_from([None, "^a", "^b"]),
    required=st.booleans(),
    limits=st.dictionaries(st.sampled_from(["maxLength", "minLength"]), st.integers(0, 9)),
)
parts = st.sampled_from(["request", "response", "event"])


@rows(
    "part, required, severity",
    [
        ("response", False, Severity.ADDITIVE),
        ("response", True, Severity.BREAKING),
        ("event", True, Severity.BREAKING),
        ("request", True, Severity.ADDITIVE),
    ],
)
def test_null_is_read_as_absent_which_only_an_optional_field_may_be(
    part: Part, required: bool, severity: Severity
) -> None:
    was = Shape(type="string", required=required)
    (found,) = alterations(part, was, Shape(type="null|string", required=required))

    assert found.severity is severity


@given(part=parts, shape=shapes)
def test_a_shape_does_not_differ_from_itself(part: str, shape: Shape) -> None:
    assert list(alterations(part, shape, shape)) == []


@given(was=shapes, now=shapes)
def test_a_stricter_request_is_breaking_and_a_looser_one_additive(was: Shape, now: Shape) -> None:
    for there in alterations("request", was, now):
        (back,) = [
            each for each in alterations("request", now, was) if each.attribute == there.attribute
        ]
        both = {there.severity, back.severity}
        swapped = there.attribute in {"format", "pattern", "type"} and both == {Severity.BREAKING}
        assert swapped or both == {Severity.BREAKING, Severity.ADDITIVE}


@given(part=parts, shape=shapes)
def test_of_new_fields_only_a_required_one_of_a_request_is_breaking(
    part: str, shape: Shape
) -> None:
    breaking = new_field(part, shape) is Severity.BREAKING

    assert breaking == (part == "request" and shape.required is True)
