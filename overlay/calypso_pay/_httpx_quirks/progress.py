"""See how far a request has come that was given up at its deadline.

A time-out of our own does not say what it interrupted, as those of httpx do; and whether a request
can have left this machine decides what may be done next.
"""

from __future__ import annotations

from typing import final


@final
class Progress:
    """Follow a request by what httpcore tells of it; other transports tell nothing.

    Attributes:
        connecting: Whether no more than a connection has been begun.
    """

    connecting = False

    async def __call__(self, event: str, _: object) -> None:
        """Take note; httpcore calls this, given as a request's extension ``trace``."""
        self.connecting = event.startswith("connection.")
