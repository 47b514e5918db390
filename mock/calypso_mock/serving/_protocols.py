"""The parts of a mock that serving it needs, so that these modules need not import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from calypso_mock.api._http import Exchange, HeaderItems, Response
    from calypso_mock.delivery._http_sender import Deliver


class RequestHandler(Protocol):
    """Responds to one request at a time, as ``Mock`` does."""

    def handle(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        headers: HeaderItems = (),
        body: bytes = b"",
        *,
        client: str | None = None,
        query: str = "",
    ) -> Response:
        """Respond to one request."""
        ...


class BackgroundDeliveries(Protocol):
    """Delivers in the background, as ``Mock.deliveries`` does."""

    def in_background(self, send: Deliver | None = None) -> AbstractContextManager[None]:
        """Deliver for as long as a ``with`` block lasts."""
        ...


class ServedMock(Protocol):
    """What a server needs of a ``Mock``."""

    @property
    def deliveries(self) -> BackgroundDeliveries:
        """The deliveries to webhook subscriptions."""
        ...

    def asgi(self) -> Callable[..., Any]:
        """Return an ASGI application."""
        ...

    def observe(self, observer: Callable[[Exchange], None]) -> None:
        """Have a function called after every response."""
        ...
