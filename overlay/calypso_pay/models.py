"""What the API answers, and what is sent to it: a class for each object and each enum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import calypso_api.models as _models
from calypso_api.models import __all__

if TYPE_CHECKING:
    from calypso_api.models import *  # noqa: F403 # pyright: ignore[reportWildcardImportFromLibrary]

# Out of the type checkers' sight, to which it would make every name right.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Each is imported when it is first used: they are many, and cost start-up time.
        if name in __all__:
            return getattr(_models, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
