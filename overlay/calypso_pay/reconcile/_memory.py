"""What a reconciliation remembers, and where."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Protocol


class Memory(Protocol):
    """Remembers what a reconciliation has read, and what was open. An `Inbox` is one.

    It keeps notes: texts under a scope and a key, which are 32 hex digits each. There is a note for
    each customer, and one for each name of a reconciliation.
    """

    def get_note(self, scope: str, key: str) -> str | None:
        """Return a note; None if there is none.

        Args:
            scope: What it belongs to.
            key: Its key within the scope.
        """
        ...

    def put_note(self, scope: str, key: str, value: str) -> None:
        """Write a note, or replace it; it is on the disk when this returns.

        Args:
            scope: What it belongs to.
            key: Its key within the scope.
            value: JSON in ASCII, of any length.
        """
        ...

    def list_notes(self, scope: str, after: str = "", limit: int = 500) -> list[tuple[str, str]]:
        """Return keys and notes of a scope, in the order of their keys.

        Args:
            scope: What they belong to.
            after: Only keys that are greater.
            limit: How many at most.
        """
        ...


class AsyncMemory(Protocol):
    """A `Memory` whose methods are coroutines. An `AsyncInbox` is one."""

    async def get_note(self, scope: str, key: str) -> str | None:
        """Return a note; None if there is none.

        Args:
            scope: What it belongs to.
            key: Its key within the scope.
        """
        ...

    async def put_note(self, scope: str, key: str, value: str) -> None:
        """Write a note, or replace it; it is on the disk when this returns.

        Args:
            scope: What it belongs to.
            key: Its key within the scope.
            value: JSON in ASCII, of any length.
        """
        ...

    async def list_notes(
        self, scope: str, after: str = "", limit: int = 500
    ) -> list[tuple[str, str]]:
        """Return keys and notes of a scope, in the order of their keys.

        Args:
            scope: What they belong to.
            after: Only keys that are greater.
            limit: How many at most.
        """
        ...


class NoMemory:
    """A `Memory` that forgets everything, for want of another."""

    def get_note(self, scope: str, key: str) -> str | None:
        """Return none."""

    def put_note(self, scope: str, key: str, value: str) -> None:
        """Forget it."""

    def list_notes(self, scope: str, after: str = "", limit: int = 500) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return none."""
        return []


class AsyncNoMemory:
    """A `NoMemory` whose methods are coroutines."""

    async def get_note(self, scope: str, key: str) -> str | None:
        """Return none."""

    async def put_note(self, scope: str, key: str, value: str) -> None:
        """Forget it."""

    async def list_notes(
        self,
        scope: str,  # noqa: ARG002
        after: str = "",  # noqa: ARG002
        limit: int = 500,  # noqa: ARG002
    ) -> list[tuple[str, str]]:
        """Return none."""
        return []


def check_memory(memory: object, kind: object) -> None:
    """Check that a memory has the methods of its kind, as functions or as coroutine functions.

    Raises:
        TypeError: It has not; nothing was sent.
    """
    for name in ("get_note", "put_note", "list_notes"):
        given = getattr(memory, name, None)
        wanted = iscoroutinefunction(getattr(kind, name))
        if not callable(given) or iscoroutinefunction(given) != wanted:
            raise TypeError(
                f"memory.{name} has to be a {'coroutine ' if wanted else ''}function: pass an "
                f"{'AsyncInbox' if wanted else 'Inbox'}, or a memory of your own with its methods"
            )
