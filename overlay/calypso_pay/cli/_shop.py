"""A merchant's shop for the demo: it receives webhooks over HTTP on loopback."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Self

from calypso_pay.receiver import Receiver

if TYPE_CHECKING:
    from calypso_pay.webhooks import Event


class Shop:
    """A webhook receiver that runs in a thread within a ``with`` block.

    Attributes:
        secrets: Its secret keys by public key; keys that are added later count, too.
        events: The events that were verified and handled, oldest first.
    """

    def __init__(self) -> None:
        # Imported here, so that without the extra the mock comes first and names what to install.
        import uvicorn

        self.secrets: dict[str, str] = {}
        self.events: list[Event] = []
        self._events_returned = 0
        receiver = Receiver(self.secrets)
        receiver.default(self._handle)
        config = uvicorn.Config(
            receiver.asgi(),
            loop="asyncio",
            http="h11",
            ws="none",
            log_config=None,
            log_level="critical",
        )
        self._server = uvicorn.Server(config)

    @property
    def url(self) -> str:
        """The URL that webhooks are sent to."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/calypso"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), name="shop", daemon=True
        )
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    def new_events(self) -> list[Event]:
        """Return the events that were handled since the last call."""
        new = self.events[self._events_returned :]
        self._events_returned += len(new)
        return new

    def _handle(self, event: Event) -> None:
        self.events.append(event)
