"""A finding can be had again: by few requests, from the file alone, with a verdict."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract import __main__ as command
from tests.contract import document, evidence, repeat, targets
from tests.contract.resending import Step
from tests.contract.results import EVERY_REQUEST, Finding, of_response
from tests.contract.session import Exchange
from tests.contract.suite import Terms
from tests.contract.tampering import Answer, CutError, tampered
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.contract.wire import Target

GET = document.places()["getTransaction"][1]
ACCOUNT = document.places()["getAccount"][1]
BLOCK = document.places()["blockCustomer"][1]
ROW = {"id": "8c6a8d93-7973-48b9-a8d9-4660c64b4c4d", "amount": "12.5", "createdDate": ""}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def step(path: str) -> Step:
    return Step("POST", path, "{}", None, None, {}, "", None, 200)


PATHS = [f"/{n}" for n in range(100)]


@rows("needed", [(), ("/50",), ("/1", "/98"), tuple(PATHS[10:14]), tuple(PATHS[1:99:16])])
def test_no_request_is_kept_that_is_not_needed(needed: tuple[str, ...]) -> None:
    """The first, which makes the mock begin anew, and the last, whose response is wrong, are."""

    def shows(some: Sequence[Step]) -> bool:
        return {*needed} <= {each.path for each in some}

    kept = repeat.shortest([step(each) for each in PATHS], shows, budget=100_000)

    assert kept is not None
    assert [each.path for each in kept] == ["/0", *needed, "/99"]


def test_no_more_requests_are_sent_than_may_be() -> None:
    sent = []

    def shows(some: Sequence[Step]) -> bool:
        sent.extend(some)
        return len(some) == len(PATHS)

    kept = repeat.shortest([step(each) for each in PATHS], shows, budget=500)

    assert kept is not None
    assert len(kept) == len(PATHS)
    assert 100 < len(sent) <= 500


def test_what_no_request_shows_again_is_not_said_to_be_shown() -> None:
    assert repeat.shortest([step("/0"), step("/1")], lambda _: False) is None


def written(path: Path, **others: Any) -> str:
    """Write a file as a run does, of a read."""
    told = {"check": EVERY_REQUEST, "field": "response", "mock": False}
    kept = {
        "check": EVERY_REQUEST,
        "field": "response",
        "text": "none",
        "evidence": told,
        "account": "0xa",
        "steps": [asdict(step(GET))],
        **others,
    }
    path.write_text(json.dumps(kept))
    return str(path)


def test_without_settings_it_says_which_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KEY", "SECRET", "ACCOUNT", "BASE_URL"):
        monkeypatch.delenv(f"CALYPSO_{name}", raising=False)
    file = written(tmp_path / "1.json")

    assert repeat.main([file, "--target", "http://127.0.0.1:9"]) == repeat.CANNOT_TEST
    said = capsys.readouterr()
    assert said.err.startswith("Could not test. CALYPSO_KEY is not set.")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"steps": [{"method": "GET"}]}'])
def test_a_file_that_no_run_wrote_is_told(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "1.json"
    if content is not None:
        path.write_text(content)

    assert repeat.main([str(path)]) == repeat.CANNOT_TEST
    assert str(path) in capsys.readouterr().err


def test_nothing_is_changed_where_that_is_not_allowed(
    mock: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file from one server may be sent to another, which is asked no control endpoint either."""
    asked: list[str] = []

    def spy(answer: Answer) -> Answer:
        asked.append(answer.path)
        return answer

    for name, value in mock.write().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(targets, "terms", lambda *_: Terms(writes=False))
    steps = [step("/_mock/reset"), step(GET), step(BLOCK)]
    with tampered(mock, spy, controls=False) as target:
        code = repeat.main(
            [
                written(tmp_path / "1.json", steps=[asdict(each) for each in steps]),
                *("--target", target.base_url),
            ]
        )
        assert asked == []
        assert code == repeat.CANNOT_TEST
        assert "ALLOW_WRITES=1" in capsys.readouterr().err
        read = written(tmp_path / "2.json", steps=[asdict(each) for each in steps[:2]])
        assert repeat.main([read, "--target", target.base_url]) == repeat.NO_LONGER_SO
    assert asked == [GET]
    assert "It is no longer so." in capsys.readouterr().out


def test_a_lost_request_is_still_so_until_it_is_answered(
    mock: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cut(answer: Answer) -> Answer:
        if answer.path == BLOCK:
            raise CutError
        return answer

    for name, value in mock.write().items():
        monkeypatch.setenv(name, value)
    with tampered(mock, cut) as target:
        command.main(["--target", target.base_url, "--only", "each example of a request"])
        kept = [".contract/1.json", "--target", target.base_url]
        assert repeat.main(kept) == repeat.STILL_SO
    said = capsys.readouterr().out
    assert "no response in" in said
    assert "It is still so." in said
    assert repeat.main([kept[0]]) == repeat.NO_LONGER_SO


def test_at_a_server_that_is_no_mock_it_is_repeated_through_the_gateway(
    mock: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what it may do there, sends no control request, and nothing that writes."""
    asked: list[str] = []

    def spoiled(answer: Answer) -> Answer:
        asked.append(answer.path)
        if answer.path != ACCOUNT or answer.status != HTTPStatus.OK:
            return answer
        return replace(answer, content=answer.content.replace(b'"account":', b'"count":'))

    for name, value in {**mock.write(), "RATE": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ALLOW_WRITES", raising=False)
    with tampered(mock, spoiled, controls=False) as target:
        only = ["--target", target.base_url, "--only", "account"]
        assert command.main(only) == command.FOUND
        capsys.readouterr()
        asked.clear()
        kept = [".contract/1.json", "--target", target.base_url]
        monkeypatch.setenv("RATE", "5")
        assert repeat.main(kept) == repeat.STILL_SO
        said = capsys.readouterr().out
    assert said.startswith(f"Testing a server at {target.base_url} ")
    assert "read only, at most 400 requests, at most 5 a second." in said.splitlines()[0]
    assert "It is still so." in said
    assert set(asked) == {ACCOUNT}


def exchange(status: int = 200, **fields: object) -> Exchange:
    body = json.dumps({**ROW, **fields}).encode()
    headers = {"content-type": "application/json"}
    return Exchange("POST", f"http://x{GET}", GET, {}, b"{}", status, headers, body, 1e9, 0.1)


DATED = exchange(createdDate="2001-09-09T01:46:40+00:00")
LATER = replace(exchange(createdDate="2001-09-09T02:46:40+00:00"), began=1e9 + 3600)
# The field, what was answered, what is answered now, and whether it is still so.
VERDICTS = [
    ("amount", exchange(), exchange(), True),
    ("amount", exchange(), exchange(amount="12.4"), False),
    ("amount", exchange(), exchange(400), False),
    ("status", exchange(418), exchange(418), True),
    ("status", exchange(418), exchange(), False),
    ("errorCode", exchange(400, errorCode="003"), exchange(400, errorCode="002"), False),
    ("createdDate", DATED, LATER, True),
    ("createdDate", DATED, replace(LATER, began=1e9), False),
    # Ids are drawn at random: that another is there says nothing.
    ("id", exchange(), exchange(id="804c5026-8c89-4dd5-acac-777cefc249be"), None),
    ("content-type", exchange(), replace(exchange(), headers={"content-type": "a/b"}), False),
    ("complianceState", exchange(), exchange(complianceState="SUCCESS"), False),
    ("complianceState", exchange(), exchange(), True),
]


@rows("verdict", VERDICTS)
def test_a_response_is_compared_in_what_was_wrong(
    verdict: tuple[str, Exchange, Exchange, bool | None],
) -> None:
    field, then, now, expected = verdict
    finding = Finding("a check", "getTransaction", field, "expected another, got this")
    told = evidence.of(finding, then, mock=False, private=False)

    assert told is not None
    assert evidence.shown(json.loads(json.dumps(told)), now) is expected


def test_what_a_response_cannot_show_is_not_judged_by_it() -> None:
    """Nor what must not be kept: amounts of somebody's."""
    state = Finding("a check", "getTransaction", "state", "expected it unchanged")
    amount = replace(state, field="amount")

    assert evidence.of(state, exchange(), mock=True, private=False) is None
    assert evidence.of(amount, exchange(), mock=False, private=True) is None
    assert evidence.of(amount, exchange(), mock=False, private=False) is not None


def test_a_fault_of_a_response_is_looked_for_whatever_the_value() -> None:
    wrong = exchange(amount=True)
    finding = of_response(wrong, "amount", "expected types ['number'], got true", [wrong])
    told = evidence.of(finding, wrong, mock=False, private=True)

    assert told is not None
    answered = [wrong, exchange(amount="odd"), exchange(amount=12.5), replace(wrong, status=0)]
    assert [evidence.shown(told, each) for each in answered] == [True, True, False, False]
