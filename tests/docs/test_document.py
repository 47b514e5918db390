"""What no linter sees in the API document: links, pairs of examples, bounds.

These are rules for any document. What today's document has is in test_scope.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import yaml

from calypso_mock.api._handlers import HANDLERS
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT: dict[str, Any] = yaml.load(
    (Path(__file__).resolve().parents[2] / "openapi.yaml").read_text(),
    yaml.CSafeLoader,
)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
ERRORS = {"400", "401", "403", "404", "429", "500"}


def resolve(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def walk(node: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    yield path, node
    if isinstance(node, dict):
        for name, value in node.items():
            yield from walk(value, f"{path}/{name}")
    if isinstance(node, list):
        for place, value in enumerate(node):
            yield from walk(value, f"{path}/{place}")


def properties(schema: Any) -> dict[str, Any]:
    """Return the properties of a schema, those of the schemas it is made of included."""
    schema = resolve(schema)
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        found |= properties(part)
    return found


def validator(schema: Any) -> Any:
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


PATHS = {
    operation["operationId"]: operation
    for item in DOCUMENT["paths"].values()
    for operation in item.values()
}
WEBHOOKS = {name: item["post"] for name, item in DOCUMENT["webhooks"].items()}
EVERYTHING = PATHS | WEBHOOKS

each_operation = rows("operation", PATHS)
each_call = rows("operation", EVERYTHING)
each_schema = rows("schema", SCHEMAS)


def content(holder: Any) -> dict[str, Any]:
    found: dict[str, Any] = resolve(holder).get("content", {}).get("application/json", {})
    return found


def responses(operation: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, response in operation["responses"].items():
        yield status, content(response)


def success(operation: Any) -> Any:
    """Return the successful response, of which there is one."""
    (status,) = [status for status in operation["responses"] if status.startswith("2")]
    return operation["responses"][status]


def asked(operation: Any) -> dict[str, Any]:
    """Return the examples of a request; those without a body have none."""
    found: dict[str, Any] = content(operation.get("requestBody", {})).get("examples", {})
    return found


def test_every_reference_leads_somewhere() -> None:
    for path, node in walk(DOCUMENT):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert resolve(node), path


@each_call
def test_every_example_of_a_body_is_valid(operation: Any) -> None:
    bodies = [
        content(operation.get("requestBody", {})),
        *(body for _, body in responses(operation)),
    ]
    for body in filter(None, bodies):
        checker = validator(body["schema"])
        assert body["examples"]
        for name, example in body["examples"].items():
            errors = [error.message for error in checker.iter_errors(example["value"])]
            assert errors == [], name


@each_schema
def test_every_example_of_a_field_is_valid(schema: Any) -> None:
    for part in [schema, *properties(schema).values()]:
        for example in part.get("examples", []):
            assert validator(part).is_valid(example), part


@each_operation
def test_every_example_of_a_request_has_a_response_of_its_name(operation: Any) -> None:
    if "requestBody" in operation:
        requests = set(asked(operation))
        assert requests == set(content(success(operation)).get("examples", requests))


@each_operation
def test_every_error_response_is_the_error_object(operation: Any) -> None:
    assert set(operation["responses"]) >= ERRORS
    for status, body in responses(operation):
        if not status.startswith("2"):
            assert body["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}


@each_operation
def test_every_operation_has_a_method_and_a_retry_class(operation: Any) -> None:
    assert operation["x-method"].isidentifier()
    assert operation["x-retry"]["class"] in {"safe", "unsafe"}
    assert operation["x-retry"]["reason"].endswith(".")
    assert len(operation["tags"]) == 1


def test_no_two_operations_of_a_tag_share_a_method_name() -> None:
    names = [(operation["tags"][0], operation["x-method"]) for operation in PATHS.values()]

    assert len(names) == len(set(names))


@each_schema
def test_every_description_of_a_schema_is_a_sentence(schema: Any) -> None:
    assert schema["description"].endswith(".")


def test_every_integer_has_its_bounds_written_out() -> None:
    bounds = {"int32": 2**31, "int64": 2**63}
    for path, node in walk(DOCUMENT["components"]):
        if isinstance(node, dict) and "integer" in (kind := node.get("type", ())):
            assert "minimum" in node, path
            assert "maximum" in node, path
            if kind == "integer":
                limit = bounds[node["format"]]
                assert -limit <= node["minimum"] <= node["maximum"] == limit - 1, path


def test_requests_and_responses_accept_unknown_fields() -> None:
    for path, node in walk(DOCUMENT):
        assert not (isinstance(node, dict) and node.get("additionalProperties") is False), path


@each_schema
def test_an_essential_field_is_required_by_the_document(schema: Any) -> None:
    """What a client can't do without, the vendor has to promise."""
    for name, part in schema.get("properties", {}).items():
        if part.get("x-essential"):
            assert name in schema["required"]
            assert "null" not in resolve(part)["type"]


def test_security_is_both_headers_together_and_for_all() -> None:
    assert DOCUMENT["security"] == [{"Key": [], "Sign": []}]
    for operation in EVERYTHING.values():
        assert "security" not in operation


LINKS = {
    f"{name}-{title}": (operation, link)
    for name, operation in PATHS.items()
    for title, link in success(operation).get("links", {}).items()
}


def payload_of(operation: Any) -> Any:
    body = content(operation.get("requestBody", {}))
    return properties(body.get("schema", {})).get("payload", {})


def follow(pointer: str, value: Any) -> Any:
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


@rows(("operation", "link"), LINKS)
def test_every_link_connects_two_existing_fields(operation: Any, link: Any) -> None:
    examples_of = {
        "request.body": asked(operation),
        "response.body": content(success(operation))["examples"],
    }
    target = PATHS[link["operationId"]]
    body = link.get("requestBody", {})
    payload = properties(payload_of(target))
    known = {each["name"] for each in map(resolve, target.get("parameters", ()))}

    assert set(body.get("payload", {})) <= set(payload)
    assert set(link.get("parameters", {})) <= known
    expressions = {**body, **body.get("payload", {}), **link.get("parameters", {})}
    expressions.pop("payload", None)
    for expression in expressions.values():
        source, _, pointer = expression.removeprefix("$").partition("#")
        examples = examples_of[source]
        for example in examples.values():
            assert follow(pointer, example["value"])


def test_a_linked_operation_is_linked_from_everywhere() -> None:
    """Every operation that takes an id has a link that brings one, so that a test can follow it.

    An operation that the mock serves from examples alone can't be followed yet.
    """
    reached = {link["operationId"] for _, link in LINKS.values()}
    takes_id = {
        name
        for name, operation in PATHS.items()
        if name in HANDLERS
        and any(part.get("format") == "uuid" for part in properties(payload_of(operation)).values())
    }

    assert takes_id - reached == {"createSubscription"}
