"""Reads the vendor's pages and the indexes of its sites from the web.

No credentials are sent, and no cookies are kept.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, NamedTuple

import httpx

from tools.drift.differences import INFORMATION, Difference
from tools.drift.run import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_AT_ONCE = 4
_TIMEOUT = 20.0
_LARGEST = 5_000_000
_LINK = re.compile(r"\]\((?:https?://)?(?P<address>[^\s)]+?)(?:\.md)?\)")
_LOCATION = re.compile(r"<loc>\s*(?:https?://)?([^<\s]+?)/?\s*</loc>")
_INDEXES = (("llms.txt", _LINK), ("sitemap-pages.xml", _LOCATION), ("sitemap.xml", _LOCATION))


class Index(NamedTuple):
    """The addresses that a site lists; None where its index could not be read."""

    host: str
    addresses: frozenset[str] | None
    problem: str = ""


def client() -> httpx.Client:
    """Return a client that keeps no cookies."""
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(cookies=jar, timeout=_TIMEOUT, follow_redirects=True)


def read_pages(
    addresses: Sequence[str], http: httpx.Client
) -> tuple[list[Source], list[Difference]]:
    """Read pages; return their contents, and those that have moved to another address."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="drift") as pool:
        found = list(pool.map(lambda address: _read(address, http), addresses))
    moved = [_moved(source.address, to) for source, to in found if to]
    return [source for source, _ in found], moved


def _read(address: str, http: httpx.Client) -> tuple[Source, str]:
    name = f"https://{address}.md"
    try:
        with http.stream("GET", name) as response:
            if not response.is_success:
                problem = f"the site responds with {response.status_code}"
                return Source(name, b"", address, problem), ""
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST:
                    return Source(name, b"", address, "it is too large"), ""
            to = f"{response.url.host}{response.url.path}".removesuffix(".md")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Source(name, b"", address, f"it could not be read ({_named(error)})"), ""
    return Source(name, content, address), "" if to == address else to


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def read_index(host: str, http: httpx.Client) -> Index:
    """Return the addresses that a site lists in its llms.txt, else in its sitemap."""
    problem = ""
    for name, pattern in _INDEXES:
        try:
            response = http.get(f"https://{host}/{name}")
        except (httpx.HTTPError, OSError) as error:
            problem = problem or _named(error)
            continue
        found = frozenset(
            address if address.startswith(host) else f"{host}/{address.lstrip('/')}"
            for address in pattern.findall(response.text)
            if response.is_success and ("://" not in address) and _is_of(host, address)
        )
        if found:
            return Index(host, found)
        problem = problem or f"{name}: {response.status_code}"
    return Index(host, None, problem)


def _is_of(host: str, address: str) -> bool:
    return address.startswith((f"{host}/", "/"))


def changes(
    index: Index, listed: Collection[str], before: frozenset[str] | None
) -> Iterator[Difference]:
    """Yield pages that appeared, moved or vanished.

    Args:
        index: What the site lists now.
        listed: The pages that matter.
        before: What the site listed when that was last accepted; None when it never was.
    """
    if index.addresses is None:
        return
    ours = {address for address in listed if address.startswith(f"{index.host}/")}
    lost = sorted((before if before is not None else ours) - index.addresses)
    gained = sorted(index.addresses - before) if before is not None else []
    candidates = gained if before is not None else sorted(index.addresses - ours)
    for address in lost:
        to = next((each for each in candidates if _last(each) == _last(address)), None)
        if to is not None:
            gained = [each for each in gained if each != to]
            yield _moved(address, to)
        else:
            text = f"The site no longer lists {address}."
            yield Difference("page", address, address, None, INFORMATION, text, address)
    for address in gained:
        text = f"The site lists {address}, which is new."
        yield Difference("page", address, None, address, INFORMATION, text, address)


def _last(address: str) -> str:
    return address.rpartition("/")[2]


def _moved(old: str, new: str) -> Difference:
    text = f"The page moved from {old} to {new}."
    return Difference("page", new, old, new, INFORMATION, text, old)
