"""Are path and query parameters validated as documented?"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.contract import schemas
from tests.contract.checks.api_client import ApiClient
from tests.contract.suite import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json
    from tests.contract.suite import Context

_TEXTS = ("", " ", "x", "null", "-1", "0", "1.5", "0x10", "true", "9" * 30, "Ž🙂", "a&b=c", "/")


@check("a parameter is rejected with 001 if the document does not allow it, and only then")
def values(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            for each in schemas.parameters(operation):
                for text in _texts(each):
                    path = api.path(operation, {each["name"]: [text]})
                    response = api.send(operation, api.body(operation), path=path)
                    if is_right(each, text):
                        api.expect_success(response)
                    else:
                        api.expect_rejection(response, "001", fields=_fields(each), also=("004",))


@check("a missing parameter is rejected with 001 if it is required, and only then")
def omissions(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            for each in schemas.parameters(operation):
                if each["in"] == "query":
                    path = api.path(operation, {each["name"]: []})
                    response = api.send(operation, api.body(operation), path=path)
                    if each.get("required"):
                        api.expect_rejection(response, "001", fields=_fields(each), also=("004",))
                    else:
                        api.expect_success(response)


@cache
def wrong_one(operation_id: str) -> dict[str, list[str]]:
    """Return a parameter with an invalid text; empty if every text is valid."""
    wrong = (
        {each["name"]: [text]}
        for each in schemas.parameters(operation_id)
        for text in _texts(each)
        if not is_right(each, text)
    )
    return next(wrong, {})


def is_right(parameter: Json, text: str) -> bool:
    """Return whether a text is a valid value of a parameter, whatever type it is read as."""
    is_valid = schemas.compiled(parameter["schema"]).is_valid
    readings: list[Any] = [text]
    with suppress(ValueError):
        readings.append(json.loads(text))
    is_list = schemas.resolve(parameter["schema"]).get("type") == "array"
    return any(is_valid([each] if is_list else each) for each in readings)


def _texts(parameter: Json) -> Iterator[str]:
    """Yield texts at the bounds of a parameter, and odd ones."""
    schema = schemas.resolve(parameter["schema"])
    schema = schemas.resolve(schema["items"]) if schema.get("type") == "array" else schema
    found = [*_TEXTS, *schemas.texts(parameter), *map(str, schema.get("enum", ()))]
    for name, beyond in (("minimum", -1), ("maximum", 1)):
        if name in schema:
            found += [str(schema[name]), str(schema[name] + beyond)]
    for name, beyond in (("minLength", -1), ("maxLength", 1)):
        if name in schema:
            found += ["x" * schema[name], "x" * (schema[name] + beyond)]
    for text in dict.fromkeys(found):
        # An empty text would make another path.
        if parameter["in"] == "query" or text.strip("/"):
            yield text


def _fields(parameter: Json) -> list[str]:
    field = f"{parameter['in']}.{parameter['name']}"
    return [field, f"{field}[0]"]
