"""What differs between two views, found by DeepDiff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from deepdiff import DeepDiff
from deepdiff.helper import notpresent

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT: Final = None
"""What is at a place where there is nothing: JSON's null counts as absent."""


class Finding(NamedTuple):
    """A place where two views differ, and what each has there."""

    path: tuple[str, ...]
    was: Any
    now: Any

    @property
    def new(self) -> bool:
        """Whether there was nothing here before."""
        return self.was is ABSENT

    @property
    def removed(self) -> bool:
        """Whether there is nothing here any more."""
        return self.now is ABSENT


def findings(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Finding]:
    """Yield what differs, in the order of places."""
    # By default two dicts that share few keys would be one finding, as if they were single values.
    tree = DeepDiff(*_differing(old, new), view="tree", threshold_to_diff_deeper=0)
    found = [_finding(level) for levels in tree.values() for level in levels]
    yield from sorted(found, key=lambda finding: finding.path)


def _differing(old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both without equal parts: DeepDiff takes a second to compare equal documents."""
    parts = [part for part in old if old[part] != new[part]]
    return tuple(  # type: ignore[return-value]  # two of them
        {
            part: {key: each for key, each in here[part].items() if there[part].get(key) != each}
            for part in parts
        }
        for here, there in ((old, new), (new, old))
    )


def _finding(level: Any) -> Finding:  # noqa: ANN401 - DeepDiff has no types for its tree
    steps = cast("list[object]", level.path(output_format="list"))
    was, now = (ABSENT if each is notpresent else each for each in (level.t1, level.t2))
    return Finding(tuple(map(str, steps)), was, now)
