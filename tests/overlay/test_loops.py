"""An asynchronous client has connections of its own for each event loop that it is used in."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, ConfigurationError, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOPS, CALLS = 4, 25


@pytest.fixture
def settings() -> Iterator[dict[str, Any]]:
    mock = Mock()
    with Server(mock) as server:
        yield dict(mock.settings(base_url=server.url))


async def create(client: AsyncCalypso, name: str) -> None:
    found = await client.customers.create(email=f"{name}@shop.example")
    assert found.email == f"{name}@shop.example"


def test_a_client_works_in_one_loop_after_another(settings: dict[str, Any]) -> None:
    """As under Celery, where every task calls asyncio.run; nothing that was open is left behind."""
    client = AsyncCalypso(**settings, max_retries=0)
    for turn in range(LOOPS):
        asyncio.run(create(client, f"customer-{turn}"))
        asyncio.run(create(client.with_options(timeout=20), f"other-{turn}"))
    del client
    gc.collect()


def test_a_client_works_in_several_loops_at_once(settings: dict[str, Any]) -> None:
    client = AsyncCalypso(**settings, max_retries=0)
    start = threading.Barrier(LOOPS)

    async def work(who: int) -> None:
        for turn in range(CALLS):
            await create(client, f"customer-{who}-{turn}")

    def run(who: int) -> None:
        start.wait()
        asyncio.run(work(who))

    with ThreadPoolExecutor(LOOPS) as pool:
        list(pool.map(run, range(LOOPS)))


def test_connections_of_a_loop_that_is_gone_are_dropped(settings: dict[str, Any]) -> None:
    """Also of one that ended without closing what was open in it."""
    client = AsyncCalypso(**settings, max_retries=0)
    for turn in range(LOOPS):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(create(client, f"customer-{turn}"))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    assert len(client._engine.raw.driver._connections._clients) == 1  # type: ignore[attr-defined]


def test_a_closed_client_is_closed_in_every_loop(settings: dict[str, Any]) -> None:
    client = AsyncCalypso(**settings)
    asyncio.run(create(client, "customer"))
    asyncio.run(client.aclose())

    with pytest.raises(ConfigurationError, match="is closed"):
        asyncio.run(client.accounts.get())


def test_a_client_of_ones_own_is_rejected_in_a_second_loop(settings: dict[str, Any]) -> None:
    """Its connections belong to the first; nothing is sent, and the message explains it."""
    client = AsyncCalypso(**settings, http_client=httpx.AsyncClient())

    async def once() -> None:
        await create(client, "customer")
        await client._engine.raw.driver._connections._client.aclose()  # type: ignore[attr-defined]

    asyncio.run(once())
    with pytest.raises(ConfigurationError, match="another event loop") as caught:
        asyncio.run(client.accounts.get())

    assert caught.value.outcome is Outcome.NOT_SENT


def test_a_mocks_transport_may_be_used_in_any_loop() -> None:
    mock = Mock()
    client = AsyncCalypso(**mock.settings(), transport=mock.async_transport())

    for turn in range(2):
        asyncio.run(create(client, f"customer-{turn}"))


def test_under_trio_the_first_call_names_what_is_supported() -> None:
    """There is no event loop of asyncio then, as here, where a call is begun without any."""
    client = AsyncCalypso(key="key", secret="secret", account="0xabc")
    call = client.accounts.get()

    with pytest.raises(ConfigurationError, match=r"works under asyncio.* trio\.to_thread"):
        call.send(None)


A_SESSION_WIDE_CLIENT = """
import os
import pytest, pytest_asyncio
from calypso_pay import AsyncCalypso

@pytest.fixture(scope="session")
def calypso():
    return AsyncCalypso(max_retries=0)

@pytest.mark.asyncio
@pytest.mark.parametrize("turn", range(3))
async def test_it(calypso, turn):
    assert (await calypso.customers.create(email=f"{turn}@shop.example")).email[0] == str(turn)
"""


def test_pytest_asyncio_may_share_a_client_among_tests(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test has a loop of its own, and warnings are errors."""
    for name, value in settings.items():
        monkeypatch.setenv(f"CALYPSO_{name.upper()}", str(value))
    (tmp_path / "test_it.py").write_text(A_SESSION_WIDE_CLIENT)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:schemathesis"]
    options = ["-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:cacheprovider"]

    done = subprocess.run(
        [*command, *options, "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "3 passed" in done.stdout, done.stdout
