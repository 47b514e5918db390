"""The connection pools of a client of httpx."""

from __future__ import annotations

from typing import Any


def pools(client: object) -> list[Any]:
    """Return the connection pools of httpcore that a client sends over, proxies' included."""
    mounted: dict[object, object] = getattr(client, "_mounts", {})
    transports = (getattr(client, "_transport", None), *mounted.values())
    found = (getattr(transport, "_pool", None) for transport in transports)
    return [pool for pool in found if pool is not None]
