"""Is a body rejected that is not a JSON object, without breaking the server?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.contract.checks.api_client import ApiClient
from tests.contract.suite import check
from tests.contract.wire import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json
    from tests.contract.suite import Context

_MEGABYTE = 1024 * 1024
_DEPTHS = (100, 5_000, 100_000)


@check("a body that is not JSON is rejected with 001", "a near server")
def no_json(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for content in _no_json(json.dumps(api.body(operation)).encode()):
                response = api.send(operation, content)
                api.expect_rejection(response, "001", also=("003", "004", "011"))


@check("a JSON body that is not an object is rejected with 001", "a near server")
def no_object(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            body = api.body(operation)
            values: list[Any] = [None, True, False, 0, 1.5, "", "text", json.dumps(body), [], [[]]]
            for value in [*values, [body]]:
                response = api.send(operation, json.dumps(value).encode())
                api.expect_rejection(response, "001", also=("003", "004", "011"))


@check("ambiguous JSON breaks nothing; the mock rejects it with 001", "a near server")
def odd_json(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for content in _odd_json(api.body(operation)):
                response = api.send(operation, content)
                if api.is_mock:
                    api.expect_rejection(response, "001")
                else:
                    api.expect_documented(response)


@check("numbers may be written in any way", "mock")
def numbers(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body("timestamp"):
            for form in (".0", ".000000", "e0", "0E-1"):
                body = api.body(operation)
                stamp = str(body["timestamp"])
                text = json.dumps(body).replace(stamp, stamp + form)
                api.expect_success(api.send(operation, text.encode()))
            for number in ("-0.0", "1E+2", "0.1e-7", "9" * 100, "1e100"):
                text = json.dumps(api.body(operation))
                content = f'{text[:-1]}, "unknown": {number}}}'.encode()
                api.expect_success(api.send(operation, content))


@check("of duplicate members the last one counts: account, timestamp and payload", "mock")
def duplicates(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for name, wrong, code in _wrong_members(api, operation):
                right = json.dumps(api.body(operation))
                pair = f"{json.dumps(name)}: {json.dumps(wrong)}"
                api.expect_success(api.send(operation, f"{{{pair}, {right[1:]}".encode()))
                last = f"{right[:-1]}, {pair}}}".encode()
                api.expect_rejection(api.send(operation, last), code)


def _wrong_members(api: ApiClient, operation: str) -> Iterator[tuple[str, object, str]]:
    wrong: tuple[tuple[str, object, str], ...] = (
        ("account", "0x" + "0" * 40, "004"),
        ("account", None, "001"),
        ("timestamp", now() - 600_000, "011"),
        ("timestamp", "now", "001"),
        ("payload", None, "001"),
        ("payload", [], "001"),
    )
    yield from (each for each in wrong if each[0] in api.body(operation))


def _no_json(right: bytes) -> Iterator[bytes]:
    yield from (b"", b" ", b"\0", b"{", b"}", b"[", b'"', b"nul", b"undefined", b"<xml/>", b"\xff")
    yield from (right[:-1], right[1:], right[: len(right) // 2], right[:-1] + b",}")
    yield from (
        right + b"x",
        right + b"}",
        right + right,
        right + b",",
        right + b"\0",
        b"\0" + right,
    )
    yield from (b"a=b&c=d", b"--x\r\n\r\n--x--", right.replace(b'"', b"'"), b"(" + right + b")")
    yield from (right[:-1] + b', "a": }', right[:-1] + b', "a" 1}', right[:-1] + b", a: 1}")
    yield from (right[:-1] + b', "a": 01}', right[:-1] + b', "a": .5}', right[:-1] + b', "a": 1.}')
    yield from (
        right[:-1] + b', "a": 0x1F}',
        right[:-1] + b', "a": +1}',
        right[:-1] + b', "a": 1e}',
    )
    yield from (right[:-1] + b', "a": "\n"}', right[:-1] + b', "a": "\\x41"}')
    yield right[:-1] + b', "a": "\xc3\x28"}'


def _odd_json(body: Json) -> Iterator[bytes]:
    right = json.dumps(body).encode()
    yield from (b"\xef\xbb\xbf" + right, right.decode().encode("utf-16"))
    yield from (right.decode().encode("utf-16-le"), right.decode().encode("utf-32"))
    for odd in (b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"1e999999999"):
        yield right[:-1] + b', "a": ' + odd + b"}"
    yield right[:-1] + b', "a": ' + b"9" * 5_000 + b"}"
    yield right[:-1] + b', "a": 0.' + b"9" * 5_000 + b"}"
    for odd in (b'"\\ud800"', b'"\\udc00\\ud800"'):
        yield right[:-1] + b', "a": ' + odd + b"}"
    for depth in _DEPTHS:
        yield right[:-1] + b', "a": ' + b"[" * depth + b"]" * depth + b"}"
    yield right[:-1] + b', "a": ' + b'{"a": ' * 5_000 + b"1" + b"}" * 5_001
    yield b"[" * 100_000
    if "payload" in body:
        yield from _odd_payloads({**body, "payload": "HERE"})
    yield right[:-1] + b', "a": "' + b"x" * _MEGABYTE + b'"}'


def _odd_payloads(body: Json) -> Iterator[bytes]:
    text = json.dumps(body).encode()
    for odd in (b"NaN", b"1e400", b"[" * 1_000 + b"]" * 1_000, b'{"\\ud800": 1}'):
        yield text.replace(b'"HERE"', odd)
