"""Put something else in a named place of the mock, for as long as a block lasts."""

from __future__ import annotations

import functools
import pkgutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class SeamError(LookupError):
    """A place that is not there: the mock was changed, and the defect has to follow."""


def look_up(seam: str) -> Any:
    """Return what stands in a place now.

    Args:
        seam: A dotted name such as ``calypso_mock.api._checks.check_sign``, or an entry of a table
            such as ``calypso_mock.api._handlers.HANDLERS[getAccount]``.

    Raises:
        SeamError: If there is no such name or entry.
    """
    place, key = _parts(seam)
    try:
        found = pkgutil.resolve_name(place)
        return found if key is None else found[key]
    except (AttributeError, ImportError, KeyError) as error:
        raise SeamError(f"the mock has no {seam}") from error


@contextmanager
def patch(seam: str, replacement: Callable[..., Any]) -> Iterator[None]:
    """Let a function stand in for the one in a place.

    Args:
        seam: The place, as for ``look_up``.
        replacement: Is given the healthy function, then what that one would have been given.

    Raises:
        SeamError: If there is no such place.
    """
    stand_in = _before(look_up(seam), replacement)
    place, key = _parts(seam)
    if key is not None:
        with mock.patch.dict(look_up(place), {key: stand_in}):
            yield
    else:
        holder, _, name = place.rpartition(".")
        with mock.patch.object(look_up(holder), name, stand_in):
            yield


def _before(healthy: Callable[..., Any], replacement: Callable[..., Any]) -> Callable[..., Any]:
    # A function and no partial, so that methods can be replaced too.
    @functools.wraps(healthy)
    def stand_in(*arguments: Any, **named: Any) -> Any:
        return replacement(healthy, *arguments, **named)

    return stand_in


def _parts(seam: str) -> tuple[str, str | None]:
    place, bracket, key = seam.removesuffix("]").partition("[")
    return place, key if bracket else None
