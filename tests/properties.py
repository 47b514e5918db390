"""The number of examples of a property, where the default of the profile does not fit."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """Return settings for so many examples in `make test`, and for more in `make test-all`.

    Args:
        count: Examples in the profile `test`, whose default is 40. Other profiles scale it.
    """
    return settings(max_examples=max(1, count * settings().max_examples // 40))
