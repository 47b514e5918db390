"""Fixtures of the tests of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calypso_mock import Mock, Server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def mock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    """A served mock that the environment points to."""
    mock = Mock()
    with Server(mock) as server:
        for name, value in mock.settings(base_url=server.url).items():
            monkeypatch.setenv(f"CALYPSO_{name.upper()}", str(value))
        yield mock
