"""Additions to the document, and removals, need no changes to the suite."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract import document, known_fields, schemas
from tests.contract.checks import forgeries, parameters
from tests.contract.wire import Target

if TYPE_CHECKING:
    from pathlib import Path

    Json = dict[str, Any]

RATE = {
    "type": "object",
    "required": ["rate"],
    "properties": {"rate": {"type": "number", "examples": [1.5]}, "note": {"type": "string"}},
}
PAGED: Json = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}
NAMED: Json = {"name": "pair", "in": "path", "required": True, "schema": {"enum": ["BTC", "ETH"]}}
LISTED: Json = {"name": "ids", "in": "query", "schema": {"type": "array", "items": PAGED["schema"]}}


def operation(operation_id: str, response: Json, example: object, **others: object) -> Json:
    """Write an operation that the suite has no rules for."""
    rejections = document.whole()["paths"]["/api/v1/account"]["post"]["responses"]
    content = {"schema": response, "examples": {"one": {"value": example}}}
    success = {"description": "It.", "content": {"application/json": content}}
    found = {name: value for name, value in rejections.items() if name != "200"}
    return {"operationId": operation_id, "responses": {"200": success, **found}, **others}


def added(edited: Json) -> None:
    """Operations of every form, and fields without behaviour in the mock."""
    stamp = {"type": "integer", "format": "int64"}
    envelope = {"type": "object", "required": ["timestamp"], "properties": {"timestamp": stamp}}
    body = {"application/json": {"schema": envelope}}
    rates = {"type": "array", "items": RATE}
    edited["paths"] |= {
        "/rates": {"get": operation("getRates", rates, [{"rate": 1}], parameters=[PAGED, LISTED])},
        "/rates/{pair}": {"get": operation("getRate", RATE, {"rate": 1}, parameters=[NAMED])},
        "/now": {"get": operation("getNow", {"additionalProperties": RATE}, {"a": {"rate": 2}})},
        "/rates/texts": {
            "post": operation(
                "getTexts",
                {"type": "array", "items": {"type": "string"}},
                ["a"],
                requestBody={"required": True, "content": body},
            )
        },
    }
    parts = edited["components"]["schemas"]
    parts["Customer"]["properties"]["rate"] = {"oneOf": [RATE, {"type": "null"}]}
    parts["Transaction"]["properties"]["confirmations"] = {"type": "integer", "examples": [3]}
    parts["CreateCustomerPayload"]["properties"]["nick"] = {"type": ["string", "null"]}


def taken_away(edited: Json) -> None:
    """Remove an operation that links lead to, and a field that deposits are sorted by."""
    del edited["paths"]["/api/v1/customer-purse/customer/unblock"]
    row = edited["components"]["schemas"]["Transaction"]
    del row["properties"]["complianceState"]
    row["required"].remove("complianceState")
    for item in edited["paths"].values():
        for response in item["post"]["responses"].values():
            response.get("links", {}).pop("unblock", None)


def tightened(edited: Json) -> None:
    """Requests with more required fields, and with a length limit."""
    parts = edited["components"]["schemas"]
    parts["GetAddressPayload"]["properties"]["network"] = {"type": "string", "examples": ["TRON"]}
    parts["GetAddressPayload"]["required"].append("network")
    parts["UpdateCustomerPayload"]["required"].append("externalId")
    parts["CreateCustomerPayload"]["properties"]["externalId"]["maxLength"] = 12
    examples = {"get-address": {"network": "TRON"}, "update": {"externalId": "user-1815"}}
    for path, item in edited["paths"].items():
        for word, extra in examples.items():
            if path.replace("address/get", "get-address").endswith(word):
                content = item["post"]["requestBody"]["content"]["application/json"]
                for example in content["examples"].values():
                    example["value"]["payload"] |= extra


@pytest.mark.slow
@pytest.mark.parametrize("edit", [added, taken_away, tightened])
def test_an_edited_document_is_tested_as_edited(edit: Any, tmp_path: Path) -> None:
    """The mock serves it, nothing is found, and the new operations were called."""
    edited = copy.deepcopy(document.whole())
    edit(edited)
    for name in ("tests/contract", "mock/calypso_mock"):
        shutil.copytree(document.ROOT / name, tmp_path / name)
    # JSON is valid YAML.
    for path in ("openapi.yaml", "mock/calypso_mock/openapi.json"):
        (tmp_path / path).write_text(json.dumps(edited))
    paths = [tmp_path, tmp_path / "mock", document.ROOT / "generated", document.ROOT / "overlay"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract", "--profile", "short", "--har", "all.har"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing found" in done.stdout
    asked = (tmp_path / "all.har").read_text()
    assert [path for path in edited["paths"] if path.partition("{")[0] not in asked] == []


def test_a_text_is_checked_against_the_parameter_whatever_type_it_is_read_as() -> None:
    texts = {"1": True, "0": False, "x": False, "1.5": False, "": False}

    assert {text: parameters.is_right(PAGED, text) for text in texts} == texts
    assert {text: parameters.is_right(LISTED, text) for text in texts} == texts
    assert [parameters.is_right(NAMED, text) for text in ("ETH", "XXX")] == [True, False]
    assert [schemas.texts(each) for each in (PAGED, NAMED)] == [["1"], ["BTC"]]


def test_there_is_a_sample_for_every_kind_of_schema() -> None:
    shapes: list[Json] = [
        *({"type": kind} for kind in ("string", "integer", "number", "boolean", "null", "object")),
        *({"type": "string", "format": name} for name in ("uuid", "date-time", "email", "uri")),
        {"type": ["string", "null"]},
        {"type": "integer", "minimum": 7},
        {"type": "array", "items": RATE, "minItems": 2},
        {"allOf": [RATE, {"required": ["note"]}]},
        {"oneOf": [RATE, {"type": "string"}]},
        {"const": "a"},
        {"type": "object", "additionalProperties": RATE},
    ]

    assert [
        each for each in shapes if not schemas.compiled(each).is_valid(schemas.sample(each))
    ] == []


def test_locations_include_choices_and_maps() -> None:
    choice = {"oneOf": [{"type": "string"}, {"allOf": [RATE]}]}
    map_ = {"type": "object", "additionalProperties": choice}
    found = schemas.locations(map_, {"a": {"rate": 1}, "b": "x"})

    assert [schemas.text(place.path) for place in found] == ["a", "a.rate", "b"]


def test_no_forgery_of_an_empty_body_is_a_correct_signature() -> None:
    """Without a body, some of the other texts to sign would be empty, too."""
    who = Target("http://127.0.0.1:9", "key", "secret", "0xaccount")
    made = forgeries.all_of(who, b"")

    assert len(made) > len(forgeries.of_other_texts("0" * 128))
    assert forgeries.right(who, b"") not in made.values()


def test_every_field_with_rules_is_in_the_document_or_ignored() -> None:
    gone = [(name, field) for name in known_fields.FIELDS for field in known_fields.FIELDS[name]]

    assert [each for each in gone if not known_fields.is_known(*each)] == []
    assert known_fields.is_known("findTransactions", "result[12].amount")
    assert not known_fields.is_known("getTransaction", "feeOfTest")
    assert known_fields.is_gone("noSuchOperation", "id")
    with pytest.raises(document.UnknownOperationError, match="noSuchOperation"):
        document.routes()["noSuchOperation"]
