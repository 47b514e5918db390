"""Finds the methods of the generated client by what the document calls them."""

from __future__ import annotations

from typing import Any, cast

from calypso_api.resources import Resources
from tools.reference import python


def method(tag: str, name: str) -> Any:
    """Return a method's function; the class of a tag may have another name than the tag."""
    resource = getattr(Resources(cast("Any", None)), python.name(tag))
    return getattr(type(resource), name)
