"""What docs/deployment.md shows is true: its code blocks run, and its figures are the client's."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calypso_pay import AsyncCalypso, Calypso, _backoff, _options

if TYPE_CHECKING:
    import pytest

    from calypso_mock import Mock

PAGE = Path(__file__).resolve().parents[2] / "docs" / "deployment.md"
TEXT = PAGE.read_text("utf-8")
FLASK, CELERY, ASYNCIO, AIOHTTP, PROXY, VCR = re.findall(
    r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
)


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(code, PAGE.name, "exec"), names)  # noqa: S102 - the page's own code
    return names


def customer() -> str:
    with Calypso() as calypso:
        return calypso.customers.create().id


def test_the_web_application_gives_an_address(mock: Mock) -> None:
    names = run(FLASK)
    response = names["app"].test_client().get(f"/address/{customer()}")
    names["calypso"].close()

    assert response.text.startswith("T")


def test_the_celery_task_gives_an_address(mock: Mock) -> None:
    names = run(CELERY)
    found = names["give_address"].apply(args=[customer()])
    names["calypso"].close()

    assert found.result.startswith("T")


def test_a_client_for_the_whole_program_serves_one_event_loop_after_another(mock: Mock) -> None:
    names = run(ASYNCIO)

    assert [names["task"](), names["task"]()] == [[], []]


def test_a_client_over_aiohttp_makes_calls(mock: Mock) -> None:
    calypso: AsyncCalypso = run(AIOHTTP)["calypso"]

    assert asyncio.run(calypso.accounts.get()).account == mock.settings()["account"]


def test_a_client_behind_a_proxy_is_made(mock: Mock) -> None:
    names = run(PROXY)
    names["http_client"].close()

    assert isinstance(names["calypso"], Calypso)


def test_the_numbers_on_the_page_are_those_of_the_client() -> None:
    listed = dict(re.findall(r"\| ([\d.]+) \| `(\w+)` \|", TEXT))

    assert {name: float(number) for number, name in listed.items()} == {
        "timeout": _options.DEFAULT_TIMEOUT,
        "deadline": _options.DEFAULT_DEADLINE,
        "backoff": _options.DEFAULT_BACKOFF,
    }
    assert f"it doubles up to {_backoff.LONGEST_WAIT:g}" in TEXT
    assert f"| {_backoff.LONGEST_RETRY_AFTER:g} | |" in TEXT


def test_the_logs_of_the_http_libraries_show_neither_key_nor_signature(
    mock: Mock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Calypso() as calypso:
        calypso.accounts.get()

    def logged(name: str) -> str:
        return " ".join(each.getMessage() for each in caplog.records if each.name.startswith(name))

    assert "HTTP Request: POST" in logged("httpx")
    assert "date" in logged("httpcore")
    assert mock.settings()["key"] not in logged("")
    assert not re.search("[0-9a-f]{128}", logged(""))


def test_callbacks_may_be_asynchronous() -> None:
    async def listen(_: object) -> None: ...

    assert AsyncCalypso(key="k", secret="s", account="a", on_attempt=listen, on_drift=listen)


def test_the_recorder_of_the_page_leaves_out_the_named_headers(mock: Mock, tmp_path: Path) -> None:
    with run(VCR)["recorder"].use_cassette(str(tmp_path / "cassette.yaml")), Calypso() as calypso:
        account = calypso.accounts.get().account

    recorded = (tmp_path / "cassette.yaml").read_text()
    assert account in recorded
    assert mock.settings()["key"] not in recorded
    assert not re.search("[0-9a-f]{128}", recorded)
