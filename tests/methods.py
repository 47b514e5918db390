"""Finds methods of the generated client by their names in the OpenAPI document."""

from __future__ import annotations

from typing import Any, cast

from calypso_api.resources import Resources
from tools.reference import python


def method(tag: str, name: str) -> Any:
    """Return the function of a method, by the tag and `x-method` of its operation."""
    resource = getattr(Resources(cast("Any", None)), python.name(tag))
    return getattr(type(resource), name)
