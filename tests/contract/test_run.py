"""A run as testers use it: its requests, its output, its files, and its exit code."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.contract import __main__ as command
from tests.contract import coverage, document, gateway, repeat, targets
from tests.contract.checks.api_client import reads
from tests.contract.tampering import MockResponse, tampered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.running import Run
    from tests.contract.wire import Target

QUICK = ("--only", "each example of a request")


pytestmark = pytest.mark.usefixtures("in_tmp_path")


@pytest.mark.slow
def test_the_short_profile_finds_nothing_on_a_fresh_mock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every check of every part runs, and all cases of schemathesis.

    Hypothesis gives up, and schemathesis succeeds, if the same choices lead to different requests.
    """
    runs: list[Run] = []
    running = command.sections.running
    own = running.run

    def kept(*arguments: Any, **options: Any) -> Run:
        runs.append(own(*arguments, **options))
        return runs[-1]

    monkeypatch.setattr(running, "run", kept)
    code = command.main(["--profile", "short"])
    output = capsys.readouterr().out

    assert code == command.NOTHING_FOUND, output
    assert "a fresh mock" in output
    # Only checks of operations that left the document are skipped.
    assert [
        each for each in re.findall(r"skipped (.*)", output) if "document has no" not in each
    ] == []
    for part in (command.sections.MODEL, *command.sections.GENERATED):
        assert f"ok      {part}" in output
    (result,) = runs
    assert coverage.missed(result, "examples", "positive") == set()
    assert coverage.missed(result, "coverage", "positive", "negative") == set()
    assert coverage.missed(result, "fuzzing", "positive", "negative") == set()
    assert result.scenarios["stateful"] >= command.PROFILES["short"].chains


def yes_for_true(response: MockResponse) -> MockResponse:
    return replace(
        response, content=response.content.replace(b'"blocked":true', b'"blocked":"yes"')
    )


def test_a_finding_shows_seed_field_and_how_to_reproduce_it(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """The printed command sends the same requests, and shows the same responses."""
    with tampered(settings, yes_for_true) as target:
        code = command.main(["--target", target.base_url, *QUICK, "--seed", "7", "--first"])
        found = capsys.readouterr().out
        kept = re.search(r"tests\.contract\.repeat (\S+) --target (\S+)", found)
        assert kept is not None, found
        assert repeat.main([kept[1], "--target", kept[2]]) == repeat.STILL_FOUND
    again = capsys.readouterr().out

    assert code == command.FOUND
    assert "FOUND by every response is as documented:" in found
    assert "blockCustomer, wrong in blocked" in found
    assert "Seed 7." in found
    assert '"blocked":"yes"' in again
    assert "wrong in" not in again
    assert settings.secret not in found + again


def test_a_finding_can_be_replayed_against_a_fresh_mock(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the fresh mock's own account, timestamp and signature, a correct mock returns 200."""
    with tampered(settings, yes_for_true) as target:
        command.main(["--target", target.base_url, *QUICK, "--first"])
    capsys.readouterr()

    assert repeat.main([".contract/1.json", "--", "--seed", "5"]) == repeat.NO_LONGER_FOUND

    output = capsys.readouterr().out
    assert '"blocked":true' in output
    assert "401" not in output


def test_the_file_of_a_finding_contains_no_secrets(settings: Target, tmp_path: Path) -> None:
    with tampered(settings, lambda response: replace(response, status=500)) as target:
        command.main(["--target", target.base_url, "--only", "subscription"])
    kept = [path.read_text() for path in tmp_path.glob(".contract/*.json")]

    assert kept
    for text in kept:
        assert settings.secret not in text
        assert settings.key not in text
        assert not re.search(r"[0-9a-f]{128}", text)


@pytest.mark.parametrize("broken", [False, True])
def test_neither_output_nor_reports_contain_secrets(
    *, broken: bool, settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor the key, a signature, or the secret of a subscription, with findings or without.

    Forged signatures are masked like correct ones, and so are the keys of a second account.
    """
    seen: set[str] = set()

    def spy(response: MockResponse) -> MockResponse:
        seen.update(re.findall(r'"secretKey":"([^"]+)"', response.content.decode()))
        return (
            replace(response, status=202)
            if broken and b"secretKey" in response.content
            else response
        )

    with tampered(settings, spy) as target:
        for only in ("no byte of a body", "subscription", "each example of a request"):
            reports = ["--junit", "junit.xml", "--har", "all.har"]
            command.main(["--target", target.base_url, "--only", only, *reports])
            texts = [capsys.readouterr().out]
            texts += [(tmp_path / name).read_text() for name in ("junit.xml", "all.har")]
            for secret in (settings.key, settings.secret, *seen):
                assert [secret for text in texts if secret in text] == []
            assert [text for text in texts if re.search(r"[0-9a-f]{128}", text)] == []
    assert len(seen) > 1


def test_a_har_holds_every_exchange(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["--target", settings.base_url, *QUICK, "--har", "all.har"])
    requests = re.search(r"(\d+) requests, \d+ s\.", capsys.readouterr().out)
    entries = json.loads((tmp_path / "all.har").read_text())["log"]["entries"]

    assert requests is not None
    assert len(entries) == int(requests[1])


def remote(monkeypatch: pytest.MonkeyPatch, target: Target) -> str:
    """Return another host name for a target, as if it were on another machine; disable waits."""
    resolve = socket.getaddrinfo

    def elsewhere(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if host == "api.shop.example" else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    monkeypatch.setattr(gateway.Gateway, "_wait", lambda *_: None)
    monkeypatch.setenv("CALYPSO_ALLOW_HTTP", "1")
    return f"http://api.shop.example:{urlsplit(target.base_url).port}"


def asked(output: str) -> set[str]:
    entries = json.loads(output)["log"]["entries"]
    return {urlsplit(each["request"]["url"]).path for each in entries}


def test_another_machine_is_only_read_slowly_as_announced_first(
    settings: Target,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No operation that creates or changes anything is called, and nothing outside of the API."""
    pauses: list[float] = []
    url = remote(monkeypatch, settings)
    monkeypatch.setattr(gateway.Gateway, "_wait", lambda _, seconds: pauses.append(seconds))

    code = command.main(["--target", url, "--har", "all.har"])
    output = capsys.readouterr().out

    assert code == command.NOTHING_FOUND, output
    assert output.startswith(f"Testing a server at {url} as account {settings.account}: read only")
    assert f"at most {targets.RATE} a second." in output.splitlines()[0]
    assert {document.routes()[name][1] for name in reads()} >= asked(
        (tmp_path / "all.har").read_text()
    )
    assert 0.9 / targets.RATE < max(pauses) <= 1 / targets.RATE
    assert len(pauses) <= targets.READING
    assert "Drift: " in output


def grown(response: MockResponse) -> MockResponse:
    """A later version of the API: a new field, a new state."""
    content = response.content
    content = content.replace(b'"addressFrom":', b'"feeOfTest":1,"addressFrom":')
    content = content.replace(b'"CONFIRMED"', b'"COMPLETED"')
    return replace(response, content=content)


def test_new_fields_and_values_of_another_server_are_drift_and_not_findings(
    settings: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with tampered(settings, grown) as target:
        code = command.main(
            ["--target", remote(monkeypatch, target), "--only", "a transaction read by"]
        )
    output = capsys.readouterr().out

    assert code == command.NOTHING_FOUND, output
    assert "findTransactions: unknown field result[].feeOfTest" in output
    assert "getTransaction: unknown value transactionState COMPLETED" in output


@pytest.mark.parametrize(
    ("missing", "output"), [("CALYPSO_KEY", "CALYPSO_KEY is not set"), (None, "did not respond")]
)
def test_a_run_that_cannot_start_reports_why(
    missing: str | None,
    output: str,
    settings: Target,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its exit code is not that of a run with findings."""
    if missing:
        monkeypatch.delenv(missing)
    with socket.socket() as deaf:
        # Bound, so that no other process gets the port; without listen, connections are refused.
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"

        assert command.main(["--target", url]) == command.CANNOT_RUN
    assert output in capsys.readouterr().err


def test_a_target_that_is_not_an_address_is_reported(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--target", "127.0.0.1:8600"]) == command.CANNOT_RUN
    output = capsys.readouterr()
    assert "is not an address like" in output.err
    assert output.out == ""


def test_wrong_settings_are_reported_before_anything_is_tested(
    settings: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALYPSO_SECRET", "wrong")

    assert command.main(["--target", remote(monkeypatch, settings)]) == command.CANNOT_RUN
    output = capsys.readouterr()
    assert "rejected the account's settings" in output.err
    assert "  ok" not in output.out


def test_an_unknown_check_is_not_a_success(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--target", settings.base_url, "--only", "no such check"]

    assert command.main(asked) == command.CANNOT_RUN
    assert "no check is named" in capsys.readouterr().err


@pytest.mark.parametrize(
    "part",
    ["content type", pytest.param("documented response", marks=pytest.mark.slow)],
)
def test_another_server_on_this_machine_may_behave_differently_where_undocumented(
    part: str,
    settings: Target,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A server with other statuses, and without control endpoints, has no findings."""
    monkeypatch.setenv("RATE", "0")
    monkeypatch.setenv("ALLOW_WRITES", "1")
    monkeypatch.setenv("ALLOW_SHARED", "1")

    def other_choices(response: MockResponse) -> MockResponse:
        status = 400 if response.status in {401, 404, 405} else response.status
        return replace(response, status=status)

    with tampered(settings, other_choices, controls=False) as target:
        quick = ["--profile", "short", "--only", part]
        code = command.main(["--target", target.base_url, *quick])
    output = capsys.readouterr().out

    assert code == command.NOTHING_FOUND, output
    assert "ok " in output
    assert ("needs: mock" in output) == (part == "content type")
