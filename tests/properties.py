"""How many examples a property is worth, where the number of the profile does not fit."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """Return settings for this many examples in `make test`, and in proportion in `make test-all`.

    Args:
        count: Examples in the profile `test`, which otherwise has 40.
    """
    return settings(max_examples=max(1, count * settings().max_examples // 40))
