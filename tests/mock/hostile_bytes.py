"""Requests that can only be sent as bytes on a socket, by name, with the expected results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.mock.hostile import BAD, FINE, NO_HTTP, NO_KEY, NO_METHOD, NO_PATH, Caller, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    Frame = Callable[[bytes], bytes]
    Make = Callable[[Caller], bytes]

_POST = b"POST /api/v1/customer-purse/customer/create HTTP/1.1"
_CHUNKED = b"Transfer-Encoding: chunked"


def head(*lines: bytes, first: bytes = _POST, host: bytes = b"Host: localhost") -> bytes:
    return b"\r\n".join([first, *filter(None, [host]), *lines, b"", b""])


def _credentials(caller: Caller, body: bytes) -> tuple[bytes, bytes]:
    return f"Key: {caller.key}".encode(), f"Sign: {caller.sign(body)}".encode()


def _chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def _framed(write: Frame, *lines: bytes, **how: bytes) -> Make:
    """Send a good body under these lines of the head, in a framing of its own."""

    def make(caller: Caller) -> bytes:
        body = json.dumps(caller.envelope({})).encode()
        return head(*_credentials(caller, body), *lines, b"Connection: close", **how) + write(body)

    return make


def good(*lines: bytes, **how: bytes) -> Make:
    """Send a good request with further lines in its head, or another first line."""

    def make(caller: Caller) -> bytes:
        body = json.dumps(caller.envelope({})).encode()
        return _framed(bytes, b"Content-Length: %d" % len(body), *lines, **how)(caller)

    return make


def _one(caller: Caller) -> bytes:
    """Write a good request that leaves the connection open."""
    return good()(caller).replace(b"Connection: close\r\n", b"")


def _in_a_row(*requests: Make) -> Make:
    return lambda caller: b"".join(make(caller) for make in requests)


def _bytes(content: bytes) -> Make:
    return lambda _: content


def at(path: bytes) -> Make:
    return good(first=b"POST " + path + b" HTTP/1.1")


def _empty_then_hidden(caller: Caller) -> bytes:
    return head(b"Content-Length: 0") + good()(caller)


def _body_then_rest(caller: Caller) -> bytes:
    return head(b"Content-Length: 2") + b'{},"more":1}\r\n\r\n'


# What is sent, and the expected results in order; without any, the server just hangs up.
WIRE: dict[str, tuple[list[Result], Make]] = {
    "chunks": ([FINE], _framed(lambda b: _chunks(b[:9], b[9:]) + b"0\r\n\r\n", _CHUNKED)),
    "chunks with a trailer": (
        [FINE],
        _framed(lambda b: _chunks(b) + b"0\r\nSign: x\r\n\r\n", _CHUNKED),
    ),
    "chunks and a length": (
        [FINE],
        _framed(lambda b: _chunks(b) + b"0\r\n\r\n", _CHUNKED, b"Content-Length: 4"),
    ),
    "chunks cut off": ([], _framed(lambda b: _chunks(b[:9]), _CHUNKED)),
    "chunk without a size": ([NO_HTTP], _framed(lambda b: b"zz\r\n" + b, _CHUNKED)),
    "chunk of negative size": ([NO_HTTP], _framed(lambda b: b"-1\r\n" + b, _CHUNKED)),
    "chunk of endless size": ([NO_HTTP], _framed(lambda b: b"f" * 30 + b"\r\n" + b, _CHUNKED)),
    "chunk shorter than it is": ([NO_HTTP], _framed(lambda b: b"5\r\n" + b + b"\r\n", _CHUNKED)),
    "chunks compressed": (
        [NO_HTTP],
        _framed(_chunks, b"Transfer-Encoding: gzip, chunked"),
    ),
    "length too long": ([], _framed(bytes, b"Content-Length: 5000")),
    "length too short": ([BAD], _framed(bytes, b"Content-Length: 5")),
    "length too short, and the rest is rubbish": ([NO_KEY, NO_HTTP], _body_then_rest),
    "length too short, and the rest is a request": ([BAD, FINE], _empty_then_hidden),
    "no length": ([BAD], _framed(bytes)),
    "length negative": ([NO_HTTP], _framed(bytes, b"Content-Length: -1")),
    "length with a sign": ([NO_HTTP], _framed(bytes, b"Content-Length: +2")),
    "length endless": ([NO_HTTP], _framed(bytes, b"Content-Length: " + b"9" * 30)),
    "two lengths": ([NO_HTTP], good(b"Content-Length: 2")),
    "two hosts": ([NO_HTTP], good(b"Host: localhost")),
    "no host": ([NO_HTTP], good(host=b"")),
    "NUL in a header": ([NO_HTTP], good(b"X-Odd: a\0b")),
    "header name beyond ASCII": ([NO_HTTP], good(b"K\xe9y: x")),
    "header value beyond ASCII": ([FINE], good(b"X-Odd: \xff\x80")),
    "header folded": ([FINE], good(b"X-Odd: a\r\n b")),
    "header without a colon": ([NO_HTTP], good(b"X-Odd")),
    "space before a colon": ([NO_HTTP], good(b"X-Odd : a")),
    "thousands of headers": ([FINE], good(*[b"X-Odd: a"] * 4_000)),
    "lines without CR": ([FINE], lambda caller: good()(caller).replace(b"\r\n", b"\n")),
    "HTTP/1.0": ([FINE], good(first=_POST.replace(b"1.1", b"1.0"), host=b"")),
    "HTTP/0.9": ([NO_HTTP], _bytes(b"POST /api/v1/account\r\n\r\n")),
    "HTTP/2": ([NO_PATH, NO_HTTP], _bytes(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    "TLS": ([NO_HTTP], _bytes(bytes.fromhex("16030102000100 01fc0303"))),
    "rubbish": ([NO_HTTP], _bytes(b"\0\1\2\3\r\n\r\n")),
    "half a head": ([], _bytes(b"POST /api/v1/acc")),
    "nothing": ([], _bytes(b"")),
    "upgrade": ([FINE], good(b"Upgrade: websocket", b"Connection: Upgrade")),
    "unknown expectation": ([FINE], good(b"Expect: 200-ok")),
    "one after the other": ([FINE] * 3, _in_a_row(_one, _one, good())),
    "good, then rubbish": ([FINE, NO_HTTP], _in_a_row(_one, _bytes(b"\0\r\n\r\n"))),
    "good, then another's method": (
        [FINE, NO_METHOD, FINE],
        _in_a_row(_one, _bytes(head(first=b"GET /api/v1/account HTTP/1.1")), good()),
    ),
    "CONNECT": ([NO_PATH], good(first=b"CONNECT localhost:443 HTTP/1.1")),
    "method beyond ASCII": ([NO_HTTP], good(first=_POST.replace(b"POST", b"P\xd6ST"))),
    "no path": ([NO_HTTP], at(b"")),
    "path beyond ASCII": ([NO_HTTP], at(b"/api/v1/\xffaccount")),
    "path with a blank": ([NO_HTTP], at(b"/api/v1/acc ount")),
    "path with a NUL": ([NO_HTTP], at(b"/api/v1/account\0")),
    "path with an escaped NUL": ([NO_PATH], at(b"/api/v1/account%00")),
    "path with escaped dots": ([NO_PATH], at(b"/api/v1/%2e%2e/v1/account")),
    "path with half an escape": ([NO_PATH], at(b"/api/v1/account%")),
    "path with an escape that is not text": ([NO_PATH], at(b"/api/v1/account%ff")),
    "path with an escaped question mark": ([NO_PATH], at(b"/api/v1/account%3fx")),
    "path with a fragment": ([NO_PATH], at(b"/api/v1/account#x")),
    "path with a query": ([FINE], at(b"/api/v1/customer-purse/customer/create?x=%00")),
}
