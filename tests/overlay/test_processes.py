"""A client belongs to a process: after a fork parent and child have connections of their own.

Each test runs a program of its own, for a test run with threads cannot fork safely.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import trustme

from calypso_mock import Mock, Server
from tests.overlay.peers import peer, read_request, read_response

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROCESSES, CALLS = 4, 40
# A child that hangs shall fail the test, not stop it.
PATIENCE = 120

START = """
import json, os, sys, threading, time
from calypso_pay import Calypso, CalypsoError, ConfigurationError

def calls(name, number):
    wrong = []
    for turn in range(number):
        email = f"{name}-{turn}@shop.example"
        try:
            found = calypso.customers.create(email=email).email
        except CalypsoError as error:
            found = repr(error)
        if found != email:
            wrong.append(found)
    return wrong

def forked(work):
    "Do something in a child, and return what it printed."
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(work()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as output:
        text = output.read()
    os.waitpid(child, 0)
    return json.loads(text)

calypso = Calypso(max_retries=0)
"""


@pytest.fixture
def mock() -> Iterator[tuple[Mock, dict[str, str]]]:
    mock = Mock()
    with Server(mock) as server:
        settings = mock.settings(base_url=server.url)
        yield mock, {f"CALYPSO_{name.upper()}": str(value) for name, value in settings.items()}


@pytest.fixture(params=["http", "https"])
def over(
    mock: tuple[Mock, dict[str, str]], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """Settings that reach the mock over one scheme or the other."""
    settings = mock[1]
    if request.param == "http":
        yield settings
        return
    authority, certificate = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    mocked = urlsplit(settings["CALYPSO_BASE_URL"])

    def behave(connection: socket.socket) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as ours,
            socket.create_connection((mocked.hostname, mocked.port)) as theirs,
        ):
            while request := read_request(ours):
                theirs.sendall(request)
                ours.sendall(read_response(theirs))

    with peer(behave) as url:
        secured = {"CALYPSO_BASE_URL": url.replace("http:", "https:")}
        yield {**settings, **secured, "SSL_CERT_FILE": str(certificate)}


def run(program: str, settings: dict[str, str]) -> str:
    with subprocess.Popen(
        # Python 3.12 and newer warn of just what is tried here.
        [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-c", START + program],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            # A child that hangs would outlive the program.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert (process.returncode, err) == (0, "")
    return out


def emails(mock: Mock) -> list[str]:
    return [customer["email"] for customer in mock.state()["accounts"][0]["customers"]]


FORK = """
calypso.customers.create(email="first@shop.example")
children = []
for number in range({processes}):
    child = os.fork()
    if child == 0:
        os._exit(bool(calls(number, {calls})))
    children.append(child)
wrong = calls("parent", {calls})
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
assert (wrong, codes) == ([], [0] * {processes}), (wrong, codes)
"""
POOL = """
import multiprocessing
calypso.customers.create(email="first@shop.example")
with multiprocessing.get_context("fork").Pool({processes}) as pool:
    children = pool.starmap_async(calls, [(number, {calls}) for number in range({processes})])
    wrong = calls("parent", {calls})
    assert (wrong, children.get()) == ([], [[]] * {processes})
"""


@pytest.mark.parametrize("program", [FORK, POOL], ids=["os.fork", "multiprocessing"])
def test_parent_and_children_never_get_each_others_responses(
    mock: tuple[Mock, dict[str, str]], over: dict[str, str], program: str
) -> None:
    """They call at once, right after the parent has: each response is its own, none is lost."""
    run(program.format(processes=PROCESSES, calls=CALLS), over)

    made = emails(mock[0])
    assert len(made) == len(set(made)) == 1 + (PROCESSES + 1) * CALLS


def test_a_child_works_though_another_thread_was_in_a_call_at_the_fork(
    mock: tuple[Mock, dict[str, str]],
) -> None:
    """And though that thread held whatever lock it likes: it forks at many points of a call."""
    run(
        """
started = threading.Event()
over = False
def work():
    while not over:
        calypso.accounts.get()
        started.set()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
started.wait()
wrong = [forked(lambda: calls(f"child-{turn}", 1)) for turn in range(40)]
over = True
for thread in threads:
    thread.join()
assert wrong == [[]] * 40, wrong
""",
        mock[1],
    )


@pytest.mark.parametrize("what", ["http_client=httpx.Client()", "transport=httpx.HTTPTransport()"])
def test_a_client_or_transport_of_ones_own_is_rejected_in_a_child(
    mock: tuple[Mock, dict[str, str]], what: str
) -> None:
    output = run(
        f"""
import httpx
calypso = Calypso({what})
calypso.accounts.get()
def use():
    try:
        calypso.accounts.get()
    except ConfigurationError as error:
        return [str(error), error.outcome]
print(json.dumps(forked(use)))
calypso.accounts.get()
""",
        mock[1],
    )

    text, outcome = json.loads(output)
    assert "was made in another process" in text
    assert what.partition("=")[0] in text
    assert outcome == "not_sent"


def test_closing_in_a_child_leaves_the_parents_connections_open(
    mock: tuple[Mock, dict[str, str]],
) -> None:
    output = run(
        """
calypso.accounts.get()
def close():
    calypso.close()
    try:
        calypso.accounts.get()
    except ConfigurationError as error:
        return str(error)
print(forked(close))
assert calls("parent", 3) == []
calypso.close()
print(forked(lambda: calls("child", 1)))
""",
        mock[1],
    )

    assert output.count("The client is closed") == 2


def test_a_view_made_before_the_fork_is_as_good_after_it(
    mock: tuple[Mock, dict[str, str]],
) -> None:
    """So is what a client has learnt of the server's clock, and its waits are its own."""
    run(
        """
calypso = Calypso(clock=lambda: time.time() - 3600).with_options(timeout=20)
calypso.accounts.get()
import random
calypso.customers.create(email="first@shop.example")
def child():
    attempts = calypso.raw.accounts.get()
    return [calls("child", 2), calypso._engine.raw.core.clock.offset > 3000, random.random()]
one, other = forked(child), forked(child)
assert one[:2] == other[:2] == [[], True]
assert one[2] != other[2]
""",
        mock[1],
    )


def test_a_memory_store_is_not_locked_in_a_child(mock: tuple[Mock, dict[str, str]]) -> None:
    """However many threads were using it when the process was forked."""
    run(
        """
import logging
from calypso_pay.receiver import MemoryStore
from calypso_pay.receiver._store import Task
logging.disable()  # each child warns of the fork
store, over = MemoryStore(), False
def use(number):
    turn = 0
    while not over:
        turn += 1
        work = Task(str(number), turn, None, None)
        store.complete(work, store.claim(work, 10))
threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
def child():
    work = Task("child", 1, None, None)
    return store.claim(work, 10).status.name
results = {forked(child) for _ in range(60)}
over = True
for thread in threads:
    thread.join()
assert results == {"ACQUIRED"}, results
""",
        mock[1],
    )
