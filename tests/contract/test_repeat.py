"""A finding can be reproduced from its file with few requests, and its state is reported."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract import __main__ as command
from tests.contract import document, evidence, repeat, targets
from tests.contract.replay import Step
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, Finding, of_response
from tests.contract.session import Exchange
from tests.contract.suite import Terms
from tests.contract.tampering import CutError, MockResponse, tampered
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.contract.wire import Target

GET = document.routes()["getTransaction"][1]
ACCOUNT = document.routes()["getAccount"][1]
BLOCK = document.routes()["blockCustomer"][1]
ROW = {"id": "8c6a8d93-7973-48b9-a8d9-4660c64b4c4d", "amount": "12.5", "createdDate": ""}


pytestmark = pytest.mark.usefixtures("in_tmp_path")


def step(path: str) -> Step:
    return Step("POST", path, "{}", None, None, {}, "", None, 200)


PATHS = [f"/{n}" for n in range(100)]


@rows("needed", [(), ("/50",), ("/1", "/98"), tuple(PATHS[10:14]), tuple(PATHS[1:99:16])])
def test_requests_that_are_not_needed_are_removed(needed: tuple[str, ...]) -> None:
    """The first, which resets the mock, and the last, whose response is wrong, are kept."""

    def shows(some: Sequence[Step]) -> bool:
        return {*needed} <= {each.path for each in some}

    kept = repeat.shortest([step(each) for each in PATHS], shows, budget=100_000)

    assert kept is not None
    assert [each.path for each in kept] == ["/0", *needed, "/99"]


def test_no_more_requests_are_sent_than_the_budget_allows() -> None:
    sent = []

    def shows(some: Sequence[Step]) -> bool:
        sent.extend(some)
        return len(some) == len(PATHS)

    kept = repeat.shortest([step(each) for each in PATHS], shows, budget=500)

    assert kept is not None
    assert len(kept) == len(PATHS)
    assert 100 < len(sent) <= 500


def test_a_finding_that_cannot_be_reproduced_has_no_shortest_sequence() -> None:
    assert repeat.shortest([step("/0"), step("/1")], lambda _: False) is None


def write_repro(path: Path, **others: Any) -> str:
    """Write a file as a run does, for a read."""
    recorded = {"check": EVERY_REQUEST, "field": "response", "mock": False}
    kept = {
        "check": EVERY_REQUEST,
        "field": "response",
        "text": "none",
        "evidence": recorded,
        "account": "0xa",
        "steps": [asdict(step(GET))],
        **others,
    }
    path.write_text(json.dumps(kept))
    return str(path)


def test_the_error_for_missing_settings_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KEY", "SECRET", "ACCOUNT", "BASE_URL"):
        monkeypatch.delenv(f"CALYPSO_{name}", raising=False)
    file = write_repro(tmp_path / "1.json")

    assert repeat.main([file, "--target", "http://127.0.0.1:9"]) == repeat.CANNOT_TEST
    output = capsys.readouterr()
    assert output.err.startswith("Could not test. CALYPSO_KEY is not set.")
    assert output.err.count("\n") == 1


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"steps": [{"method": "GET"}]}'])
def test_a_file_that_no_run_wrote_is_reported(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "1.json"
    if content is not None:
        path.write_text(content)

    assert repeat.main([str(path)]) == repeat.CANNOT_TEST
    assert str(path) in capsys.readouterr().err


def recording(asked: list[str]) -> Callable[[MockResponse], MockResponse]:
    """Record the requested paths, and change nothing."""

    def spy(response: MockResponse) -> MockResponse:
        asked.append(response.path)
        return response

    return spy


def test_nothing_is_changed_if_that_is_not_allowed(
    mock: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file may be replayed at another server, without control requests."""
    asked: list[str] = []
    for name, value in mock.write().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(targets, "terms", lambda *_: Terms(writes=False))
    steps = [step("/_mock/reset"), step(GET), step(BLOCK)]
    with tampered(mock, recording(asked), controls=False) as target:
        code = repeat.main(
            [
                write_repro(tmp_path / "1.json", steps=[asdict(each) for each in steps]),
                *("--target", target.base_url),
            ]
        )
        assert asked == []
        assert code == repeat.CANNOT_TEST
        assert "ALLOW_WRITES=1" in capsys.readouterr().err
        read = write_repro(tmp_path / "2.json", steps=[asdict(each) for each in steps[:2]])
        assert repeat.main([read, "--target", target.base_url]) == repeat.NO_LONGER_FOUND
    assert asked == [GET]
    assert "It is no longer found." in capsys.readouterr().out


def test_a_lost_request_is_still_found_until_it_gets_a_response(
    mock: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cut(response: MockResponse) -> MockResponse:
        if response.path == BLOCK:
            raise CutError
        return response

    for name, value in mock.write().items():
        monkeypatch.setenv(name, value)
    with tampered(mock, cut) as target:
        command.main(["--target", target.base_url, "--only", "each example of a request"])
        kept = [".contract/1.json", "--target", target.base_url]
        assert repeat.main(kept) == repeat.STILL_FOUND
    output = capsys.readouterr().out
    assert "no response in" in output
    assert "It is still found." in output
    assert repeat.main([kept[0]]) == repeat.NO_LONGER_FOUND


def test_at_another_server_a_finding_is_replayed_through_the_gateway(
    mock: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints the limits, and sends no control requests and no writes."""
    asked: list[str] = []

    def spoiled(response: MockResponse) -> MockResponse:
        asked.append(response.path)
        if response.path != ACCOUNT or response.status != HTTPStatus.OK:
            return response
        return replace(response, content=response.content.replace(b'"account":', b'"count":'))

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
        assert repeat.main(kept) == repeat.STILL_FOUND
        output = capsys.readouterr().out
    assert output.startswith(f"Testing a server at {target.base_url} ")
    assert "read only, at most 400 requests, at most 5 a second." in output.splitlines()[0]
    assert "It is still found." in output
    assert set(asked) == {ACCOUNT}


def exchange(status: int = 200, **fields: object) -> Exchange:
    body = json.dumps({**ROW, **fields}).encode()
    headers = {"content-type": "application/json"}
    return Exchange("POST", f"http://x{GET}", GET, {}, b"{}", status, headers, body, 1e9, 0.1)


DATED = exchange(createdDate="2001-09-09T01:46:40+00:00")
LATER = replace(exchange(createdDate="2001-09-09T02:46:40+00:00"), began=1e9 + 3600)
# The field, the original response, the response now, and whether the finding is still found.
CASES = [
    ("amount", exchange(), exchange(), True),
    ("amount", exchange(), exchange(amount="12.4"), False),
    ("amount", exchange(), exchange(400), False),
    ("status", exchange(418), exchange(418), True),
    ("status", exchange(418), exchange(), False),
    ("errorCode", exchange(400, errorCode="003"), exchange(400, errorCode="002"), False),
    ("createdDate", DATED, LATER, True),
    ("createdDate", DATED, replace(LATER, began=1e9), False),
    # Ids are random: a different one shows nothing.
    ("id", exchange(), exchange(id="804c5026-8c89-4dd5-acac-777cefc249be"), None),
    ("content-type", exchange(), replace(exchange(), headers={"content-type": "a/b"}), False),
    ("complianceState", exchange(), exchange(complianceState="SUCCESS"), False),
    ("complianceState", exchange(), exchange(), True),
]


@rows("case", CASES)
def test_responses_are_compared_in_the_field_that_was_wrong(
    case: tuple[str, Exchange, Exchange, bool | None],
) -> None:
    field, then, now, expected = case
    finding = Finding("a check", "getTransaction", field, "expected another, got this")
    recorded = evidence.of(finding, then, mock=False, private=False)

    assert recorded is not None
    assert evidence.shown(json.loads(json.dumps(recorded)), now) is expected


def test_a_finding_that_a_response_cannot_show_has_no_evidence() -> None:
    """Nor one about private data, which must not be written: amounts."""
    state = Finding("a check", "getTransaction", "state", "expected it unchanged")
    amount = replace(state, field="amount")

    assert evidence.of(state, exchange(), mock=True, private=False) is None
    assert evidence.of(amount, exchange(), mock=False, private=True) is None
    assert evidence.of(amount, exchange(), mock=False, private=False) is not None


def test_a_fault_of_a_response_is_found_with_any_value() -> None:
    wrong = exchange(amount=True)
    finding = of_response(wrong, "amount", "expected types ['number'], got true", [wrong])
    recorded = evidence.of(finding, wrong, mock=False, private=True)

    assert recorded is not None
    exchanges = [
        wrong,
        exchange(amount="odd"),
        exchange(amount=12.5),
        replace(wrong, status=0),
    ]
    assert [evidence.shown(recorded, each) for each in exchanges] == [True, True, False, False]


# A finding about a field in the response to a search, with a correctly signed request.
FIND = document.routes()["findTransactions"][1]
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


def write_finding(path: Path, recorded: object, *steps: Step) -> str:
    """Write a file as a run does, for a finding with these steps."""
    kept = [asdict(each) for each in steps or (SIGNED,)]
    return write_repro(path, check="a check", evidence=recorded, steps=kept)


@pytest.fixture
def settings(mock: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    for name, value in {**mock.write(), "RATE": "0"}.items():
        monkeypatch.setenv(name, value)
    for name in ("ALLOW_WRITES", "CALYPSO_OTHER_KEY"):
        monkeypatch.delenv(name, raising=False)
    return mock


def unchanged(response: MockResponse) -> MockResponse:
    return response


WRONG = [
    ("KEY", "wrong", "", "rejects CALYPSO_KEY or CALYPSO_SECRET"),
    ("SECRET", "wrong", "", "rejects CALYPSO_KEY or CALYPSO_SECRET"),
    ("ACCOUNT", f"0x{'1' * 40}", "", "does not know the account CALYPSO_ACCOUNT"),
    ("BASE_URL", "", "/wrong/prefix", "does not have the API at this URL"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_with_wrong_settings_a_finding_is_not_reported_as_gone(
    wrong: tuple[str, str, str, str],
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One request shows that they are wrong, before any other is sent."""
    asked: list[str] = []
    name, value, prefix, expected = wrong
    files = [
        write_finding(tmp_path / "1.json", FIELD),
        write_finding(tmp_path / "2.json", {**STATUS, "code": "9"}),
    ]
    with tampered(settings, recording(asked), controls=False) as target:
        for file in files:
            assert repeat.main([file, "--target", target.base_url]) == repeat.NO_LONGER_FOUND
        asked.clear()
        monkeypatch.setenv(f"CALYPSO_{name}", value)
        for file in files:
            assert repeat.main([file, "--target", target.base_url + prefix]) == repeat.CANNOT_TEST
    output = capsys.readouterr().err
    assert [each for each in asked if "/_mock/" not in each] == [prefix + ACCOUNT] * 2
    assert output.count(expected) == output.count("\n") == 2


def test_a_finding_that_the_account_is_rejected_is_still_found(
    settings: Target, tmp_path: Path
) -> None:
    def rejected(response: MockResponse) -> MockResponse:
        body = b'{"errorCode": "002", "message": "unknown"}'
        return replace(response, status=401, content=body)

    recorded = {**STATUS, "status": 401, "code": "002"}
    file = write_finding(tmp_path / "1.json", recorded, replace(SIGNED, status=401))
    with tampered(settings, rejected, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.STILL_FOUND


def test_a_server_that_does_not_respond_is_not_tested_unless_that_was_the_finding(
    settings: Target, tmp_path: Path
) -> None:
    def cut(response: MockResponse) -> MockResponse:
        raise CutError

    recorded = {"check": EVERY_REQUEST, "field": "response", "mock": False}
    with tampered(settings, cut, controls=False) as target:
        for path, expected in ((FIND, repeat.CANNOT_TEST), (ACCOUNT, repeat.STILL_FOUND)):
            step = asdict(replace(SIGNED, path=path, status=0))
            file = write_repro(tmp_path / "1.json", evidence=recorded, steps=[step])
            assert repeat.main([file, "--target", target.base_url]) == expected


# A response that replaces the API's, and the message about it.
ELSEWHERE = [
    (MockResponse(502, "text/html", b"<h1>Bad gateway</h1>"), "502 without"),
    (
        MockResponse(500, "application/json", b'{"errorCode": "000", "message": "m"}'),
        "500 with errorCode 000",
    ),
    (MockResponse(200, "text/html", b"<h1>Log in</h1>"), "200 without"),
    (MockResponse(200, "application/json", b'{"state": "maintenance"}'), "200 without"),
    (MockResponse(302, "text/html", b""), "302 without"),
    (MockResponse(404, "application/json", b'{"errorCode": "9", "message": "m"}'), "404 without"),
    (
        MockResponse(401, "application/json", b'{"errorCode": "003", "message": "m"}'),
        "401 with errorCode 003",
    ),
]


@pytest.mark.parametrize("recorded", [FIELD, {**STATUS, "status": 418}])
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_a_response_that_could_not_show_a_finding_does_not_show_that_it_is_gone(
    elsewhere: tuple[MockResponse, str],
    recorded: object,
    settings: Target,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    came, expected = elsewhere

    def spoiled(response: MockResponse) -> MockResponse:
        return came if response.path == FIND else response

    file = write_finding(tmp_path / "1.json", recorded)
    with tampered(settings, spoiled, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.CANNOT_TEST
    output = capsys.readouterr()
    assert output.err.startswith(f"Could not test. Got {expected}")
    assert output.err.partition(", ")[2]
    assert output.err.count("\n") == 1
    assert "no longer found" not in output.out


@pytest.mark.parametrize("status", [500, 502])
def test_a_status_that_is_received_again_is_still_found_whoever_sends_it(
    status: int, settings: Target, tmp_path: Path
) -> None:
    def broken(response: MockResponse) -> MockResponse:
        return MockResponse(status, "text/html", b"") if response.path == FIND else response

    file = write_finding(
        tmp_path / "1.json", {**STATUS, "status": status}, replace(SIGNED, status=status)
    )
    with tampered(settings, broken, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.STILL_FOUND


LIST = exchange(result=[{"amount": 1}], empty=[])
# The path and the fault of a finding, the response now, and whether it could show the finding.
FAULTS = [
    ("result[].amount", "expected types", LIST, True),
    ("empty[].amount", "expected types", LIST, False),
    ("empty[].amount", "expected it", LIST, False),
    ("result[].createdDate", "expected it", LIST, True),
    ("result[].createdDate", "expected types", LIST, False),
    ("result[].colour", "expected nothing undocumented", LIST, True),
    ("amount", "expected types", exchange(400, errorCode="001", message="m"), False),
    ("errorCode", "expected a documented one", exchange(), True),
]


@rows("case", FAULTS)
def test_a_fault_is_gone_only_if_the_response_has_its_field(
    case: tuple[str, str, Exchange, bool],
) -> None:
    name, fault, now, expected = case
    recorded = {**FIELD, "field": name, "place": name, "fault": fault}

    why = evidence.obstacle(recorded, now, status=200, is_rightly_signed=True)

    assert (why is None) is expected


def test_a_finding_about_an_accepted_forgery_is_gone_once_it_is_rejected() -> None:
    now = exchange(401, errorCode="003", message="m")

    assert evidence.obstacle(STATUS, now, status=200, is_rightly_signed=False) is None
    assert evidence.obstacle(STATUS, now, status=200, is_rightly_signed=True) is not None


def test_a_contradiction_between_responses_has_no_evidence_in_one() -> None:
    """Nor have rows and lists, which change, and responses that no check could use."""
    listed = exchange(result=[ROW])
    alone = Finding("a check", "getTransaction", "amount", "expected 1, got 2", (listed,))
    reset = replace(listed, path="/_mock/reset")

    assert evidence.of(alone, listed, mock=False, private=False) is not None
    several = replace(alone, steps=(listed, listed))
    assert evidence.of(several, listed, mock=False, private=False) is None
    several = replace(alone, steps=(reset, listed, listed))
    assert evidence.of(several, listed, mock=True, private=False) is not None
    for field in ("result", "result[0].amount", "body", "content"):
        other = replace(alone, field=field)
        assert evidence.of(other, listed, mock=False, private=False) is None


def test_for_a_contradiction_the_command_of_the_check_is_printed(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = {**STATUS, "field": "page", "value": "0"}
    file = write_finding(tmp_path / "1.json", recorded, SIGNED, SIGNED)
    with tampered(settings, unchanged, controls=False) as target:
        assert repeat.main([file, "--target", target.base_url]) == repeat.CANNOT_TEST
    output = capsys.readouterr().out
    assert f"python -m tests.contract --only 'a check' --target {target.base_url}\n" in output


def test_if_a_request_is_blocked_the_finding_is_not_reported_as_gone(
    settings: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Customers of another server are not changed, and deposits cannot be made there."""
    for name in ("ALLOW_WRITES", "ALLOW_SHARED"):
        monkeypatch.setenv(name, "1")
    customer = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    payload = f'{{"account": "0xa", "timestamp": 1, "payload": {{"customerId": "{customer}"}}}}'
    block = replace(SIGNED, path=BLOCK, body=payload)
    recorded = {**STATUS, "status": 500}
    with tampered(settings, unchanged, controls=False) as target:
        for steps in ((block,), (replace(block, path="/_mock/deposit"), SIGNED)):
            file = write_finding(tmp_path / "1.json", recorded, *steps)
            assert repeat.main([file, "--target", target.base_url]) == repeat.CANNOT_TEST
    output = capsys.readouterr().err
    assert f"POST {BLOCK} was blocked. Not sent: " in output
    assert "/_mock/deposit is needed, which only our mock has." in output


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
def test_a_broken_file_is_reported_in_one_sentence(
    others: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "1.json"

    assert repeat.main([write_repro(path, **others)]) == repeat.CANNOT_TEST
    output = capsys.readouterr()
    assert output.err == f"Could not test. {path} is not a file that a run wrote for a finding.\n"
    assert output.out == ""


def test_a_request_that_cannot_be_sent_is_reported_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in (replace(SIGNED, sign="unknown"), replace(SIGNED, late=int("9" * 4300))):
        assert repeat.main([write_finding(tmp_path / "1.json", FIELD, step)]) == repeat.CANNOT_TEST
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
    file = write_finding(tmp_path / "1.json", FIELD)

    assert repeat.main([file, "--target", settings.base_url]) == repeat.CANNOT_TEST
    output = capsys.readouterr().err
    assert output.startswith(
        f"Could not test. CALYPSO_{name} contains a character that cannot be sent"
    )
    assert value not in output


def test_without_a_file_only_the_missing_argument_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        repeat.main([])
    assert capsys.readouterr().err.endswith("the following arguments are required: FILE\n")
