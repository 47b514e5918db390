"""The contenders, the cases, and how much is measured."""

from __future__ import annotations

from typing import Any, NamedTuple


class Contender(NamedTuple):
    """A client.

    Attributes:
        name: Its key in results.
        title: Its name in tables and charts.
        package: The distribution whose version is reported; empty for this project's.
        statement: What imports it.
        modes: What it offers: `sync`, `async`.
        in_process: Whether it works over a transport of httpx without a socket.
        is_ours: Whether it is this project's.
        module: Its module in `contenders`; empty for its name.
        finds_msgspec: Whether the extra `fast` is installed; else importing msgspec is blocked.
        transport: Passed to it.
    """

    name: str
    title: str
    package: str
    statement: str
    modes: str = "sync async"
    in_process: bool = False
    is_ours: bool = False
    module: str = ""
    finds_msgspec: bool = False
    transport: str | None = None

    @property
    def path(self) -> str:
        """The name of its module."""
        return f"benchmarks.contenders.{self.module or self.name}"


REFERENCE = "bare_httpx"


def _ours(name: str, extras: str, **options: Any) -> Contender:
    title = f"calypso-pay[{extras}]" if extras else "calypso-pay"
    statement = "from calypso_pay import Calypso"
    return Contender(name, title, "", statement, is_ours=True, module="ours", **options)


CONTENDERS = (
    Contender("bare_httpx", "httpx by hand", "httpx", "from httpx import Client", in_process=True),
    Contender(
        "httpx_send", "httpx, own Request", "httpx", "from httpx import Client", in_process=True
    ),
    Contender("requests_session", "requests", "requests", "from requests import Session", "sync"),
    Contender("urllib3_pool", "urllib3", "urllib3", "from urllib3 import PoolManager", "sync"),
    Contender(
        "aiohttp_session", "aiohttp", "aiohttp", "from aiohttp import ClientSession", "async"
    ),
    Contender(
        "stock_generated",
        "openapi-python-client",
        "openapi-python-client",
        "from stock_client import Client",
        in_process=True,
    ),
    Contender(
        "openapi_generator",
        "openapi-generator",
        "openapi-generator-cli",
        "from openapi_client import ApiClient",
        "sync",
    ),
    _ours("ours", "", in_process=True),
    _ours("ours_fast", "fast", in_process=True, finds_msgspec=True),
    _ours("ours_aiohttp", "aiohttp", modes="async", transport="aiohttp"),
    _ours(
        "ours_aiohttp_fast",
        "aiohttp,fast",
        modes="async",
        transport="aiohttp",
        finds_msgspec=True,
    ),
)
BY_NAME = {contender.name: contender for contender in CONTENDERS}

# Names of the cases, and the records that each finds; 0 is the account call.
CASES = {"account": 0, "1 record": 1, "20 records": 20, "1,000 records": 1000}


class Size(NamedTuple):
    """How much is measured.

    Attributes:
        rounds: Of calls, one after the other.
        async_rounds: Of calls in flight.
        start_rounds: Of starts.
        calls: In a round, of each case but the last; half of them in flight.
        big_calls: Of the last.
        walk: Most records walked.
        repeats: Most calls of one client.
        customers: Most customers in the mock.
        served: Calls of each kind to the mock over HTTP, in a round.
        in_flight: Numbers of calls in flight together.
        counts_sockets: Whether instructions over a socket are counted.
    """

    rounds: int
    async_rounds: int
    start_rounds: int
    calls: int
    big_calls: int
    walk: int
    repeats: int
    customers: int
    served: int
    in_flight: tuple[int, ...] = (50,)
    counts_sockets: bool = False

    def cases(self, part: int = 1) -> list[tuple[int, int]]:
        """Return the records and the number of calls of each case, or a part of them."""
        largest = max(CASES.values())
        return [
            (rows, (self.big_calls if rows == largest else self.calls) // part)
            for rows in CASES.values()
        ]


SIZES = {
    "full": Size(15, 7, 15, 500, 60, 1_000_000, 1_000_000, 10_000, 100, (1, 10, 50), True),  # noqa: FBT003
    "small": Size(3, 2, 2, 150, 15, 20_000, 20_000, 1_000, 20),
    "tiny": Size(1, 1, 1, 5, 2, 2_000, 2_000, 10, 2),
}
