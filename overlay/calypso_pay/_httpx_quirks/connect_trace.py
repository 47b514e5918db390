"""Find out how far a request had come that was given up at its deadline.

The timeout of a whole call does not name what it interrupted, as the timeouts of httpx do; and
whether a request can have left this machine decides what may be done next.
"""

from __future__ import annotations

from typing import final


@final
class ConnectTrace:
    """Follow a request by the events of httpcore; other transports send none.

    Attributes:
        connecting: Whether no more than a connection has been begun.
    """

    connecting = False

    async def __call__(self, event: str, _: object) -> None:
        """Note an event; httpcore calls this as the request's extension ``trace``."""
        self.connecting = event.startswith("connection.")
