"""Where the document has what was given a name only for the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator import document as doc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.spec import SpecIndex

_COMPONENTS = "/components/schemas/"


class Locations(NamedTuple):
    """Finds real places. `inline` maps a schema without a name of its own to where it is."""

    spec: SpecIndex
    inline: Mapping[str, str]

    def exact(self, pointer: str) -> str:
        """Return the innermost place of the document around a pointer."""
        while pointer and pointer not in self.spec.lines:
            pointer = self._outside(pointer) or pointer.rpartition("/")[0]
        return pointer

    def _outside(self, pointer: str) -> str | None:
        name, _, rest = pointer.removeprefix(_COMPONENTS).partition("/")
        if not pointer.startswith(_COMPONENTS) or name in doc.schemas(dict(self.spec.document)):
            return None
        outer = self.inline.get(name)
        return f"{outer}/{rest}".rstrip("/") if outer and name not in outer else None
