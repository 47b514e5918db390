"""However a run ends, its findings are reported; while it runs, it shows its progress."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Never

import pytest

from tests.contract import __main__ as command
from tests.contract import private_files, sections
from tests.contract.progress import Events, Progress
from tests.contract.suite import CHECKS, Check
from tests.contract.tampering import MockResponse, tampered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.contract.suite import Context
    from tests.contract.wire import Target

EXAMPLES = "each example of a request"
REPORTS = ("--junit", "j.xml", "--har", "all.har")
TIMEOUT = 30.0


pytestmark = pytest.mark.usefixtures("in_tmp_path")


def yes_for_true(response: MockResponse) -> MockResponse:
    return replace(
        response, content=response.content.replace(b'"blocked":true', b'"blocked":"yes"')
    )


def run_and_raise(
    error: BaseException, target: Target, monkeypatch: pytest.MonkeyPatch, *, part: str
) -> int:
    """Run a check that finds something, and end the run by an error after it."""

    def fail(*_: Any, **__: Any) -> Never:
        raise error

    own = [check for check in CHECKS if EXAMPLES in check.name]
    if part == "a check":
        own.append(Check("a check that is broken", fail, frozenset()))
    monkeypatch.setattr(sections, "CHECKS", own)
    monkeypatch.setattr(sections.model, "explore", fail)
    monkeypatch.setattr(sections.running, "run", fail)
    chosen = {"the model": [sections.MODEL], "schemathesis": [*sections.GENERATED]}.get(part, [])
    monkeypatch.setattr(command._Suite, "_generated_parts", lambda _: [*chosen])
    return command.main(["--target", target.base_url, *REPORTS])


@pytest.mark.parametrize("part", ["a check", "the model", "schemathesis"])
def test_findings_are_reported_after_ctrl_c(
    part: str,
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with tampered(settings, yes_for_true) as target:
        code = run_and_raise(KeyboardInterrupt(), target, monkeypatch, part=part)
    output = capsys.readouterr().out

    assert code == command.FOUND
    assert "The run ended early: it was interrupted." in output
    assert re.search(r"\n1 found: \d+ checks, \d+ requests, \d+ s\. Exit code 1\.\n$", output)
    assert json.loads((tmp_path / "all.har").read_text())["log"]["entries"]
    assert b"<failure" in (tmp_path / "j.xml").read_bytes()


def test_a_run_that_is_terminated_reports_its_results(
    settings: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def end(_: Context) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(sections, "CHECKS", [Check("a check", end, frozenset())] * 2)

    assert command.main(["--target", settings.base_url, "--only", "a check"]) == command.CANNOT_RUN
    assert "ended early: it was interrupted" in capsys.readouterr().out


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("broken"), OSError("full")])
def test_a_run_that_ended_early_is_not_a_success(
    error: BaseException,
    settings: Target,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run_and_raise(error, settings, monkeypatch, part="schemathesis")
    output = capsys.readouterr().out

    assert code == command.CANNOT_RUN
    assert "ended early" in output
    assert output.rstrip().endswith("Exit code 2.")


@pytest.mark.parametrize("code", [command.FOUND, command.CANNOT_RUN])
def test_a_full_disk_loses_a_report_but_not_the_result(
    code: int,
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence for each file, and the other report is still written."""
    write = private_files.write

    def full(path: Path, content: bytes) -> None:
        if path.name != "all.har":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, content)

    monkeypatch.setattr(private_files, "write", full)
    defect: Callable[[MockResponse], MockResponse] = yes_for_true
    with tampered(settings, defect if code == command.FOUND else replace) as target:
        asked = ["--target", target.base_url, "--only", EXAMPLES, *REPORTS]
        assert command.main(asked) == code
    output = capsys.readouterr()

    assert output.err == "j.xml could not be written: No space left on device.\n"
    assert f"Exit code {code}." in output.out
    assert json.loads((tmp_path / "all.har").read_text())
    if code == command.FOUND:
        assert ".contract/1.json could not be written: No space left on device." in output.out


class Terminal(io.StringIO):
    """A terminal that signals when something was drawn on it."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.drawn = threading.Semaphore(0)
        self.times = times

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.drawn.release()
        return super().write(text)

    def wait(self) -> bool:
        """Wait until it was drawn on a number of times."""
        return all(self.drawn.acquire(timeout=TIMEOUT) for _ in range(self.times))


def test_a_terminal_is_updated_regularly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the run is waiting for, as another thread draws."""
    terminal = Terminal(3)
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr("tests.contract.progress._SECONDS", 0.01)
    with Progress(lambda: "3 of 9 checks, 40 requests so far") as progress:
        assert terminal.wait()
        progress.print_line("  ok      a check")
    written = terminal.getvalue()

    assert written.count("\r\x1b[K3 of 9 checks, 40 requests so far") >= 3
    assert "\r\x1b[K  ok      a check\n" in written
    # The progress line is cleared at the end.
    assert written.endswith("\r\x1b[K")


def test_output_that_is_not_a_terminal_gets_only_the_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress(lambda: "3 of 9 checks") as progress:
        progress.print_line("  ok      a check")

    assert capsys.readouterr().out == "  ok      a check\n"


def test_the_progress_line_counts_checks_and_requests(
    settings: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    progress_lines: list[str] = []
    check = next(each for each in CHECKS if EXAMPLES in each.name)
    suites: list[command._Suite] = []
    begin = command._Suite.run

    def spied(context: Context) -> None:
        progress_lines.append(suites[0]._progress_line())
        check.run(context)
        progress_lines.append(suites[0]._progress_line())

    def kept(suite: command._Suite) -> int:
        suites.append(suite)
        return begin(suite)

    monkeypatch.setattr(command._Suite, "run", kept)
    monkeypatch.setattr(sections, "CHECKS", [check, replace(check, run=spied)])
    command.main(["--target", settings.base_url, "--only", EXAMPLES])

    counts = [
        re.findall(r"(\d+) of (\d+) checks, (\d+) requests so far", each)[0]
        for each in progress_lines
    ]
    assert [each[:2] for each in counts] == [("1", "2"), ("1", "2")]
    assert int(counts[0][2]) < int(counts[1][2])


def test_requests_of_a_report_are_counted_while_it_is_written(tmp_path: Path) -> None:
    """Line by line; half a line is read when it is complete."""
    path = tmp_path / "events.ndjson"
    events = Events(path)
    line = json.dumps({"ScenarioFinished": {"recorder": {"interactions": {"a": 1, "b": 2}}}})
    other = json.dumps({"ScenarioStarted": {}})

    counts = [events.requests()]
    for text in (f"{line}\n", f"{other}\n{line[:9]}", f"{line[9:]}\n"):
        with path.open("a") as file:
            file.write(text)
        counts.append(events.requests())
    path.unlink()

    assert [*counts, events.requests()] == [0, 2, 2, 4, 4]


@pytest.mark.usefixtures("settings")
def test_a_server_that_does_not_run_is_reported_with_what_to_check(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    assert command.main(["--target", url]) == command.CANNOT_RUN
    assert capsys.readouterr().err.endswith(
        ". Check that the server runs, and its address in TARGET.\n"
    )
