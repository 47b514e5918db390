"""Finds what was renamed, so that it is compared with what it was called before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.changes.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_Table = dict[str, Any]


def aligned(old: View, new: View) -> View:
    """Return the new view with what was renamed filed under its old key."""
    keys = {
        "methods": _methods(old.plain["methods"], new.plain["methods"]),
        "classes": _alike(old.plain["classes"], new.plain["classes"], _fields),
        "enums": _alike(old.plain["enums"], new.plain["enums"], _values),
    }
    plain = new.plain | {
        part: {names.get(key, key): each for key, each in new.plain[part].items()}
        for part, names in keys.items()
    }
    named = keys["classes"] | keys["enums"]
    return View(
        plain,
        {named.get(name, name): uses for name, uses in new.uses.items()},
        {_renamed(path, keys): place for path, place in new.pointers.items()},
        new.rejected,
        new.hidden,
    )


def _renamed(path: tuple[str, ...], keys: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    names = keys.get(path[0], {})
    return (path[0], *(names.get(step, step) for step in path[1:2]), *path[2:])


def _methods(old: _Table, new: _Table) -> dict[str, str]:
    # Users know a call by its method. Only where that is missing do its other names count.
    by_id = _alike(old, new, lambda each: each["operation"])
    left_old = {key: each for key, each in old.items() if key not in by_id.values()}
    left_new = {key: each for key, each in new.items() if key not in by_id}
    return by_id | _alike(left_old, left_new, lambda each: each["call"])


def _alike(old: _Table, new: _Table, mark: Callable[[Any], object]) -> dict[str, str]:
    """Pair entries of only one of the two with the same mark; return old keys by new ones."""
    found: dict[str, str] = {}
    for key, each in _only(new, old):
        for candidate, before in _only(old, new):
            if candidate not in found.values() and mark(each) and mark(before) == mark(each):
                found[key] = candidate
                break
    return found


def _only(here: _Table, there: _Table) -> Iterator[tuple[str, Any]]:
    return ((key, here[key]) for key in sorted(here.keys() - there.keys()))


def _fields(each: _Table) -> list[str]:
    return sorted(each["fields"])


def _values(each: _Table) -> list[str]:
    return sorted(each["values"])
