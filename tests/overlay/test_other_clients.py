"""A client or transport of another library, or of the other kind, is rejected with what to give."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement

from calypso_pay import AsyncCalypso, Calypso, ConfigurationError
from tests.rows import rows

ROOT = Path(__file__).resolve().parents[2]
HTTPX = "calypso-pay works with httpx 0.27 and 0.28. Make the {} with httpx."
CLIENTS = "Calypso takes an httpx.Client, AsyncCalypso an httpx.AsyncClient."
TRANSPORTS = "Calypso takes an httpx.BaseTransport, AsyncCalypso an httpx.AsyncBaseTransport."


def stand_in(*names: str) -> Any:
    """A module like httpx, with classes that have nothing to do with those of httpx."""
    module = ModuleType("httpx2")
    for name in names:
        setattr(module, name, type(name, (), {"__module__": module.__name__}))
    return module


httpx2 = stand_in("Client", "AsyncClient", "HTTPTransport", "AsyncHTTPTransport")


def refusal(kind: type[Calypso | AsyncCalypso], **given: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        kind(key="key", secret="secret", account="0xabc", **given)
    return str(caught.value)


@rows(
    "kind, given, expected",
    [
        (Calypso, httpx2.Client(), "httpx.Client, which httpx2.Client is not"),
        (AsyncCalypso, httpx2.AsyncClient(), "httpx.AsyncClient, which httpx2.AsyncClient is not"),
        (AsyncCalypso, httpx2.Client(), "httpx.AsyncClient, which httpx2.Client is not"),
        (Calypso, "http://proxy.example", "httpx.Client, which str is not"),
        (Calypso, httpx.Client, "httpx.Client, which type is not"),
    ],
)
def test_a_client_of_another_library_is_named_with_its_module(
    kind: type[Calypso], given: Any, expected: str
) -> None:
    expected = f"http_client has to be an {expected}: {HTTPX.format('client')}"
    assert refusal(kind, http_client=given) == expected


@rows(
    "kind, given, expected",
    [
        (Calypso, httpx2.HTTPTransport(), "httpx.BaseTransport, which httpx2.HTTPTransport is not"),
        (
            AsyncCalypso,
            httpx2.AsyncHTTPTransport(),
            "httpx.AsyncBaseTransport, which httpx2.AsyncHTTPTransport is not",
        ),
    ],
)
def test_a_transport_of_another_library_is_named_with_its_module(
    kind: type[Calypso], given: Any, expected: str
) -> None:
    expected = f"transport has to be an {expected}: {HTTPX.format('transport')}"
    assert refusal(kind, transport=given) == expected


class Logging(httpx.AsyncClient):
    """A client of a user's own class."""


@rows(
    "kind, given, expected",
    [
        (Calypso, httpx.AsyncClient(), "httpx.Client, which httpx.AsyncClient is not"),
        (AsyncCalypso, httpx.Client(), "httpx.AsyncClient, which httpx.Client is not"),
        (Calypso, Logging(), f"httpx.Client, which {__name__}.Logging is not"),
    ],
)
def test_for_a_client_of_the_other_kind_the_right_client_is_named(
    kind: type[Calypso], given: Any, expected: str
) -> None:
    assert refusal(kind, http_client=given) == f"http_client has to be an {expected}: {CLIENTS}"


@rows(
    "kind, given, expected",
    [
        (
            Calypso,
            httpx.AsyncHTTPTransport(),
            "httpx.BaseTransport, which httpx.AsyncHTTPTransport is not",
        ),
        (
            AsyncCalypso,
            httpx.HTTPTransport(),
            "httpx.AsyncBaseTransport, which httpx.HTTPTransport is not",
        ),
    ],
)
def test_for_a_transport_of_the_other_kind_the_right_client_is_named(
    kind: type[Calypso], given: Any, expected: str
) -> None:
    assert refusal(kind, transport=given) == f"transport has to be an {expected}: {TRANSPORTS}"


def test_the_versions_that_are_named_are_the_range_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {each.name: each.specifier for each in map(Requirement, project["dependencies"])}
    named = re.findall(r"0\.\d+", refusal(Calypso, http_client=httpx2.Client()))

    assert named == [f"0.{n}" for n in range(100) if f"0.{n}.0" in wanted["httpx"]]
