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
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, Finding, of_response
from tests.contract.session import Exchange
from tests.contract.suite import Terms
from tests.contract.tampering import Answer, CutError, tampered
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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


def noting(asked: list[str]) -> Callable[[Answer], Answer]:
    """Note which paths are asked, and change nothing."""

    def spy(answer: Answer) -> Answer:
        asked.append(answer.path)
        return answer

    return spy


def test_nothing_is_changed_where_that_is_not_allowed(
    mock: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file from one server may be sent to another, which is asked no control endpoint either."""
    asked: list[str] = []
    for name, value in mock.write().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(targets, "terms", lambda *_: Terms(writes=False))
    steps = [step("/_mock/reset"), step(GET), step(BLOCK)]
    with tampered(mock, noting(asked), controls=False) as target:
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


# A finding about a field of a search's response, by a request that is signed as it has to be.
FIND = document.places()["findTransactions"][1]
ASKED = '{"account": "0xa", "timestamp": 1, "payload": {}}'
SIGNED = Step("POST", FIND, ASKED, 0, 1, {}, "0xa", "", 200)
FIELD = {
    "check": EVERY_RESPONSE,
    "field": "totalElements",
    "mock": False,
    "place": "totalElements",
    "fault": "expected types ['integer']",
}
STATUS = {
    "check": "a check",
    "field": "status",
    "mock": False,
    "status": 200,
    "code": None,
    "began": 1e9,
}


def found(path: Path, told: object, *steps: Step) -> str:
    """Write a file as a run does, of a finding that these steps lead to."""
    kept = [asdict(each) for each in steps or (SIGNED,)]
    return written(path, check="a check", evidence=told, steps=kept)


@pytest.fixture
def settings(mock: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    for name, value in {**mock.write(), "RATE": "0"}.items():
        monkeypatch.setenv(name, value)
    for name in ("ALLOW_WRITES", "CALYPSO_OTHER_KEY"):
        monkeypatch.delenv(name, raising=False)
    return mock


def as_it_is(answer: Answer) -> Answer:
    return answer


WRONG = [
    ("KEY", "wrong", "", "rejects CALYPSO_KEY or CALYPSO_SECRET"),
    ("SECRET", "wrong", "", "rejects CALYPSO_KEY or CALYPSO_SECRET"),
    ("ACCOUNT", f"0x{'1' * 40}", "", "does not know the account that CALYPSO_ACCOUNT names"),
    ("BASE_URL", "", "/wrong/prefix", "is not where the API is"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_asked_with_wrong_settings_is_not_said_to_be_gone(
    wrong: tuple[str, str, str, str],
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One request shows it, before any other is sent."""
    asked: list[str] = []
    name, value, prefix, expected = wrong
    files = [found(tmp_path / "1.json", FIELD), found(tmp_path / "2.json", {**STATUS, "code": "9"})]
    with tampered(settings, noting(asked), controls=False) as target:
        for file in files:
            assert repeat.main([file, "--target", target.base_url]) == repeat.NO_LONGER_SO
        asked.clear()
        monkeypatch.setenv(f"CALYPSO_{name}", value)
        for file in files:
            assert repeat.main([file, "--target", target.base_url + prefix]) == repeat.CANNOT_TEST
    said = capsys.readouterr().err
    assert [each for each in asked if "/_mock/" not in each] == [prefix + ACCOUNT] * 2
    assert said.count(expected) == said.count("\n") == 2


def test_a_finding_that_the_account_is_rejected_is_still_so(
    settings: Target, tmp_path: Path
) -> None:
    def rejected(answer: Answer) -> Answer:
        said = b'{"errorCode": "002", "message": "unknown"}'
        return replace(answer, status=401, content=said)

    told = {**STATUS, "status": 401, "code": "002"}
    file = found(tmp_path / "1.json", told, replace(SIGNED, status=401))
    with tampered(settings, rejected, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.STILL_SO


def test_a_server_that_answers_nothing_is_not_tested_unless_that_was_found(
    settings: Target, tmp_path: Path
) -> None:
    def cut(answer: Answer) -> Answer:
        raise CutError

    told = {"check": EVERY_REQUEST, "field": "response", "mock": False}
    with tampered(settings, cut, controls=False) as target:
        for path, expected in ((FIND, repeat.CANNOT_TEST), (ACCOUNT, repeat.STILL_SO)):
            step = asdict(replace(SIGNED, path=path, status=0))
            file = written(tmp_path / "1.json", evidence=told, steps=[step])
            assert repeat.main([file, "--target", target.base_url]) == expected


# What comes in place of the response, and what the sentence says of it.
ELSEWHERE = [
    (Answer(502, "text/html", b"<h1>Bad gateway</h1>"), "502 without"),
    (
        Answer(500, "application/json", b'{"errorCode": "000", "message": "m"}'),
        "500 with errorCode 000",
    ),
    (Answer(200, "text/html", b"<h1>Log in</h1>"), "200 without"),
    (Answer(200, "application/json", b'{"state": "maintenance"}'), "200 without"),
    (Answer(302, "text/html", b""), "302 without"),
    (Answer(404, "application/json", b'{"errorCode": "9", "message": "m"}'), "404 without"),
    (
        Answer(401, "application/json", b'{"errorCode": "003", "message": "m"}'),
        "401 with errorCode 003",
    ),
]


@pytest.mark.parametrize("told", [FIELD, {**STATUS, "status": 418}])
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_a_response_that_could_not_show_a_finding_does_not_show_that_it_is_gone(
    elsewhere: tuple[Answer, str],
    told: object,
    settings: Target,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    came, expected = elsewhere

    def spoiled(answer: Answer) -> Answer:
        return came if answer.path == FIND else answer

    file = found(tmp_path / "1.json", told)
    with tampered(settings, spoiled, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.CANNOT_TEST
    said = capsys.readouterr()
    assert said.err.startswith(f"Could not test. {expected}")
    assert " came, " in said.err
    assert said.err.count("\n") == 1
    assert "no longer so" not in said.out


@pytest.mark.parametrize("status", [500, 502])
def test_a_status_that_comes_again_is_still_so_whoever_sends_it(
    status: int, settings: Target, tmp_path: Path
) -> None:
    def broken(answer: Answer) -> Answer:
        return Answer(status, "text/html", b"") if answer.path == FIND else answer

    file = found(tmp_path / "1.json", {**STATUS, "status": status}, replace(SIGNED, status=status))
    with tampered(settings, broken, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.STILL_SO


LIST = exchange(result=[{"amount": 1}], empty=[])
# The place and the fault that were found, what is answered now, and whether that could show it.
PLACES = [
    ("result[].amount", "expected types", LIST, True),
    ("empty[].amount", "expected types", LIST, False),
    ("empty[].amount", "expected it", LIST, False),
    ("result[].createdDate", "expected it", LIST, True),
    ("result[].createdDate", "expected types", LIST, False),
    ("result[].colour", "expected nothing undocumented", LIST, True),
    ("amount", "expected types", exchange(400, errorCode="001", message="m"), False),
    ("errorCode", "expected a documented one", exchange(), True),
]


@rows("place", PLACES)
def test_a_fault_is_gone_only_where_its_place_is_there(
    place: tuple[str, str, Exchange, bool],
) -> None:
    name, fault, now, expected = place
    told = {**FIELD, "field": name, "place": name, "fault": fault}

    why = evidence.obstacle(told, now, status=200, is_rightly_signed=True)

    assert (why is None) is expected


def test_a_forged_signature_that_is_rejected_now_is_a_finding_that_is_gone() -> None:
    now = exchange(401, errorCode="003", message="m")

    assert evidence.obstacle(STATUS, now, status=200, is_rightly_signed=False) is None
    assert evidence.obstacle(STATUS, now, status=200, is_rightly_signed=True) is not None


def test_responses_that_contradict_each_other_are_not_judged_by_one() -> None:
    """Nor a row, or a list, which another time are others; nor what no check could read."""
    listed = exchange(result=[ROW])
    alone = Finding("a check", "getTransaction", "amount", "expected 1, got 2", (listed,))
    reset = replace(listed, path="/_mock/reset")

    assert evidence.of(alone, listed, mock=False, private=False) is not None
    several = replace(alone, steps=(listed, listed))
    assert evidence.of(several, listed, mock=False, private=False) is None
    several = replace(alone, steps=(reset, listed, listed))
    assert evidence.of(several, listed, mock=True, private=False) is not None
    for field in ("result", "result[0].amount", "body", "answer"):
        other = replace(alone, field=field)
        assert evidence.of(other, listed, mock=False, private=False) is None


def test_what_takes_two_responses_names_the_command_that_tells(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {**STATUS, "field": "page", "value": "0"}
    file = found(tmp_path / "1.json", told, SIGNED, SIGNED)
    with tampered(settings, as_it_is, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.CANNOT_TEST
    said = capsys.readouterr().out
    assert f"python -m tests.contract --only 'a check' --target {target.base_url} does." in said


def test_what_is_held_back_is_not_said_to_be_gone(
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another server's customers are not changed, and deposits cannot be made there."""
    for name in ("ALLOW_WRITES", "ALLOW_SHARED"):
        monkeypatch.setenv(name, "1")
    customer = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    payload = f'{{"account": "0xa", "timestamp": 1, "payload": {{"customerId": "{customer}"}}}}'
    block = replace(SIGNED, path=BLOCK, body=payload)
    told = {**STATUS, "status": 500}
    with tampered(settings, as_it_is, controls=False) as target:
        for steps in ((block,), (replace(block, path="/_mock/deposit"), SIGNED)):
            file = found(tmp_path / "1.json", told, *steps)
            assert repeat.main([file, "--target", target.base_url]) == repeat.CANNOT_TEST
    said = capsys.readouterr().err
    assert f"POST {BLOCK} was held back. Not sent: " in said
    assert "/_mock/deposit is needed, which only our mock has." in said


BROKEN = [
    {"account": None},
    {"account": ""},
    {"evidence": 5},
    {"evidence": {}},
    {"evidence": {**FIELD, "place": 5}},
    {"evidence": {**STATUS, "began": "x"}},
    {"text": 5},
    {"steps": []},
    {"steps": "abc"},
    {"steps": {}},
    *(
        {"steps": [{**asdict(SIGNED), name: value}]}
        for name, value in [
            ("method", "GET "),
            ("path", "@127.0.0.1/x"),
            ("path", "/x HTTP/1.1\r\nA: b"),
            ("body", None),
            ("body", "\ud800"),
            ("late", "x"),
            ("late", float("inf")),
            ("stamp", 1.5),
            ("headers", [1]),
            ("headers", {"A\r\nB": "c"}),
            ("headers", {"A": "b\r\nC: d"}),
            ("headers", {"A": "…"}),
            ("headers", {"A": 1}),
            ("key", 5),
            ("status", "x"),
        ]
    ),
]


@pytest.mark.parametrize("others", BROKEN)
def test_a_file_that_somebody_broke_is_told_in_one_sentence(
    others: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "1.json"

    assert repeat.main([written(path, **others)]) == repeat.CANNOT_TEST
    said = capsys.readouterr()
    assert said.err == f"Could not test. {path} is not what a run writes about a finding.\n"
    assert said.out == ""


def test_what_cannot_be_sent_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in (replace(SIGNED, sign="of nobody's"), replace(SIGNED, late=int("9" * 4300))):
        assert repeat.main([found(tmp_path / "1.json", FIELD, step)]) == repeat.CANNOT_TEST
        assert capsys.readouterr().err.startswith("Could not test. A request cannot be sent: ")


@pytest.mark.parametrize("wrong", [("KEY", "…"), ("KEY", "a\nb"), ("SECRET", "\udcff")])
def test_a_setting_that_cannot_be_sent_is_named(
    wrong: tuple[str, str],
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name, value = wrong
    monkeypatch.setenv(f"CALYPSO_{name}", value)
    file = found(tmp_path / "1.json", FIELD)

    assert repeat.main([file, "--target", settings.base_url]) == repeat.CANNOT_TEST
    said = capsys.readouterr().err
    assert said.startswith(f"Could not test. CALYPSO_{name} holds a character that no request can")
    assert value not in said


def test_without_a_file_it_asks_for_one_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        repeat.main([])
    assert capsys.readouterr().err.endswith("the following arguments are required: FILE\n")
