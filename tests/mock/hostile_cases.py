"""Requests that no honest client sends, by name, each with the expected result."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.mock.hostile import (
    BAD,
    BAD_CONTROL,
    ENDPOINTS,
    FINE,
    HOOK,
    NO_KEY,
    NO_METHOD,
    NO_PATH,
    NO_SIGN,
    STALE,
    UNKNOWN,
    Caller,
    RawRequest,
    Result,
)

Case = tuple[Result, Callable[[Caller], RawRequest]]

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
MEGABYTE = 1024 * 1024
DEEP = 200_000
# What is not an acceptable JSON object is rejected before anything else is checked.
BODIES = {
    "no body": b"",
    "white space": b" \n",
    "cut off": b'{"account":',
    "two values": b"{}{}",
    "trailing comma": b'{"account":"x",}',
    "single quotes": b"{'account':'x'}",
    "comment": b"{}//",
    "array": b"[]",
    "array of object": b"[{}]",
    "string": b'"{}"',
    "number": b"413",
    "true": b"true",
    "null": b"null",
    "NaN": b'{"timestamp":NaN}',
    "Infinity": b'{"timestamp":-Infinity}',
    "hexadecimal": b'{"timestamp":0x10}',
    "leading zero": b'{"timestamp":01}',
    "plus sign": b'{"timestamp":+1}',
    "long integer": b'{"timestamp":' + b"9" * 5_000 + b"}",
    "long fraction": b'{"timestamp":0.' + b"1" * 5_000 + b"}",
    "huge exponent": b'{"timestamp":1e50000000}',
    "absurd exponent": b'{"timestamp":1e99999999999999999999}',
    "tiny exponent": b'{"timestamp":1e-50000000}',
    "zero with an exponent": b'{"timestamp":0e50000000}',
    "deep arrays": b"[" * DEEP,
    "deep arrays in a member": b'{"payload":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"payload":' * DEEP,
    "deeper than allowed": b'{"payload":' + b"[" * 64 + b"]" * 64 + b"}",
    "not UTF-8": b'{"account":"\xff"}',
    "overlong UTF-8": b'{"account":"\xc0\x80"}',
    "surrogate in UTF-8": b'{"account":"\xed\xa0\x80"}',
    "UTF-8 with BOM": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-16 without BOM": "{}".encode("utf-16-le"),
    "UTF-32": "{}".encode("utf-32"),
    "NUL before": b"\0{}",
    "NUL after": b"{}\0",
    "NUL raw in a text": b'{"account":"\0"}',
    "half a surrogate pair": b'{"account":"\\ud800"}',
    "halves in the wrong order": b'{"account":"\\udc00\\ud800"}',
    "half a pair in a name": b'{"\\udfff":1}',
    "control character": b'{"account":"\x01"}',
    "too large": b'{"account":"' + b"x" * MEGABYTE + b'"}',
    "too large with a good start": b"{}" + b" " * MEGABYTE,
    "markup": b"<!doctype html>",
    "form": b"account=x&timestamp=1",
    "gzip": bytes.fromhex("1f8b08000000000000ff"),
}

_NAMED = {"requestId": UNKNOWN_ID, "url": "https://shop.example"}
_GOOD = {**_NAMED, "notificationServiceTypes": ["CUSTOMER_PURSE"]}
# Payloads that the document does not allow, or that no schema can validate.
PAYLOADS: dict[str, tuple[str, Any]] = {
    "payload: text": ("createCustomer", "{}"),
    "payload: list": ("createCustomer", [{}]),
    "payload: number": ("createCustomer", 0),
    "payload: false": ("createCustomer", False),
    "email: number": ("createCustomer", {"email": 10**100}),
    "email: null": ("createCustomer", {"email": None}),
    "id: missing": ("blockCustomer", {}),
    "id: null": ("blockCustomer", {"customerId": None}),
    "id: list of itself": ("blockCustomer", {"customerId": [UNKNOWN_ID]}),
    "id: without hyphens": ("blockCustomer", {"customerId": UNKNOWN_ID.replace("-", "")}),
    "id: in braces": ("blockCustomer", {"customerId": f"{{{UNKNOWN_ID}}}"}),
    "id: as URN": ("blockCustomer", {"customerId": f"urn:uuid:{UNKNOWN_ID}"}),
    "id: line feed after": ("blockCustomer", {"customerId": f"{UNKNOWN_ID}\n"}),
    "id: wide digits": ("blockCustomer", {"customerId": "\uff10" + UNKNOWN_ID[1:]}),
    "currency: blank": ("getAddress", {"customerId": UNKNOWN_ID, "currency": ""}),
    "currency: unknown": ("getAddress", {"customerId": UNKNOWN_ID, "currency": "usdt"}),
    "filter: text": ("findTransactions", {"currencyFilter": "BTC"}),
    "filter: in a filter": ("findTransactions", {"currencyFilter": {"equals": {"equals": "BTC"}}}),
    "filter: text for list": ("findTransactions", {"currencyFilter": {"in": "BTC"}}),
    "filter: text for flag": ("findTransactions", {"currencyFilter": {"specified": "true"}}),
    "filter: unknown state": ("findTransactions", {"transactionStateFilter": {"in": ["LOST"]}}),
    "page: negative": ("findTransactions", {"pageNumber": -1}),
    "page: huge": ("findTransactions", {"pageNumber": 10**100}),
    "page: flag": ("findTransactions", {"pageNumber": False}),
    "size: none": ("findTransactions", {"pageSize": 0}),
    "size: beyond 32 bits": ("findTransactions", {"pageSize": 2**31}),
    "size: fraction": ("findTransactions", {"pageSize": 1.5}),
    "order: lower case": ("findTransactions", {"sort": "asc"}),
    "order: by nothing known": ("findTransactions", {"properties": "__class__"}),
    "hook: for nothing": ("createSubscription", _NAMED),
    "hook: for unknown": ("createSubscription", {**_GOOD, "notificationEventTypes": ["X"]}),
    "hook: to a file": ("createSubscription", {**_GOOD, "url": "file:///etc/passwd"}),
    "hook: to nowhere": ("createSubscription", {**_GOOD, "url": "https://"}),
    "hook: to half an address": ("createSubscription", {**_GOOD, "url": "https://[::1"}),
    "many wrong types": ("findTransactions", {"currencyFilter": {"in": [0] * 20_000}}),
    "many wrong names": (
        "createSubscription",
        {**_GOOD, "notificationEventTypes": ["X"] * 20_000},
    ),
    "many wrong orders": ("findTransactions", {"properties": ",".join(map(str, range(20_000)))}),
}

# An envelope with these members instead of the right ones.
ENVELOPES: dict[str, tuple[Result, dict[str, Any]]] = {
    "account: null": (BAD, {"account": None}),
    "account: empty": (BAD, {"account": ""}),
    "account: list": (BAD, {"account": ["0x0"]}),
    "account: unknown": (UNKNOWN, {"account": "0x" + "0" * 40}),
    "timestamp: text": (BAD, {"timestamp": "1795262400000"}),
    "timestamp: null": (BAD, {"timestamp": None}),
    "timestamp: fraction": (BAD, {"timestamp": 1.5}),
    "timestamp: flag": (BAD, {"timestamp": True}),
    "timestamp: zero": (STALE, {"timestamp": 0}),
    "timestamp: minus zero": (STALE, {"timestamp": -0.0}),
    "timestamp: seconds": (STALE, {"timestamp": 1_795_262_400}),
    "timestamp: beyond 64 bits": (STALE, {"timestamp": 2**63}),
    "timestamp: beyond all bits": (STALE, {"timestamp": -(10**100)}),
    "stale, and bad besides": (STALE, {"timestamp": 1, "account": None, "payload": []}),
}

# JSON text of an unknown member: just within a limit, or just beyond it.
LIMITS: dict[str, tuple[Result, str]] = {
    "number of 128 digits": (FINE, "9" * 128),
    "number of 129 digits": (BAD, "9" * 129),
    "fraction of 128 characters": (FINE, "0." + "1" * 126),
    "fraction of 129 characters": (BAD, "0." + "1" * 127),
    "number above 1e128": (FINE, "9e128"),
    "number of 1e129": (BAD, "1e129"),
    "number of 1e-128": (FINE, "1e-128"),
    "number below 1e-128": (BAD, "9e-129"),
    "64 levels": (FINE, "[" * 63 + "]" * 63),
    "65 levels": (BAD, '{"":' * 64 + "0" + "}" * 64),
    "NUL escaped in a text": (FINE, '"\\u0000"'),
    "NUL escaped in a name": (FINE, '{"\\u0000":1}'),
    "NUL beside other characters": (FINE, '"é\\u0000"'),
    "the last character before the surrogates": (FINE, '"\\ud7ff"'),
    "the first surrogate": (BAD, '"\\ud800"'),
    "the last surrogate": (BAD, '"\\udfff"'),
    "the first character after the surrogates": (FINE, '"\\ue000"'),
}

# Ids by operation: the payload around an id, and whose it is.
_NAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "updateCustomer": ("id", {"email": "mallory@shop.example"}),
    "blockCustomer": ("customerId", {}),
    "unblockCustomer": ("customerId", {}),
    "getAddress": ("customerId", {"currency": "BTC"}),
    "getPurses": ("customerId", {}),
    "findTransactions": ("customerId", {}),
    "getTransaction": ("transactionId", {}),
    "changeSubscription": ("requestId", _GOOD),
    "deleteSubscription": ("requestId", {}),
}

# A good request with other headers; None leaves one out, a list sends several.
_RIGHT, _FOREIGN = "the right one", "another account's"
HEADERS: dict[str, tuple[Result, dict[str, Any]]] = {
    "no key": (NO_KEY, {"Key": None}),
    "no key and no sign": (NO_KEY, {"Key": None, "Sign": None}),
    "empty key": (NO_KEY, {"Key": ""}),
    "key beyond ASCII": (NO_KEY, {"Key": "\xff\xe9"}),
    "two keys": (NO_KEY, {"Key": [_RIGHT, _RIGHT]}),
    "a good key after a bad one": (NO_KEY, {"Key": ["x", _RIGHT]}),
    "another account's key": (NO_SIGN, {"Key": _FOREIGN}),
    "no sign": (NO_SIGN, {"Sign": None}),
    "empty sign": (NO_SIGN, {"Sign": ""}),
    "sign beyond ASCII": (NO_SIGN, {"Sign": "\xff" * 128}),
    "two signs": (NO_SIGN, {"Sign": [_RIGHT, _RIGHT]}),
    "a good sign before a bad one": (NO_SIGN, {"Sign": [_RIGHT, "x"]}),
    "plain text": (BAD, {"Content-Type": "text/plain"}),
    "a form": (BAD, {"Content-Type": "multipart/form-data; boundary=x"}),
    "two content types": (BAD, {"Content-Type": ["text/html", _RIGHT]}),
    "another encoding": (FINE, {"Content-Encoding": "gzip"}),
    "another method in a header": (FINE, {"X-HTTP-Method-Override": "DELETE"}),
}
INSIDE_HEADERS = {
    "key of half a pair": (NO_KEY, {"Key": "\ud800"}),
    "sign of half a pair": (NO_SIGN, {"Sign": "\udcff" * 128}),
}

LINES: dict[str, tuple[Result, str, str]] = {
    "GET": (NO_METHOD, "GET", "/api/v1/account"),
    "HEAD": (NO_METHOD, "HEAD", "/api/v1/account"),
    "OPTIONS": (NO_METHOD, "OPTIONS", "/api/v1/account"),
    "TRACE": (NO_METHOD, "TRACE", "/api/v1/account"),
    "PUT where DELETE is": (NO_METHOD, "PUT", HOOK),
    "DELETE where POST is": (NO_METHOD, "DELETE", "/api/v1/account"),
    "made-up method": (NO_METHOD, "BREW", "/api/v1/account"),
    "made-up method nowhere": (NO_PATH, "BREW", "/coffee"),
    "root": (NO_PATH, "POST", "/"),
    "unknown path": (NO_PATH, "POST", "/api/v1/nothing"),
    "half a path": (NO_PATH, "POST", "/api/v1"),
    "slash after": (NO_PATH, "POST", "/api/v1/account/"),
    "upper case": (NO_PATH, "POST", "/API/V1/ACCOUNT"),
    "parameter": (NO_PATH, "POST", "/api/v1/account;x=1"),
    "long path": (NO_PATH, "POST", "/" + "a" * 60_000),
    "no control endpoint without a slash": (NO_PATH, "POST", "/_mock"),
    "unknown control endpoint": (Result(404), "POST", "/_mock/nothing"),
    "control endpoint by another method": (Result(404), "DELETE", "/_mock/reset"),
}
# httpx would tidy these up.
UNTIDY_LINES = {
    "lower-case method": (NO_METHOD, "post", "/api/v1/account"),
    "slash before": (NO_PATH, "POST", "//api/v1/account"),
    "dots": (NO_PATH, "POST", "/api/v1/../v1/account"),
    "dots out of the control endpoints": (Result(404), "POST", "/_mock/../api/v1/account"),
    "backslashes": (NO_PATH, "POST", "\\api\\v1\\account"),
    "asterisk": (NO_PATH, "OPTIONS", "*"),
    "absolute": (NO_PATH, "POST", "http://localhost/api/v1/account"),
}

CONTROL: dict[str, tuple[str, bytes]] = {
    "not JSON": ("clock", b"{"),
    "deep": ("clock", b"[" * DEEP),
    "too large with a good start": ("reset", b"{}" + b" " * MEGABYTE),
    "skew beside a bad advance": ("clock", b'{"skew":60,"advance":-1}'),
    "advance beside a bad skew": ("clock", b'{"skew":1e100,"advance":60}'),
    "as far as a number goes": ("clock", b'{"advance":{"days":999999999,"hours":23}}'),
    "farther than a number goes": ("clock", b'{"advance":1e127}'),
    "lists for texts": ("deposit", b'{"address":[],"currency":[],"amount":"1","to":[]}'),
    "huge amount": ("deposit", b'{"address":"x","currency":"BTC","amount":1e100}'),
    "object for an id": ("deposit/advance", b'{"transactionId":{},"to":{}}'),
}


def _of_body(body: bytes) -> Callable[[Caller], RawRequest]:
    return lambda caller: caller.request("createCustomer", body)


def _of_payload(operation: str, payload: Any) -> Callable[[Caller], RawRequest]:
    return lambda caller: caller.request(operation, caller.envelope(payload))


def _of_envelope(members: dict[str, Any]) -> Callable[[Caller], RawRequest]:
    return lambda caller: caller.request(
        "createCustomer", caller.envelope(**{"payload": {}, **members})
    )


def _of_headers(changes: dict[str, Any]) -> Callable[[Caller], RawRequest]:
    def make(caller: Caller) -> RawRequest:
        request = caller.request("createCustomer", caller.envelope({}))
        right, headers = dict(request.headers), []
        for name, change in {**right, **changes}.items():
            values = change if isinstance(change, list) else [change]
            meant = {_RIGHT: right.get(name), _FOREIGN: caller.foreign.get("key")}
            headers += [(name, meant.get(value, value)) for value in values]
        return request._replace(headers=[pair for pair in headers if pair[1] is not None])

    return make


def _of_line(method: str, path: str) -> Callable[[Caller], RawRequest]:
    def make(caller: Caller) -> RawRequest:
        return caller.request("getAccount", caller.envelope())._replace(method=method, path=path)

    return make


def _of_id(operation: str, *, foreign: bool) -> Callable[[Caller], RawRequest]:
    name, rest = _NAMES[operation]
    kind = "customerId" if name == "id" else name

    def make(caller: Caller) -> RawRequest:
        chosen = caller.foreign[kind] if foreign else UNKNOWN_ID
        return caller.request(operation, caller.envelope({**rest, name: chosen}))

    return make


def _of_control(name: str, body: bytes) -> Callable[[Caller], RawRequest]:
    return lambda _: RawRequest("POST", f"/_mock/{name}", [], body)


def _their_account(caller: Caller) -> RawRequest:
    return caller.request("createCustomer", caller.envelope({}, account=caller.foreign["account"]))


def _doubled(caller: Caller) -> RawRequest:
    body = json.dumps(caller.envelope({})).removesuffix("}") + ',"timestamp":1}'
    return caller.request("createCustomer", body.encode())


def _with_member(text: str) -> Callable[[Caller], RawRequest]:
    def make(caller: Caller) -> RawRequest:
        body = json.dumps(caller.envelope({})).removesuffix("}") + f',"unknown":{text}}}'
        return caller.request("createCustomer", body.encode())

    return make


def _unsigned(body: bytes) -> Callable[[Caller], RawRequest]:
    return lambda _: RawRequest(*ENDPOINTS["createCustomer"], [("Sign", "x")], body)


def _padded(size: int) -> Callable[[Caller], RawRequest]:
    """Fill a good body up with white space."""

    def make(caller: Caller) -> RawRequest:
        body = json.dumps(caller.envelope({})).encode()
        return caller.request("createCustomer", body.ljust(size))

    return make


_SORTED = ("findTransactions", {"properties": "createdDate," * 20_000})

EVERYWHERE: dict[str, Case] = {
    **{f"body: {name}": (BAD, _of_body(body)) for name, body in BODIES.items()},
    **{f"unsigned body: {name}": (BAD, _unsigned(body)) for name, body in BODIES.items()},
    **{name: (BAD, _of_payload(*how)) for name, how in PAYLOADS.items()},
    **{name: (expected, _of_envelope(how)) for name, (expected, how) in ENVELOPES.items()},
    **{f"unknown id: {name}": (UNKNOWN, _of_id(name, foreign=False)) for name in _NAMES},
    **{f"their id: {name}": (UNKNOWN, _of_id(name, foreign=True)) for name in _NAMES},
    **{name: (expected, _of_headers(how)) for name, (expected, how) in HEADERS.items()},
    **{name: (expected, _of_line(*how)) for name, (expected, *how) in LINES.items()},
    **{name: (expected, _with_member(text)) for name, (expected, text) in LIMITS.items()},
    **{f"control: {name}": (BAD_CONTROL, _of_control(*how)) for name, how in CONTROL.items()},
    "their account": (UNKNOWN, _their_account),
    "two timestamps, the last one stale": (STALE, _doubled),
    "many equal orders": (FINE, _of_payload(*_SORTED)),
    "as large as allowed": (FINE, _padded(MEGABYTE)),
    "larger than allowed by one byte": (BAD, _padded(MEGABYTE + 1)),
}
UNTIDY = {name: (expected, _of_line(*how)) for name, (expected, *how) in UNTIDY_LINES.items()}
INSIDE = {name: (expected, _of_headers(how)) for name, (expected, how) in INSIDE_HEADERS.items()}


Growing = Callable[[Caller, int], RawRequest]


def _growing_body(grow: Callable[[int], bytes]) -> Growing:
    return lambda caller, size: caller.request("createCustomer", grow(size))


def _growing_payload(operation: str, grow: Callable[[int], Any]) -> Growing:
    return lambda caller, size: caller.request(operation, caller.envelope(grow(size)))


def _growing_header(name: str, grow: Callable[[int], str]) -> Growing:
    return lambda caller, size: _of_headers({name: grow(size)})(caller)


# Requests of any size, by what there is much of.
GROWING: dict[str, Growing] = {
    "open brackets": _growing_body(lambda size: b"[" * size),
    "open objects": _growing_body(lambda size: b'{"payload":' * size),
    "digits": _growing_body(lambda size: b'{"timestamp":' + b"9" * size + b"}"),
    "digits of a fraction": _growing_body(lambda size: b'{"timestamp":0.' + b"1" * size + b"}"),
    "white space": _growing_body(lambda size: b" " * 10 * size + b"{}"),
    "text": _growing_payload("createCustomer", lambda size: {"email": "x" * 10 * size}),
    "escapes": _growing_payload("createCustomer", lambda size: {"email": "\U0001f600" * size}),
    "unknown members": _growing_payload(
        "createCustomer", lambda size: {f"x{number}": number for number in range(size)}
    ),
    # From the first size on so many that not all of them are explained.
    "wrong types": _growing_payload(
        "findTransactions", lambda size: {"currencyFilter": {"in": [0] * 3 * size}}
    ),
    "wrong names": _growing_payload(
        "createSubscription", lambda size: {**_GOOD, "notificationEventTypes": ["X"] * 3 * size}
    ),
    "values that no row has": _growing_payload(
        "findTransactions", lambda size: {"currencyFilter": {"in": ["X"] * size}}
    ),
    "wrong orders": _growing_payload(
        "findTransactions", lambda size: {"properties": ",".join(map(str, range(size)))}
    ),
    "equal orders": _growing_payload(
        "findTransactions", lambda size: {"properties": "createdDate," * size}
    ),
    "path": lambda caller, size: _of_line("POST", "/" + "a" * 10 * size)(caller),
    "sign": _growing_header("Sign", lambda size: "0" * 10 * size),
    "content type": _growing_header("Content-Type", lambda size: "application/" + "a+" * size),
}
