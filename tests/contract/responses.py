"""Check any response against the document, whatever the request.

The mock is checked more strictly than other servers: no undocumented fields, numbers without
exponents, a trace id in every error, a correct Date header.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Never

from tests.contract import document, schemas
from tests.contract.schemas import text
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema_rs import Draft202012Validator

    from tests.contract.schemas import Json, Path
    from tests.contract.session import Exchange

    Fault = tuple[str, str]
    FaultHandler = Callable[[Exchange, str, str], bool]

# A response's Date has no fractions of a second, and the response may have taken a while.
_DATE_TOLERANCE = 2.0
_UNROUTED = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_SECRET = re.compile(r"(secretKey|publicKey)$")
_SHOWN = 60
_DEEPEST = 100
_CODE = re.compile(r"\b\d{3}\b")
_PLAIN_NUMBER = re.compile(r"-?\d+\.\d+")


def inspect(exchange: Exchange, *, mock: bool = True) -> None:
    """Check a response for anything that the document does not allow.

    Args:
        exchange: The request and its response.
        mock: Whether it is our mock's; for another server undocumented behaviour is not checked,
            and new fields and values are allowed.

    Raises:
        Violation: There is a fault, and no `handling_faults` decides otherwise. The first one.
    """
    for field, fault in faults(exchange, mock=mock):
        if not _ON_FAULT.get()(exchange, field, fault):
            raise Violation(field, fault, exchange)


@contextmanager
def handling_faults(on_fault: FaultHandler, known: FaultHandler) -> Iterator[None]:
    """Let functions decide which faults end a check; each returns whether the check continues.

    A check that ended at the first missing field would test nothing else of a server.

    Args:
        on_fault: Gets each fault that `inspect` finds.
        known: Gets each other difference, from `is_known`.
    """
    tokens = _ON_FAULT.set(on_fault), _IS_KNOWN.set(known)
    try:
        yield
    finally:
        _ON_FAULT.reset(tokens[0])
        _IS_KNOWN.reset(tokens[1])


def is_known(exchange: Exchange, field: str, text: str) -> bool:
    """Return whether a difference is known, so that a check can continue after it."""
    return _IS_KNOWN.get()(exchange, field, text)


def _never(exchange: Exchange, field: str, text: str) -> bool:
    return False


_ON_FAULT: ContextVar[FaultHandler] = ContextVar("_NOTICE", default=_never)
_IS_KNOWN: ContextVar[FaultHandler] = ContextVar("_KNOWN", default=_never)


def faults(exchange: Exchange, *, mock: bool = True) -> Iterator[Fault]:
    """Yield all faults of a response, field and text of each; as for `inspect`."""
    known = exchange.label in document.routes()
    if not known and not mock:
        return
    status_faults = list(_status_faults(exchange, known=known))
    yield from status_faults
    yield from _header_faults(exchange, mock=mock)
    if not status_faults:
        yield from _content_faults(exchange, known=known, mock=mock)


def _status_faults(exchange: Exchange, *, known: bool) -> Iterator[Fault]:
    status = exchange.status
    documented = schemas.statuses(exchange.label) if known else _UNROUTED
    if status not in documented:
        expected = ", ".join(str(int(each)) for each in sorted(documented))
        yield "status", f"expected one of {expected}, got {status}"
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        yield "status", f"a request broke the server: {status}"


def _header_faults(exchange: Exchange, *, mock: bool) -> Iterator[Fault]:
    length = exchange.headers.get("content-length")
    if length is None and mock:
        yield "content-length", "expected the header, got none"
    if length is not None and length != str(len(exchange.content)):
        yield "content-length", f"expected {len(exchange.content)}, got {length}"
    if mock:
        yield from _date_faults(exchange)


@lru_cache(maxsize=16)
def _seconds(date: str) -> float:
    return parsedate_to_datetime(date).timestamp()


def _date_faults(exchange: Exchange) -> Iterator[Fault]:
    date = exchange.headers.get("date", "")
    try:
        seconds = _seconds(date)
    except ValueError:
        yield "date", f"expected an HTTP date, got {date!r}"
        return
    earliest, latest = exchange.began - _DATE_TOLERANCE, exchange.began + exchange.seconds
    if not earliest <= seconds <= latest + _DATE_TOLERANCE:
        expected = datetime.fromtimestamp(exchange.began, UTC).isoformat(timespec="seconds")
        yield "date", f"expected about {expected}, got {date}"


def _content_faults(exchange: Exchange, *, known: bool, mock: bool) -> Iterator[Fault]:
    schema, validator = _expected(exchange, known=known)
    if schema is None or validator is None:
        if exchange.content:
            yield "body", f"expected no content, got {len(exchange.content)} bytes"
        return
    kind = exchange.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "application/json":
        yield "content-type", f"expected application/json, got {kind or 'none'}"
    try:
        value = read(exchange.content, plain=mock)
    except ValueError as error:
        yield "body", f"expected JSON: {error}"
        return
    yield from _schema_faults(validator, value, mock=mock)
    if mock:
        yield from _undocumented(schema, value)
    if not known or exchange.status >= HTTPStatus.BAD_REQUEST:
        yield from _error_faults(value, mock=mock)


def _expected(exchange: Exchange, *, known: bool) -> tuple[Json | None, Any]:
    if not known:
        return schemas.error_schema(), _error_validator()
    label, status = exchange.label, exchange.status
    return schemas.response_schema(label, status), schemas.response_validator(label, status)


@cache
def _error_validator() -> Draft202012Validator:
    return schemas.compiled(schemas.error_schema())


def read(content: bytes, *, plain: bool = True) -> Any:
    """Read JSON, numbers exact.

    Args:
        content: UTF-8.
        plain: Whether numbers must not have an exponent.

    Raises:
        ValueError: It is not JSON, has a duplicate member or half a surrogate pair, or is nested
            too deeply.
    """
    try:
        value = json.loads(
            content.decode(),
            parse_float=partial(_decimal, plain=plain),
            parse_constant=_reject_constant,
            object_pairs_hook=_members,
        )
        is_deep = _is_deep(value)
    except RecursionError:
        is_deep = True
    if is_deep:
        raise ValueError(f"it is nested deeper than {_DEEPEST} levels")
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair in a text") from None
    return value


def _is_deep(value: Any) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [each for some in inner for each in some if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _decimal(number: str, *, plain: bool) -> Decimal:
    if plain and not _PLAIN_NUMBER.fullmatch(number):
        raise ValueError(f"a number is written as {number[:_SHOWN]}")
    try:
        return Decimal(number)
    except ArithmeticError:
        raise ValueError(f"a number is written as {number[:_SHOWN]}") from None


def _reject_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice} is duplicated")
    return members


def _schema_faults(validator: Draft202012Validator, value: Any, *, mock: bool) -> Iterator[Fault]:
    for error in validator.iter_errors(value):
        if error.kind.name == "enum" and not mock:
            continue
        path, details = list(error.instance_path), error.kind.as_dict()
        if error.kind.name == "required":
            yield text((*path, details["property"])), "expected it, got none"
            continue
        # The details of oneOf and anyOf are long, and may contain secrets.
        shown = details.items() if "context" not in details else ()
        limits = ", ".join(f"{name} {limit}" for name, limit in shown)
        where = text(tuple(path)) or "body"
        yield where, f"expected {limits or error.kind.name}, got {_show(value, path)}"


def _show(value: Any, path: list[str | int]) -> str:
    for part in path:
        value = value[part]
    if _SECRET.search(text(tuple(path))) or isinstance(value, dict | list):
        return f"a JSON {_NAMES[type(value)]}"
    return json.dumps(value, default=str)[:_SHOWN]


_NAMES = {
    str: "string",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


def _undocumented(schema: Json, value: Any, path: Path = ()) -> Iterator[Fault]:
    if not isinstance(value, dict | list | Decimal):
        return
    schema = schemas.of(schema, value)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _undocumented_member(schema, name, inner, path)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _undocumented(schema.get("items", {}), item, (*path, number))
    elif schema.get("type") in ("integer", ["integer", "null"]):
        yield text(path), f"expected a whole number written as one, got {value}"


def _undocumented_member(schema: Json, name: str, value: Any, path: Path) -> Iterator[Fault]:
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    if name in (properties or {}):
        yield from _undocumented(properties[name], value, (*path, name))
    elif isinstance(others, dict):
        yield from _undocumented(others, value, (*path, name))
    elif properties is not None and not others:
        yield text((*path, name)), "expected nothing undocumented, got a field"


def _error_faults(value: Any, *, mock: bool) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    code = value.get("errorCode")
    if isinstance(code, str) and code not in codes():
        yield "errorCode", f"expected a documented one, got {code[:_SHOWN]!r}"
    if value.get("message") == "":
        yield "message", "expected a text, got an empty one"
    if mock and code is not None and not value.get("traceId"):
        yield "traceId", "expected one in every error, got none"


def code(exchange: Exchange) -> str | None:
    """Return the errorCode of a response; None if there is none, or it cannot be read."""
    try:
        return exchange.code
    except (ArithmeticError, RecursionError):
        return None


@cache
def codes() -> frozenset[str]:
    """Return the documented error codes: of the schema and of the examples."""
    schema = schemas.error_schema()["properties"]["errorCode"]
    listed = {*_CODE.findall(schema.get("description", "")), *schema.get("enum", ())}
    return frozenset(listed.union(code for code, _ in _error_examples()))


@cache
def messages() -> dict[str, str]:
    """Return the messages of the codes that always have the same, from the document's examples."""
    by_code: dict[str, set[str]] = {}
    for code, message in _error_examples():
        by_code.setdefault(code, set()).add(message)
    same = {code: each for code, each in by_code.items() if len(each) == 1}
    return {code: each.pop() for code, each in same.items() if code != "001"}


@cache
def all_messages() -> frozenset[str]:
    """Return the messages of all error examples."""
    return frozenset(message for _, message in _error_examples())


def _error_examples() -> Iterator[tuple[str, str]]:
    for operation in document.routes():
        for status in schemas.statuses(operation):
            for example in schemas.response_examples(operation, status).values():
                if isinstance(example, dict) and {"errorCode", "message"} <= example.keys():
                    yield example["errorCode"], example["message"]
