"""Import the packages of the mock's extra; an error names what to install."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def need(name: str) -> ModuleType:
    """Import a module of the extra.

    Called where the module is first used: this package can be imported without its extra, since it
    contains the base package's pytest plugin.

    Raises:
        ModuleNotFoundError: With the line that installs the extra.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"the mock needs {name}; in your clone of calypso-pay: pip install '.[mock]'", name=name
        ) from None
