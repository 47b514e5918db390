"""The calypso command, run the way a user runs it."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner, Result

from calypso_pay import AuthenticationError, Calypso, __version__
from calypso_pay.cli import main
from calypso_pay.cli._app import app
from tests.overlay.peers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "calypso_pay.cli"]


def run(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, arguments)


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
            iter(self.line, "Requests are shown below. Press Ctrl-C to stop.\n")
        )
        self.line()

    def line(self) -> str:
        assert self.popen.stdout is not None
        found = self.popen.stdout.readline()
        assert found, "the process has ended"
        return found

    @property
    def settings(self) -> dict[str, str]:
        found = re.findall(r"^  export CALYPSO_(\w+)=(.+)$", self.introduction, re.MULTILINE)
        return {name.lower(): value for name, value in found}

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        self.popen.send_signal(number)
        rest, _ = self.popen.communicate(timeout=PATIENCE)
        return self.popen.returncode, rest


@contextmanager
def serving(*arguments: str) -> Iterator[Process]:
    process = Process(*arguments)
    try:
        yield process
    finally:
        process.popen.kill()
        process.popen.communicate()


@pytest.mark.parametrize(
    ("arguments", "examples", "status", "number"),
    [
        ((), True, 401, signal.SIGINT),
        (("--empty", "--auth-status", "400"), False, 400, signal.SIGTERM),
    ],
    ids=["defaults", "options"],
)
def test_the_mock_prints_its_settings_logs_requests_and_stops_cleanly(
    arguments: tuple[str, ...], *, examples: bool, status: int, number: signal.Signals
) -> None:
    """Its settings work when pasted; it has the document's examples unless it is started empty."""
    with serving(*arguments) as process:
        settings = process.settings
        with Calypso(**settings) as calypso:
            account = calypso.accounts.get().account
            rows = calypso.transactions.find().total_elements
        with (
            Calypso(**{**settings, "secret": "0" * 32}) as impostor,
            pytest.raises(AuthenticationError),
        ):
            impostor.accounts.get()
        lines = [process.line() for _ in range(3)]
        code, rest = process.stop(number)

    assert account == settings["account"]
    assert bool(rows) is examples
    assert re.match(r"POST /api/v1/account 200 · .*ms$", lines[0])
    assert re.match(rf"POST /api/v1/account {status} 003 Wrong sign · .*ms$", lines[2])
    assert code == 0
    assert "Traceback" not in rest
    assert rest.endswith("Stopped.\n")


def test_a_port_in_use_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "mock", "--port", port], capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert "cannot listen on port" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_that_other_machines_can_reach_needs_an_option() -> None:
    done = run("mock", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - it is rejected

    assert done.exit_code == 1
    assert "add --allow-remote" in done.stderr
    assert "allow_remote=" not in done.stderr


def test_the_mock_goes_on_when_the_reader_of_its_output_has_ended() -> None:
    """As with `| head -1`; its clients notice nothing."""
    command = [*COMMAND, "mock", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[-1]
            process.stdout.close()
            statuses = [httpx.get(f"{url}/_mock/state").status_code for _ in range(3)]
        finally:
            process.terminate()

    assert statuses == [200, 200, 200]
    assert process.returncode == 0


@pytest.mark.parametrize(("environment", "bold"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_no_color_is_respected(environment: dict[str, str], bold: bool) -> None:
    """At a terminal, where the output has colors otherwise."""
    own, others = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    command = [*COMMAND, "mock", "--port", "0"]
    with subprocess.Popen(command, stdout=others, env={**env, **environment}) as process:
        os.close(others)
        output = b""
        while b"Ctrl-C" not in output:
            output += os.read(own, 1000)
        process.terminate()
    os.close(own)

    assert (b"\x1b[1m" in output) is bold


def test_the_version_is_printed_without_click(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.setattr(sys, "argv", ["calypso", "--version"])
    main()

    assert capsys.readouterr().out == f"calypso, version {__version__}\n"


@pytest.fixture(scope="module")
def demo() -> Result:
    return run("demo")


def test_the_demo_goes_through_all_states(demo: Result) -> None:
    states = re.findall(r"MEM_POOL_FOUND|PENDING_COMPLIANCE_CHECK|CONFIRMED|ARCHIVED", demo.stdout)

    assert demo.exit_code == 0, demo.output
    assert states == [
        "MEM_POOL_FOUND",
        "PENDING_COMPLIANCE_CHECK",
        "CONFIRMED",
        "CONFIRMED",
        "ARCHIVED",
    ]
    assert "balance 0 -> 125.500000000000000001 USDT_TRX" in demo.stdout


def test_the_demo_shows_each_webhook_right_after_its_cause(demo: Result) -> None:
    events = re.findall(
        r"webhook Purse(\w+)Event, signature verified|(does not call its handler)", demo.stdout
    )

    assert ["".join(each) for each in events] == [
        "MemPoolFound",
        "PendingCompliance",
        "FundsReceived",
        "TranslationCompleted",
        "does not call its handler",
        "Expired",
    ]


def test_the_version_is_that_of_the_package() -> None:
    assert __version__ in run("--version").stdout


def test_without_click_the_command_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.delitem(sys.modules, "calypso_pay.cli._app", raising=False)

    with pytest.raises(SystemExit, match=r"pip install '\.\[mock\]'"):
        main()
