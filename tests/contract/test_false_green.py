"""A run that tests nothing, or the wrong thing, does not succeed.

Each test starts a process, so most are marked as slow; another defect that is found is in
`test_contract.py`.
"""

from __future__ import annotations

import ast
import socket
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.contract.document import DOCUMENT
from tests.contract.mock_state import MADE
from tests.contract.running import CONFIG, run
from tests.contract.tampering import MockResponse, tampered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.wire import Target

HERE = Path(__file__).parent
OURS = ("calypso_api", "calypso_mock", "calypso_pay")

# The smallest run that sends valid and invalid data.
SMALL = ("--phases", "coverage", "--include-operation-id", "updateCustomer")

NOT_FOUND = b'{"errorCode": "004", "message": "Requested object is not found"}'


def test_what_is_tested_is_not_imported() -> None:
    """A mistake in code that is shared by client, mock and test would not be found."""
    names = {
        name
        for path in HERE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
    }

    assert [name for name in names if name.startswith(OURS)] == []


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            return [node.module or ""]
        case _:
            return []


def test_every_id_of_the_dictionaries_is_that_of_an_object() -> None:
    """With unknown ids, all requests would be rejected."""
    dictionaries = tomllib.loads(CONFIG.read_text())["dictionaries"]
    for name in ("customers", "subscriptions", "transactions"):
        first, *others = dict.fromkeys(dictionaries[name]["values"])

        assert first == MADE, name
        assert [each for each in others if each not in DOCUMENT.read_text()] == [], name


@pytest.mark.slow
def test_the_small_run_succeeds(mock: Target, tmp_path: Path) -> None:
    """Without the changes of the other tests here."""
    with tampered(mock, lambda response: response) as target:
        result = run(tmp_path, target, *SMALL)

    assert result.code == 0, result.output
    assert {each.mode for each in result.cases} == {"positive", "negative"}


@pytest.mark.slow
def test_without_settings_nothing_runs(tmp_path: Path) -> None:
    result = run(tmp_path, None, *SMALL)

    assert result.code != 0
    assert result.cases == []


@pytest.mark.slow
def test_without_a_server_a_run_fails(mock: Target, tmp_path: Path) -> None:
    with socket.socket() as deaf:
        # Bound, so that no other process gets the port; without listen, connections are refused.
        deaf.bind(("127.0.0.1", 0))
        unreachable = replace(mock, base_url=f"http://127.0.0.1:{deaf.getsockname()[1]}")

        assert run(tmp_path, unreachable, *SMALL).code != 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong", [{"key": "", "secret": ""}, {"key": "unknown"}, {"secret": "another"}]
)
def test_a_run_with_wrong_credentials_fails(
    wrong: dict[str, str], mock: Target, tmp_path: Path
) -> None:
    """Every response is a documented 401. A mock that ignores Key or Sign would fail here."""
    result = run(tmp_path, replace(mock, **wrong), *SMALL)

    assert result.code != 0
    assert {each.status for each in result.cases if each.mode == "positive"} == {401}


def test_a_run_that_does_not_sign_fails(mock: Target, tmp_path: Path) -> None:
    """As without the hooks: schemathesis alone accepts 401 as a valid response."""
    result = run(tmp_path, mock, *SMALL, config=changed(tmp_path, "hooks = ", "# hooks = "))

    assert result.code != 0
    assert {each.status for each in result.cases if each.mode == "positive"} == {401}


@pytest.mark.slow
def test_a_run_that_finds_nothing_fails(mock: Target, tmp_path: Path) -> None:
    """The account is unknown: all requests are rejected with 400, as for an unknown object."""
    result = run(tmp_path, replace(mock, account="0xunknown"), *SMALL)

    assert result.code != 0
    assert {each.status for each in result.cases if each.mode == "positive"} == {400}


@pytest.mark.slow
def test_a_run_without_its_hooks_module_fails(mock: Target, tmp_path: Path) -> None:
    result = run(tmp_path, mock, *SMALL, config=changed(tmp_path, ".hooks", ".no_hooks"))

    assert result.code != 0
    assert result.cases == []


def changed(folder: Path, old: str, new: str) -> Path:
    """Write the configuration with a change."""
    text = CONFIG.read_text()
    assert old in text
    path = folder / CONFIG.name
    path.write_text(text.replace(old, new, 1))
    return path


def server_error(response: MockResponse) -> MockResponse:
    return replace(response, status=500) if response.status == 200 else response


def valid_is_forbidden(response: MockResponse) -> MockResponse:
    """A documented response, but not to a valid request."""
    return replace(response, status=403, content=NOT_FOUND) if response.status == 200 else response


def valid_is_bad(response: MockResponse) -> MockResponse:
    """A documented response, but to a request that is valid beyond doubt."""
    rejection = NOT_FOUND.replace(b"004", b"001")
    return replace(response, status=400, content=rejection) if response.status == 200 else response


def invalid_is_not_found(response: MockResponse) -> MockResponse:
    """A documented response that would hide a missing validation."""
    return replace(response, status=404) if response.status == 400 else response


def page_instead_of_json(response: MockResponse) -> MockResponse:
    return replace(response, content_type="text/html") if response.status == 200 else response


def field_is_missing(response: MockResponse) -> MockResponse:
    return replace(response, content=response.content.replace(b'"id"', b'"ID"'))


def field_has_another_type(response: MockResponse) -> MockResponse:
    return replace(
        response, content=response.content.replace(b'"blocked":false', b'"blocked":"no"')
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "defect",
    [
        server_error,
        valid_is_forbidden,
        valid_is_bad,
        invalid_is_not_found,
        page_instead_of_json,
        field_is_missing,
        field_has_another_type,
    ],
)
def test_a_defect_is_found(
    defect: Callable[[MockResponse], MockResponse], mock: Target, tmp_path: Path
) -> None:
    with tampered(mock, defect) as target:
        result = run(tmp_path, target, *SMALL)

    assert result.code == 1, result.output
    assert "FAILURES" in result.output
