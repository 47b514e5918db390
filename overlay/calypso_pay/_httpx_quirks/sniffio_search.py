"""Do not look for the package sniffio ten times in each asynchronous request.

httpcore imports it wherever it needs to know the event loop's library, and goes on without it.
anyio no longer installs it, and Python remembers only imports that succeed: each time the whole
path is searched, which takes longer than the rest of the request.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

_NAME = "sniffio"


def remember_if_missing() -> None:
    """Let Python remember that sniffio is not installed, if it is not."""
    if _NAME not in sys.modules and find_spec(_NAME) is None:
        # The documented mark of a module that cannot be imported.
        sys.modules[_NAME] = None  # type: ignore[assignment]
