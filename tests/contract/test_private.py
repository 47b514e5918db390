"""A run does not write private data of customers, and others cannot read its files."""

from __future__ import annotations

import io
import json
import re
import stat
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract import __main__ as command
from tests.contract import document, evidence, private_files, repeat, results, targets
from tests.contract.printing import print_anything
from tests.contract.progress import Progress
from tests.contract.redaction import FILTERED, MASKED, Redactor
from tests.contract.results import EVERY_REQUEST, Finding, of_response
from tests.contract.session import Exchange
from tests.contract.suite import Terms
from tests.contract.tampering import MockResponse, tampered
from tests.contract.wire import Target
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EMAIL = "jane.doe@victim.example"
NAME = "Jane Doe-Victim"
PLANTED = (EMAIL, NAME, "jane.doe", "Victim")
REPORTS = ("--junit", "j.xml", "--har", "all.har")


pytestmark = pytest.mark.usefixtures("in_tmp_path")


@pytest.fixture
def settings(mock: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A server that is not our mock, for a read-only run."""
    for name, value in mock.write().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RATE", "0")
    monkeypatch.setattr(targets, "terms", lambda *_: Terms(writes=False, near=False))
    return mock


def in_place(response: MockResponse) -> MockResponse:
    """Put private values into the right fields: nothing is wrong."""
    content = response.content.replace(b'"name":"Main"', f'"name":"{NAME}"'.encode())
    return replace(response, content=content.replace(b'"url":"https:', f'"url":"{EMAIL}'.encode()))


def in_wrong_places(response: MockResponse) -> MockResponse:
    """Put private values into numbers, enums, new fields, and names of fields."""
    content = json.loads(response.content or b"null")
    spoilt = json.dumps(spoil(content), ensure_ascii=False).encode()
    return replace(response, content=spoilt if content else response.content)


def spoil(value: Any) -> Any:
    if isinstance(value, list):
        return [spoil(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {"id", "requestId", "account", "errorCode", "page", "size"}
    spoilt = {k: spoil(v) if k in kept or isinstance(v, list) else EMAIL for k, v in value.items()}
    return {**spoilt, "note": NAME, EMAIL: {"deep": [NAME]}}


def as_text(response: MockResponse) -> MockResponse:
    return replace(response, content=f"Hello {NAME} <{EMAIL}>".encode(), content_type="text/html")


def cut_short(response: MockResponse) -> MockResponse:
    return replace(response, content=in_wrong_places(response).content[:-2])


@pytest.mark.parametrize("defect", [in_place, in_wrong_places, as_text, cut_short])
def test_no_output_contains_private_data(
    defect: Callable[[MockResponse], MockResponse],
    settings: Target,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with tampered(settings, defect, controls=False) as target:
        command.main(["--target", target.base_url, *REPORTS])
        output = capsys.readouterr()
        if defect is not in_place:
            repeat.main([".contract/1.json", "--target", target.base_url])
        again = capsys.readouterr()
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]

    assert len(written) >= 2
    for text in (output.out, output.err, again.out, again.err, *written):
        assert [each for each in PLANTED if each in text] == []
    assert "masked" in (tmp_path / "all.har").read_text()


def test_private_data_is_shown_with_show_data(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tampered(settings, in_place, controls=False) as target:
        command.main(["--target", target.base_url, "--show-data", *REPORTS])

    assert NAME in (tmp_path / "all.har").read_text()


def test_only_the_owner_can_read_the_files(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Including existing ones that were readable by all."""
    (tmp_path / "all.har").write_text("of yesterday")
    (tmp_path / "all.har").chmod(0o644)
    (tmp_path / ".contract").mkdir(mode=0o755)
    with tampered(settings, in_wrong_places, controls=False) as target:
        command.main(["--target", target.base_url, *REPORTS])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert {path.name for path in files} >= {"j.xml", "all.har", "1.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / ".contract").stat().st_mode) == 0o700


def test_a_file_is_private_from_its_creation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not created first and restricted later."""
    monkeypatch.setattr(private_files.os, "fchmod", lambda *_: None)
    private_files.write(tmp_path / "a", b"1")

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@rows("option", ["--junit", "--har"])
@pytest.mark.parametrize("path", ["none/such/file", ".", "a-file/below"])
def test_a_report_that_cannot_be_written_is_reported_before_anything_is_sent(
    path: str, option: str, settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-file").write_text("")
    asked: list[str] = []

    def spy(response: MockResponse) -> MockResponse:
        asked.append(response.path)
        return response

    with tampered(settings, spy, controls=False) as target:
        code = command.main(["--target", target.base_url, option, path])
    output = capsys.readouterr()

    assert code == command.CANNOT_RUN
    assert asked == []
    assert output.out == ""
    assert output.err.startswith(f"Nothing was tested. {path} cannot be written: ")
    assert output.err.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_reported_before_anything_is_sent(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".contract").write_text("no folder")
    with tampered(settings, in_place, controls=False) as target:
        assert command.main(["--target", target.base_url]) == command.CANNOT_RUN
    assert "Nothing can be written in .contract: " in capsys.readouterr().err


DEEP = b'{"account":' * 60_000 + b"1" + b"}" * 60_000
ODD = [
    DEEP,
    b"[" * 150 + b"]" * 150,
    b'{"\\ud800new": "\\udfff", "account": "\\ud800"}',
    b'{"balances": [{"amount": 1E+99999999999999999999}]}',
]


@pytest.mark.parametrize("content", ODD, ids=["deep", "nested", "surrogates", "exponent"])
def test_findings_about_odd_json_are_printed_and_written(
    content: bytes, settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def odd(response: MockResponse) -> MockResponse:
        return replace(response, content=content) if response.status == HTTPStatus.OK else response

    with tampered(settings, odd, controls=False) as target:
        code = command.main(["--target", target.base_url, "--only", "account", *REPORTS])
    output = capsys.readouterr()

    assert code == command.FOUND
    assert output.out.splitlines()[-1].endswith("Exit code 1.")
    assert "Traceback" not in output.err
    assert json.loads((tmp_path / "all.har").read_text())["log"]["entries"]
    assert (tmp_path / "j.xml").stat().st_size


def test_half_a_surrogate_pair_is_printed_to_any_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(printed, "ascii"))
    print_anything()
    Progress(str).print_line("a \ud800 \u20ac")

    assert printed.getvalue() == b"a \\ud800 \\u20ac\n"


@pytest.mark.parametrize("broken", ["junit", "har"])
def test_an_error_in_one_report_does_not_affect_others(
    broken: str,
    settings: Target,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a finding that is not a success."""
    monkeypatch.setattr(results, broken, lambda *_: {}["odd"])
    with tampered(settings, in_place, controls=False) as target:
        code = command.main(["--target", target.base_url, "--only", "row that", *REPORTS])
    output = capsys.readouterr()

    assert code == command.CANNOT_RUN
    assert output.out.splitlines()[-1].endswith("Exit code 2.")
    assert output.err == "A part of the report is missing: KeyError: 'odd'\n"


def test_one_odd_exchange_does_not_affect_others_in_a_har(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = Redactor([])
    odd, whole = replace(exchange("odd"), content=b"odd"), exchange({"id": 1})

    def body(content: bytes) -> str:
        return {b"odd": {}}.get(content, {"text": content.decode()})["text"]

    monkeypatch.setattr(redactor, "body", body)
    entries = json.loads(results.har([odd, whole], redactor))["log"]["entries"]

    assert [each.get("comment") for each in entries] == ["Left out: KeyError", None]
    assert entries[1]["response"]["content"]["text"] == '{"id": 1}'


def exchange(content: object, sent: object = None) -> Exchange:
    body, request = json.dumps(content).encode(), json.dumps(sent).encode()
    return Exchange("POST", "http://x/y", "/y", {}, request, 200, {}, body, 1.0, 0.1)


def test_harmless_values_are_not_masked() -> None:
    """Ids, states, times, page numbers; all other fields are masked, future ones, too."""
    shown = {
        "id": "804c5026-8c89-4dd5-acac-777cefc249be",
        "currency": "BTC",
        "blocked": True,
        "createdDate": "2026-01-01T00:00:00Z",
        "total": 7,
        "missing": None,
    }
    hidden = {"amount": 12.5, "address": "TXYZ", "addressFrom": "0x12", "phone": "+420", "age": 7}
    text = Redactor([], private=True).body(json.dumps({**shown, **hidden}).encode())

    masked = json.loads(text)
    assert {name: masked[name] for name in shown} == shown
    assert [value for name, value in masked.items() if name in hidden] == [
        "[masked number]",
        *["[masked string]"] * 3,
        "[masked number]",
    ]


def test_a_value_of_another_form_is_masked_in_a_harmless_field() -> None:
    """A state, a date, an id and a field name have to look like one."""
    body = {
        "transactionState": NAME,
        "createdDate": "born 1815-12-10",
        "id": "TQ5nKPbFZQAda",
        "status": f"{NAME} owes 123456.789",
        "message": f"No {NAME}",
        "total": 123456.789,
        "TQ5nKPbFZQAdaLovelaceAddr000000000": 1,
        "Ada_Lovelace": 2,
    }
    redactor = Redactor([], private=True)
    redactor.learn([exchange(body)])
    text = redactor.body(exchange(body).content)

    assert set(json.loads(text).values()) == {"[masked string]", "[masked number]"}
    assert set(json.loads(text)) == {*body, MASKED} - {*list(body)[-2:]}
    found = Finding("a check", "getTransaction", "transactionState", f"expected NEW, got {NAME}")
    assert redactor.finding(found).text == f"expected NEW, got {MASKED}"


def test_headers_are_masked_except_harmless_ones() -> None:
    shown = {
        "Date": "Sun, 29 Nov 2026 08:28:14 GMT",
        "Retry-After": "3",
        "Content-Type": 'application/problem+json; charset="utf-8"',
        "allow": "GET, POST",
        "content-length": "351",
        "cache-control": "no-store, max-age=0",
        "connection": "keep-alive",
        "transfer-encoding": "chunked",
        "strict-transport-security": "max-age=63072000; includeSubDomains",
        "host": "127.0.0.1:9",
    }
    hidden = {"X-Customer": NAME, "location": f"/users/{NAME}", "server": "nginx", "via": "1.1 p"}
    target = Target("http://127.0.0.1:9", "", "", "0xacc")
    masked = Redactor([target], private=True).headers({**shown, **hidden})

    assert masked == {**shown, **dict.fromkeys(hidden, MASKED)}
    assert Redactor([]).headers({**shown, **hidden}) == {**shown, **hidden}


@rows(
    "name, value",
    [
        ("date", NAME),
        ("date", f"Sun, 29 Nov 2026 08:28:14 GMT {NAME}"),
        ("content-type", f'application/json; owner="{NAME}"'),
        ("content-type", f"application/json; charset={NAME}"),
        ("content-type", "application/jane-victim"),
        ("allow", "GET, JANE"),
        ("retry-after", NAME),
        ("retry-after", "420777123456789"),
        ("age", NAME),
        ("cache-control", f"no-store, {NAME}"),
        ("content-encoding", "jane"),
        ("vary", "Jane-Victim"),
        ("user-agent", "jane-victim/1.0"),
        ("host", "victim.example"),
    ],
)
def test_a_harmless_header_with_a_value_of_another_form_is_masked(name: str, value: str) -> None:
    assert Redactor([], private=True).headers({name: value}) == {name: MASKED}


def test_a_har_names_no_content_type_of_another_form() -> None:
    odd = replace(exchange({}), headers={"content-type": f'text/html; owner="{NAME}"'})

    assert "Victim" not in results.har([odd], Redactor([], private=True)).decode()


def test_a_short_secret_is_masked_only_as_a_whole_value() -> None:
    """Otherwise a key of one letter would mask parts of our own words."""
    redactor = Redactor([Target("http://x", "e", "7chars!", "0xacc")])

    assert redactor.text("expected 7chars! or one") == "expected 7chars! or one"
    assert redactor.headers({"x-echo": "e"}) == {"x-echo": FILTERED}
    assert redactor.text('{"e": ["e", "7chars!"]}') == f'{{"e": ["{FILTERED}", "{FILTERED}"]}}'
    assert redactor.text(r"{\"a\": \"e\"}") == rf"{{\"a\": \"{FILTERED}\"}}"


def test_the_drift_report_shows_no_value_of_a_customer(
    settings: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    state, planted = f'"transactionState":"{NAME}"', b'"Jane_Victim":1,"newField":1,"id":'

    def drifted(response: MockResponse) -> MockResponse:
        content = re.sub(b'"transactionState":"[A-Z]+"', state.encode(), response.content)
        return replace(response, content=content.replace(b'"id":', planted))

    with tampered(settings, drifted, controls=False) as target:
        command.main(["--target", target.base_url, "--only", "row that"])
    output = capsys.readouterr().out

    assert "Victim" not in output
    assert f".{MASKED}" in output
    assert "unknown field result[].newField" in output


def test_the_text_about_a_missing_response_is_not_masked() -> None:
    text = "expected a response, got none in 2.5 s; sent again, it got status 200"
    found = Finding(EVERY_REQUEST, "getAccount", "response", text)

    assert Redactor([], private=True).finding(found) == found


def test_a_masked_value_is_still_found_while_it_does_not_have_a_valid_form() -> None:
    found = Finding("a check", "getTransaction", "transactionState", "expected CONFIRMED, got odd")
    path = document.routes()["getTransaction"][1]
    odd, other, right = (
        replace(exchange({"transactionState": each}), path=path) for each in (NAME, "odd", "NEW")
    )
    recorded = evidence.of(found, odd, mock=False, private=True)

    assert recorded is not None
    assert NAME not in json.dumps(recorded)
    assert [evidence.shown(recorded, each) for each in (odd, other, right)] == [True, True, False]


def test_a_private_value_of_a_response_is_masked_in_every_finding() -> None:
    """The suite's own values are not private: a request with them can be sent again."""
    redactor = Redactor([], private=True)
    redactor.learn([exchange({"description": "of the suite"}, {"description": "of the suite"})])
    redactor.learn([exchange({"description": "of the suite", "name": NAME, "amount": "981.25"})])
    text = f"expected 'of the suite' and {NAME}, 981.25"
    found = Finding("a check", "getAccount", "status", text)

    assert redactor.finding(found).text == f"expected 'of the suite' and {MASKED}, {MASKED}"


ID = "ce0a7f6e-1b1d-4c3a-9a5e-0123456789ab"
HASH = "cafe5b1e" * 8
WALLET = "TXkCustomerWalletAbc"
ACCOUNT = "0x0ab6a64fadc029a75c395681f3cb39cfa46d486c"


@rows(
    "field, text",
    [
        ("result[]", f"expected {ID} here or before in the order of amount ASC, got it later"),
        ("result", f"expected {ID.upper()}, which passes the filters, got no such row"),
        ("result", f"expected each row on one page, got {ID} on 2"),
        ("result", "expected 7 rows on page 2 of 57 rows by 7, counted from 0, got 6"),
        ("total", "expected 9 pages for 57 rows by 7, got 8"),
        ("createdDate", "expected 2026-08-02T16:44:25.824+03:00 as a search shows it, got None"),
        ("address", "expected one that no other customer has, got another customer's"),
        ("body", "expected an address, since there are deposits, got none"),
        ("body", f"expected the fixed fields of {ID} to be the same in two reads, got others"),
        ("body", f"expected the fixed fields of {ACCOUNT} to be the same, got others"),
    ],
)
def test_ids_and_numbers_of_rows_and_pages_are_not_masked_in_texts_about_them(
    field: str, text: str
) -> None:
    found = Finding("a check", "findTransactions", field, text)

    redactor = Redactor([Target("http://x", "", "", ACCOUNT)], private=True)
    assert redactor.finding(found).text == text


@rows(
    "field, text, expected",
    [
        ("amount", "expected 5.1E+3 as a search shows it, got 5", "as a search shows it, got"),
        ("transactionHash", f"expected {HASH} as a search shows it", "as a search shows it"),
        ("addressFrom", f"expected {WALLET} as a search shows it, got Bob", "as a search"),
        ("externalId", f"expected {ID}, got {ID}", "expected [masked], got [masked]"),
        ("balances", "expected 981.25 USDT, got none", "expected [masked] USDT, got none"),
        ("result", "expected a list of objects, got 981", "expected a list of objects, got"),
        ("result", f"expected each row once, got {WALLET}7 2 times", "got [masked] 2 times"),
        ("result", "expected each row once, got 'Ann Lee' 2 times", "got [masked] 2 times"),
        ("name", "expected 'Ann \\'5\\' Lee', got 'Bob", "expected [masked], got [masked]"),
        ("id", "expected 'x', got 'Bob'", "expected 'x', got '[masked]'"),
        ("errorCode", "expected 004, got Bob with status 400", "got [masked] with status 400"),
    ],
)
def test_texts_about_private_values_show_no_part_of_them(
    field: str, text: str, expected: str
) -> None:
    shown = Redactor([], private=True).finding(Finding("a check", "find", field, text)).text
    hidden = (HASH[:4], "TXk", WALLET, ID[:4], "981", "5", "Bob", "Ann", "Lee")

    assert expected in shown
    assert [each for each in hidden if each in shown] == []
    assert MASKED in shown


@rows(
    "field, text, expected",
    [
        ("transactionState", "expected NEW, got Bob", f"expected NEW, got {MASKED}"),
        (
            "transactionState",
            "expected Bob as shown, got NEW",
            f"expected {MASKED} as shown, got NEW",
        ),
        ("addressFrom", "expected joe as shown, got none", f"expected {MASKED} as shown, got none"),
    ],
)
def test_a_short_private_value_is_masked_where_it_is_a_whole_value(
    field: str, text: str, expected: str
) -> None:
    redactor = Redactor([], private=True)
    redactor.learn([exchange({"transactionState": "Bob", "addressFrom": "joe"})])

    assert redactor.finding(Finding("a check", "getTransaction", field, text)).text == expected


def test_the_account_is_shown_in_any_case() -> None:
    """The same value in another field is still masked."""
    upper = f"0x{ACCOUNT[2:].upper()}"
    redactor = Redactor([Target("http://x", "", "", ACCOUNT)], private=True)
    response = exchange({"account": upper, "addressFrom": upper})
    redactor.learn([response])
    found = Finding("a check", "getAccount", "account", f"expected {ACCOUNT}, got {upper}")

    assert redactor.finding(found).text == found.text
    assert json.loads(redactor.body(response.content)) == {
        "account": upper,
        "addressFrom": "[masked string]",
    }


def test_texts_about_a_private_field_show_no_value() -> None:
    redactor = Redactor([], private=True)
    order = Finding(
        "a check", "findTransactions", "result[1].amount", "expected 5 before 12, got 3"
    )
    wrong = of_response(exchange({}), "amount", "expected types ['number'], got \"a b\"", ())

    assert redactor.finding(order).text == f"expected {MASKED} before {MASKED}, got {MASKED}"
    assert redactor.finding(wrong).text == f"expected types ['number'], got {MASKED}"
    assert Redactor([]).finding(order) == order
