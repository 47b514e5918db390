"""Making the requests of httpx: what all requests to an address share is made once."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING

import httpx

from calypso_pay._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calypso_pay._exchange import SendRequest

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": f"calypso-pay/{__version__} python/{sys.version.partition(' ')[0]}",
}


def make_request(
    step: SendRequest, base_url: str, timeout: Mapping[str, float | None]
) -> httpx.Request:
    """Return the request of an attempt.

    It is made here and not by the client, so that defaults of a user's own client change nothing.

    Args:
        step: The attempt.
        base_url: Where the API is.
        timeout: The request's extension ``timeout``.
    """
    shared = prototype(step.method, base_url + step.path, has_body=bool(step.body))
    request = httpx.Request(
        step.method,
        shared.url,
        headers=shared.headers,
        stream=httpx.ByteStream(step.body),
        extensions={"timeout": timeout},
    )
    if step.body:
        request.headers["Content-Length"] = str(len(step.body))
    return request


# Paths may hold ids, so that there is no end to them.
@lru_cache(maxsize=64)
def prototype(method: str, url: str, *, has_body: bool) -> httpx.Request:
    """Return a request with all headers of its kind, except for what depends on the body.

    httpx takes a third of the time of a call for reading the address and finding the headers
    Host and Content-Length, which differ in nothing but the length.
    """
    return httpx.Request(method, url, headers=HEADERS, content=b"?" if has_body else b"")
