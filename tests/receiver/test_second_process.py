"""A store in memory warns when a second process gets events of the same subscription."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from calypso_pay.receiver import MemoryStore, Task
from calypso_pay.webhooks import PurseExpiredEvent
from tests.receiver.deposits import SECRET, delivery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is noticed on Linux only")

PATIENCE = 60
WARNING = "A MemoryStore in process"
# Without pytest's variable, which turns the search for other processes off.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTEST_VERSION"}

PRELUDE = """
import os, subprocess, sys, threading
from calypso_pay.receiver import MemoryStore, Task

NAME = {name!r}

def claim(store, event=0, subscription=NAME):
    assert store.claim(Task(subscription, event), 10).status == "acquired"

def in_child(function):
    pid = os.fork()
    if not pid:
        status = 1
        try:
            function()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
"""

# Each delivery waits for the other one, so that both workers get one.
APPLICATION = """
import logging, os, time
from pathlib import Path
from calypso_pay.receiver import Receiver

logging.basicConfig()
receiver = Receiver({secret!r})
folder = Path({folder!r})

@receiver.default
def handle(event):
    (folder / str(event.id)).touch()
    end = time.monotonic() + {patience}
    while not (folder / str(event.id ^ 1)).exists() and time.monotonic() < end:
        time.sleep(0.005)

def application(environ, start_response):
    headers = {{"Sign": environ["HTTP_SIGN"], "Key": environ["HTTP_KEY"]}}
    response = receiver.handle(environ["wsgi.input"].read(), headers)
    start_response(f"{{response.status}} OK", [("Content-Type", "text/plain")])
    return [f"{{os.getpid()}} {{response.result}}".encode()]
"""


@pytest.fixture
def name() -> str:
    """A subscription that no other process of this machine has."""
    return f"subscription-{uuid4()}"


def run(name: str, code: str) -> list[str]:
    """Run a program, and return what it logged: warnings go to its standard error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE.format(name=name) + code],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


@contextmanager
def gunicorn(folder: Path, name: str, *options: str) -> Iterator[tuple[str, Path]]:
    """Start gunicorn with two workers; yield its address and the file that has its log."""
    code = APPLICATION.format(secret=SECRET, folder=str(folder), patience=PATIENCE)
    (folder / "shop.py").write_text(code)
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", "127.0.0.1:0"),
                *("--worker-tmp-dir", str(folder), *options, "shop"),
            ],
            cwd=folder,
            env=ENVIRONMENT,
            stdout=output,
            stderr=output,
        )
    try:
        end = time.monotonic() + PATIENCE
        while log.read_text().count("Booting worker") < 2:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.01)
        [address] = re.findall(r"Listening at: (\S+)", log.read_text())
        yield address, log
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.mark.parametrize(
    ("options", "warnings"), [((), 1), (("--preload",), 2)], ids=["own", "preload"]
)
def test_workers_of_gunicorn_warn_once(
    tmp_path: Path, name: str, options: tuple[str, ...], warnings: int
) -> None:
    with gunicorn(tmp_path, name, *options) as (address, log), ThreadPoolExecutor(2) as pool:

        def deliver(event: int) -> list[str]:
            sent = delivery(PurseExpiredEvent, event, subscription=name)
            response = httpx.post(
                address, content=sent.body, headers=sent.headers, timeout=PATIENCE
            )
            return response.text.split()

        workers = set()
        for event in (2, 4, 6):
            results = list(pool.map(deliver, (event, event + 1)))
            assert [result for _, result in results] == ["handled", "handled"]
            workers |= {pid for pid, _ in results}
        found = [line for line in log.read_text().splitlines() if WARNING in line]

    assert len(workers) == 2
    assert len(found) == warnings, log.read_text()
    assert all(line.startswith("WARNING:calypso_pay.receiver:") for line in found)
    assert all("calypso_pay.inbox" in line for line in found)
    pids = re.findall(rf"{WARNING} (\d+)", log.read_text())
    assert set(pids) <= workers
    assert len(set(pids)) == warnings


def test_several_stores_and_threads_of_one_process_do_not_warn(name: str) -> None:
    code = """
stores, errors = [MemoryStore() for _ in range(3)], []
def use(number):
    try:
        for subscription in (NAME, NAME + "b"):
            for store in stores:
                claim(store, number, subscription)
    except BaseException as error:
        errors.append(error)
threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert errors == [], errors
"""
    assert run(name, code) == []


def test_the_second_process_warns_once_whatever_it_does(name: str) -> None:
    code = """
second = "\\n".join(
    f"claim(MemoryStore(), {n}, NAME + {part!r})" for n in range(3) for part in ("", "b")
)
prelude = "import os\\nfrom calypso_pay.receiver import MemoryStore, Task\\n"
prelude += f"NAME = {NAME!r}\\n"
prelude += "def claim(store, event=0, subscription=NAME):\\n"
prelude += "    assert store.claim(Task(subscription, event), 10).status == 'acquired'\\n"
claim(MemoryStore(), 0, NAME)
claim(MemoryStore(), 0, NAME + "b")
subprocess.run([sys.executable, "-c", prelude + second], check=True)
"""
    [line] = run(name, code)

    assert WARNING in line
    assert "another process gets events too" in line
    assert name not in line


def test_a_process_that_comes_after_another_does_not_warn(name: str) -> None:
    """The name is free when a process ends, however it ends."""
    assert run(name, "claim(MemoryStore())") == []
    assert run(name, "claim(MemoryStore()); sys.stderr.close(); os._exit(0)") == []
    assert run(name, "claim(MemoryStore())") == []


def test_a_process_with_another_subscription_does_not_warn(name: str) -> None:
    code = """
claim(MemoryStore())
in_child(lambda: claim(MemoryStore(), 0, NAME + "b"))
"""
    assert run(name, code) == []


def test_a_store_made_before_a_fork_warns_in_each_child(name: str) -> None:
    code = """
sys.platform = "other"
store = MemoryStore()
claim(store, 1)
def child():
    claim(store, 2)
    claim(store, 3)
    in_child(lambda: claim(store, 4))
in_child(child)
in_child(child)
claim(store, 5)
"""
    lines = run(name, code)

    assert len(lines) == 4
    assert all("was made in another process" in line for line in lines)
    assert len({line.partition(WARNING)[2].split()[0] for line in lines}) == 4


def test_a_store_made_after_a_fork_warns_where_the_parent_receives(name: str) -> None:
    code = """
claim(MemoryStore())
in_child(lambda: (claim(MemoryStore(), 1), claim(MemoryStore(), 2)))
"""
    [line] = run(name, code)

    assert "another process gets events too" in line


def test_where_it_cannot_be_noticed_the_event_is_handled_without_a_word(name: str) -> None:
    code = """
claim(MemoryStore())
for obstacle in (
    "import pytest_socket; pytest_socket.disable_socket()",
    "import socket; del socket.AF_UNIX",
    "import socket; socket.socket.bind = None",
    "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))",
    "sys.platform = 'win32'; del os.getuid",
    "os.environ['PYTEST_VERSION'] = '9'",
):
    def child():
        exec(obstacle)
        claim(MemoryStore(), 1, NAME)
        claim(MemoryStore(), 1, NAME + "b")
    in_child(child)
"""
    assert run(name, code) == []


def test_an_event_is_handled_even_if_the_log_fails(name: str) -> None:
    code = """
import logging
def fail(record):
    raise ValueError("a filter that fails")
logging.getLogger("calypso_pay.receiver").addFilter(fail)
claim(MemoryStore())
in_child(lambda: claim(MemoryStore()))
"""
    assert run(name, code) == []


def test_a_few_file_descriptors_are_enough_for_any_number_of_subscriptions(name: str) -> None:
    code = """
def opened():
    return len(os.listdir("/proc/self/fd"))
before = opened()
store = MemoryStore()
for number in range(20):
    claim(store, 1, f"{NAME}{number}")
assert before < opened() <= before + 8, opened()
"""
    assert run(name, code) == []


def test_any_subscription_can_be_looked_for(name: str) -> None:
    code = """
claim(MemoryStore(), 1, NAME + "\\ud800\\0" * 1000)
in_child(lambda: claim(MemoryStore(), 1, NAME + "\\ud800\\0" * 1000))
"""
    [line] = run(name, code)

    assert WARNING in line


def test_two_threads_that_begin_at_once_do_not_warn_of_each_other(
    name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_VERSION")
    store, begin = MemoryStore(), threading.Barrier(16)

    def claim(number: int) -> None:
        begin.wait(PATIENCE)
        store.claim(Task(name, number), 10)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(claim, range(16)))

    assert WARNING not in caplog.text
