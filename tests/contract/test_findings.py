"""The findings that a tester sees: one for each cause."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.contract import __main__ as command
from tests.contract import document, results, sections
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, Finding, ResponseFaults
from tests.contract.session import Exchange
from tests.contract.tampering import CutError, MockResponse, tampered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.contract.wire import Target

EXAMPLES = "each example of a request"
BLOCK = document.routes()["blockCustomer"][1]
UPDATE = document.routes()["updateCustomer"][1]


pytestmark = pytest.mark.usefixtures("in_tmp_path")


def found_by(output: str) -> list[tuple[str, str, str]]:
    """Return check, operation and field of each finding that was printed."""
    found: list[tuple[str, str, str]] = re.findall(
        r"^FOUND by (.+):\n    (.+), wrong in (\S+)", output, re.MULTILINE
    )
    return found


def cut_at(
    path: str, dead: threading.Event | None = None
) -> Callable[[MockResponse], MockResponse]:
    """Do not respond to requests of a path, and then to none at all if an event is given."""

    def defect(response: MockResponse) -> MockResponse:
        if response.path == path:
            if dead:
                dead.set()
            raise CutError
        return response

    return defect


def test_a_request_that_kills_the_server_is_the_finding_and_the_last_one(
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not the one before it; reports and a summary are written, and there is no other finding."""
    monkeypatch.setattr(sections, "_PAUSE", 0.01)
    dead = threading.Event()
    with tampered(settings, cut_at(BLOCK, dead), dead=dead) as target:
        only = ["--target", target.base_url, "--only", "each example"]
        code = command.main([*only, "--junit", "junit.xml", "--har", "all.har"])
    output = capsys.readouterr().out

    assert code == command.FOUND, output
    assert found_by(output) == [(EVERY_REQUEST, "blockCustomer", "response")]
    assert "sent again, it got none either" in output
    assert "ended early: the server no longer responds" in output
    assert output.rstrip().endswith("Exit code 1.")
    entries = json.loads((tmp_path / "all.har").read_text())["log"]["entries"]
    asked = [each["request"]["url"] for each in entries if not each["response"]["status"]]
    assert asked[0].endswith(BLOCK)
    root = ET.parse(tmp_path / "junit.xml").getroot()  # noqa: S314 - written a line before
    assert root.find("testsuite/testcase/failure") is not None


def test_a_request_without_a_response_is_found_and_the_run_goes_on(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    with tampered(settings, cut_at(BLOCK)) as target:
        code = command.main(["--target", target.base_url, "--only", "each example"])
    output = capsys.readouterr().out

    assert code == command.FOUND
    assert found_by(output) == [(EVERY_REQUEST, "blockCustomer", "response")]
    assert "ok      each example of a response fits its schema" in output
    assert "ended early" not in output


def test_a_finding_tells_that_a_retried_request_got_a_response(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    cut: list[str] = []

    def once(response: MockResponse) -> MockResponse:
        if response.path == BLOCK and not cut:
            cut.append(response.path)
            raise CutError
        return response

    with tampered(settings, once) as target:
        command.main(["--target", target.base_url, "--only", EXAMPLES])

    assert "sent again, it got status 200" in capsys.readouterr().out


@pytest.mark.usefixtures("sigint_enabled")
def test_a_request_that_hangs_is_found_even_if_the_retry_is_interrupted(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """Testers press Ctrl-C then."""
    cut: list[str] = []
    ended = threading.Event()

    def hanging(response: MockResponse) -> MockResponse:
        if response.path == BLOCK:
            cut.append(response.path)
            if len(cut) > 1:
                os.kill(os.getpid(), signal.SIGINT)
                ended.wait()
            raise CutError
        return response

    with tampered(settings, hanging) as target:
        code = command.main(["--target", target.base_url, "--only", "each example"])
        ended.set()
    output = capsys.readouterr().out

    assert code == command.FOUND, output
    assert found_by(output) == [(EVERY_REQUEST, "blockCustomer", "response")]
    assert "sent again, the run was stopped before a response came" in output
    assert "ended early: it was interrupted" in output


def test_the_model_sends_a_request_without_a_response_only_twice(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each attempt could take half a minute."""
    asked: list[str] = []

    def defect(response: MockResponse) -> MockResponse:
        if response.path == UPDATE:
            asked.append(response.path)
            raise CutError
        return response

    with tampered(settings, defect) as target:
        quick = ["--target", target.base_url, "--profile", "short", "--only", "reference model"]
        code = command.main(quick)
    output = capsys.readouterr().out

    assert code == command.FOUND, output
    assert found_by(output) == [(EVERY_REQUEST, "updateCustomer", "response")]
    assert len(asked) == 2


@pytest.mark.slow
def test_a_request_of_schemathesis_that_kills_the_server_is_the_finding(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = threading.Event()
    with tampered(settings, cut_at(BLOCK, dead), dead=dead) as target:
        quick = ["--target", target.base_url, "--profile", "short"]
        code = command.main([*quick, "--only", "every example, boundary"])
    output = capsys.readouterr().out

    assert code == command.FOUND, output
    assert found_by(output)[0] == (EVERY_REQUEST, "blockCustomer", "response")
    assert "no longer responds" in output


def undated(response: MockResponse) -> MockResponse:
    """Remove a field from each row of a page."""
    return replace(response, content=re.sub(rb',"createdDate":"[^"]*"', b"", response.content))


def test_a_field_that_is_missing_in_every_row_is_one_finding_with_a_count(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a separate check name; the check that sent the requests continues."""
    only = "request headers such as"
    with tampered(settings, undated) as target:
        code = command.main(["--target", target.base_url, "--only", only, "--junit", "j.xml"])
    output = capsys.readouterr().out

    assert code == command.FOUND
    places = [(each, field) for _, each, field in found_by(output)]
    assert ("getSubscriptions", "subscriptions[].createdDate") in places
    assert len(places) == len(set(places))
    assert {check for check, _, _ in found_by(output)} == {EVERY_RESPONSE}
    summary = output.rpartition("Findings, one for each cause:")[2]
    assert re.search(r"getSubscriptions, subscriptions\[\]\.createdDate: .* \(\d+ times\)", summary)
    assert f"ok      {only}" in output
    root = ET.parse(tmp_path / "j.xml").getroot()  # noqa: S314 - written a line before
    (failed,) = root.findall("testsuite/testcase[failure]")
    assert failed.get("name") == EVERY_RESPONSE


def item(number: int, value: str = "0") -> Finding:
    text = f"expected a number, got {value}"
    return Finding("a check", "findTransactions", f"result[{number}].amount", text)


def test_the_same_fault_in_many_rows_is_one_finding_and_another_fault_is_another() -> None:
    """The received values may differ; different statuses are different causes."""
    (one,) = results.together([item(n, str(n)) for n in range(204)])

    assert one.count == 204
    assert one.shown_field == "result[].amount"
    others = [
        item(0),
        replace(item(0), where="getTransaction"),
        replace(item(0), field="result[0].id"),
        replace(item(0), text="expected a text"),
        replace(item(0), check="another check"),
    ]
    assert len(results.together(others)) == len(others)
    statuses = [replace(item(0), field="status", text=f"expected 200, got {n}") for n in (418, 500)]
    assert len(results.together(statuses)) == 2


EXCHANGE = Exchange("POST", f"http://x{BLOCK}", BLOCK, {}, b"{}", 200, {}, b"{}", 1.0, 0.1)


def test_a_violation_is_only_explained_by_a_fault_of_its_own_response() -> None:
    response_faults = ResponseFaults(lambda finding: finding.field == "known")
    other = replace(EXCHANGE, began=2.0)
    response_faults.note(EXCHANGE, "id", "expected it, got none", ())
    response_faults.note(other, "known", "expected it, got none", ())

    assert response_faults.explains(EXCHANGE)
    assert not response_faults.explains(other)
    assert [each.field for each in response_faults.new()] == ["id", "known"]
    assert response_faults.new() == []


def test_a_response_that_is_not_json_is_reported_as_such(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the check: not as an accepted account or signature."""

    def plain(response: MockResponse) -> MockResponse:
        rejected = response.status == 400
        return replace(response, content_type="text/plain") if rejected else response

    with tampered(settings, plain) as target:
        command.main(["--target", target.base_url, "--only", "unknown account"])
    output = capsys.readouterr().out

    assert {(check, field) for check, _, field in found_by(output)} == {
        (EVERY_RESPONSE, "content-type")
    }
    assert "ok      an unknown account is rejected" in output
