"""The extensions of the document: what is missing or wrong is named, with what to do about it."""

from __future__ import annotations

import copy
import functools
import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from generator import extensions, facts, prepare
from generator.problems import GenerationError
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLOCK = "/api/v1/customer-purse/customer/block"


def block(document: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = document["paths"][BLOCK]["post"]
    return operation


def test_the_projects_document_passes(document: dict[str, Any]) -> None:
    """Every operation has what it needs."""
    extensions.check(document)


@rows(
    "key, value, message",
    [
        ("x-method", None, "x-method is missing; add the name of its method"),
        ("x-method", "get-all", "x-method 'get-all' is not a method name"),
        ("x-method", "class", "x-method 'class' is not a method name"),
        ("x-method", 3, "x-method 3 is not a method name"),
        ("x-method", "_engine", "x-method '_engine' would hide a built-in"),
        ("x-method", "str", "x-method 'str' would hide a built-in"),
        ("x-retry", None, "x-retry is missing; add class (safe or unsafe) and reason"),
        (
            "x-retry",
            "safe",
            "x-retry is not an object; give it class (safe or unsafe) and reason (one sentence), "
            "as in x-retry: {class: safe, reason: It only reads.}",
        ),
        ("x-retry", {"class": "maybe", "reason": "So."}, "has the class 'maybe'; it is safe or"),
        ("x-retry", {"class": "safe"}, "x-retry has no reason; state in one sentence why"),
        ("x-retry", {"class": "safe", "reason": " "}, "x-retry has no reason"),
        ("x-retry", {"class": "safe", "reason": 5}, "x-retry has no reason"),
        ("x-method", "\u017ftr", "x-method 'str' would hide a built-in"),
        ("x-provenance", None, "x-provenance is missing; add level, page and date"),
        ("x-provenance", {"level": "sure"}, "'sure'; it is one of documented, observed, inferred"),
        ("x-provenance", "inferred", "x-provenance is not an object; give it level"),
        ("operationId", None, "operationId is missing; choose one in the vendor's style"),
        ("tags", [], "needs exactly one tag"),
        ("tags", ["customers", "other"], "needs exactly one tag"),
        ("responses", {}, "has 0 responses with a status of 2xx"),
    ],
)
def test_a_fault_is_named_with_its_operation(
    document: dict[str, Any], key: str, value: object, message: str
) -> None:
    """The message names the operation, by its path where it has no id, and what to do."""
    document = copy.deepcopy(document)
    block(document).pop(key, None)
    if value is not None:
        block(document)[key] = value

    with pytest.raises(GenerationError) as caught:
        extensions.check(document)

    label = f"POST {BLOCK}" if key == "operationId" else "blockCustomer"
    assert any(
        f" {label}: " in line and message in line for line in str(caught.value).splitlines()
    ), str(caught.value)


def test_all_faults_are_named_at_once(document: dict[str, Any]) -> None:
    """One run lists everything that a maintainer has to do."""
    document = copy.deepcopy(document)
    for item in document["paths"].values():
        for operation in item.values():
            del operation["x-method"], operation["x-retry"]["class"]

    with pytest.raises(GenerationError) as caught:
        extensions.check(document)

    operations = sum(len(item) for item in document["paths"].values())
    assert 1 + 2 * operations == len(str(caught.value).splitlines())


def test_methods_of_a_tag_differ(document: dict[str, Any]) -> None:
    """Two operations of one tag with the same method are both named."""
    document = copy.deepcopy(document)
    block(document)["x-method"] = "unblock"

    with pytest.raises(GenerationError, match=r"blockCustomer, unblockCustomer: all are x-method"):
        extensions.check(document)


def test_operation_ids_differ(document: dict[str, Any]) -> None:
    """Two operations with the same id are named by their paths."""
    document = copy.deepcopy(document)
    block(document)["operationId"] = "createCustomer"

    with pytest.raises(GenerationError, match="customer/block have this operationId"):
        extensions.check(document)


def test_a_schemas_provenance_is_checked(document: dict[str, Any]) -> None:
    """A level that does not exist is named with the schema."""
    document = copy.deepcopy(document)
    document["components"]["schemas"]["Customer"]["x-provenance"] = {"level": "guessed"}

    with pytest.raises(GenerationError, match="Customer: x-provenance has the level 'guessed'"):
        extensions.check(document)


def at(document: dict[str, Any], *steps: Any) -> Any:
    return functools.reduce(operator.getitem, steps, document)


CUSTOMER = ("components", "schemas", "Customer")
PARAMETER = {"name": "pageSize", "in": "query", "schema": {"type": "integer"}}
LEVEL = {"level": "documented"}


@rows(
    "location, steps, given, message",
    [
        ("Customer", CUSTOMER, "documented", "x-provenance is not an object; give it level, page"),
        ("Customer.email", (*CUSTOMER, "properties", "email"), "documented", "is not an object"),
        ("Customer.email", (*CUSTOMER, "properties", "email"), {}, "has the level None; it is one"),
        ("Customer.email", (*CUSTOMER, "properties", "email"), None, "is not an object"),
        ("NotFound", ("components", "responses", "NotFound"), "observed", "is not an object"),
        (
            "blockCustomer.pageSize",
            ("paths", BLOCK, "post", "parameters", 0),
            "inferred",
            "x-provenance is not an object; give it level, page and date, as in x-prov",
        ),
        (
            "blockCustomer.200",
            ("paths", BLOCK, "post", "responses", "200"),
            [],
            "is not an object",
        ),
        (
            "CUSTOMER_PURSE_EXPIRED",
            ("webhooks", "CUSTOMER_PURSE_EXPIRED", "post"),
            LEVEL | {"readings": "x"},
            "x-provenance has readings that are not a list of objects; write each as {value: …",
        ),
        ("Customer", CUSTOMER, LEVEL | {"readings": [{"page": "x"}]}, "that are not a list of"),
        ("Customer", CUSTOMER, LEVEL | {"page": [7]}, "has a page that is not text; list them, as"),
        ("Customer", CUSTOMER, LEVEL | {"page": 7}, "has a page that is not text; list them"),
    ],
)
def test_provenance_that_can_not_be_read_is_named_with_its_location(
    document: dict[str, Any], location: str, steps: tuple[Any, ...], given: Any, message: str
) -> None:
    """Wherever it is, one sentence names the location and the correct form."""
    document = copy.deepcopy(document)
    block(document)["parameters"] = [copy.deepcopy(PARAMETER)]
    at(document, *steps)["x-provenance"] = given

    with pytest.raises(GenerationError) as caught:
        extensions.check(document)

    _, line = str(caught.value).splitlines()
    assert line.startswith(f"  {location}: x-provenance ")
    assert message in line


def test_names_that_somebody_chose_are_no_extensions(document: dict[str, Any]) -> None:
    """A field may well be called as an extension is."""
    document = copy.deepcopy(document)
    fields = document["components"]["schemas"]["Customer"]["properties"]
    fields |= {"x-provenance": {"type": "string"}, "x-essential": {"type": "string"}}
    fields["email"]["examples"] = [{"x-provenance": "documented"}]

    extensions.check(document)


@rows(
    "info, message",
    [
        (
            {"version": 1},
            "version is the number 1 and has to be text; write it in quotes, as in vers",
        ),
        (
            {"version": Decimal("1.0")},
            'the number 1.0 and has to be text; write it in quotes, as in version: "1.0"',
        ),
        ({"version": None}, "info: version is not text and has to be text"),
        ({"title": 5}, "info: title is the number 5 and has to be text; write it in quotes"),
    ],
)
def test_title_and_version_are_text(document: dict[str, Any], info: Any, message: str) -> None:
    """YAML takes a version without quotes for a number."""
    with pytest.raises(GenerationError) as caught:
        extensions.check(document | {"info": document["info"] | info})

    assert message in str(caught.value)


def test_a_title_or_a_version_that_is_missing_is_named(document: dict[str, Any]) -> None:
    with pytest.raises(GenerationError) as caught:
        extensions.check(document | {"info": {"title": "API"}})

    assert 'info: version is missing; write it as text, as in version: "2' in str(caught.value)


def test_every_field_that_models_have_a_member_for_is_named(document: dict[str, Any]) -> None:
    """All at once, each with what to do about it."""
    document = copy.deepcopy(document)
    names = ["additionalProperties", "toDict", "fromDict", "toJson", "from_json"]
    fields = document["components"]["schemas"]["Customer"]["properties"]
    fields |= {name: {"type": "string"} for name in names}

    with pytest.raises(GenerationError) as caught:
        extensions.check(document)

    assert str(caught.value).splitlines()[1:] == [
        f"  Customer.{name}: models have a member of that name already; leave the field out: "
        "what comes under its name is in additional_properties all the same"
        for name in names
    ]


def test_fields_that_python_can_not_tell_apart_are_named(document: dict[str, Any]) -> None:
    """It normalises names, so that of two only one would be left."""
    document = copy.deepcopy(document)
    fields = document["components"]["schemas"]["Customer"]["properties"]
    fields |= {"statea": {"type": "string"}, "\u017ftate\u00aa": {"type": "string"}}

    with pytest.raises(GenerationError, match=r"Customer: statea and .tate. would both be statea"):
        extensions.check(document)


@rows("value", [False, None, "true", 1])
@rows("schema, name", [("Customer", "id"), ("PurseExpiredEvent", "data"), ("Customer", "email")])
def test_what_is_essential_is_marked_with_true(
    document: dict[str, Any], schema: str, name: str, value: object
) -> None:
    """Any other mark is named with its field, also in a schema that takes over another."""
    document = copy.deepcopy(document)
    found = document["components"]["schemas"][schema]
    fields = next(part for part in (found, *found.get("allOf", ())) if "properties" in part)
    fields["properties"][name]["x-essential"] = value

    with pytest.raises(GenerationError, match=rf"{schema}\.{name}: x-essential has to be true"):
        extensions.check(document)


FLAG = {"field": "blocked", "values": [True], "description": "Whether it is."}
FACT = {"values": {"ASC": "up"}, "description": "Which way it goes."}


@rows(
    "extension, name, given, message",
    [
        ("x-flags", "is-blocked", FLAG, "x-flags 'is-blocked' needs a name"),
        ("x-flags", "is_one", {"field": "id"}, "x-flags 'is_one' needs a name for"),
        (
            "x-flags",
            "is_one",
            FLAG | {"field": "x"},
            "names the field 'x', which is not",
        ),
        ("x-flags", "is_one", FLAG | {"values": []}, "needs values that blocked can"),
        ("x-flags", "is_one", FLAG | {"values": True}, "needs a list of values; field and"),
        ("x-flags", "is_one", FLAG | {"description": 5}, "needs a list of values; field and"),
        ("x-flags", "is_one", FLAG | {"field": ["id"]}, "needs a list of values; field and"),
        ("x-flags", "to_dict", FLAG, "x-flags 'to_dict' is a member of all models already"),
        ("x-facts", "way", FACT | {"values": ["ASC"]}, "needs values as an object, a text"),
        ("x-facts", "way", FACT | {"description": 5}, "needs values as an object, a text"),
        ("x-flags", "is_one", FLAG | {"values": ["yes"]}, "can have, not .'yes'."),
        (
            "x-facts",
            "way",
            FACT | {"values": {"UP": "x"}},
            "names UP, which the",
        ),
        ("x-facts", "two words", FACT, "x-facts 'two words' needs a name for"),
    ],
)
def test_a_flag_or_a_fact_that_is_wrong_is_rejected(
    document: dict[str, Any], extension: str, name: str, given: Any, message: str
) -> None:
    document = copy.deepcopy(document)
    schema = "Customer" if extension == "x-flags" else "SortDirection"
    document["components"]["schemas"][schema][extension] = {name: given}

    with pytest.raises(GenerationError, match=f"{schema}: .*{message}"):
        extensions.check(document)


def set_envelope(document: dict[str, Any]) -> None:
    envelope = document["components"]["schemas"]["ByCustomerIdRequest"]
    envelope["properties"]["nonce"] = {"type": "integer"}


def set_payload(document: dict[str, Any]) -> None:
    envelope = document["components"]["schemas"]["ByCustomerIdRequest"]
    envelope["properties"]["payload"] = {"type": "string"}


def set_reading(document: dict[str, Any]) -> None:
    status = document["components"]["schemas"]["PurseStatus"]
    status["x-provenance"]["readings"][0]["value"] = "GONE"


def set_twins(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["PurseStatus"]["enum"] += ["declined"]


def set_binary(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Purse"]["properties"]["id"]["format"] = "binary"


def set_taken(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Purse"]["properties"]["to_dict"] = {"type": "string"}


def set_inline(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    schemas["PurseOwner"] = {"type": "string"}
    schemas["Purse"]["properties"]["owner"] = {"type": "object"}


@rows(
    "change, message",
    [
        (set_envelope, "blockCustomer: engines don't send nonce; put it into the payload"),
        (set_payload, "blockCustomer: the payload has to be an object"),
        (set_reading, "GONE: the first reading of an enum has to be among its values"),
        (set_twins, "PurseStatus: several values would be the member DECLINED"),
        (set_binary, "Purse.id: the format binary does not exist in JSON"),
        (set_taken, "Purse.to_dict: models have a member of that name already"),
        (set_inline, "PurseOwner: an inline schema would get this name, which is in use"),
    ],
)
def test_what_would_become_wrong_python_is_rejected(
    document: dict[str, Any], change: Callable[[dict[str, Any]], None], message: str
) -> None:
    """Shapes that the templates don't know never pass silently."""
    document = copy.deepcopy(document)
    change(document)

    with pytest.raises(GenerationError) as caught:
        generate(document)

    assert message in str(caught.value)


def generate(document: dict[str, Any]) -> None:
    """Go through all steps that are taken before openapi-python-client runs."""
    extensions.check(document)
    named = prepare.named(document)
    facts.template(named)
    prepare.simplified(named)
    prepare.published(document)


def test_the_document_itself_is_never_changed(document: dict[str, Any]) -> None:
    """What is prepared for the generator, and for the mock, is a copy."""
    before = copy.deepcopy(document)

    generate(document)

    assert before == document


def test_what_is_published_has_no_links_and_lacks_nothing_else(document: dict[str, Any]) -> None:
    """Links of responses, that is, named or inline; a field may well have that name."""
    document = copy.deepcopy(document)
    components = document["components"]
    components["links"] = {"one": {"operationId": "getAccount"}}
    components["responses"]["NotFound"]["links"] = {"one": {"operationId": "getAccount"}}
    components["schemas"]["Purse"]["properties"]["links"] = {"type": "string"}

    found = prepare.published(document)

    del components["links"], components["responses"]["NotFound"]["links"]
    responses = [
        response
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
    ]
    assert [response.pop("links") for response in responses if "links" in response]
    assert found == document


def test_json_keeps_every_digit(tmp_path: Path) -> None:
    """Numbers in the mock's copy are those of the document; dates and hashes stay text."""
    from generator.document import load, to_json

    source = tmp_path / "d.yaml"
    source.write_text(
        "paths: {}\nn: [0.123456789012345678901, 1.10, -3]\nd: 2025-11-23\nw: [yes, on, true]\n"
    )

    text = to_json(load(source))

    assert "0.123456789012345678901" in text
    assert "1.10" in text
    assert '"2025-11-23"' in text
    assert '"yes",\n  "on",\n  true' in text
