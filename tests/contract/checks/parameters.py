"""Are the parameters of paths and queries checked as the document has it?"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.contract import schemas
from tests.contract.checks.bench import Bench
from tests.contract.suite import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json
    from tests.contract.suite import Lab

_TEXTS = ("", " ", "x", "null", "-1", "0", "1.5", "0x10", "true", "9" * 30, "Ž🙂", "a&b=c", "/")


@check("a parameter that the document does not allow is refused with 001, and no other")
def values(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            for each in schemas.parameters(operation):
                for text in _texts(each):
                    path = bench.path(operation, {each["name"]: [text]})
                    answer = bench.send(operation, bench.body(operation), path=path)
                    if is_right(each, text):
                        bench.accept(answer)
                    else:
                        bench.refuse(answer, "001", fields=_fields(each), also=("004",))


@check("a parameter left out is refused with 001 where it is required, and only there")
def omissions(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            for each in schemas.parameters(operation):
                if each["in"] == "query":
                    path = bench.path(operation, {each["name"]: []})
                    answer = bench.send(operation, bench.body(operation), path=path)
                    if each.get("required"):
                        bench.refuse(answer, "001", fields=_fields(each), also=("004",))
                    else:
                        bench.accept(answer)


@cache
def wrong_one(operation_id: str) -> dict[str, list[str]]:
    """Return a parameter with a text that it cannot have; nothing where any will do."""
    wrong = (
        {each["name"]: [text]}
        for each in schemas.parameters(operation_id)
        for text in _texts(each)
        if not is_right(each, text)
    )
    return next(wrong, {})


def is_right(parameter: Json, text: str) -> bool:
    """Tell whether a text is a value of a parameter, whichever type it is read as."""
    is_valid = schemas.compiled(parameter["schema"]).is_valid
    readings: list[Any] = [text]
    with suppress(ValueError):
        readings.append(json.loads(text))
    is_list = schemas.resolve(parameter["schema"]).get("type") == "array"
    return any(is_valid([each] if is_list else each) for each in readings)


def _texts(parameter: Json) -> Iterator[str]:
    """Make texts at the borders of a parameter, and odd ones."""
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
        # Without a text a path is another one.
        if parameter["in"] == "query" or text.strip("/"):
            yield text


def _fields(parameter: Json) -> list[str]:
    field = f"{parameter['in']}.{parameter['name']}"
    return [field, f"{field}[0]"]
