"""Ask the vendor's site for one page, follow where it leads, and say what is wrong on the way."""

from __future__ import annotations

import time
from typing import NamedTuple

import httpx

from tools.drift.facts import UnreadablePageError
from tools.drift.forms import CAP, too_large

HEADERS = {
    "Accept": "text/markdown, text/plain;q=0.9, */*;q=0.1",
    # A few compressed bytes could become more than any cap on what is received.
    "Accept-Encoding": "identity",
    "User-Agent": "calypso-pay-drift",
}
REDIRECTS = 5
"""How many are followed for one page."""

BY_HAND = "or save the page by hand and give the file"
CHECK_NETWORK = f"Check the network and the proxy settings, {BY_HAND}."
TRY_LATER = f"Try again later, {BY_HAND}."
CORRECT_ADDRESS = f"Correct the address in pages.yaml, {BY_HAND}."
_ADVICE = {
    401: f"the site asks for credentials. {CORRECT_ADDRESS}",
    403: f"the site refuses to serve it. {TRY_LATER}",
    429: f"the site was asked too often. {TRY_LATER}",
}


class Patience(NamedTuple):
    """How long to wait, in seconds.

    Attributes:
        connect: For a connection.
        read: For the next bytes.
        total: For one page with its redirects and its second attempt, however it is served.
        pause: Before the second attempt.
    """

    connect: float = 5.0
    read: float = 8.0
    total: float = 20.0
    pause: float = 0.5


class UnreachableError(Exception):
    """The page was not served; the message says why and what to do."""


class GoneError(Exception):
    """The page is no longer served."""


class _Answer(NamedTuple):
    """The outcome of one request."""

    status: int
    location: str | None
    content: bytes


def follow(client: httpx.Client, url: str, patience: Patience) -> tuple[str, bytes]:
    """Return the address that the page is at in the end, and what is served there.

    Raises:
        UnreachableError: It is not served, or only where it must not be followed to.
        GoneError: The site says that there is no such page, or shows its front page instead.
        UnreadablePageError: It is too large.
        httpx.HTTPError: The exchange failed; after a time-out, for the second time.
        httpx.InvalidURL: A redirect leads to what is no address.
    """
    for _ in range(REDIRECTS + 1):
        answer = _ask_twice(client, url, patience)
        if answer.location is None:
            return url, _content(answer)
        url = _next(url, answer.location)
    raise UnreachableError(
        f"more than {REDIRECTS} redirects, perhaps in a circle. {CORRECT_ADDRESS}"
    )


def _next(url: str, location: str) -> str:
    """Return where a redirect leads, when that is within the same site."""
    here = httpx.URL(url)
    there = here.join(location)
    if here.scheme == "https" and there.scheme != "https":
        raise UnreachableError(f"it leads to {there} without encryption. {CORRECT_ADDRESS}")
    if there.netloc != here.netloc or there.userinfo:
        raise UnreachableError(f"it leads to another site, {there.host}. {CORRECT_ADDRESS}")
    if path_of(str(there)) in ("", "/index", "/readme"):
        raise GoneError("its address leads to the front page of the site")
    return str(there)


def _ask_twice(client: httpx.Client, url: str, patience: Patience) -> _Answer:
    try:
        answer = _ask(client, url, patience)
    except httpx.TimeoutException:
        answer = None
    if answer is not None and answer.status < httpx.codes.INTERNAL_SERVER_ERROR:
        return answer
    time.sleep(patience.pause)
    return _ask(client, url, patience)


def _ask(client: httpx.Client, url: str, patience: Patience) -> _Answer:
    timeout = httpx.Timeout(patience.read, connect=patience.connect)
    with client.stream(
        "GET", url, headers=HEADERS, timeout=timeout, follow_redirects=False
    ) as response:
        if response.status_code != httpx.codes.OK:
            location = response.headers["location"] if response.has_redirect_location else None
            return _Answer(response.status_code, location, b"")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            told = "it is served compressed, which was not asked for"
            raise UnreachableError(f"{told}. Save the page by hand and give the file.")
        return _Answer(response.status_code, None, _body(response))


def _body(response: httpx.Response) -> bytes:
    content = bytearray()
    announced = response.headers.get("content-length", "")
    size = int(announced) if announced.isascii() and announced.isdigit() else 0
    for piece in response.iter_bytes():
        content += piece
        if max(size, len(content)) > CAP:
            raise UnreadablePageError(too_large(max(size, len(content))))
    return bytes(content)


def _content(answer: _Answer) -> bytes:
    status = answer.status
    if status == httpx.codes.OK:
        return answer.content
    if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        raise GoneError(f"the site answers {status}")
    told = _ADVICE.get(status, f"this is no page. {TRY_LATER}")
    raise UnreachableError(f"the site answers {status}: {told}")


def path_of(url: str) -> str:
    """Return what tells one page of a site from another, in whichever form it is served."""
    return httpx.URL(url).path.removesuffix(".md").rstrip("/")
