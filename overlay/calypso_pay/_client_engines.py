"""The engines of the clients: what the generated resources call, over a driver.

Each runs the course of a call, `Core.flow`, with the driver of its kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, final

from calypso_pay._errors import ConfigurationError

if TYPE_CHECKING:
    from calypso_api import Operation, RawResponse
    from calypso_api._engine import Payload
    from calypso_pay._engine import Core
    from calypso_pay._transport.aiohttp_driver import AiohttpDriver
    from calypso_pay._transport.asynchronous import AsyncDriver
    from calypso_pay._transport.auth import KeySign
    from calypso_pay._transport.sync import SyncDriver

T = TypeVar("T")


@final
class RawEngine:
    """Calls operations, and returns whole responses."""

    __slots__ = ("core", "driver")

    def __init__(self, core: Core, driver: SyncDriver) -> None:
        self.core = core
        self.driver = driver

    def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        """Call an operation."""
        return self.driver.run(self.core.flow(operation, payload))


@final
class Engine:
    """Calls operations, and returns what was read from their responses."""

    __slots__ = ("raw",)

    def __init__(self, raw: RawEngine) -> None:
        self.raw = raw

    @classmethod
    def connect(
        cls, core: Core, http_client: object, transport: object, *, base_url: str, auth: KeySign
    ) -> Engine:
        """Return an engine over a client or transport of the user's, or over clients of its own.

        Raises:
            ConfigurationError: As `Driver.from_http_client` raises it.
        """
        # Imported here: it imports httpx, which only clients need.
        from calypso_pay._transport.sync import SyncDriver

        driver = SyncDriver.from_http_client(http_client, transport, base_url=base_url, auth=auth)
        return cls(RawEngine(core, driver))

    def view(self, core: Core, base_url: str) -> Engine:
        """Return an engine with another core and address over the same connections.

        Raises:
            ConfigurationError: As `Driver.with_base_url` raises it.
        """
        return Engine(RawEngine(core, self.raw.driver.with_base_url(base_url)))

    def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        """Call an operation."""
        return self.raw.call(operation, payload).parsed


@final
class AsyncRawEngine:
    """Like `RawEngine`, asynchronous."""

    __slots__ = ("core", "driver")

    def __init__(self, core: Core, driver: AsyncDriver | AiohttpDriver) -> None:
        self.core = core
        self.driver = driver

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        """Call an operation."""
        return await self.driver.run(self.core.flow(operation, payload))


@final
class AsyncEngine:
    """Like `Engine`, asynchronous."""

    __slots__ = ("raw",)

    def __init__(self, raw: AsyncRawEngine) -> None:
        self.raw = raw

    @classmethod
    def connect(
        cls, core: Core, http_client: object, transport: object, *, base_url: str, auth: KeySign
    ) -> AsyncEngine:
        """Return an engine, as `Engine.connect` does; the transport may be ``"aiohttp"``."""
        if transport == "aiohttp" and http_client is None:
            return cls(AsyncRawEngine(core, _aiohttp_driver(base_url, auth)))
        # Imported here: it imports asyncio, which synchronous programs do not need.
        from calypso_pay._transport.asynchronous import AsyncDriver

        driver = AsyncDriver.from_http_client(http_client, transport, base_url=base_url, auth=auth)
        return cls(AsyncRawEngine(core, driver))

    def view(self, core: Core, base_url: str) -> AsyncEngine:
        """Return an engine, as `Engine.view` does."""
        return AsyncEngine(AsyncRawEngine(core, self.raw.driver.with_base_url(base_url)))

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        """Call an operation."""
        return (await self.raw.call(operation, payload)).parsed


def _aiohttp_driver(base_url: str, auth: KeySign) -> AiohttpDriver:
    try:
        from calypso_pay._transport.aiohttp_driver import AiohttpDriver
    except ImportError as error:
        raise ConfigurationError(
            'transport="aiohttp" needs aiohttp 3.12 or newer: pip install "calypso-pay[aiohttp]" '
            f"({error})"
        ) from error
    return AiohttpDriver.connect(base_url=base_url, auth=auth)
