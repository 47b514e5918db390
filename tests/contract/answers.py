"""Hold any answer against the document, whatever was asked.

Of the mock more is expected than of a stranger: no field that is not documented, numbers written
plainly, a trace id in every refusal, a Date header that is right.
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
    Notice = Callable[[Exchange, str, str], bool]

# An answer's Date is cut to the second, and the answer may have been on its way for a while.
_DATE_TOLERANCE = 2.0
_UNROUTED = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_SECRET = re.compile(r"(secretKey|publicKey)$")
_SHOWN = 60
_DEEPEST = 100
_CODE = re.compile(r"\b\d{3}\b")
_PLAIN_NUMBER = re.compile(r"-?\d+\.\d+")


def inspect(exchange: Exchange, *, mock: bool = True) -> None:
    """Look for anything in an answer that the document does not allow.

    Args:
        exchange: The answer, and what was asked.
        mock: Whether it is our mock's; of a stranger nothing undocumented is asked, and fields
            and values that came after the document was written are allowed.

    Raises:
        Violation: There is something; the first is told, unless it is `noticing` that decides.
    """
    for field, fault in faults(exchange, mock=mock):
        if not _NOTICE.get()(exchange, field, fault):
            raise Violation(field, fault, exchange)


@contextmanager
def noticing(notice: Notice, known: Notice) -> Iterator[None]:
    """Let functions decide what ends a check; each returns whether to go on after a fault.

    A check that ended with the first field that is missing would test nothing else of a server.

    Args:
        notice: Is given each fault that `inspect` sees.
        known: Is given what else differs from what was expected, by `is_known`.
    """
    tokens = _NOTICE.set(notice), _KNOWN.set(known)
    try:
        yield
    finally:
        _NOTICE.reset(tokens[0])
        _KNOWN.reset(tokens[1])


def is_known(exchange: Exchange, field: str, text: str) -> bool:
    """Tell whether the target is known for a difference, so that a check can go on after it."""
    return _KNOWN.get()(exchange, field, text)


def _never(exchange: Exchange, field: str, text: str) -> bool:
    return False


_NOTICE: ContextVar[Notice] = ContextVar("_NOTICE", default=_never)
_KNOWN: ContextVar[Notice] = ContextVar("_KNOWN", default=_never)


def faults(exchange: Exchange, *, mock: bool = True) -> Iterator[Fault]:
    """Find all that is wrong with an answer, field and text of each; as for `inspect`."""
    known = exchange.label in document.places()
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
        said = _seconds(date)
    except ValueError:
        yield "date", f"expected a date of HTTP, got {date!r}"
        return
    earliest, latest = exchange.began - _DATE_TOLERANCE, exchange.began + exchange.seconds
    if not earliest <= said <= latest + _DATE_TOLERANCE:
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
    return schemas.answer_schema(label, status), schemas.answer_validator(label, status)


@cache
def _error_validator() -> Draft202012Validator:
    return schemas.compiled(schemas.error_schema())


def read(content: bytes, *, plain: bool = True) -> Any:
    """Read JSON, numbers exact.

    Args:
        content: UTF-8.
        plain: Whether numbers have to do without an exponent.

    Raises:
        ValueError: It is not JSON, names a member twice, has half a surrogate pair in a text, is
            nested too deeply.
    """
    try:
        value = json.loads(
            content.decode(),
            parse_float=partial(_decimal, plain=plain),
            parse_constant=_refuse_constant,
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


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is none")


def _members(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice} is there twice")
    return members


def _schema_faults(validator: Draft202012Validator, value: Any, *, mock: bool) -> Iterator[Fault]:
    for error in validator.iter_errors(value):
        if error.kind.name == "enum" and not mock:
            continue
        path, details = list(error.instance_path), error.kind.as_dict()
        if error.kind.name == "required":
            yield text((*path, details["property"])), "expected it, got none"
            continue
        # What a choice has to say of each of its options is long, and may show what is secret.
        told = details.items() if "context" not in details else ()
        limits = ", ".join(f"{name} {limit}" for name, limit in told)
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
        properties, others = schema.get("properties"), schema.get("additionalProperties")
        for name, inner in value.items():
            if name in (properties or {}):
                yield from _undocumented(properties[name], inner, (*path, name))
            elif isinstance(others, dict):
                yield from _undocumented(others, inner, (*path, name))
            elif properties is not None and not others:
                yield text((*path, name)), "expected nothing undocumented, got a field"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _undocumented(schema.get("items", {}), item, (*path, number))
    elif schema.get("type") in ("integer", ["integer", "null"]):
        yield text(path), f"expected a whole number written as one, got {value}"


def _error_faults(value: Any, *, mock: bool) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    code = value.get("errorCode")
    if isinstance(code, str) and code not in codes():
        yield "errorCode", f"expected a documented one, got {code[:_SHOWN]!r}"
    if value.get("message") == "":
        yield "message", "expected words, got an empty text"
    if mock and code is not None and not value.get("traceId"):
        yield "traceId", "expected one in every refusal, got none"


def code(exchange: Exchange) -> str | None:
    """Return the errorCode of a response; None where there is none, or it cannot be read."""
    try:
        return exchange.code
    except (ArithmeticError, RecursionError):
        return None


@cache
def codes() -> frozenset[str]:
    """Return the documented error codes: of the schema's words and enum, and of the examples."""
    schema = schemas.error_schema()["properties"]["errorCode"]
    listed = {*_CODE.findall(schema.get("description", "")), *schema.get("enum", ())}
    return frozenset(listed.union(code for code, _ in _refusals()))


@cache
def messages() -> dict[str, str]:
    """Return the message of each code that always says the same, from the document's examples."""
    said: dict[str, set[str]] = {}
    for code, message in _refusals():
        said.setdefault(code, set()).add(message)
    return {code: each.pop() for code, each in said.items() if len(each) == 1 and code != "001"}


@cache
def all_messages() -> frozenset[str]:
    """Return the messages of all examples of the document."""
    return frozenset(message for _, message in _refusals())


def _refusals() -> Iterator[tuple[str, str]]:
    for operation in document.places():
        for status in schemas.statuses(operation):
            for example in schemas.answer_examples(operation, status).values():
                if isinstance(example, dict) and {"errorCode", "message"} <= example.keys():
                    yield example["errorCode"], example["message"]
