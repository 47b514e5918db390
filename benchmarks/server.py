"""The server of all measurements, in a process of its own: it sends bytes that are ready.

It listens at three ports: over http, over https, and over http with checks, for the test that a
contender signs its requests and sends what it should.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from benchmarks import canned

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_SIGN = re.compile(rb"\r\nsign: *([0-9a-f]{128})\r\n", re.IGNORECASE)
_KEY = re.compile(rb"\r\nkey: *(\w+)\r\n", re.IGNORECASE)
_NUMBERS = re.compile(rb'"page(Number|Size)": *(\d+)')
# Ids of customers whose number is how many records a search finds; others have one page.
_WALK = re.compile(rb'"customerId": *"00000000-0000-0000-([0-9a-f]{4})-([0-9a-f]{12})"')
_WINDOW = 180_000


class Ports(NamedTuple):
    """Where a server listens.

    Attributes:
        http: Without checks.
        https: Likewise.
        checked: Over http, with checks.
    """

    http: int
    https: int
    checked: int


class _Exchange(asyncio.Protocol):
    """A connection."""

    def __init__(self, *, checks: bool) -> None:
        self._checks = checks
        self._received = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[: end + 2]
            length = _LENGTH.search(head)
            until = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < until:
                return
            body, self._received = self._received[end + 4 : until], self._received[until:]
            error = flaw(head, body) if self._checks else ""
            self._transport.write(_response(401, _error(error)) if error else respond(head, body))


def respond(head: bytes, body: bytes) -> bytes:
    """Return the whole response to a request."""
    if b"/transaction/find " not in head:
        return _account()
    numbers = {name: int(number) for name, number in _NUMBERS.findall(body)}
    number, size = numbers.get(b"Number", 0), numbers.get(b"Size", 20)
    if walk := _WALK.search(body):
        return _response(200, canned.page(number, size, int(walk[1] + walk[2], 16)))
    return _page(size)


def flaw(head: bytes, body: bytes) -> str:
    """Return what is wrong with a request; empty for nothing."""
    sign, key = _SIGN.search(head), _KEY.search(head)
    right = hmac.digest(canned.SECRET.encode(), body, "sha512").hex().encode()
    if key is None or key[1] != canned.KEY.encode():
        return "002 Invalid api key"
    if sign is None or sign[1] != right:
        return "003 Wrong sign"
    sent = json.loads(body)
    if abs(sent.pop("timestamp", 0) - time.time_ns() // 1_000_000) > _WINDOW:
        return "011 Invalid timestamp parameter"
    wanted: dict[str, Any] = {"account": canned.ACCOUNT}
    if b"/transaction/find " in head:
        rows = sent.get("payload", {}).get("pageSize")
        wanted["payload"] = {"customerId": canned.CUSTOMER, "pageNumber": 0, "pageSize": rows}
    return "" if sent == wanted else "001 Bad request"


@lru_cache
def _account() -> bytes:
    return _response(200, canned.account())


@lru_cache
def _page(size: int) -> bytes:
    return _response(200, canned.page(0, size, size))


def _error(flaw: str) -> bytes:
    code, _, message = flaw.partition(" ")
    return json.dumps({"errorCode": code, "message": message, "traceId": "benchmark"}).encode()


def _response(status: int, content: bytes) -> bytes:
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: "
    return head.encode() + b"%d\r\n\r\n" % len(content) + content


async def _serve(certificate: str) -> None:
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    create, ports = asyncio.get_running_loop().create_server, []
    for checks, tls in ((False, None), (False, context), (True, None)):
        server = await create(lambda c=checks: _Exchange(checks=c), "127.0.0.1", 0, ssl=tls)
        ports.append(server.sockets[0].getsockname()[1])
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    # It ends with the process that started it, whatever happens to that.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Ports, str]]:
    """Start a server, and return its ports and a bundle of certificates for https.

    The bundle is certifi's with one more: so each contender reads as many as in a deployment.

    Args:
        folder: Where the bundle is written.
    """
    import certifi

    own, bundle = folder / "own.pem", folder / "bundle.pem"
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(own)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
        process_group=0,
    )
    with process:
        try:
            assert process.stdout  # noqa: S101 - for mypy
            ports = Ports(*json.loads(process.stdout.readline()))
            bundle.write_bytes(Path(certifi.where()).read_bytes() + own.read_bytes())
            yield ports, str(bundle)
        finally:
            process.kill()


def walked(records: int) -> UUID:
    """Return the customer for whom this server has so many records."""
    return UUID(int=records)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
