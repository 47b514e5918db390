"""The guises of a client, shared by all tests of a run."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.overlay.guises import GUISES, Guise, Guises

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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


@pytest.fixture
def tls(tmp_path: Path) -> tuple[str, ssl.SSLContext]:
    """The file of an authority, and the context of a server that it knows."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "one.invalid").configure_cert(context)
    return str(tmp_path / "ca.pem"), context
