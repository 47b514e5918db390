"""Fixtures of the tests of the contract suite."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.contract import serving
from tests.contract.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contract.wire import Target


@pytest.fixture(scope="session")
def served() -> Iterator[Target]:
    """A mock in a separate process, in any state."""
    with serving.mock() as target:
        yield target


@pytest.fixture
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run writes its files to the current folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(mock: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The same mock, with its settings in the environment."""
    for name, value in mock.write().items():
        monkeypatch.setenv(name, value)
    return mock


@pytest.fixture
def mock(served: Target) -> Target:
    """The same mock after a reset."""
    with closing(Session(served)) as session:
        session.control("reset", {})
    return served
