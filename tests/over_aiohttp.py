"""Let the asynchronous clients of a test run send over aiohttp, if no test chooses otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calypso_pay._client_engines import AsyncEngine

if TYPE_CHECKING:
    import pytest


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``transport="aiohttp"`` the default of `AsyncCalypso`."""
    connect = AsyncEngine.connect.__func__  # type: ignore[attr-defined]

    def over_aiohttp(
        cls: type[AsyncEngine], core: Any, http_client: Any, transport: Any, **settings: Any
    ) -> AsyncEngine:
        if http_client is None and transport is None:
            transport = "aiohttp"
        engine: AsyncEngine = connect(cls, core, http_client, transport, **settings)
        return engine

    monkeypatch.setattr(AsyncEngine, "connect", classmethod(over_aiohttp))
