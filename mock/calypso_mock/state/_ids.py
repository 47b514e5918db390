"""Derive ids, keys and hashes from a seed, so that equal runs give equal ids."""

from __future__ import annotations

import hashlib
import uuid


class DeterministicIds:
    """Turns a seed and labels into bytes that look random and are the same in every run.

    Args:
        seed: Mocks with equal seeds generate equal ids, keys and addresses.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counters: dict[str, int] = {}

    def digest(self, *labels: object) -> bytes:
        """Return 32 bytes for these labels."""
        text = "\x1f".join(map(str, (self._seed, *labels)))
        return hashlib.sha256(text.encode()).digest()

    def hex(self, *labels: object) -> str:
        """Return 64 lower-case hex digits for these labels."""
        return self.digest(*labels).hex()

    def token(self, *labels: object) -> str:
        """Return 32 lower-case hex digits, the form of the vendor's keys and secrets."""
        return self.hex(*labels)[:32]

    def uuid(self, *labels: object) -> str:
        """Return a version 4 UUID for these labels."""
        return str(uuid.UUID(bytes=self.digest(*labels)[:16], version=4))

    def count(self, kind: str) -> int:
        """Return the next number of a kind of object, starting at 1."""
        self._counters[kind] = self._counters.get(kind, 0) + 1
        return self._counters[kind]

    def next_uuid(self, kind: str) -> str:
        """Return a UUID that no other object of this kind has."""
        return self.uuid(kind, self.count(kind))
