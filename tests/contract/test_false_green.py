"""A run that tests nothing, or the wrong thing, is not green.

Each starts a process, and so but for one they are slow; a defect that is found is in
`test_contract.py`, too.
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
from tests.contract.running import CONFIG, run
from tests.contract.tampering import Answer, tampered
from tests.contract.world import MADE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.wire import Target

HERE = Path(__file__).parent
OURS = ("calypso_api", "calypso_mock", "calypso_pay")

# The smallest run that has sent valid and invalid data.
SMALL = ("--phases", "coverage", "--include-operation-id", "updateCustomer")

NOT_FOUND = b'{"errorCode": "004", "message": "Requested object is not found"}'


def test_what_is_tested_is_not_imported() -> None:
    """A mistake that client, mock and test share would go unseen."""
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


def test_every_id_of_the_dictionaries_stands_for_something() -> None:
    """Ids that nobody knows any more would leave nothing but refusals to look at."""
    dictionaries = tomllib.loads(CONFIG.read_text())["dictionaries"]
    for name in ("customers", "subscriptions", "transactions"):
        first, *others = dict.fromkeys(dictionaries[name]["values"])

        assert first == MADE, name
        assert [each for each in others if each not in DOCUMENT.read_text()] == [], name


@pytest.mark.slow
def test_the_small_run_is_green(mock: Target, tmp_path: Path) -> None:
    """What the other tests here spoil is in order before."""
    with tampered(mock, lambda answer: answer) as target:
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
        # Bound, and so nobody else's; while nobody listens, connecting is refused.
        deaf.bind(("127.0.0.1", 0))
        nobody = replace(mock, base_url=f"http://127.0.0.1:{deaf.getsockname()[1]}")

        assert run(tmp_path, nobody, *SMALL).code != 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong", [{"key": "", "secret": ""}, {"key": "unknown"}, {"secret": "another"}]
)
def test_a_run_with_wrong_credentials_fails(
    wrong: dict[str, str], mock: Target, tmp_path: Path
) -> None:
    """Every answer is a documented 401. A mock that does not look at Key or Sign is caught here."""
    result = run(tmp_path, replace(mock, **wrong), *SMALL)

    assert result.code != 0
    assert {each.status for each in result.cases if each.mode == "positive"} == {401}


def test_a_run_that_does_not_sign_fails(mock: Target, tmp_path: Path) -> None:
    """As without the hooks: schemathesis alone takes 401 for a good answer."""
    result = run(tmp_path, mock, *SMALL, config=changed(tmp_path, "hooks = ", "# hooks = "))

    assert result.code != 0
    assert {each.status for each in result.cases if each.mode == "positive"} == {401}


@pytest.mark.slow
def test_a_run_that_finds_nothing_fails(mock: Target, tmp_path: Path) -> None:
    """The account is unknown: all is refused with 400, as something that is not there."""
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


def server_error(answer: Answer) -> Answer:
    return replace(answer, status=500) if answer.status == 200 else answer


def valid_is_forbidden(answer: Answer) -> Answer:
    """A documented answer, but not to a valid request."""
    return replace(answer, status=403, content=NOT_FOUND) if answer.status == 200 else answer


def valid_is_bad(answer: Answer) -> Answer:
    """A documented answer, to a request of which a schema can say all that there is to say."""
    refusal = NOT_FOUND.replace(b"004", b"001")
    return replace(answer, status=400, content=refusal) if answer.status == 200 else answer


def invalid_is_not_found(answer: Answer) -> Answer:
    """A documented answer, behind which a missing validation would hide."""
    return replace(answer, status=404) if answer.status == 400 else answer


def page_instead_of_json(answer: Answer) -> Answer:
    return replace(answer, content_type="text/html") if answer.status == 200 else answer


def field_is_missing(answer: Answer) -> Answer:
    return replace(answer, content=answer.content.replace(b'"id"', b'"ID"'))


def field_has_another_type(answer: Answer) -> Answer:
    return replace(answer, content=answer.content.replace(b'"blocked":false', b'"blocked":"no"'))


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
    defect: Callable[[Answer], Answer], mock: Target, tmp_path: Path
) -> None:
    with tampered(mock, defect) as target:
        result = run(tmp_path, target, *SMALL)

    assert result.code == 1, result.output
    assert "FAILURES" in result.output
