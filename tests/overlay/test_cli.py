"""The calypso command, run as a user runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from calypso_pay import AuthenticationError, Calypso, __version__
from calypso_pay.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "calypso_pay.cli"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


class Process:
    """A `calypso mock` that runs in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.popen = subprocess.Popen(
            [*COMMAND, "mock", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.introduction = "".join(
            iter(self.line, "Requests are shown as they come. Ctrl-C stops.\n")
        )
        self.line()

    def line(self) -> str:
        assert self.popen.stdout is not None
        return self.popen.stdout.readline()

    @property
    def settings(self) -> dict[str, str]:
        found = re.findall(r"^  export CALYPSO_(\w+)=(.+)$", self.introduction, re.MULTILINE)
        return {name.lower(): value for name, value in found}

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        self.popen.send_signal(number)
        rest, _ = self.popen.communicate(timeout=20)
        return self.popen.returncode, rest


@contextmanager
def serving(*arguments: str) -> Iterator[Process]:
    process = Process(*arguments)
    try:
        yield process
    finally:
        process.popen.kill()
        process.popen.communicate()


def test_the_mock_prints_settings_that_work_when_pasted() -> None:
    with serving() as process, Calypso(**process.settings) as calypso:
        assert calypso.accounts.get().account == process.settings["account"]


def test_the_mock_starts_with_the_documents_examples_unless_told_otherwise() -> None:
    with serving() as full, serving("--empty") as empty:
        with Calypso(**full.settings) as calypso:
            assert calypso.transactions.find().total_elements > 0
        with Calypso(**empty.settings) as calypso:
            assert calypso.transactions.find().total_elements == 0


def test_the_mock_logs_a_line_with_the_verdict_of_each_request() -> None:
    with serving("--auth-status", "400") as process:
        settings = process.settings
        with Calypso(**settings) as calypso:
            calypso.accounts.get()
        with (
            Calypso(**{**settings, "secret": "0" * 32}) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.accounts.get()
        good, bad = process.line(), process.line()

    assert re.match(r"POST /api/v1/account 200 · .*ms$", good)
    assert re.match(r"POST /api/v1/account 400 003 Wrong sign · .*ms$", bad)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_mock_stops_cleanly_and_frees_its_port(number: signal.Signals) -> None:
    with serving() as process:
        port = int(process.settings["base_url"].rpartition(":")[2])
        status, rest = process.stop(number)

    assert status == 0
    assert "Traceback" not in rest
    assert rest.endswith("Stopped.\n")
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = run("mock", "--port", str(listener.getsockname()[1]))

    assert done.returncode == 1
    assert "cannot listen on port" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_that_others_can_reach_needs_a_word_more() -> None:
    done = run("mock", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - it is refused

    assert done.returncode == 1
    assert "--allow-remote" in done.stderr


def test_the_demo_tells_the_whole_story() -> None:
    done = run("demo")

    states = re.findall(r"MEM_POOL_FOUND|PENDING_COMPLIANCE_CHECK|CONFIRMED|ARCHIVED", done.stdout)
    assert done.returncode == 0, done.stderr
    assert states == [
        "MEM_POOL_FOUND",
        "PENDING_COMPLIANCE_CHECK",
        "CONFIRMED",
        "CONFIRMED",
        "ARCHIVED",
    ]
    assert "balance 0 -> 125.500000000000000001 USDT_TRX" in done.stdout


def test_the_demo_shows_each_webhook_right_after_what_it_tells_of() -> None:
    told = re.findall(
        r"webhook Purse(\w+)Event, signature verified|(calls no handler)", run("demo").stdout
    )

    assert ["".join(each) for each in told] == [
        "MemPoolFound",
        "PendingCompliance",
        "FundsReceived",
        "TranslationCompleted",
        "calls no handler",
        "Expired",
    ]


def test_the_version_is_the_packages() -> None:
    assert __version__ in run("--version").stdout


def test_without_its_library_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.delitem(sys.modules, "calypso_pay.cli._app", raising=False)

    with pytest.raises(SystemExit, match=r"pip install 'calypso-pay\[mock\]'"):
        main()
