"""Checks of the keywords of a single schema."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from generator import document as doc
from generator.locations import located_schemas
from generator.problems import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

_UNSUPPORTED = (
    *("$anchor", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveRef", "definitions"),
    *("contains", "dependencies", "dependentRequired", "dependentSchemas", "else", "if", "not"),
    *("patternProperties", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
)
# Allowed beside a reference, as extensions are: these keywords do not restrict the value.
_REMARKS = frozenset(
    (
        *("$comment", "$ref", "default", "deprecated", "description", "example", "examples"),
        *("readOnly", "summary", "title", "writeOnly"),
    )
)
_CHOICES = ("allOf", "anyOf", "oneOf")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_COUNTS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_MOST = 2**53
_SWITCHES = ("deprecated", "readOnly", "uniqueItems", "writeOnly")
# A lower limit, an upper one, and whether both may be the same number.
_ORDERED = (
    ("minimum", "maximum", True),
    ("minimum", "exclusiveMaximum", False),
    ("exclusiveMinimum", "maximum", False),
    ("exclusiveMinimum", "exclusiveMaximum", False),
    *((low, high, True) for low, high in _COUNTS),
)


def faults(document: Node) -> Iterator[Fault]:
    """Yield what is wrong with the keywords of each schema."""
    for located in located_schemas(document):
        for rule in (_words, _empty, _limits, _counts, _order, _pattern, _repeated, _switches):
            for key, text in rule(located.schema):
                yield Fault(f"{located.pointer}/{key}", f"{located.label}: {text}")


def _words(schema: Node) -> Iterator[tuple[str, str]]:
    if "nullable" in schema:
        yield "nullable", 'has nullable, a word of OpenAPI 3.0; write type: [string, "null"]'
    for word in _UNSUPPORTED:
        if word in schema:
            yield word, f"has {word}, which is not supported; leave it out"
    for word in schema if "$ref" in schema else ():
        if word not in _REMARKS and not word.startswith("x-"):
            yield word, f"has {word} beside $ref, which is not read; write it where that leads"


def _empty(schema: Node) -> Iterator[tuple[str, str]]:
    for word in _CHOICES:
        if word in schema and not schema[word]:
            yield word, f"has an empty {word}; leave it out, or write what it consists of"
    if schema.get("type") == []:
        yield "type", "has no type in the list of its types; leave type out for any value"


def _limits(schema: Node) -> Iterator[tuple[str, str]]:
    for word in (*_LIMITS, "multipleOf"):
        value: Any = schema.get(word)
        if word not in schema:
            continue
        if isinstance(value, bool) and word.startswith("exclusive"):
            yield word, f"has {word}: {_shown(value)} of OpenAPI 3.0; write the number there"
        elif not _is_number(value):
            yield word, f"has {word}: {_shown(value)}; write a number such as 10 or 0.5, unquoted"
        elif word == "multipleOf" and value <= 0:
            yield word, f"has multipleOf: {_shown(value)}; it has to be more than 0"


def _counts(schema: Node) -> Iterator[tuple[str, str]]:
    for word in (word for both in _COUNTS for word in both):
        if word in schema and not _is_count(schema[word]):
            yield word, f"has {word}: {_shown(schema[word])}; write a whole number from 0 on"


def _order(schema: Node) -> Iterator[tuple[str, str]]:
    for low, high, same in _ORDERED:
        least: Any = schema.get(low)
        most: Any = schema.get(high)
        if not (_is_number(least) and _is_number(most)):
            continue
        if least > most or (least == most and not same):
            yield high, f"has {low} {least} and {high} {most}, which no value fits; correct one"


def _pattern(schema: Node) -> Iterator[tuple[str, str]]:
    pattern = schema.get("pattern")
    if "pattern" not in schema:
        return
    if not isinstance(pattern, str):
        yield "pattern", f"has pattern: {_shown(pattern)}; write the pattern as a text"
        return
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        yield "pattern", f"has a pattern that Python can't read ({error}): {pattern!r}; correct it"


def _repeated(schema: Node) -> Iterator[tuple[str, str]]:
    values = schema.get("enum")
    if not isinstance(values, list):
        return
    written = [doc.to_json(value) for value in values]
    for first, second in pairwise(sorted(range(len(written)), key=lambda at: (written[at], at))):
        if written[first] == written[second]:
            yield f"enum/{second}", f"has {written[second]} twice in its enum; delete one"


def _switches(schema: Node) -> Iterator[tuple[str, str]]:
    for word in _SWITCHES:
        if not isinstance(schema.get(word, False), bool):
            yield word, f"has {word}: {_shown(schema[word])}; write true, or leave it out"
    if not isinstance(schema.get("additionalProperties", True), bool | dict):
        found = _shown(schema["additionalProperties"])
        yield (
            "additionalProperties",
            f"has additionalProperties: {found}; write a schema, true or false",
        )


def _is_number(value: Any) -> bool:  # noqa: ANN401 - any node
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:  # noqa: ANN401 - any node
    return _is_number(value) and 0 <= value <= _MOST and value == int(value)


def _shown(value: Any) -> str:  # noqa: ANN401 - any node
    return doc.to_json(value, "").replace("\n", " ")
