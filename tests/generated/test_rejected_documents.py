"""Documents that would become a wrong client are rejected, with the line of each fault."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from generator import document as doc
from generator import extensions
from generator.problems import GenerationError
from tests.generated.conftest import ROOT
from tests.generated.test_rules import (
    ENVELOPE,
    GET,
    TEXT,
    TIME,
    field,
    merged,
    of,
    operation,
    parameter,
    request,
)
from tests.rows import rows

if TYPE_CHECKING:
    from pathlib import Path

LIGATURE = "\ufb01eld"
SERVERS = [{"url": "https://other.example"}]
BALANCE = {"$ref": "#/components/schemas/Balance"}
NUMBER = {"type": "number"}


def at(path: str, item: Any = None) -> Any:
    return {"paths": {path: {"post": {}} if item is None else item}}


def envelope(**fields: Any) -> Any:
    given = {"properties": {"timestamp": TIME, "account": TEXT} | fields}
    return request({"type": "object"} | given)


def schema(name: str, members: Any) -> Any:
    return {"components": {"schemas": {name: members}}}


def bounded(**words: Any) -> Any:
    return field({"type": "string"} | words)


def error_field(name: str, given: Any) -> Any:
    return schema("ErrorResponse", {"properties": {name: given}})


def by(name: str) -> Any:
    return field({"oneOf": [BALANCE], "discriminator": {"propertyName": name}})


@rows(
    "change, message",
    [
        # Calls would go to another URL.
        (operation(servers=SERVERS), "getAccount: has servers of its own; all calls go to the"),
        (at(GET, {"servers": SERVERS}), f"{GET}: has servers of its own; all calls go to"),
        (at("api/v1/x"), "api/v1/x: has to begin with /, or calls would go to another host"),
        (at(""), "'': has to begin with /"),
        (at("//host/x"), "//host/x: has an empty step, //; write one / there"),
        (at("/a//b"), "/a//b: has an empty step"),
        (at("/a?b=c"), "/a?b=c: has '?', which a path may not contain; put a query into"),
        (at("/a#b"), "/a#b: has '#', which a path may not contain"),
        (at("/a b"), "/a b: has ' ', which a path may not contain"),
        (at("/a\nb"), r"'/a\nb': has '\n', which a path may not contain"),
        (at("/a\\b"), "which a path may not contain"),
        (at("/a%2e%2e/b"), "/a%2e%2e/b: has '%', which a path may not contain"),
        (at("/ä"), "/ä: has 'ä', which a path may not contain"),
        (at("/a/./b"), "/a/./b: has the step . or .., which HTTP clients resolve"),
        (at("/a/.."), "/a/..: has the step . or .."),
        (at("/a/{b"), "/a/{b: has a brace without its counterpart"),
        (at("/a/b}"), "/a/b}: has a brace without its counterpart"),
        (at("/a/{}"), "/a/{}: has a brace without its counterpart; write each parameter as {name}"),
        (at("/a/{{b}}"), "/a/{{b}}: has a brace without its counterpart"),
        (at("/a/{b/c}"), "/a/{b/c}: has a brace without its counterpart"),
        (at("/a/{b}/{b}"), "/a/{b}/{b}: has {b} twice; give each parameter a name of its own"),
        (
            {"paths": {"/t/{a}": {"get": {}}, "/t/{b}": {"post": {}}}},
            "/t/{a} and /t/{b}: differ only in the names of parameters",
        ),
        (at(GET, {"GET": {}}), f"{GET}: GET is not a method; use one of delete, get, head"),
        (at(GET, {"query": {}}), f"{GET}: query is not a method"),
        ({"webhooks": {"X": {"put": {}}}}, "X: a webhook is a post, not a put; write post"),
        ({"webhooks": {"X": {"servers": []}}}, "X: has servers of its own"),
        # Names that are not identifiers in Python, or not unique ones.
        (
            field(of(**{LIGATURE: 1})),
            "Customer.odd: the field 'ﬁeld' would be 'field' in Python",
        ),
        (
            field(of(**{LIGATURE: 1, "field": 1})),
            "Customer.odd: the field 'ﬁeld' would be 'field' in Python",
        ),
        (field(of(**{"a\nb": 1})), r"Customer.odd: the field 'a\nb' holds U+000A"),
        (field(of(**{"a\u202eb": 1})), "holds U+202E, which can't be shown; write it without"),
        (field(of(**{"": 1})), "Customer.odd: the field '' is empty; give it a name"),
        (
            parameter(name=LIGATURE),
            "getAccount: the parameter 'ﬁeld' would be 'field' in Python",
        ),
        (parameter(name="a\tb"), r"getAccount: the parameter 'a\tb' holds U+0009"),
        (operation(tags=["💰"]), "getAccount: the tag '💰' gives no name for Python; use letters"),
        (operation(tags=[""]), "getAccount: the tag '' is empty; give it a name"),
        (operation(tags=["\ufb01at"]), "getAccount: the tag '\ufb01at' would be 'fiat' in Python"),
        (operation(operationId="1"), f"{GET}: the operationId '1' gives no name for Python"),
        (schema("a b", of()), "'a b' is not a schema name; use letters, digits, . _ and -"),
        # Fields that the engine fills in or reads.
        (envelope(timestamp=TEXT), "getAccount: the timestamp of its request body is sent in mill"),
        (envelope(timestamp=NUMBER), "the timestamp of its request body is sent in milliseconds"),
        (envelope(timestamp=TIME | {"format": "int32"}), "write type: integer and format: int64"),
        (envelope(timestamp={}), "the timestamp of its request body is sent in milliseconds"),
        (envelope(account=TIME), "getAccount: the account of its request body is sent as a text"),
        (error_field("errorCode", {"type": "integer"}), "ErrorResponse.errorCode: has to be there"),
        (error_field("message", None), "ErrorResponse.message: has to be there and a text"),
        (error_field("traceId", {"type": "object"}), "ErrorResponse.traceId: has to be there and"),
        # Fields that do not exist.
        (
            field(of(a=1) | {"required": ["b"]}),
            "Customer.odd: requires b, which is not one of its properties; describe it there",
        ),
        (
            field({"allOf": [BALANCE, {"type": "object", "required": ["b"]}]}),
            "Customer.odd: requires b, which is not one of its properties",
        ),
        (
            field(of(a=1) | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            "Customer.odd: requires b, which is not one of its properties",
        ),
        (by("kind"), "Customer.odd: its discriminator is by kind, which Balance does not have"),
        (by("amount"), "Customer.odd: its discriminator is by amount, which is not text in"),
        (
            field(of(a=1) | {"discriminator": {"propertyName": "a"}}),
            "Customer.odd: has a discriminator without oneOf or anyOf; list the options there",
        ),
        (
            field({"allOf": [BALANCE, of(amount=1)]}),
            "Customer.odd: its parts describe amount as number and as string; let them agree",
        ),
        # Keywords of schemas.
        (bounded(minimum="1"), 'Customer.odd: has minimum: "1"; write a number such as 10 or 0.5'),
        (bounded(maximum=True), "Customer.odd: has maximum: true; write a number such as"),
        (bounded(minimum=5, exclusiveMinimum=True), "has exclusiveMinimum: true of OpenAPI 3.0"),
        (bounded(minimum=5, maximum=4), "has minimum 5 and maximum 4, which no value fits"),
        (bounded(minimum=5, exclusiveMaximum=5), "has minimum 5 and exclusiveMaximum 5, which no"),
        (bounded(multipleOf=0), "Customer.odd: has multipleOf: 0; it has to be more than 0"),
        (bounded(minLength=-1), "Customer.odd: has minLength: -1; write a whole number from 0 on"),
        (bounded(maxItems=1.5), "Customer.odd: has maxItems: 1.5; write a whole number from 0 on"),
        (bounded(maxLength=None, minLength="1"), 'has minLength: "1"; write a whole number'),
        (bounded(minLength=3, maxLength=2), "has minLength 3 and maxLength 2, which no value fits"),
        (bounded(pattern="("), "Customer.odd: has a pattern that Python can't read (missing ), un"),
        (bounded(pattern=7), "Customer.odd: has pattern: 7; write the pattern as a text"),
        (parameter(schema=TEXT | {"pattern": "["}), "getAccount: parameter limit: has a pattern"),
        ({"openapi": "3.0.3"}, "openapi: is 3.0.3; write the document in OpenAPI 3.1.x"),
        ({"openapi": None}, "openapi: is None; write the document in OpenAPI 3.1.x"),
        (bounded(nullable=True), "has nullable, a word of OpenAPI 3.0; write type: [string, "),
        (field({"oneOf": []}), "Customer.odd: has an empty oneOf; leave it out"),
        (field({"anyOf": []}), "Customer.odd: has an empty anyOf; leave it out"),
        (field({"allOf": []}), "Customer.odd: has an empty allOf; leave it out"),
        (field({"type": []}), "Customer.odd: has no type in the list of its types"),
        (field({"not": TEXT}), "Customer.odd: has not, which is not supported; leave it out"),
        (field({"if": TEXT}), "Customer.odd: has if, which is not supported; leave it out"),
        (field({"$dynamicRef": "#x"}), "has $dynamicRef, which is not supported; leave it out"),
        (field({"items": {"patternProperties": {}}}), "has patternProperties, which is not supp"),
        (field(BALANCE | {"required": ["amount"]}), "has required beside $ref, which is not read"),
        (bounded(enum=["a", "b", "a"]), 'Customer.odd: has "a" twice in its enum; delete one'),
        (bounded(deprecated="yes"), 'Customer.odd: has deprecated: "yes"; write true, or leave it'),
        (field({"additionalProperties": 1}), "has additionalProperties: 1; write a schema, true"),
    ],
)
def test_what_the_client_would_do_differently_is_rejected(
    document: dict[str, Any], change: Any, message: str
) -> None:
    with pytest.raises(GenerationError) as caught:
        extensions.check(merged(document, change))

    assert message in str(caught.value)


@rows(
    "change",
    [
        field(of(a=1) | {"required": ["a"]}),
        field({"type": "object", "required": ["a"], "additionalProperties": TEXT}),
        field({"allOf": [BALANCE, {"type": "object", "required": ["amount"]}]}),
        field(of(a=1, b=1) | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        field(BALANCE | {"description": "It is.", "deprecated": True}),
        field({"enum": ["a", "A", None]}),
        field({"enum": [1, 11]}),
        bounded(pattern="^[a-z]+$", minLength=0, maxLength=0),
        bounded(minimum=0, maximum=0, exclusiveMinimum=-1),
        field(of(**{"größe": 1, "額": 1, "a b": 1, "$type": 1})),
        error_field("traceId", {"type": ["string", "null"]}),
        {"openapi": "3.1.1"},
        at(GET, {"summary": "Of accounts", "description": "All of them.", "x-note": 1}),
        operation(tags=["Größen"]),
        envelope(timestamp={"$ref": "#/components/schemas/Timestamp"}),
    ],
)
def test_what_is_supported_passes(document: dict[str, Any], change: Any) -> None:
    extensions.check(merged(document, change))


def test_each_fault_has_its_line_and_all_are_listed(tmp_path: Path) -> None:
    """Also if the rule knows only the operation or the schema."""
    document_text = (ROOT / "openapi.yaml").read_text("utf-8")
    changes = [
        ("  /api/v1/account:\n", "  api/v1/account:\n", "api/v1/account: has to begin with /"),
        ("      tags: [customers]\n", "      tags: [raw, a]\n", "needs exactly one tag"),
        ("    ErrorResponse:\n", "    ErrorResponse:\n      nullable: true\n", "has nullable"),
        ("        traceId:\n", "        trace:\n", "ErrorResponse.traceId: has to be there"),
        ("        message:\n", "        message:\n          format: binary\n", "not exist in JSON"),
    ]
    path = tmp_path / "openapi.yaml"
    for old, new, _ in changes:
        assert old in document_text
        document_text = document_text.replace(old, new, 1)
    path.write_text(document_text, "utf-8")
    lines = document_text.splitlines()

    with pytest.raises(GenerationError) as caught:
        extensions.check(doc.load(path))

    messages = str(caught.value).splitlines()[1:]
    for _, new, text in changes:
        (sentence,) = [each for each in messages if text in each]
        line = int(sentence.split(":")[1])
        beside = lines[max(line - 6, 0) : line + 5]
        assert any(part.strip() in map(str.strip, beside) for part in new.splitlines()), sentence


def test_a_part_that_several_operations_share_is_named_once(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["components"]["schemas"]["AccountId"]["minLength"] = "x"
    assert ENVELOPE in changed["paths"]

    with pytest.raises(GenerationError) as caught:
        extensions.check(changed)

    assert str(caught.value).count("has minLength") == 1
