"""Find out where in a body a field stands, from the sample of that body.

The text form has lost the indentation of nested fields; only the sample still shows it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from tools.drift.readers.saved.fields import Draft

_DEEPEST = 32


class Places:
    """Gives fields their paths, in the order in which the page lists them."""

    def __init__(self, sample: Any) -> None:  # noqa: ANN401 - JSON holds anything
        self._root = "[]." if isinstance(sample, list) else ""
        self._paths = paths_in(sample)
        self._taken = set[str]()
        self._around = ""

    @property
    def names(self) -> Container[str]:
        """Return the names of all fields in the sample."""
        return self._paths.keys()

    def path_of(self, draft: Draft) -> str:
        """Return the path of the next field.

        The top of the body comes first, then the one place where the sample has the name; else
        the field is taken to stand in the last object before it.
        """
        path = self._path_of(draft.name)
        self._taken.add(path)
        if draft.holds_fields:
            array = draft.is_array or "array" in draft.types
            self._around = f"{path}[]." if array else f"{path}."
        return path

    def _path_of(self, name: str) -> str:
        free = [path for path in self._paths.get(name, ()) if path not in self._taken]
        top = f"{self._root}{name}"
        if top in free:
            return top
        if len(free) == 1:
            return free[0]
        return f"{self._around or self._root}{name}"


def paths_in(sample: Any) -> Mapping[str, list[str]]:  # noqa: ANN401 - JSON holds anything
    """Return the paths of each name in a sample, in its order."""
    paths = defaultdict[str, dict[str, None]](dict)
    for name, path in _walk(sample):
        paths[name][path] = None
    return {name: list(found) for name, found in paths.items()}


def _walk(sample: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON holds anything
    """Yield names and paths without recursion: samples may be nested on purpose."""
    waiting: list[tuple[Any, str, int]] = [(sample, "", 0)]
    while waiting:
        node, path, depth = waiting.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(node, list):
            waiting.extend((item, f"{path}[]", depth + 1) for item in reversed(node))
        elif isinstance(node, dict):
            inner = [(name, f"{path}.{name}".removeprefix(".")) for name in node]
            yield from inner
            waiting.extend((node[name], below, depth + 1) for name, below in reversed(inner))
