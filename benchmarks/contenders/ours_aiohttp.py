"""calypso-pay over aiohttp: the extra `aiohttp`, and one argument."""

from __future__ import annotations

from typing import Any

from benchmarks.canned import Target
from benchmarks.contenders import ours


def asynchronous(target: Target) -> tuple[Any, Any]:
    """Return the two calls, to be awaited."""
    return ours.asynchronous(Target(target.url, target.secret, target.bundle, "aiohttp"))
