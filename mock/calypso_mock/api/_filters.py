"""Evaluate one text against a filter: every given condition has to hold.

The members are documented by example; what they do is inferred from their names, which are those
of JHipster's filters. A field that a row lacks (None) passes the negative conditions only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Conditions = Mapping[str, Any]


def passes(value: str | None, given: Conditions) -> bool:
    """Return whether a value passes every condition of a filter."""
    return (
        equals(value, given)
        and not_equals(value, given)
        and specified(value, given)
        and is_in(value, given)
        and not_in(value, given)
        and contains(value, given)
        and does_not_contain(value, given)
    )


def equals(value: str | None, given: Conditions) -> bool:
    """Evaluate ``equals``."""
    return "equals" not in given or value == given["equals"]


def not_equals(value: str | None, given: Conditions) -> bool:
    """Evaluate ``notEquals``."""
    return "notEquals" not in given or value != given["notEquals"]


def specified(value: str | None, given: Conditions) -> bool:
    """Evaluate ``specified``: whether the row has the field at all."""
    return "specified" not in given or (value is not None) == given["specified"]


def is_in(value: str | None, given: Conditions) -> bool:
    """Evaluate ``in``; an empty list lets no value pass."""
    return "in" not in given or value in given["in"]


def not_in(value: str | None, given: Conditions) -> bool:
    """Evaluate ``notIn``."""
    return "notIn" not in given or value not in given["notIn"]


def contains(value: str | None, given: Conditions) -> bool:
    """Evaluate ``contains``, in either case."""
    return "contains" not in given or _within(given["contains"], value)


def does_not_contain(value: str | None, given: Conditions) -> bool:
    """Evaluate ``doesNotContain``, in either case."""
    return "doesNotContain" not in given or not _within(given["doesNotContain"], value)


def _within(part: str, value: str | None) -> bool:
    return value is not None and part.upper() in value.upper()
