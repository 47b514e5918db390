"""Read the vendor's pages from where they are served.

The bytes decide what a page is, not the `Content-Type` that it is served with. Nothing that could
tell who asks is sent: no credentials, and no cookie is kept.
"""

from __future__ import annotations

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import httpx

from tools.drift.differences import Unread
from tools.drift.facts import UnreadablePageError
from tools.drift.forms import admit
from tools.drift.serving import (
    CHECK_NETWORK,
    CORRECT_ADDRESS,
    TRY_LATER,
    GoneError,
    Patience,
    UnreachableError,
    follow,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tools.drift.facts import Page
    from tools.drift.pages import Entry

T = TypeVar("T")

_AT_ONCE = 4
# By what an error is or was caused by; the first that fits is the one to tell.
_FAILURES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (httpx.TimeoutException, "no answer in time", CHECK_NETWORK),
    (
        (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError),
        "no such address",
        CORRECT_ADDRESS,
    ),
    (httpx.ProxyError, "the proxy refuses", CHECK_NETWORK),
    (ssl.SSLError, "no trustworthy connection", CHECK_NETWORK),
    (socket.gaierror, "the name of the host can't be looked up", CHECK_NETWORK),
    (httpx.ConnectError, "no connection", CHECK_NETWORK),
)


class Fetched(NamedTuple):
    """A page that was read; `moved_to` is its new address where a redirect led to another path."""

    page: Page
    moved_to: str | None = None


class Gone(NamedTuple):
    """A page that is no longer served; `why` is a clause such as `the site answers 404`."""

    name: str
    url: str
    why: str


Result = Fetched | Gone | Unread


def fetch_all(
    entries: Sequence[Entry],
    *,
    client: httpx.Client | None = None,
    patience: Patience | None = None,
) -> Iterator[Result]:
    """Read pages, a few at a time, and yield what became of each in the order of the list.

    Args:
        entries: The pages to read.
        client: Used as it is and left open; by default one is made, which heeds the settings of
            the environment for proxies and certificates.
        patience: How long to wait.
    """
    patience = patience or Patience()
    if client is not None:
        yield from _fetch_with(client, entries, patience)
        return
    try:
        client = make_client()
    except (ImportError, OSError, ValueError) as error:
        why = f"the environment's settings for proxies or certificates can't be used ({error})"
        yield from (Unread(each.url, f"{why}. {CHECK_NETWORK}") for each in entries)
        return
    with client:
        yield from _fetch_with(client, entries, patience)


def make_client() -> httpx.Client:
    """Return a client that keeps no cookie."""
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(cookies=jar)


def fetch(entry: Entry, *, client: httpx.Client, patience: Patience) -> Result:
    """Read one page; whatever happens is in the result."""
    try:
        url, content = _within(patience.total, partial(follow, client, entry.url, patience))
    except GoneError as error:
        return Gone(entry.name, entry.url, str(error))
    except (UnreachableError, UnreadablePageError) as error:
        return Unread(entry.url, str(error))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return Unread(entry.url, _failure(error))
    return _admitted(entry, url, content)


def _admitted(entry: Entry, url: str, content: bytes) -> Fetched | Unread:
    moved_to = url if path_of(url) != path_of(entry.url) else None
    try:
        page = admit(entry.name, url, content)
        return Fetched(replace(page, address=moved_to or entry.url), moved_to)
    except UnreadablePageError as error:
        led = f"the address leads to {moved_to}: " if moved_to else ""
        return Unread(entry.url, f"{led}{error}")


def _fetch_with(
    client: httpx.Client, entries: Sequence[Entry], patience: Patience
) -> Iterator[Result]:
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="drift") as pool:
        yield from pool.map(partial(fetch, client=client, patience=patience), entries)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Do the work in a thread of its own, and leave it behind when it takes too long.

    The time-outs of httpx bound single waits: they end neither a header that comes byte by byte
    nor a look-up of a name. The thread left behind is no hindrance at the end of the program.
    """
    outcome: SimpleQueue[T | Exception] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put(work())
        except Exception as error:  # noqa: BLE001 - it is raised again by the one who waits
            outcome.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = outcome.get(timeout=seconds)
    except Empty:
        told = f"not all of it was there after {seconds:g} seconds. {TRY_LATER}"
        raise UnreachableError(told) from None
    if isinstance(result, Exception):
        raise result
    return result


def _failure(error: Exception) -> str:
    causes = list(_causes(error))
    for kinds, told, advice in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return f"{told} ({error or type(error).__name__}). {advice}"
    return f"the connection broke ({error or type(error).__name__}). {CHECK_NETWORK}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
