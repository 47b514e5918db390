"""Warnings for deprecated operations and arguments, at the line of the caller."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_OURS: Final = (__name__.partition(".")[0], "calypso_pay")


def deprecated(message: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make each call of a function a `DeprecationWarning`.

    Type checkers see `typing_extensions.deprecated` instead, which they understand.

    Args:
        message: What is deprecated.
    """

    def mark(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def warning(*args: P.args, **kwargs: P.kwargs) -> T:
            warn(message)
            return function(*args, **kwargs)

        @wraps(function)
        async def warning_when_awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
            warn(message)
            return await cast("Any", function(*args, **kwargs))

        if iscoroutinefunction(function):
            return cast("Callable[P, T]", warning_when_awaited)
        return warning

    return mark


def warn(message: str) -> None:
    """Give a `DeprecationWarning` at the nearest line outside of this client."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DeprecationWarning, stacklevel=level)
