"""The base class of all resources: it holds the engine, and its repr lists the methods."""

from __future__ import annotations

from typing import Generic, TypeVar

E = TypeVar("E")


class Resource(Generic[E]):
    """Methods over an engine.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: E) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        names = (name for name in dir(type(self)) if not name.startswith("_"))
        return f"<{type(self).__name__}: {', '.join(names)}>"
