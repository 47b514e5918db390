"""Known findings are listed, and do not fail a run; those that no longer occur are reported."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.contract import __main__ as command
from tests.contract import baseline, document
from tests.contract.redaction import Redactor
from tests.contract.results import EVERY_RESPONSE, Finding
from tests.contract.tampering import MockResponse, tampered
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.contract.wire import Target

BLOCK = document.routes()["blockCustomer"][1]
EXAMPLES = "each example of a request"
FOUND = Finding("a check", "findTransactions", "result[3].amount", "expected 5 first, got 3\nmore")
WHOLE = {
    "check": "a check",
    "operation": "findTransactions",
    "field": "result[].amount",
    "reason": "The vendor was asked.",
    "date": dt.date(2026, 5, 12),
}


pytestmark = pytest.mark.usefixtures("in_tmp_path")


def write(path: Path, *entries: object) -> Path:
    path.write_text(yaml.safe_dump([*entries]))
    return path


def test_a_printed_entry_is_valid_once_it_has_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(baseline.entry(FOUND, dt.date(2026, 5, 12)))
    with pytest.raises(baseline.BaselineError, match="entry 1 lacks reason"):
        baseline.read(path)
    path.write_text(path.read_text().replace("reason:", "reason: 'Known: it is 5.'"))
    (entry,) = baseline.read(path)

    assert entry.covers(FOUND)
    assert entry.covers(replace(FOUND, field="result[7].amount"))
    for other in (
        replace(FOUND, check="another"),
        replace(FOUND, where="getTransaction"),
        replace(FOUND, field="result[3].id"),
        replace(FOUND, text="expected it, got none"),
    ):
        assert not entry.covers(other)


ID = "ce0a7f6e-1b1d-4c3a-9a5e-0123456789ab"
OTHER = "C1B2A3F4-aaaa-4bbb-8ccc-ddddeeeeffff"
# The field, the texts of two runs, and the fault in the baseline.
DAYS = [
    (
        "result[49]",
        f"expected {ID} here or before in the order of amount ASC, got it later",
        f"expected {OTHER} here or before in the order of amount ASC, got it later",
        "expected [id] here or before in the order of amount ASC",
    ),
    (
        "result",
        "expected 7 rows on page 2 of 57 rows by 7, counted from 0, got 6",
        "expected 50 rows on page 11 of 570 rows by 50, counted from 1, got 49",
        "expected [number] rows on page [number] of [number] rows by [number], "
        "counted from [number]",
    ),
    (
        "createdDate",
        "expected 2026-08-02T16:44:25.824000+03:00 as a search shows it, got None",
        "expected 2026-08-03 16:44Z as a search shows it, got 2026-08-02",
        "expected [date] as a search shows it",
    ),
    (
        "amount",
        "expected 5.25 as a search shows it, got 5",
        "expected 1E+8 as a search shows it, got -3",
        "expected [number] as a search shows it",
    ),
    (
        "status",
        f"expected a search for {{'customerId': '{ID}'}} from 2026-08-02 to be granted, got 400",
        f"expected a search for {{'customerId': '{OTHER}'}} from 2026-08-03 to be granted, got 400",
        "expected a search for {'customerId': '[id]'} from [date] to be granted, got 400",
    ),
    (
        "errorCode",
        "expected a documented one, got 'Jane Doe'",
        "expected a documented one, got 'Ann Lee'",
        "expected a documented one, got '[text]'",
    ),
]


@rows("field, today, tomorrow, written", DAYS)
def test_an_entry_printed_today_covers_the_finding_of_tomorrow(
    field: str, today: str, tomorrow: str, written: str, tmp_path: Path
) -> None:
    """With any id, amount, date or number of rows, masked or not."""
    found = replace(FOUND, field=field, text=today)
    path = tmp_path / "known.yaml"
    for shown in (found, Redactor([], private=True).finding(found)):
        path.write_text(baseline.entry(shown, dt.date(2026, 5, 12)).replace("reason:", "reason: x"))
        (entry,) = baseline.read(path)

        assert entry.covers(found)
        assert entry.covers(replace(found, text=tomorrow))
        assert entry.covers(Redactor([], private=True).finding(replace(found, text=tomorrow)))
        assert not entry.covers(replace(found, text="expected it, got none"))
    entries = yaml.safe_load(baseline.entry(found, dt.date(2026, 5, 12)))
    assert entries[0]["fault"] == written


@rows(
    "field, fault, text",
    [
        (
            "result",
            f"expected {ID}, which passes",
            f"expected {OTHER}, which passes, got no such row",
        ),
        ("createdDate", "expected #-#-#T#:#:#.#+#:# as", "expected 2026-08-02T16:44:25Z as, got 1"),
        ("amount", "expected #.# as", "expected -5 as, got 3"),
        ("amount", "expected [masked] as", "expected 5 as, got 3"),
        ("status", "expected one of 200, 401, got 418", "expected one of 200, 401, got 418"),
    ],
)
def test_entries_of_older_files_still_cover_findings(
    field: str, fault: str, text: str, tmp_path: Path
) -> None:
    known = {**WHOLE, "field": field, "fault": fault}
    (entry,) = baseline.read(write(tmp_path / "known.yaml", known))

    assert entry.covers(replace(FOUND, field=field, text=text))


def test_another_status_is_not_known(tmp_path: Path) -> None:
    known = {**WHOLE, "field": "status", "fault": "expected one of 200, 401, got 418"}
    (entry,) = baseline.read(write(tmp_path / "known.yaml", known))

    assert not entry.covers(
        replace(FOUND, field="status", text="expected one of 200, 401, got 500")
    )


@pytest.mark.parametrize("content", ["", "# none yet\n", "[" * 5_000])
def test_an_empty_file_is_rejected(content: str, tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(content)

    with pytest.raises(baseline.BaselineError, match=r"known.yaml is (empty|nested|not YAML)"):
        baseline.read(path)


def test_an_entry_without_a_fault_covers_any(tmp_path: Path) -> None:
    (entry,) = baseline.read(write(tmp_path / "known.yaml", {**WHOLE, "field": "result[0].amount"}))

    assert entry.covers(FOUND)
    assert entry.covers(replace(FOUND, text="expected it, got none"))


@rows(
    "wrong, message",
    [
        ({**WHOLE, "reason": None}, "entry 1 lacks reason"),
        ({**WHOLE, "reason": " ", "date": None}, "entry 1 lacks reason and date"),
        ({name: value for name, value in WHOLE.items() if name != "date"}, "entry 1 lacks date"),
        ({**WHOLE, "date": "yesterday"}, "yesterday is not a date like 2026-05-12"),
        ({**WHOLE, "reasons": "x"}, "entry 1 has unknown members: reasons"),
        ("a text", "entry 1 is not a mapping"),
    ],
)
def test_the_error_for_an_incomplete_entry_names_what_is_missing(
    wrong: object, message: str, tmp_path: Path
) -> None:
    with pytest.raises(baseline.BaselineError, match=message):
        baseline.read(write(tmp_path / "known.yaml", wrong))


@pytest.mark.parametrize("text", [None, "a: b", "- [", "- \x00"])
def test_an_invalid_file_is_reported_before_the_run(
    text: str | None, settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "known.yaml"
    if text is not None:
        path.write_text(text)
    asked = ["--target", settings.base_url, "--only", EXAMPLES, "--baseline", str(path)]

    assert command.main(asked) == command.CANNOT_RUN
    output = capsys.readouterr()
    assert output.err.startswith(f"Nothing was tested. {path} ")
    assert output.err.count("\n") == 1
    assert output.out == ""


def yes_for_true(response: MockResponse) -> MockResponse:
    return replace(
        response, content=response.content.replace(b'"blocked":true', b'"blocked":"yes"')
    )


def yes_to_a_block(response: MockResponse) -> MockResponse:
    return yes_for_true(response) if response.path == BLOCK else response


def never_blocked(response: MockResponse) -> MockResponse:
    """A fault that only a check or the model can detect."""
    if response.path == BLOCK:
        return replace(
            response, content=response.content.replace(b'"blocked":true', b'"blocked":false')
        )
    return response


def pasted(output: str, path: Path) -> Path:
    """Write the printed entries of all findings, with a reason."""
    entries = re.findall(r"^      (- check: .*(?:\n        .*)*)", output, re.MULTILINE)
    text = "\n".join(each.replace("\n      ", "\n") for each in entries)
    path.write_text(text.replace("reason:", "reason: known"))
    return path


@pytest.mark.parametrize(
    ("defect", "only"),
    [
        (yes_for_true, EXAMPLES),
        (never_blocked, "a block lasts until"),
        pytest.param(yes_to_a_block, "reference model", marks=pytest.mark.slow),
    ],
)
def test_known_findings_do_not_fail_a_run_and_hide_no_others(
    defect: Callable[[MockResponse], MockResponse],
    only: str,
    settings: Target,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Entries are pasted as printed; a new fault is still found."""

    def run(*more: str) -> tuple[int, str]:
        asked = ["--target", target.base_url, "--profile", "short", "--only", only]
        return command.main([*asked, *more]), capsys.readouterr().out

    with tampered(settings, defect) as target:
        code, output = run()
        assert code == command.FOUND
        path = pasted(output, tmp_path / "known.yaml")
        code, output = run("--baseline", str(path))
        assert code == command.NOTHING_FOUND, output
        assert "FOUND" not in output
        assert "still found" in output

    def worse(response: MockResponse) -> MockResponse:
        spoilt = defect(response).content.replace(b'"blocked":false', b'"blocked":"no"')
        return replace(response, content=spoilt)

    if defect is yes_for_true:
        with tampered(settings, worse) as target:
            code, output = run("--baseline", str(path))
        assert code == command.FOUND
        assert 'got "no"' in output
        assert 'got "yes"' not in output


def test_a_known_finding_that_no_longer_occurs_is_reported_if_its_check_ran(
    settings: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = "a response about the account is about the requested one"
    gone = {**WHOLE, "check": check, "operation": "getAccount", "field": "account"}
    path = write(
        tmp_path / "known.yaml",
        gone,
        {**WHOLE, "check": "a check that did not run"},
        {**WHOLE, "check": EVERY_RESPONSE, "operation": "deleteSubscription"},
    )
    asked = ["--target", settings.base_url, "--only", check, "--baseline", str(path)]

    assert command.main(asked) == command.NOTHING_FOUND
    output = capsys.readouterr().out
    assert output.count("NO LONGER FOUND, remove it: getAccount, account") == 1
    assert output.count("not tested: ") == 2
