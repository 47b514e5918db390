"""A journal of the operations that were carried out or rejected, so that a test can count."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple, final

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = 10_000


class Entry(NamedTuple):
    """One request to an operation of the API, and its result.

    Attributes:
        operation: The operation's id in the API document.
        error_code: The error code if it was rejected; None if it was carried out.
        from_example: Whether the response was the document's example, since the mock has no
            behaviour for the operation.
    """

    operation: str
    error_code: str | None
    from_example: bool = False


@final
class Journal:
    """Counts how often each operation was carried out and how often it was rejected.

    An operation counts as carried out when it was done, whether or not its response arrived: this
    distinguishes a request that was lost from a response that was lost. Read it at
    ``Mock.journal``; ``Mock.reset`` empties it. Unknown paths, and requests at which the mock
    itself failed, are not in it.
    """

    def __init__(self) -> None:
        # A lock of its own, so that reading it does not wait for an operation.
        self._lock = threading.Lock()
        self._begin()

    def __repr__(self) -> str:
        done, refused = sum(self._done.values()), sum(self._refused.values())
        return f"<Journal carried_out={done} refused={refused}>"

    def carried_out(self, operation: str) -> int:
        """Return how often an operation was carried out.

        Args:
            operation: Its id in the API document, such as ``createCustomer``.
        """
        return self._done[operation]

    def refused(self, operation: str) -> int:
        """Return how often an operation was rejected.

        Args:
            operation: Its id in the API document, such as ``createCustomer``.
        """
        return self._refused[operation]

    def entries(self) -> list[Entry]:
        """Return the latest 10,000 entries, oldest first; the counts include all entries."""
        with self._lock:
            return list(self._entries)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return both counts, ``carriedOut`` and ``refused``, by operation id."""
        with self._lock:
            return {"carriedOut": _plain(self._done), "refused": _plain(self._refused)}

    def note(
        self, operation: str, error_code: str | None = None, *, from_example: bool = False
    ) -> int:
        """Add an entry; the mock does so itself.

        Args:
            operation: The operation's id in the API document.
            error_code: The error code if it was rejected; None if it was carried out.
            from_example: Whether the response was the document's example.

        Returns:
            How often this operation had this result, this time included.
        """
        with self._lock:
            counts = self._done if error_code is None else self._refused
            counts[operation] += 1
            self._entries.append(Entry(operation, error_code, from_example))
            return counts[operation]

    def clear(self) -> None:
        """Forget everything, as ``Mock.reset`` does."""
        with self._lock:
            self._begin()

    def _begin(self) -> None:
        self._done: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._entries: deque[Entry] = deque(maxlen=_KEPT)


def _plain(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
