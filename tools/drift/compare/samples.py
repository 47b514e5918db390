"""Walks through samples of bodies by the paths of their fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def paths(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    """Yield the path of every field of a sample, outer ones first."""
    if isinstance(value, dict):
        for name, item in value.items():
            inner = f"{path}.{name}" if path else str(name)
            yield inner
            yield from paths(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield f"{path}[]"
            yield from paths(item, f"{path}[]")


def at(value: Any, path: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what stands first at a path of a sample."""
    found = [value]
    for name, brackets in re.findall(r"([^.\[\]]*)((?:\[\])*)\.?", path):
        if name:
            found = [item[name] for item in found if isinstance(item, dict) and name in item]
        for _ in range(len(brackets) // 2):
            found = [entry for item in found if isinstance(item, list) for entry in item]
    return found[0] if found else None
