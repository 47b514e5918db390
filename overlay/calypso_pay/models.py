"""The objects and enums of the API's requests and responses, a class for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import calypso_api.models as _models
from calypso_api.models import __all__

if TYPE_CHECKING:
    from calypso_api.models import *  # noqa: F403 # pyright: ignore[reportWildcardImportFromLibrary]

# Hidden from type checkers, which would accept any name otherwise.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Each is imported when it is first used: they are many, and cost start-up time.
        if name in __all__:
            return getattr(_models, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
