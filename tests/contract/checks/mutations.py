"""Change one thing in a request that is right; the document's schemas say what has become wrong."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.contract import schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema_rs import ValidationError

    from tests.contract.schemas import Json, Path, Place

# One of each JSON type, and some that are easily taken for another.
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
        operation: Whose request.
        path: What was changed.
        body: The request as it is now.
    """

    operation: str
    path: Path
    body: Json

    @property
    def faults(self) -> list[str]:
        """Return the fields that the document's schema does not allow any more."""
        errors = schemas.request_validator(self.operation).iter_errors(self.body)
        return [_field(error) for error in errors]


def of_types(place: Place) -> Iterator[Any]:
    """Make a value of each JSON type, this value as a text, and within a list and an object."""
    yield from _OF_EACH_TYPE
    yield json.dumps(place.value)
    yield [place.value]
    yield {"value": place.value}
    if isinstance(place.value, dict | list):
        yield [[]]


def of_texts(place: Place) -> Iterator[Any]:
    """Make odd texts for a text that may be anything."""
    if _is_free(place.schema):
        yield from _TEXTS
        yield str(place.value).swapcase()
        yield f" {place.value} "


def of_broken_texts(place: Place) -> Iterator[Any]:
    """Make texts that JSON can write and that are none, with half a surrogate pair."""
    if place.schema.get("type") == "string":
        yield from _BROKEN_TEXTS


def of_formats(place: Place) -> Iterator[Any]:
    """Make texts that are almost members of an enum, and ids that are almost ids."""
    value = place.value
    if not isinstance(value, str):
        return
    if "enum" in place.schema:
        yield from ("UNKNOWN", "", value.lower(), value + " ", " " + value, value[:-1], value + "S")
        yield from (value.title(), value + "\n", f"{value},{value}", value.replace("_", "-") + "-")
        yield from place.schema["enum"]
    if place.schema.get("format") == "uuid":
        yield from _ids(value)


def of_bounds(place: Place) -> Iterator[Any]:
    """Make values at the documented bounds and beyond, and whole numbers with a point."""
    schema = place.schema
    for name, beyond in (("minimum", -1), ("maximum", 1)):
        if name in schema and "integer" in schema.get("type", ()):
            yield from (schema[name], schema[name] + beyond, beyond * _HUGE)
    if schema.get("type") == "integer":
        yield from (float(place.value), place.value + 0.5, -0.5)
    for name, beyond in (("minLength", -1), ("maxLength", 1)):
        if name in schema:
            yield from ("x" * schema[name], "x" * (schema[name] + beyond))
    for name, beyond in (("minItems", -1), ("maxItems", 1)):
        if name in schema and place.value:
            yield from (place.value[:1] * schema[name], place.value[:1] * (schema[name] + beyond))
    if isinstance(place.value, list):
        yield from ([], place.value * 2, place.value * 200)


def changes(
    operation_id: str, make: Callable[[], Json], values: Callable[[Place], Iterator[Any]]
) -> Iterator[Change]:
    """Put other values into each place of a request in turn.

    Args:
        operation_id: Whose request.
        make: Makes a request that is right, with the time of now.
        values: The values to put into a place.
    """
    for place in schemas.places(schemas.request_schema(operation_id), make()):
        for value in values(place):
            body = make()
            put(body, place.path, value)
            yield Change(operation_id, place.path, body)


def omissions(operation_id: str, make: Callable[[], Json]) -> Iterator[Change]:
    """Leave out each member of a request in turn."""
    for place in schemas.places(schemas.request_schema(operation_id), make()):
        if isinstance(place.path[-1], str):
            body = make()
            del _holder(body, place.path)[place.path[-1]]
            yield Change(operation_id, place.path, body)


def additions(operation_id: str, make: Callable[[], Json], members: Json) -> Iterator[Json]:
    """Add undocumented members to each object of a request in turn."""
    found = schemas.places(schemas.request_schema(operation_id), make())
    paths: list[Path] = [(), *(place.path for place in found if isinstance(place.value, dict))]
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
    """Put another value into a place of a request."""
    _holder(body, path)[path[-1]] = value
