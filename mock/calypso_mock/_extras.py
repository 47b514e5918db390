"""Import what only the mock's extra brings, and say what to install where it is missing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def need(name: str) -> ModuleType:
    """Import a module of the extra.

    It is called where the module is used first: this package can be imported without its extra,
    since the base package's pytest plugin lives in it.

    Raises:
        ModuleNotFoundError: With the line that installs the extra.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"the mock needs {name}; in your clone of calypso-pay: pip install '.[mock]'", name=name
        ) from None
