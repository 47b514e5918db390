"""Seeded chance."""

from __future__ import annotations

import random


def chance(*labels: object) -> random.Random:
    """Return a source of chance, the same for the same labels."""
    return random.Random(" ".join(map(str, labels)))  # noqa: S311 - not for cryptography
