"""A served mock stops without waiting where there is nothing to wait for."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from typing import Any

import pytest

from calypso_mock import Mock, Server


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that each sleep of a server was to take."""
    found: list[float] = []
    sleep = asyncio.sleep

    async def watched(seconds: float, *rest: Any) -> Any:
        found.append(seconds)
        return await sleep(seconds, *rest)

    monkeypatch.setattr(asyncio, "sleep", watched)
    return found


def test_a_server_without_open_requests_stops_at_once(slept: list[float]) -> None:
    """Tests start and stop many."""
    with Server(Mock()):
        pass
    assert not any(slept)


@pytest.mark.parametrize("turns", range(6))
def test_a_server_does_not_wait_for_connections_that_were_just_opened(
    turns: int,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Stopped so many turns of its loop after they came, each a stage of accepting them."""
    unraisable: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda hooked: unraisable.append(hooked.exc_value))
    opened: list[socket.socket] = []

    with Server(Mock()) as server:
        loop = server._server.servers[0].get_loop()
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))

        def open_connections() -> None:
            opened.extend(socket.create_connection(address) for _ in range(3))
            stop_after(turns)

        def stop_after(left: int) -> None:
            if left:
                loop.call_soon(stop_after, left - 1)
            else:
                server._server._stopping.set()

        monkeypatch.setattr(
            server._server, "stop", lambda: loop.call_soon_threadsafe(open_connections)
        )

    for each in opened:
        each.close()
    gc.collect()
    assert len(opened) == 3
    assert not any(slept)
    assert unraisable == []
    assert caplog.text == ""
