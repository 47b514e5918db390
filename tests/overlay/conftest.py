"""The guises of a client, shared by all tests of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.overlay.guises import GUISES, Guise, Guises

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def guises() -> Iterator[Guises]:
    guises = Guises()
    yield guises
    for guise in guises.values():
        guise.close()


@pytest.fixture(params=GUISES)
def guise(request: pytest.FixtureRequest, guises: Guises) -> Iterator[Guise]:
    """A client against an empty mock, in each of its guises, or in those of the parameter."""
    guise = guises[request.param]
    guise.mock.reset()
    yield guise
    guise.tidy()
