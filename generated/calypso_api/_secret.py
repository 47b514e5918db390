"""What may hold a secret is copied within the process, and never pickled."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NoReturn, Self, TypeVar, cast


class Unpicklable:
    """Refuses to be pickled, because what it holds may be a secret.

    Leaving the secret out instead would be worse: whoever verifies signatures with an empty one
    accepts what anybody can sign.
    """

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} may hold a secret and is not pickled: take out the fields that "
            "you need, and keep secrets where you keep your own"
        )

    def __copy__(self) -> Self:
        return _twin(self, _state(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return _twin(self, copy.deepcopy(_state(self), memo))


class RawRows(Unpicklable, Sequence[Any]):
    """Rows as they were decoded from JSON; its repr shows none of them.

    Args:
        rows: The rows.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any] = ()) -> None:
        self._rows = tuple(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __repr__(self) -> str:
        return f"<RawRows, {len(self._rows)} of them>"


N = TypeVar("N", bound=Unpicklable)


def _state(thing: Unpicklable) -> dict[str, Any]:
    # Not the class's own: this one has the same form for every class with slots.
    return cast("tuple[None, dict[str, Any]]", object.__getstate__(thing))[1]


def _twin(thing: N, state: dict[str, Any]) -> N:
    twin = object.__new__(type(thing))
    for name, value in state.items():
        setattr(twin, name, value)
    return twin
