"""A served mock stops without waiting where there is nothing to wait for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from calypso_mock import Mock, Server

if TYPE_CHECKING:
    import pytest


def test_a_server_without_open_requests_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests start and stop many."""
    slept: list[float] = []
    sleep = asyncio.sleep

    async def watched(seconds: float, *rest: Any) -> Any:
        slept.append(seconds)
        return await sleep(seconds, *rest)

    monkeypatch.setattr(asyncio, "sleep", watched)
    with Server(Mock()):
        pass
    assert slept == []
