"""OpenAPI blocks of the vendor's pages: whole, cut off, damaged, and made to hurt."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.drift.effort import TOO_MUCH, calls_at_most, growth
from tests.properties import examples
from tests.rows import rows
from tools.drift.facts import (
    AnswerFact,
    ExampleFact,
    Fact,
    FieldFact,
    OperationFact,
    ServerFact,
)
from tools.drift.readers import _schema, blocks
from tools.spec.model import Shape

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = "POST /api/v1/customer-purse/ticket/open"


def body(reference: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{reference}"}}


def header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}


TICKET = {
    "required": ["id", "state"],
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "A ticket's id", "format": "uuid"},
        "state": {"type": "string", "enum": ["OPEN", "SHUT"]},
        "cost": {"minimum": 0, "maximum": 128, "type": "number", "nullable": True},
        "parent": {"$ref": "#/components/schemas/TicketDTO"},
        "tags": {"maxItems": 12, "type": "array", "items": {"$ref": "#/components/schemas/Tag"}},
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
        "flag": {"oneOf": [{"type": "boolean"}, {"type": "integer"}]},
    },
}
GOOD: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "Public API", "version": "dev"},
    "servers": [{"url": "https://tickets.example/", "description": "Generated server url"}],
    "paths": {
        "/api/v1/customer-purse/ticket/open": {
            "post": {
                "tags": ["Ticket API"],
                "summary": "Open a ticket",
                "description": "Permission annotations:",
                "operationId": "openTicket",
                "parameters": [header("Key"), header("Sign"), header("X-Desk")],
                "requestBody": {
                    "content": {
                        "application/json": {
                            **body("WithAccountContainerOpenDTO"),
                            "example": {"timestamp": 1, "payload": {"cost": 1.50}},
                        }
                    },
                    "required": True,
                },
                "responses": {
                    "200": {"description": "OK", "content": {"*/*": body("TicketDTO")}},
                    "400": {"description": "Bad", "content": {"*/*": body("Oops")}},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "WithAccountContainerOpenDTO": {
                "required": ["account", "payload", "timestamp"],
                "type": "object",
                "properties": {
                    "account": {"pattern": "^0x[0-9a-f]{40}$", "type": "string"},
                    "timestamp": {"type": "integer", "format": "int64"},
                    "payload": {"$ref": "#/components/schemas/OpenDTO"},
                },
            },
            "OpenDTO": {
                "allOf": [
                    {"$ref": "#/components/schemas/Tag"},
                    {"type": "object", "properties": {"note": {"maxLength": 99, "type": "string"}}},
                ]
            },
            "Tag": {
                "required": ["word"],
                "type": "object",
                "properties": {"word": {"type": "string"}},
            },
            "Oops": {"type": "object", "properties": {"errorCode": {"type": "string"}}},
            "TicketDTO": TICKET,
        }
    },
}
TEXT = json.dumps(GOOD, separators=(",", ":"))
YAML = yaml.safe_dump(GOOD, sort_keys=False)


def fields(facts: list[Fact], part: str) -> dict[str, Shape]:
    return {
        fact.field_path.path: fact.shape
        for fact in facts
        if isinstance(fact, FieldFact) and fact.field_path.part == part and fact.field_path.path
    }


def key(fact: Fact) -> tuple[Any, ...]:
    match fact:
        case OperationFact() | AnswerFact():
            return (type(fact), fact.owner, getattr(fact, "status", ""))
        case FieldFact():
            return (FieldFact, fact.field_path)
        case ExampleFact():
            return (ExampleFact, fact.part, repr(fact.value))
        case _:
            return (type(fact), repr(fact))


def assert_says_no_more(some: list[Fact], everything: list[Fact]) -> None:
    whole = {key(fact): fact for fact in everything}
    for fact in some:
        other = whole[key(fact)]
        if isinstance(fact, FieldFact):
            assert isinstance(other, FieldFact)
            for name in ("type", "format", "pattern", "required", "values"):
                said = getattr(fact.shape, name)
                assert said in {None, getattr(other.shape, name)}, (fact, name)
            assert fact.shape.limits.items() <= other.shape.limits.items()


@rows("text", [TEXT, json.dumps(GOOD, indent=2), YAML])
def test_a_whole_block_gives_all_that_it_states(text: str) -> None:
    facts, cut = blocks.read(7, text)

    assert not cut
    assert {fact.line for fact in facts} == {7}
    assert facts[:2] == [
        ServerFact(7, "https://tickets.example"),
        OperationFact(7, OWNER, "Open a ticket", "openTicket"),
    ]
    assert [fact.status for fact in facts if isinstance(fact, AnswerFact)] == ["200", "400"]
    assert fields(facts, "request") == {
        "header X-Desk": Shape(type="string", required=True),
        "account": Shape(type="string", pattern="^0x[0-9a-f]{40}$", required=True),
        "timestamp": Shape(type="integer", format="int64", required=True),
        "payload": Shape(type="object", required=True),
        "payload.word": Shape(type="string", required=True),
        "payload.note": Shape(type="string", required=False, limits={"maxLength": 99}),
    }
    assert fields(facts, "response") == {
        "id": Shape(type="string", format="uuid", required=True),
        "state": Shape(type="string", required=True, values=("OPEN", "SHUT")),
        "cost": Shape(type="null|number", required=False, limits={"minimum": 0, "maximum": 128}),
        "parent": Shape(type="object", required=False),
        "tags": Shape(type="array", required=False, limits={"maxItems": 12}),
        "tags[]": Shape(type="object"),
        "tags[].word": Shape(type="string", required=True),
        "extra": Shape(type="object", required=False),
        "extra.*": Shape(type="integer"),
        "flag": Shape(type="boolean|integer", required=False),
    }


def test_numbers_of_an_example_are_exact() -> None:
    text = TEXT.replace("1.5}", "0.10000000000000000001}")
    (example,) = (fact for fact in blocks.read(1, text)[0] if isinstance(fact, ExampleFact))

    assert example.part == "request"
    assert example.value["payload"]["cost"] == Decimal("0.10000000000000000001")


@rows(
    ("old", "new"),
    {
        "null in a list of types and nullable": (
            '"type":"number","nullable":true',
            '"type":["number","null"]',
        ),
        "of two members of one name the last": ('"summary":', '"summary":"Old","summary":'),
    },
)
def test_what_says_the_same_is_read_alike(old: str, new: str) -> None:
    other = TEXT.replace(old, new)
    assert other != TEXT
    assert blocks.read(1, other) == blocks.read(1, TEXT)


def test_an_answer_that_is_an_array_and_several_calls_in_one_block() -> None:
    schema = {"type": "array", "items": {"type": "object", "properties": {"id": {}}}}
    call = {"responses": {"200": {"content": {"*/*": {"schema": schema}}}}}
    text = json.dumps({"openapi": "3.0.1", "paths": {"/a": {"get": call, "delete": call}}})
    facts, _ = blocks.read(1, text)

    owners = [fact.owner for fact in facts if isinstance(fact, OperationFact)]
    assert owners == ["GET /a", "DELETE /a"]
    assert list(fields(facts, "response")) == ["[]", "[].id"]


def test_a_reference_that_leads_nowhere_says_that_the_call_is_not_all_told() -> None:
    text = TEXT.replace('"Oops":', '"Other":').replace('"TicketDTO":', '"Gone":')
    facts, cut = blocks.read(1, text)

    assert not cut
    assert fields(facts, "response") == {}
    assert [fact.cut for fact in facts if isinstance(fact, OperationFact)] == [True]


def assert_prefixes_say_no_more(step: int) -> None:
    """Break JSON and YAML off at every so many characters."""
    whole, _ = blocks.read(1, TEXT)
    for end in range(0, len(TEXT), step):
        facts, cut = blocks.read(1, TEXT[:end])
        assert cut
        assert_says_no_more(facts, whole)
        assert all(fact.cut for fact in facts if isinstance(fact, OperationFact))
    whole, _ = blocks.read(1, YAML)
    for end in range(0, len(YAML), step):
        assert_says_no_more(blocks.read(1, YAML[:end].rstrip("\n"))[0], whole)


def test_a_block_that_breaks_off_states_less_and_nothing_else() -> None:
    assert_prefixes_say_no_more(13)


@pytest.mark.slow
def test_a_block_that_breaks_off_anywhere_states_less_and_nothing_else() -> None:
    assert_prefixes_say_no_more(1)


def test_a_block_that_breaks_off_in_its_last_schema_still_tells_the_rest() -> None:
    facts, _ = blocks.read(1, TEXT[: TEXT.index('"parent"')])

    assert fields(facts, "request")["payload.note"].required is False
    answer = fields(facts, "response")
    assert answer["cost"].type == "null|number"
    assert answer["id"].required is True
    assert answer["cost"].required is None  # the schema may go on with a further list


def test_a_list_of_required_fields_that_breaks_off_makes_nothing_optional() -> None:
    schema = '{"properties":{"a":{"type":"string"},"b":{}},"required":["a","'
    media = '{"openapi":"3.0.1","paths":{"/x":{"post":{"requestBody":{"content":{"*/*":{"schema":'
    facts, cut = blocks.read(1, media + schema)

    assert cut
    assert {path: shape.required for path, shape in fields(facts, "request").items()} == {
        "a": True,
        "b": None,
    }


def test_a_number_at_the_end_is_not_taken_for_all_of_it() -> None:
    end = TEXT.index('"maximum":128') + len('"maximum":12')
    assert fields(blocks.read(1, TEXT[:end])[0], "response")["cost"].limits == {"minimum": 0}


@rows("noise", ["@@", "}", "]", "nul", "<b>", "\\", "1e99999999999999999999"])
def test_what_stands_before_a_damaged_place_is_read(noise: str) -> None:
    at = TEXT.index('"TicketDTO":')
    facts, cut = blocks.read(1, f"{TEXT[:at]}{noise} {TEXT[at:]}")

    assert cut
    assert_says_no_more(facts, blocks.read(1, TEXT)[0])
    assert "payload.note" in fields(facts, "request")


def test_damaged_yaml_is_read_up_to_the_damage() -> None:
    at = YAML.index("    TicketDTO:")
    facts, cut = blocks.read(1, f"{YAML[:at]}  ]: {{\n{YAML[at:]}")

    assert cut
    assert_says_no_more(facts, blocks.read(1, YAML)[0])
    assert "payload.word" in fields(facts, "request")


def test_yaml_keeps_statuses_and_dates_as_they_are_written() -> None:
    text = (
        "openapi: 3.0.1\npaths:\n  /a:\n    get:\n      responses:\n        200:\n"
        "          content:\n            '*/*':\n              example:\n"
        "                day: 2025-01-02\n                cost: 1.10\n"
    )
    facts, cut = blocks.read(1, text)

    assert not cut
    assert AnswerFact(1, "GET /a", "200") in facts
    example = {"day": "2025-01-02", "cost": Decimal("1.10")}
    assert ExampleFact(1, "GET /a", "response", example) in facts


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for name, child in items:
        if isinstance(child, (dict, list)):
            found += places(child, (*path, name))
        else:
            found.append((*path, name))
    return found


PLACES = places(GOOD)[1:]


@examples(16)
@given(st.data(), st.sampled_from(PLACES), JSON_VALUES)
def test_a_block_with_anything_in_any_place_is_read(data: Any, place: Any, value: Any) -> None:
    changed = json.loads(TEXT)
    *steps, last = place
    node = changed
    for step in steps:
        node = node[step]
    node[last] = value
    text = json.dumps(changed)
    blocks.read(1, text)
    blocks.read(1, yaml.safe_dump(changed, sort_keys=False))
    blocks.read(1, text[: data.draw(st.integers(0, len(text)))])


@given(st.text(), st.sampled_from(["", '{"openapi"', "openapi: ", TEXT[:900], YAML[:900]]))
def test_any_text_at_all_is_read(text: str, start: str) -> None:
    blocks.read(1, start + text)


def schema_block(schemas: dict[str, Any]) -> str:
    call = {"requestBody": {"content": {"*/*": body("A0")}}}
    return json.dumps(
        {"openapi": "3.0.1", "paths": {"/a": {"post": call}}, "components": {"schemas": schemas}}
    )


def refer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


HOSTILE = {
    "loop of references": schema_block({"A0": refer("A1"), "A1": refer("A0")}),
    "all of itself": schema_block({"A0": {"allOf": [refer("A0")] * 50}}),
    "one of itself": schema_block({"A0": {"oneOf": [refer("A0")] * 50}}),
    "unfolding": schema_block(
        {
            f"A{n}": {"properties": {f"p{m}": refer(f"A{n + 1}") for m in range(10)}}
            for n in range(30)
        }
    ),
    "deep objects": '{"openapi":' * 300_000,
    "deep arrays": '{"openapi":' + "[" * 1_000_000,
    "deep YAML": "openapi: " + "[" * 300_000,
    "deep YAML lists": "openapi:\n" + "- " * 300_000,
    "YAML that unfolds": "openapi: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]\n",
}


@rows("text", HOSTILE)
def test_what_unfolds_without_end_is_given_up(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an effort of a hundredth of what is granted; no number of calls would do without."""
    monkeypatch.setattr(_schema, "_EFFORT", 2_000)
    with calls_at_most(1_000_000):
        blocks.read(1, text)


GROWING: dict[str, Callable[[int], str]] = {
    "chain": lambda size: schema_block(
        {f"A{n}": {"properties": {"p": refer(f"A{n + 1}")}} for n in range(size // 40)}
    ),
    "list": lambda size: schema_block(
        {
            "A0": {"properties": {str(n): refer("A1") for n in range(size // 100)}},
            "A1": {"enum": list(range(size)), "required": ["x"] * size},
        }
    ),
    "names": lambda size: schema_block({"A0": {"properties": {"n" * size: refer("A0")}}}),
    "digits": lambda size: '{"openapi":' + "9" * size,
    "YAML digits": lambda size: "openapi: " + "9" * size + "\n",
    "quotes": lambda size: '{"openapi' + '\\"' * size + "\\",
    "JSON": lambda size: TEXT[:-1] + ',"x":' + json.dumps(["word"] * size) + "}",
    "YAML": lambda size: YAML + "x:\n" + "- word\n" * (size // 10),
}


def read_from_the_first_line(text: str) -> None:
    blocks.read(1, text)


@rows("block", GROWING)
def test_the_effort_grows_with_the_length_of_a_block(block: Callable[[int], str]) -> None:
    assert growth(read_from_the_first_line, block, 6_000) < TOO_MUCH
