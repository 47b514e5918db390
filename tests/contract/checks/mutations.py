"""Change one thing in a valid request; the document's schemas decide whether it is still valid."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.contract import schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema_rs import ValidationError

    from tests.contract.schemas import Json, Location, Path

# Values of each JSON type, some easily mistaken for another.
_OF_EACH_TYPE: tuple[Any, ...] = (None, True, 0, 1, 1.5, "", "text", [], {})
_TEXTS = (
    *("", " ", "0", "null", "'\"\\/", "<b>&amp;</b>", "%00%n%s", "../../etc/passwd", "${7*7}"),
    *(
        "a\0b",
        "\0",
        "Ž🙂\u200f\u2028",
        "\x7f\ufeff",
        "a\r\nb\tc",
        "x" * 5_000,
        "'; DROP TABLE x; --",
        "([",
    ),
)
_BROKEN_TEXTS = ("\ud800", "a\udfffb")
_HUGE = 10**30


@dataclass(frozen=True)
class Change:
    """A request with one thing changed.

    Attributes:
        operation: The operation.
        path: The path of the changed value.
        body: The changed request.
    """

    operation: str
    path: Path
    body: Json

    @property
    def faults(self) -> list[str]:
        """Return the fields that are invalid for the document's schema."""
        errors = schemas.request_validator(self.operation).iter_errors(self.body)
        return [_field(error) for error in errors]


def of_types(location: Location) -> Iterator[Any]:
    """Yield values of each JSON type, and this value as a text, in a list and in an object."""
    yield from _OF_EACH_TYPE
    yield json.dumps(location.value)
    yield [location.value]
    yield {"value": location.value}
    if isinstance(location.value, dict | list):
        yield [[]]


def of_texts(location: Location) -> Iterator[Any]:
    """Yield odd texts for a free text."""
    if _is_free(location.schema):
        yield from _TEXTS
        yield str(location.value).swapcase()
        yield f" {location.value} "


def of_broken_texts(location: Location) -> Iterator[Any]:
    """Yield texts that JSON can write but that are not valid: with half a surrogate pair."""
    if location.schema.get("type") == "string":
        yield from _BROKEN_TEXTS


def of_formats(location: Location) -> Iterator[Any]:
    """Yield texts that are almost enum values, or almost ids."""
    value = location.value
    if not isinstance(value, str):
        return
    if "enum" in location.schema:
        yield from ("UNKNOWN", "", value.lower(), value + " ", " " + value, value[:-1], value + "S")
        yield from (value.title(), value + "\n", f"{value},{value}", value.replace("_", "-") + "-")
        yield from location.schema["enum"]
    if location.schema.get("format") == "uuid":
        yield from _ids(value)


def of_bounds(location: Location) -> Iterator[Any]:
    """Yield values at the documented bounds and beyond, and whole numbers with a decimal point."""
    schema = location.schema
    yield from _numbers(location)
    for name, beyond in (("minLength", -1), ("maxLength", 1)):
        if name in schema:
            yield from ("x" * schema[name], "x" * (schema[name] + beyond))
    for name, beyond in (("minItems", -1), ("maxItems", 1)):
        if name in schema and location.value:
            yield from (
                location.value[:1] * schema[name],
                location.value[:1] * (schema[name] + beyond),
            )
    if isinstance(location.value, list):
        yield from ([], location.value * 2, location.value * 200)


def _numbers(location: Location) -> Iterator[Any]:
    schema = location.schema
    for name, beyond in (("minimum", -1), ("maximum", 1)):
        if name in schema and "integer" in schema.get("type", ()):
            yield from (schema[name], schema[name] + beyond, beyond * _HUGE)
    if schema.get("type") == "integer":
        yield from (float(location.value), location.value + 0.5, -0.5)


def changes(
    operation_id: str, make: Callable[[], Json], values: Callable[[Location], Iterator[Any]]
) -> Iterator[Change]:
    """Yield requests with another value at one location.

    Args:
        operation_id: The operation.
        make: Returns a valid request with the current time.
        values: Returns the values to try at a location.
    """
    for location in schemas.locations(schemas.request_schema(operation_id), make()):
        for value in values(location):
            body = make()
            put(body, location.path, value)
            yield Change(operation_id, location.path, body)


def omissions(operation_id: str, make: Callable[[], Json]) -> Iterator[Change]:
    """Yield requests without one of their members."""
    for location in schemas.locations(schemas.request_schema(operation_id), make()):
        if isinstance(location.path[-1], str):
            body = make()
            del _holder(body, location.path)[location.path[-1]]
            yield Change(operation_id, location.path, body)


def additions(operation_id: str, make: Callable[[], Json], members: Json) -> Iterator[Json]:
    """Yield requests with undocumented members in one of their objects."""
    found = schemas.locations(schemas.request_schema(operation_id), make())
    paths: list[Path] = [
        (),
        *(location.path for location in found if isinstance(location.value, dict)),
    ]
    for path in paths:
        body = make()
        _at(body, path).update(copy.deepcopy(members))
        yield body


def _field(error: ValidationError) -> str:
    missing = [error.kind.as_dict()["property"]] if error.kind.name == "required" else []
    return schemas.text((*error.instance_path, *missing))


def _is_free(schema: Json) -> bool:
    return schema.get("type") == "string" and "enum" not in schema and "format" not in schema


def _ids(value: str) -> Iterator[str]:
    yield from ("not-an-id", "", value[:-1], value + "0", value.replace("-", ""), f"{{{value}}}")
    yield from (f"urn:uuid:{value}", value + "\n", " " + value, value[:-1] + "g", value * 2)
    yield from (value.replace("-", "_"), value.replace("-", " "), value[1:] + "-", "é" * 36)
    yield value.upper()


def _at(body: Any, path: Path) -> Any:
    for part in path:
        body = body[part]
    return body


def _holder(body: Json, path: Path) -> Any:
    return _at(body, path[:-1])


def put(body: Json, path: Path, value: Any) -> None:
    """Replace the value at a path of a request."""
    _holder(body, path)[path[-1]] = value
