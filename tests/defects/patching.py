"""Replace a function of the mock, at a patch point, for the duration of a block."""

from __future__ import annotations

import functools
import pkgutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class PatchPointError(LookupError):
    """The mock has no such patch point: the mock was changed, and the defect has to follow."""


def look_up(patch_point: str) -> Any:
    """Return the current object at a patch point.

    Args:
        patch_point: A dotted name such as ``calypso_mock.api._checks.check_sign``, or an entry of a
            table such as ``calypso_mock.api._handlers.HANDLERS[getAccount]``.

    Raises:
        PatchPointError: If there is no such name or entry.
    """
    name, key = _parts(patch_point)
    try:
        found = pkgutil.resolve_name(name)
        return found if key is None else found[key]
    except (AttributeError, ImportError, KeyError) as error:
        raise PatchPointError(f"the mock has no {patch_point}") from error


@contextmanager
def patch(patch_point: str, replacement: Callable[..., Any]) -> Iterator[None]:
    """Replace the function at a patch point.

    Args:
        patch_point: The name, as for ``look_up``.
        replacement: Called with the healthy function, followed by the arguments of the call.

    Raises:
        PatchPointError: If there is no such patch point.
    """
    wrapper = _wrapped(look_up(patch_point), replacement)
    name, key = _parts(patch_point)
    if key is not None:
        with mock.patch.dict(look_up(name), {key: wrapper}):
            yield
    else:
        holder, _, attribute = name.rpartition(".")
        with mock.patch.object(look_up(holder), attribute, wrapper):
            yield


def _wrapped(healthy: Callable[..., Any], replacement: Callable[..., Any]) -> Callable[..., Any]:
    # A function instead of functools.partial, so that methods can be replaced too.
    @functools.wraps(healthy)
    def wrapper(*arguments: Any, **named: Any) -> Any:
        return replacement(healthy, *arguments, **named)

    return wrapper


def _parts(patch_point: str) -> tuple[str, str | None]:
    name, bracket, key = patch_point.removesuffix("]").partition("[")
    return name, key if bracket else None
