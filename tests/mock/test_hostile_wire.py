"""Requests that only bytes on a socket can be: bad framing, wrong lengths, odd heads, hang-ups."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mock import hostile
from tests.mock.hostile import FINE, NO_HTTP, NO_PATH, Caller, Result
from tests.mock.hostile_bytes import WIRE, at, good
from tests.mock.rows import listed, outcomes
from tests.properties import examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mock.hostile_bytes import Make


PATIENCE = 30


@dataclass(frozen=True)
class Program:
    """The mock as a program of its own, seen over one kept connection, and a caller of it."""

    client: httpx.Client
    caller: Caller

    def exchange(self, content: bytes, *, hang_up: bool) -> bytes:
        """Send bytes and return what comes until the server hangs up."""
        with self.connect() as wire:
            wire.sendall(content)
            if hang_up:
                wire.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: wire.recv(65536), b""))

    def connect(self) -> socket.socket:
        address = self.client.base_url.host, self.client.base_url.port
        return socket.create_connection(address, timeout=PATIENCE)

    def accounts(self) -> list[dict[str, Any]]:
        return self.client.get("/_mock/state").json()["accounts"]


@contextlib.contextmanager
def _program(place: Path) -> Iterator[Program]:
    """Run `calypso mock`; it has to exit with 0 and print no error."""
    out, err = place / "out", place / "err"
    command = [sys.executable, "-W", "error", "-m", "calypso_pay.cli", "mock", "--port", "0"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"}
    with (
        out.open("wb") as stdout,
        err.open("wb") as stderr,
        subprocess.Popen(command, stdout=stdout, stderr=stderr, env=env) as process,
    ):
        try:
            given = _introduction(process, out)
            caller = Caller(given["KEY"], given["SECRET"], given["ACCOUNT"], _now)
            with httpx.Client(base_url=given["BASE_URL"], timeout=PATIENCE) as client:
                yield Program(client, caller)
        finally:
            process.send_signal(signal.SIGINT)
            _wait(process)
    assert (process.returncode, err.read_text()) == (0, "")


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def _introduction(process: subprocess.Popen[bytes], out: Path) -> dict[str, str]:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        given = dict(re.findall(r"CALYPSO_(\w+)=(\S+)\n", out.read_text("utf-8")))
        if "ACCOUNT" in given:
            return given
        time.sleep(0.02)
    raise AssertionError("the program does not introduce itself")


def _now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One program for all cases: each has to leave it fit for the next."""
    with _program(tmp_path_factory.mktemp("program")) as program:
        yield program


def test_hostile_bytes_get_their_results(program: Program) -> None:
    """Each request is accepted or rejected on its own; every accepted one made one customer."""

    def mismatch(case: tuple[list[Result], Make]) -> str | None:
        expected, make = case
        before = program.accounts()
        seen = hostile.classify_all(program.exchange(make(program.caller), hang_up=not expected))
        if seen != expected:
            return f"{seen} rather than {expected}"
        _assert_grown(program, before, by=expected.count(FINE))
        return None

    mismatches = {name: fault for name, fault in outcomes(WIRE, mismatch).items() if fault}
    assert not mismatches, listed(mismatches)


def _assert_grown(program: Program, before: list[dict[str, Any]], *, by: int) -> None:
    after = program.accounts()
    made = [after[0]["customers"].pop() for _ in range(by)]
    assert after == before
    assert len({customer["id"] for customer in made}) == by


def test_a_head_of_any_size_does_no_harm(program: Program) -> None:
    """Accepted, rejected or cut off in the middle, as its pieces happen to arrive."""

    def exchange(make: Make) -> str:
        before, found = program.accounts(), list[Result]()
        with contextlib.suppress(ConnectionError):
            found = hostile.classify_all(program.exchange(make(program.caller), hang_up=False))
        _assert_grown(program, before, by=found.count(FINE))
        return "fine" if found in ([], [NO_HTTP], [NO_PATH], [FINE]) else str(found)

    rows = {
        f"{place} of {size} bytes": make
        for size in (100_000, 3_000_000)
        for place, make in (
            ("path", at(b"/" + b"a" * size)),
            ("header", good(b"X-Odd: " + b"a" * size)),
        )
    }
    assert outcomes(rows, exchange) == dict.fromkeys(rows, "fine")


TOKENS = [
    *(b"POST ", b"GET ", b"/api/v1/account", b"/_mock/state", b"http://", b" HTTP/1.1", b"\r\n"),
    *(b"\r\n\r\n", b"Host: x\r\n", b"Content-Length: ", b"9", b"Transfer-Encoding: chunked\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"{}", b"\0", b"\xff", b":", b" "),
]


@examples(30)
@given(content=st.lists(st.sampled_from(TOKENS) | st.binary(max_size=4)).map(b"".join))
def test_any_bytes_at_all_do_no_harm(program: Program, content: bytes) -> None:
    """Every response is valid HTTP, and the next caller is served."""
    before = program.accounts()

    responses = program.exchange(content, hang_up=True)

    assert not responses or responses.startswith(b"HTTP/1.1 ")
    assert b"Traceback" not in responses
    assert program.accounts() == before


def test_a_caller_who_waits_for_leave_gets_it(program: Program) -> None:
    """Expect: 100-continue is met before the body is sent, the response comes after it."""
    head, _, body = good(b"Expect: 100-continue")(program.caller).partition(b"\r\n\r\n")
    with program.connect() as wire:
        wire.sendall(head + b"\r\n\r\n")
        leave = wire.recv(65536)
        wire.sendall(body)
        response = b"".join(iter(lambda: wire.recv(65536), b""))

    assert leave.startswith(b"HTTP/1.1 100 ")
    assert hostile.classify_all(response) == [FINE]
