"""The page on the generated client is true, and no other page names that package to a user."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_api import Client
from calypso_mock import Mock, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "bare-client.md"
(CODE,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
HOST = "https://api.calypso.finance"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Mock, str]]:
    """A served mock that the environment has the credentials of."""
    mock = Mock()
    for name in ("key", "secret", "account"):
        monkeypatch.setenv(f"CALYPSO_{name.upper()}", mock.settings()[name])
    with Server(mock) as server:
        yield mock, server.url


def run(url: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(CODE.replace(HOST, url), PAGE.name, "exec"), names)  # noqa: S102 - the page's own
    return names


def test_the_code_of_the_page_makes_a_customer(
    server: tuple[Mock, str], capsys: pytest.CaptureFixture[str]
) -> None:
    mock, url = server
    run(url)

    assert mock.journal.carried_out("createCustomer") == 1
    assert re.fullmatch(r"[0-9a-f-]{36}\n", capsys.readouterr().out)


def test_the_code_of_the_page_shows_a_rejected_call(
    server: tuple[Mock, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CALYPSO_SECRET", "another")
    run(server[1])

    assert capsys.readouterr().out.startswith("401 ErrorResponse\n  error_code: 003\n")


def test_it_has_no_timeout_of_its_own() -> None:
    with Client(HOST) as client:
        assert client.get_httpx_client().timeout == httpx.Timeout(None)


def test_no_other_page_names_the_generated_package() -> None:
    examples = [each for kind in ("md", "py") for each in (ROOT / "examples").rglob(f"*.{kind}")]
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *examples]
    naming = [page for page in pages if page != PAGE and "calypso_api" in page.read_text()]

    assert naming == []
